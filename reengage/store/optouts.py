"""The stops of people: recording them, answering and lifting them, and what they say of somebody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, or_, select

from reengage.model.optout import SHARING, EntryKind, OptOut, Purpose, Standing, StatedBy
from reengage.model.words import Channel
from reengage.people.identifiers import lookup_keys, stored_keys
from reengage.people.reach import COMPANY, DIGEST, FOLLOWED_PHONE, Key
from reengage.store import closing, identity, keys, ledger
from reengage.store import columns as t
from reengage.store.journal import Line
from reengage.store.ledger import keyring_of
from reengage.store.people import by_kind
from reengage.store.versions import chunks


def record(connection: Connection, entries: Sequence[OptOut], at: datetime) -> list[int]:
    """Append stops, close the channels of everyone they reach, and cancel their open tasks. Returns the entry ids."""
    entries = _discreet(connection, entries)
    ids = ledger.append(connection, entries, at)
    filed: list[tuple[str, str, int]] = []
    for entry, subject, id in zip(entries, ledger.subjects_of(connection, entries), ids, strict=True):
        filed += [(kind, value, id) for kind, value in _own_keys(entry, subject)]
    closing.file_under(connection, filed)
    reached = closing.holders(connection, {(kind, value) for kind, value, _ in filed})
    closing.settle(connection, reached | {one.contact_id for one in entries if one.contact_id is not None}, at)
    return ids


def _discreet(connection: Connection, entries: Sequence[OptOut]) -> list[OptOut]:
    """The entries, with a digest in place of an identifier of someone who was erased."""
    named = {(one.identifier_kind or "", one.identifier_value or ""): one for one in entries if one.identifier_value}
    gone = keys.find_erased(connection, named)
    keyring = keyring_of(connection)
    return [
        one.model_copy(
            update={
                "identifier_kind": DIGEST,
                "identifier_value": keyring.digest(one.identifier_kind or "", one.identifier_value or ""),
                "their_words": None,
                "details": {},
            }
        )
        if (one.identifier_kind, one.identifier_value) in gone
        else one
        for one in entries
    ]


def _own_keys(entry: OptOut, subject: Key) -> Iterator[Key]:
    if entry.contact_id is not None:
        yield subject
    if entry.identifier_kind and entry.identifier_value:
        yield from stored_keys(entry.identifier_kind, entry.identifier_value)


def closed_addresses(connection: Connection, emails: Collection[str]) -> set[str]:
    """Those of these canonical addresses, of people in the book or not, that any entry in force closes."""
    return {value for _, value in closed_keys(connection, {("email", email) for email in emails})}


def closed_keys(connection: Connection, wanted: Collection[Key]) -> set[Key]:
    """Those of these identifiers, of people in the book or not, that any entry in force closes."""
    keyring = keyring_of(connection)
    looked_up = {key: {*lookup_keys(*key), *_followed(key)} for key in wanted}
    for found in looked_up.values():
        found |= {(DIGEST, digest) for key in tuple(found) for digest in keyring.digests(*key)}
    filed = _filed_at(connection, {key for found in looked_up.values() for key in found})
    in_force = {entry.id for entry, _ in closing.standing_entries(connection, {id for _, id in filed})}
    closed = {key for key, id in filed if id in in_force}
    return {key for key, found in looked_up.items() if closed & found}


def _followed(key: Key) -> Iterator[Key]:
    """A telephone number as it is listed for those whose stop follows them by it."""
    if key[0] == "phone":
        yield FOLLOWED_PHONE, key[1]


def _filed_at(connection: Connection, wanted: Iterable[Key]) -> set[tuple[Key, int]]:
    """The entries filed under any of these keys."""
    found = set()
    for some in chunks(set(wanted)):
        by_kinds = list(by_kind(some).items())
        named = {
            name: one
            for number, (kind, values) in enumerate(by_kinds)
            for name, one in ((f"kind_{number}", kind), (f"values_{number}", list(values)))
        }
        for hit in connection.execute(_filed_under(len(by_kinds)), named):
            found.add(((hit.kind, hit.value), int(hit.opt_out_id)))
    return found


@cache
def _filed_under(kinds: int) -> Select[Any]:
    """The statement that looks up values of so many kinds at once; built once, which takes longer than to ask it."""
    row = t.OptOutKeyRow
    each = (
        and_(row.kind == bindparam(f"kind_{number}"), row.value.in_(bindparam(f"values_{number}", expanding=True)))
        for number in range(kinds)
    )
    return select(row.kind, row.value, row.opt_out_id).where(or_(*each))


def reached_by(connection: Connection, ids: Collection[int]) -> set[int]:
    """The contacts that these entries close something for."""
    mine, filed = t.ContactKeyRow, t.OptOutKeyRow
    keyed = select(mine.contact_id).join(filed, and_(filed.kind == mine.kind, filed.value == mine.value))
    return {int(id) for id in connection.execute(keyed.where(filed.opt_out_id.in_(ids))).scalars()}


def cancelled(connection: Connection) -> int:
    """How many tasks opt-outs have cancelled so far."""
    statement = select(func.count()).select_from(t.TaskRow).where(t.TaskRow.outcome == closing.WITHDRAWN)
    return int(connection.execute(statement).scalar_one())


def resolve(connection: Connection, opt_out_id: int, confirmed: bool, reason: str, at: datetime) -> set[int]:
    """Confirm or reject a provisional entry by appending one that says so; returns the contacts it reaches."""
    kind = EntryKind.CONFIRMED if confirmed else EntryKind.REJECTED
    row, kept = t.OptOutRow, t.EvidenceRow
    about = select(row.__table__, kept.contact_id, kept.identifier_kind, kept.identifier_value)
    found = connection.execute(about.join(kept, kept.opt_out_id == row.id).where(row.id == opt_out_id)).one()
    answer = OptOut(
        kind=kind,
        contact_id=found.contact_id,
        identifier_kind=found.identifier_kind,
        identifier_value=found.identifier_value,
        channels=tuple(found.channels),
        purpose=found.purpose,
        stated_by=StatedBy.STAFF,
        source="review",
        refers_to=opt_out_id,
        details={"because": reason},
    )
    ledger.append(connection, [answer], at)
    affected = reached_by(connection, [opt_out_id])
    closing.settle(connection, affected, at)
    return affected


def last_stop(connection: Connection, contacts: Collection[int]) -> datetime | None:
    """When these contacts were last closed by what a person said, themselves or for them; None where they are not."""
    reaching = closing.reaching_entries(connection, contacts)
    return max((one.since for found in reaching.values() for one in found if not one.excluded), default=None)


def allow_again(connection: Connection, entry: OptOut, at: datetime) -> set[int]:
    """Append a contact's consent given after their stops; returns the entries that it lifts for them.

    It lifts nothing for anybody else, nothing that reaches them through a company, and nothing that comes later.
    """
    contact = entry.contact_id or 0
    before = set(closing.reaching_entries(connection, [contact]).get(contact, ()))
    ledger.append(connection, [entry], at)
    closing.settle(connection, [contact], at)
    return {one.id for one in before - set(closing.reaching_entries(connection, [contact]).get(contact, ()))}


def replay(connection: Connection, lines: Sequence[Line], at: datetime) -> None:
    """Record stops once more that a restored database lacks, by the digests that are known of them."""
    entries = [
        OptOut(
            kind=EntryKind(line.kind),
            identifier_kind=_REPLAYED.get(line.scope, DIGEST),
            identifier_value=next(iter(line.keys), f"entry {line.id}"),
            channels=tuple(Channel(channel) for channel in line.channels),
            purpose=Purpose(line.purpose),
            stated_by=StatedBy(line.stated_by),
            only_this=line.scope == "address",
            source=line.source,
            effective_at=datetime.fromisoformat(line.effective_at),
            details={"replayed": line.id, "hash": line.hash},
        )
        for line in lines
    ]
    ids = ledger.append(connection, entries, at)
    digests = {digest for line in lines for digest in line.keys}
    closing.file_under(
        connection, ((DIGEST, digest, id) for line, id in zip(lines, ids, strict=True) for digest in line.keys)
    )
    if digests:
        keys.match_digests(connection)
    closing.settle(connection, closing.holders(connection, ((DIGEST, digest) for digest in digests)), at)


_REPLAYED = {"company": COMPANY}
"""What a replayed entry is about, where that is not one person: only its digest is known."""


def standings(connection: Connection, contacts: Collection[int]) -> dict[int, Standing]:
    """What the ledger says of each of these contacts, now: opt-outs count whatever their moment."""
    rows = defaultdict(list)
    for some in chunks(contacts):
        for row in connection.execute(_CLOSED, {"contacts": some}):
            rows[row.contact_id].append(row)
    return {contact: _standing(rows[contact]) if contact in rows else _OPEN for contact in contacts}


_OPEN = Standing()
"""Of somebody of whom the ledger says nothing; one for all, since it cannot be changed."""


_CLOSED = (
    select(t.OptedOutRow.__table__, t.OptOutRow.source, t.OptOutRow.stated_by)
    .join(t.OptOutRow, t.OptOutRow.id == t.OptedOutRow.opt_out_id)
    .where(t.OptedOutRow.contact_id.in_(bindparam("contacts", expanding=True)))
)
"""Built once: to put such a statement together takes longer than to ask it."""


def contacted_after(connection: Connection, moments: Mapping[int, datetime]) -> dict[int, datetime]:
    """Those of these contacts who were approached after they had said stop, with the moment at which they had."""
    found = standings(connection, moments)
    return {
        contact: standing.since
        for contact, standing in found.items()
        if standing.everywhere and not standing.provisional and standing.since and standing.since < moments[contact]
    }


def inconsistent(connection: Connection) -> list[str]:
    """The contacts (by imported id) for whom what is closed differs from what the ledger says."""
    found, last = [], 0
    contact, row = t.ContactRow, t.OptedOutRow
    while page := connection.execute(
        select(contact.id, contact.key).where(contact.id > last).order_by(contact.id).limit(ledger.PAGE)
    ).all():
        last = page[-1].id
        names = {one.id: one.key for one in page}
        groups = identity.members(connection, names)
        reaching = closing.reaching_entries(connection, {id for group in groups.values() for id in group})
        stands: dict[int, set[tuple[str, bool]]] = defaultdict(set)
        for some in chunks(names):
            for hit in connection.execute(select(row.__table__).where(row.contact_id.in_(some))):
                stands[hit.contact_id].add((hit.channel, hit.excluded))
        for group in groups.values():
            due = {
                (str(one["channel"]), bool(one["excluded"]))
                for one in closing.closed_rows(0, closing.joined(group, reaching))
            }
            found += [names[id] for id in group if id in names and stands[id] != due]
    return sorted(found)


def _standing(rows: Iterable[Any]) -> Standing:
    listed: list[Any] = sorted(
        rows, key=lambda row: (row.provisional, row.excluded, row.stated_by != StatedBy.PERSON, row.since, row.channel)
    )
    told = [row for row in listed if row.channel != SHARING]
    personal = {row.channel for row in told if not row.excluded}
    corporate = {row.channel for row in told if row.excluded}
    if not listed:
        return Standing()
    first = told[0] if told else None
    return Standing(
        everywhere=personal >= set(Channel),
        excluded=corporate >= set(Channel),
        provisional=first.provisional if first else False,
        closed=frozenset(Channel(channel) for channel in personal | corporate),
        may_share=len(told) == len(listed),
        since=first.since if first else None,
        source=first.source if first else None,
    )
