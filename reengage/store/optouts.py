"""What the ledger of stops closes for whom, and the tasks it takes back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from reengage.model.optout import SHARING, EntryKind, OptOut, Purpose, Standing, StatedBy
from reengage.model.words import Channel, TaskState
from reengage.people.identifiers import lookup_keys, stored_keys
from reengage.people.reach import COMPANY, DIGEST, FOLLOWED_PHONE, Key
from reengage.store import columns as t
from reengage.store import identity, keys, ledger
from reengage.store.journal import Line
from reengage.store.ledger import keyring_of
from reengage.store.people import by_kind
from reengage.store.versions import chunks, insert_new

WITHDRAWN = "opted_out"
"""The outcome of a task that an opt-out cancelled; where it was delivered, it has to be recalled."""

_LISTED = ("email", "phone", FOLLOWED_PHONE, "linkedin", "domain", "company")
_ANYWHERE = (*Channel, SHARING)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A ledger entry in force; `closes` are channels, and `sharing`."""

    id: int
    closes: frozenset[str]
    provisional: bool
    excluded: bool
    follows: bool
    by_person: bool
    since: datetime


def record(connection: Connection, entries: Sequence[OptOut], at: datetime) -> list[int]:
    """Append stops, close the channels of everyone they reach, and cancel their open tasks. Returns the entry ids."""
    entries = _discreet(connection, entries)
    ids = ledger.append(connection, entries, at)
    filed: list[tuple[str, str, int]] = []
    for entry, subject, id in zip(entries, ledger.subjects_of(connection, entries), ids, strict=True):
        filed += [(kind, value, id) for kind, value in _own_keys(entry, subject)]
    _file(connection, filed)
    reached = holders(connection, {(kind, value) for kind, value, _ in filed})
    settle(connection, reached | {one.contact_id for one in entries if one.contact_id is not None}, at)
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
    in_force = {entry.id for entry, _ in _in_force(connection, {id for _, id in filed})}
    closed = {key for key, id in filed if id in in_force}
    return {key for key, found in looked_up.items() if closed & found}


def _followed(key: Key) -> Iterator[Key]:
    """A telephone number as it is listed for those whose stop follows them by it."""
    if key[0] == "phone":
        yield FOLLOWED_PHONE, key[1]


def _filed_at(connection: Connection, wanted: Iterable[Key]) -> set[tuple[Key, int]]:
    """The entries filed under any of these keys."""
    row, found = t.OptOutKeyRow, set()
    for kind, values in by_kind(wanted).items():
        for some in chunks(values):
            mine = select(row.value, row.opt_out_id).where(row.kind == kind, row.value.in_(some))
            found |= {((kind, hit.value), int(hit.opt_out_id)) for hit in connection.execute(mine)}
    return found


def reached_by(connection: Connection, ids: Collection[int]) -> set[int]:
    """The contacts that these entries close something for."""
    mine, filed = t.ContactKeyRow, t.OptOutKeyRow
    keyed = select(mine.contact_id).join(filed, and_(filed.kind == mine.kind, filed.value == mine.value))
    return {int(id) for id in connection.execute(keyed.where(filed.opt_out_id.in_(ids))).scalars()}


def cancelled(connection: Connection) -> int:
    """How many tasks opt-outs have cancelled so far."""
    statement = select(func.count()).select_from(t.TaskRow).where(t.TaskRow.outcome == WITHDRAWN)
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
    settle(connection, affected, at)
    return affected


def last_stop(connection: Connection, contacts: Collection[int]) -> datetime | None:
    """When these contacts were last closed by what a person said, themselves or for them; None where they are not."""
    reaching = _reaching(connection, contacts)
    return max((one.since for found in reaching.values() for one in found if not one.excluded), default=None)


def allow_again(connection: Connection, entry: OptOut, at: datetime) -> set[int]:
    """Append a contact's consent given after their stops; returns the entries that it lifts for them.

    It lifts nothing for anybody else, nothing that reaches them through a company, and nothing that comes later.
    """
    contact = entry.contact_id or 0
    before = set(_reaching(connection, [contact]).get(contact, ()))
    ledger.append(connection, [entry], at)
    settle(connection, [contact], at)
    return {one.id for one in before - set(_reaching(connection, [contact]).get(contact, ()))}


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
    _file(connection, ((DIGEST, digest, id) for line, id in zip(lines, ids, strict=True) for digest in line.keys))
    if digests:
        keys.match_digests(connection)
    settle(connection, holders(connection, ((DIGEST, digest) for digest in digests)), at)


_REPLAYED = {"company": COMPANY}
"""What a replayed entry is about, where that is not one person: only its digest is known."""


def settle(connection: Connection, contacts: Iterable[int], at: datetime) -> None:
    """Derive anew what the ledger closes for these contacts, and for whoever is reached through them."""
    frontier = set(contacts)
    while frontier:
        groups = identity.members(connection, frontier)
        everyone = {id for group in groups.values() for id in group}
        reaching = _reaching(connection, everyone)
        _write(connection, {id: _joined(group, reaching) for group in groups.values() for id in group}, at)
        frontier = holders(connection, _follow_the_person(connection, reaching))


def _joined(group: Iterable[int], reaching: Mapping[int, Sequence[_Entry]]) -> list[_Entry]:
    """All that reaches any of the contacts who are one human: being found to be one can only close more."""
    return [entry for id in group for entry in reaching.get(id, ())]


def standings(connection: Connection, contacts: Collection[int]) -> dict[int, Standing]:
    """What the ledger says of each of these contacts, now: opt-outs count whatever their moment."""
    rows = defaultdict(list)
    for some in chunks(contacts):
        statement = select(t.OptedOutRow.__table__, t.OptOutRow.source, t.OptOutRow.stated_by).join(
            t.OptOutRow, t.OptOutRow.id == t.OptedOutRow.opt_out_id
        )
        for row in connection.execute(statement.where(t.OptedOutRow.contact_id.in_(some))):
            rows[row.contact_id].append(row)
    return {contact: _standing(rows.get(contact, ())) for contact in contacts}


def contacted_after(connection: Connection, moments: Mapping[int, datetime]) -> dict[int, datetime]:
    """Those of these contacts who were approached after they had said stop, with the moment at which they had."""
    found = standings(connection, moments)
    return {
        contact: standing.since
        for contact, standing in found.items()
        if standing.everywhere and not standing.provisional and standing.since and standing.since < moments[contact]
    }


def unstated(connection: Connection, stops: Sequence[OptOut]) -> list[OptOut]:
    """Those of these stops that their source has not stated of the same subject, in the same words, before.

    One that a consent has lifted since is said anew, unless it is dated before the consent.
    """
    if not stops:
        return []
    wanted = ledger.statements(connection, stops)
    known = ledger.stated(connection, {str(one[0]) for some in wanted for one in some})
    lifted = _taken_back(connection)
    return [
        stop
        for stop, some in zip(stops, wanted, strict=True)
        if not any(_still_said(stop, known[one], lifted) for one in some if one in known)
    ]


def _still_said(stop: OptOut, entries: Iterable[int], lifted: Mapping[int, datetime]) -> bool:
    """Whether an entry that says the same still does; with no date a stop is taken to be new."""
    return any(
        id not in lifted or (stop.effective_at is not None and stop.effective_at <= lifted[id]) for id in entries
    )


def _taken_back(connection: Connection) -> dict[int, datetime]:
    """The entries that some contact's later consent lifts for them, and when that was given."""
    row, kept = t.OptOutRow, t.EvidenceRow
    statement = select(row.id, row.effective_at, kept.contact_id).join(kept, kept.opt_out_id == row.id)
    consents = connection.execute(statement.where(row.kind == EntryKind.RE_CONSENT)).all()
    contacts = {consent.contact_id for consent in consents} - {None}
    reaching = _reaching(connection, contacts, lifting=False) if contacts else {}
    found: dict[int, datetime] = {}
    for consent in consents:
        for entry in reaching.get(consent.contact_id, ()):
            if entry.id < consent.id:
                found[entry.id] = max(consent.effective_at, found.get(entry.id, consent.effective_at))
    return found


def stated_as(stop: OptOut) -> tuple[object, ...]:
    """What a stop on an identifier states: of what, on which channels, for which purpose."""
    return (stop.identifier_kind, stop.identifier_value, tuple(stop.channels), str(stop.purpose))


def unstated_identifiers(connection: Connection, stops: Sequence[OptOut]) -> list[OptOut]:
    """Those of these stops on identifiers that nobody has stated before; see `unstated` for lifted ones."""
    keyring = keyring_of(connection)
    named = {
        digest: (stop.identifier_kind, stop.identifier_value)
        for stop in stops
        if stop.identifier_value
        for digest in keyring.digests(stop.identifier_kind or "", stop.identifier_value)
    }
    known: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for (subject, kind, channels, purpose, *_), ids in ledger.stated(connection, named).items():
        if kind == EntryKind.OPT_OUT:
            known[(*named[str(subject)], channels, str(purpose))] += ids
    lifted = _taken_back(connection)
    return [stop for stop in stops if not _still_said(stop, known.get(stated_as(stop), ()), lifted)]


def list_all(connection: Connection) -> Iterator[dict[str, object]]:
    """The unified list: one row per key and entry in force, earliest first; what was erased has no plain key."""
    lifted = _lifted_keys(connection)
    last = 0
    while ids := _next_ids(connection, last):
        last = ids[-1]
        filed = t.OptOutKeyRow
        named: dict[int, list[Key]] = defaultdict(list)
        listed = select(filed.__table__).where(filed.opt_out_id.in_(ids), filed.kind.in_(_LISTED))
        for key in connection.execute(listed.order_by(filed.kind, filed.value)):
            named[key.opt_out_id].append((key.kind, key.value))
        for entry, row in _in_force(connection, ids):
            for kind, value in named[entry.id]:
                if (entry.id, kind, value) not in lifted:
                    yield _as_listed(kind, value, entry, row)


def _next_ids(connection: Connection, last: int) -> list[int]:
    return list(
        connection.execute(
            select(t.OptOutRow.id).where(t.OptOutRow.id > last).order_by(t.OptOutRow.id).limit(ledger.PAGE)
        ).scalars()
    )


def _as_listed(kind: str, value: str, entry: _Entry, row: Any) -> dict[str, object]:
    return {
        "kind": "phone" if kind == FOLLOWED_PHONE else kind,
        "value": value,
        "channels": ";".join(row.channels) or "all",
        "purpose": row.purpose,
        "since": entry.since.isoformat(),
        "source": row.source,
        "provisional": "yes" if entry.provisional else "",
    }


def _lifted_keys(connection: Connection) -> set[tuple[int, str, str]]:
    """The keys of people whose later consent lifts an entry entirely, with that entry."""
    row, kept = t.OptOutRow, t.EvidenceRow
    consenting = select(kept.contact_id).join(row, row.id == kept.opt_out_id)
    contacts = set(connection.execute(consenting.where(row.kind == EntryKind.RE_CONSENT)).scalars()) - {None}
    reaching = _reaching(connection, contacts)
    whole = _reaching(connection, contacts, lifting=False)
    gone = {
        contact: {one.id for one in entries} - {one.id for one in reaching.get(contact, ())}
        for contact, entries in whole.items()
    }
    lifted: set[tuple[int, str, str]] = set()
    for contact, filed in keys.person_keys(connection, contacts).items():
        lifted |= {(id, kind, value) for id in gone.get(contact, ()) for kind, value in filed}
    return lifted


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
        reaching = _reaching(connection, {id for group in groups.values() for id in group})
        stands: dict[int, set[tuple[str, bool]]] = defaultdict(set)
        for some in chunks(names):
            for hit in connection.execute(select(row.__table__).where(row.contact_id.in_(some))):
                stands[hit.contact_id].add((hit.channel, hit.excluded))
        for group in groups.values():
            due = {(str(one["channel"]), bool(one["excluded"])) for one in _closed(0, _joined(group, reaching))}
            found += [names[id] for id in group if id in names and stands[id] != due]
    return sorted(found)


def file_digests(connection: Connection, digests: Iterable[tuple[str, int]]) -> None:
    """File entries under keyed digests."""
    _file(connection, ((DIGEST, digest, id) for digest, id in digests))


def _file(connection: Connection, wanted: Iterable[tuple[str, str, int]]) -> list[Key]:
    rows = [{"kind": kind, "value": value, "opt_out_id": id} for kind, value, id in dict.fromkeys(wanted)]
    new = insert_new(connection, t.OptOutKeyRow, rows, t.OptOutKeyRow.kind, t.OptOutKeyRow.value)
    return [(row.kind, row.value) for row in new]


def holders(connection: Connection, wanted: Iterable[Key]) -> set[int]:
    """The contacts that any of these keys reaches."""
    row, found = t.ContactKeyRow, set()
    for kind, values in by_kind(wanted).items():
        for some in chunks(values):
            mine = select(row.contact_id).where(row.kind == kind, row.value.in_(some))
            found |= set(connection.execute(mine).scalars())
    return found


def _in_force(connection: Connection, ids: Collection[int]) -> Iterator[tuple[_Entry, Any]]:
    """Those of these entries that are opt-outs and that no decision has rejected."""
    row = t.OptOutRow
    for some in chunks(sorted(ids)):
        answers = connection.execute(select(row.refers_to, row.kind).where(row.refers_to.in_(some)))
        answered = {answer.refers_to: answer.kind for answer in answers}
        stops = and_(row.id.in_(some), row.kind.in_((EntryKind.OPT_OUT, EntryKind.PROVISIONAL)))
        for found in connection.execute(select(row.__table__).where(stops).order_by(row.id)):
            verdict = answered.get(found.id)
            if verdict != EntryKind.REJECTED:
                yield _entry(found, found.kind == EntryKind.PROVISIONAL and verdict is None), found


def _entry(row: Any, provisional: bool) -> _Entry:
    named = frozenset(row.channels) or frozenset(_ANYWHERE)
    return _Entry(
        id=int(row.id),
        closes=frozenset({SHARING}) if row.purpose == Purpose.SALE_SHARE else named,
        provisional=provisional,
        excluded=row.scope == "company",
        follows=row.scope == "person",
        by_person=row.stated_by == StatedBy.PERSON,
        since=row.effective_at,
    )


def _reaching(connection: Connection, contacts: Collection[int], lifting: bool = True) -> dict[int, list[_Entry]]:
    """The entries in force that reach each contact, less what that contact's own later consent lifts."""
    pairs: set[tuple[int, int]] = set()
    mine, filed, kept = t.ContactKeyRow, t.OptOutKeyRow, t.EvidenceRow
    for some in chunks(contacts):
        by_name = select(kept.contact_id, kept.opt_out_id).where(kept.contact_id.in_(some))
        by_key = (
            select(mine.contact_id, filed.opt_out_id)
            .join(filed, and_(filed.kind == mine.kind, filed.value == mine.value))
            .where(mine.contact_id.in_(some))
        )
        pairs |= {(row[0], row[1]) for statement in (by_name, by_key) for row in connection.execute(statement)}
    entries = {entry.id: entry for entry, _ in _in_force(connection, {id for _, id in pairs})}
    lifts = _consents(connection, contacts) if entries and lifting else {}
    found: dict[int, list[_Entry]] = defaultdict(list)
    for contact, id in sorted(pairs):
        left = _less(entries[id], lifts.get(contact, ())) if id in entries else None
        if left is not None:
            found[contact].append(left)
    return found


def _consents(connection: Connection, contacts: Collection[int]) -> dict[int, list[Any]]:
    """What each of these contacts allowed again, by name: it never lifts anything for somebody else."""
    row, kept, found = t.OptOutRow, t.EvidenceRow, defaultdict(list)
    for some in chunks(contacts):
        statement = select(row.__table__, kept.contact_id).join(kept, kept.opt_out_id == row.id)
        mine = statement.where(kept.contact_id.in_(some), row.kind == EntryKind.RE_CONSENT)
        for hit in connection.execute(mine):
            found[hit.contact_id].append(hit)
    return found


def _less(entry: _Entry, consents: Iterable[Any]) -> _Entry | None:
    """What is left of an entry after consents that are later in the ledger and were given later; None for nothing."""
    closes = entry.closes
    for consent in consents:
        if consent.id > entry.id and consent.effective_at > entry.since and not entry.excluded:
            closes -= frozenset(consent.channels) or frozenset(_ANYWHERE)
    if not closes:
        return None
    return entry if closes == entry.closes else replace(entry, closes=closes)


def _write(connection: Connection, reaching: Mapping[int, Sequence[_Entry]], at: datetime) -> None:
    rows = [row for contact in sorted(reaching) for row in _closed(contact, reaching[contact])]
    for some in chunks(reaching):
        connection.execute(delete(t.OptedOutRow).where(t.OptedOutRow.contact_id.in_(some)))
    if rows:
        _cancel(connection, rows, at)
        connection.execute(insert(t.OptedOutRow), rows)


def _closed(contact: int, entries: Iterable[_Entry]) -> Iterator[dict[str, object]]:
    """One row per closed channel and scope, told by the first entry that is sure and the person's own, if any is."""
    rows: dict[tuple[str, bool], _Entry] = {}
    for entry in sorted(entries, key=lambda one: (one.provisional, not one.by_person, one.since, one.id)):
        for channel in entry.closes:
            rows.setdefault((channel, entry.excluded), entry)
    for (channel, excluded), entry in sorted(rows.items(), key=lambda row: row[0]):
        yield {
            "contact_id": contact,
            "channel": channel,
            "excluded": excluded,
            "provisional": entry.provisional,
            "since": entry.since,
            "opt_out_id": entry.id,
        }


def _cancel(connection: Connection, rows: Iterable[Mapping[str, Any]], at: datetime) -> None:
    """Take back the tasks that stand on a channel which these rows close."""
    closed: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        closed[row["contact_id"]].add(row["channel"])
    by_channels: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for contact, channels in closed.items():
        by_channels[tuple(sorted(channels))].append(contact)
    for shut, contacts in by_channels.items():
        for some in chunks(contacts):
            open_ones = and_(
                t.TaskRow.contact_id.in_(some),
                t.TaskRow.channel.in_(shut),
                t.TaskRow.state.in_((TaskState.OPEN, TaskState.DELIVERED)),
            )
            closing = {"state": TaskState.CANCELLED, "outcome": WITHDRAWN, "closed_at": at}
            connection.execute(update(t.TaskRow).where(open_ones).values(**closing))


def _follow_the_person(connection: Connection, reaching: Mapping[int, Sequence[_Entry]]) -> list[Key]:
    """File a person's stop under every name of theirs, so that it reaches them elsewhere; returns the new keys."""
    entries = {contact: [entry.id for entry in found if entry.follows] for contact, found in reaching.items()}
    stopped = {contact for contact, found in entries.items() if found}
    names = keys.person_keys(connection, stopped)
    filed = [(*key, id) for contact, own in names.items() for key in sorted(own) for id in entries[contact]]
    lines = keys.lines_of_nameless(connection, stopped)
    told = _told_of(connection, lines)
    filed += [(*key, id) for contact, own in lines.items() for key in sorted(own) for id in told.get(contact, ())]
    return _file(connection, filed)


def _told_of(connection: Connection, contacts: Collection[int]) -> dict[int, list[int]]:
    """The stops that name each of these contacts, and no other."""
    row, kept, found = t.OptOutRow, t.EvidenceRow, defaultdict(list)
    for some in chunks(contacts):
        named = select(kept.contact_id, row.id).join(row, row.id == kept.opt_out_id)
        stops = named.where(kept.contact_id.in_(some), row.kind.in_((EntryKind.OPT_OUT, EntryKind.PROVISIONAL)))
        for hit in connection.execute(stops):
            found[hit.contact_id].append(hit.id)
    return found


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
