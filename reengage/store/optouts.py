"""The ledger of stops, what follows from it for each contact, and the tasks it takes back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, distinct, func, insert, select, update

from reengage.model.optout import EntryKind, OptOut, Standing
from reengage.model.words import Channel, TaskState
from reengage.people.identifiers import is_role_address, lookup_keys, stored_keys
from reengage.store import columns as t
from reengage.store.versions import chunks, insert_new

WITHDRAWN = "opted_out"
"""The outcome of a task that an opt-out cancelled; where it was delivered, it has to be recalled."""

SHARED_BY = 3
"""An identifier on this many contacts names none of them (design 5a), so one person's stop does not travel by it."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A ledger entry in force."""

    id: int
    channels: tuple[str, ...]
    provisional: bool
    excluded: bool
    since: datetime


def record(connection: Connection, entries: Collection[OptOut], at: datetime) -> list[int]:
    """Append stops, close the channels of everyone they reach, and cancel their open tasks. Returns the entry ids."""
    ids = []
    reached: set[int] = set()
    for entry in entries:
        id = connection.execute(insert(t.OptOutRow).returning(t.OptOutRow.id), _row(entry, at)).scalar_one()
        ids.append(int(id))
        if entry.identifier_kind and entry.identifier_value:
            keys = stored_keys(entry.identifier_kind, entry.identifier_value)
            _file(connection, ((kind, value, id) for kind, value in keys))
            reached |= _holders(connection, keys)
        if entry.contact_id is not None:
            reached.add(entry.contact_id)
    settle(connection, reached, at)
    return ids


def closed_addresses(connection: Connection, emails: Collection[str]) -> set[str]:
    """Those of these canonical addresses, of people in the book or not, that any entry in force closes."""
    keys = {email: lookup_keys("email", email) for email in emails}
    row = t.OptOutKeyRow
    filed: set[tuple[str, str, int]] = set()
    for kind in {kind for found in keys.values() for kind, _ in found}:
        values = {value for found in keys.values() for one, value in found if one == kind}
        for some in chunks(values):
            mine = select(row.value, row.opt_out_id).where(row.kind == kind, row.value.in_(some))
            filed |= {(kind, hit.value, hit.opt_out_id) for hit in connection.execute(mine)}
    ids = {id for _, _, id in filed}
    in_force = {entry.id for some in chunks(ids) for entry, _ in _in_force(connection, t.OptOutRow.id.in_(some))}
    closed = {(kind, value) for kind, value, id in filed if id in in_force}
    return {email for email, found in keys.items() if closed & set(found)}


def reached_by(connection: Connection, ids: Collection[int]) -> set[int]:
    """The contacts that these entries close something for."""
    row, mine, filed = t.OptOutRow, t.ContactKeyRow, t.OptOutKeyRow
    named = select(row.contact_id).where(row.id.in_(ids), row.contact_id.is_not(None))
    keyed = select(mine.contact_id).join(filed, and_(filed.kind == mine.kind, filed.value == mine.value))
    statements = (named, keyed.where(filed.opt_out_id.in_(ids)))
    return {int(id) for statement in statements for id in connection.execute(statement).scalars()}


def cancelled(connection: Connection) -> int:
    """How many tasks opt-outs have cancelled so far."""
    statement = select(func.count()).select_from(t.TaskRow).where(t.TaskRow.outcome == WITHDRAWN)
    return int(connection.execute(statement).scalar_one())


def resolve(connection: Connection, opt_out_id: int, confirmed: bool, reason: str, at: datetime) -> set[int]:
    """Confirm or reject a provisional entry by appending one that says so; returns the contacts it reaches."""
    kind = EntryKind.CONFIRMED if confirmed else EntryKind.REJECTED
    row = {"kind": kind, "refers_to": opt_out_id, "reason": reason, "source": "review", "recorded_at": at}
    connection.execute(insert(t.OptOutRow), row)
    subject = select(t.OptedOutRow.contact_id).where(t.OptedOutRow.opt_out_id == opt_out_id)
    affected = set(connection.execute(subject).scalars())
    keys = select(t.OptOutKeyRow.kind, t.OptOutKeyRow.value).where(t.OptOutKeyRow.opt_out_id == opt_out_id)
    affected |= _holders(connection, [(row.kind, row.value) for row in connection.execute(keys)])
    settle(connection, affected, at)
    return affected


def settle(connection: Connection, contacts: Iterable[int], at: datetime) -> None:
    """Derive anew what the ledger closes for these contacts, and for whoever is reached through them."""
    frontier = set(contacts)
    while frontier:
        reaching = _reaching(connection, frontier)
        _write(connection, frontier, reaching, at)
        new_keys = _follow_the_person(connection, reaching)
        frontier = _holders(connection, new_keys)


def standings(connection: Connection, contacts: Collection[int]) -> dict[int, Standing]:
    """What the ledger says of each of these contacts, now: opt-outs count whatever their moment."""
    rows = defaultdict(list)
    for some in chunks(contacts):
        statement = select(t.OptedOutRow.__table__, t.OptOutRow.source).join(
            t.OptOutRow, t.OptOutRow.id == t.OptedOutRow.opt_out_id
        )
        for row in connection.execute(statement.where(t.OptedOutRow.contact_id.in_(some))):
            rows[row.contact_id].append(row)
    return {contact: _standing(rows.get(contact, ())) for contact in contacts}


def unstated(connection: Connection, stops: Sequence[OptOut]) -> list[OptOut]:
    """Those of these stops that their source has not stated of the same subject, in the same words, before."""
    row = t.OptOutRow
    known = set()
    for column, values in (
        (row.contact_id, {stop.contact_id for stop in stops} - {None}),
        (row.identifier_value, {stop.identifier_value for stop in stops} - {None}),
    ):
        for some in chunks(values):
            known |= {_statement(hit) for hit in connection.execute(select(row.__table__).where(column.in_(some)))}
    return [stop for stop in stops if _statement(stop) not in known]


def _statement(stop: Any) -> tuple[object, ...]:
    subject = (stop.contact_id,) if stop.contact_id is not None else (stop.identifier_kind, stop.identifier_value)
    return (*subject, tuple(stop.channels), stop.their_words, stop.source)


def stated_identifiers(connection: Connection, stops: Iterable[OptOut]) -> set[tuple[str, str, tuple[str, ...]]]:
    """Those of these identifiers that have an entry of their own, with its channels."""
    row = t.OptOutRow
    found: set[tuple[str, str, tuple[str, ...]]] = set()
    for some in chunks({stop.identifier_value for stop in stops if stop.identifier_value}):
        statement = select(row.identifier_kind, row.identifier_value, row.channels)
        for hit in connection.execute(statement.where(row.identifier_value.in_(some), row.kind == EntryKind.OPT_OUT)):
            found.add((hit.identifier_kind, hit.identifier_value, tuple(hit.channels)))
    return found


def list_all(connection: Connection) -> Iterator[dict[str, object]]:
    """The unified list: one row per key and entry in force, earliest first."""
    for entry, row in _in_force(connection):
        keys = select(t.OptOutKeyRow.kind, t.OptOutKeyRow.value).where(
            t.OptOutKeyRow.opt_out_id == entry.id, t.OptOutKeyRow.kind.in_(("email", "phone", "linkedin", "domain"))
        )
        for key in connection.execute(keys.order_by(t.OptOutKeyRow.kind, t.OptOutKeyRow.value)):
            yield {
                "kind": key.kind,
                "value": key.value,
                "channels": ";".join(entry.channels) or "all",
                "since": entry.since.isoformat(),
                "source": row.source,
                "provisional": "yes" if entry.provisional else "",
            }


def _row(entry: OptOut, at: datetime) -> dict[str, object]:
    values = entry.model_dump(mode="python")
    return {**values, "channels": list(entry.channels), "recorded_at": at, "effective_at": entry.effective_at or at}


def _file(connection: Connection, keys: Iterable[tuple[str, str, int]]) -> list[tuple[str, str]]:
    rows = [{"kind": kind, "value": value, "opt_out_id": id} for kind, value, id in dict.fromkeys(keys)]
    new = insert_new(connection, t.OptOutKeyRow, rows, t.OptOutKeyRow.kind, t.OptOutKeyRow.value)
    return [(row.kind, row.value) for row in new]


def _holders(connection: Connection, keys: Iterable[tuple[str, str]]) -> set[int]:
    """The contacts that any of these keys reaches."""
    by_kind = defaultdict(set)
    for kind, value in keys:
        by_kind[kind].add(value)
    found: set[int] = set()
    for kind, values in by_kind.items():
        for some in chunks(values):
            row = t.ContactKeyRow
            found |= set(
                connection.execute(select(row.contact_id).where(row.kind == kind, row.value.in_(some))).scalars()
            )
    return found


def _in_force(connection: Connection, *conditions: Any) -> Iterator[tuple[_Entry, Any]]:
    """The opt-outs that no decision has rejected."""
    row = t.OptOutRow
    answers = select(row.refers_to, row.kind).where(row.refers_to.is_not(None))
    answered = {answer.refers_to: answer.kind for answer in connection.execute(answers)}
    kinds = (EntryKind.OPT_OUT, EntryKind.PROVISIONAL)
    for found in connection.execute(select(row.__table__).where(row.kind.in_(kinds), *conditions).order_by(row.id)):
        verdict = answered.get(found.id)
        if verdict != EntryKind.REJECTED:
            provisional = found.kind == EntryKind.PROVISIONAL and verdict is None
            yield _entry(found, provisional), found


def _entry(row: Any, provisional: bool) -> _Entry:
    excluded = row.identifier_kind == "domain"
    return _Entry(int(row.id or 0), tuple(row.channels), provisional, excluded, row.effective_at or row.recorded_at)


def _reaching(connection: Connection, contacts: Collection[int]) -> dict[int, list[_Entry]]:
    """The entries in force that reach each contact, by name or by key."""
    pairs: set[tuple[int, int]] = set()
    for some in chunks(contacts):
        own = select(t.OptOutRow.contact_id, t.OptOutRow.id).where(t.OptOutRow.contact_id.in_(some))
        mine, filed = t.ContactKeyRow, t.OptOutKeyRow
        by_key = (
            select(mine.contact_id, filed.opt_out_id)
            .join(filed, and_(filed.kind == mine.kind, filed.value == mine.value))
            .where(mine.contact_id.in_(some))
        )
        pairs |= {(row[0], row[1]) for statement in (own, by_key) for row in connection.execute(statement)}
    entries: dict[int, _Entry] = {}
    for some_ids in chunks({entry for _, entry in pairs}):
        entries |= {entry.id: entry for entry, _ in _in_force(connection, t.OptOutRow.id.in_(some_ids))}
    found: dict[int, list[_Entry]] = defaultdict(list)
    for contact, id in sorted(pairs):
        if id in entries:
            found[contact].append(entries[id])
    return found


def _write(connection: Connection, contacts: Collection[int], reaching: dict[int, list[_Entry]], at: datetime) -> None:
    rows = [row for contact in sorted(reaching) for row in _closed(contact, reaching[contact])]
    for some in chunks(contacts):
        connection.execute(delete(t.OptedOutRow).where(t.OptedOutRow.contact_id.in_(some)))
    if rows:
        _cancel(connection, reaching, at)
        connection.execute(insert(t.OptedOutRow), rows)


def _closed(contact: int, entries: Iterable[_Entry]) -> Iterator[dict[str, object]]:
    """One row per closed channel and scope: the first entry that is sure, else the first provisional one."""
    rows: dict[tuple[str, bool], _Entry] = {}
    for entry in sorted(entries, key=lambda entry: (entry.provisional, entry.since, entry.id)):
        for channel in entry.channels or tuple(Channel):
            rows.setdefault((channel, entry.excluded), entry)
    for (channel, excluded), entry in sorted(rows.items()):
        yield {
            "contact_id": contact,
            "channel": channel,
            "excluded": excluded,
            "provisional": entry.provisional,
            "since": entry.since,
            "opt_out_id": entry.id,
        }


def _cancel(connection: Connection, reaching: dict[int, list[_Entry]], at: datetime) -> None:
    by_channels: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for contact, entries in reaching.items():
        closed = {channel for entry in entries for channel in (entry.channels or tuple(Channel))}
        by_channels[tuple(sorted(closed))].append(contact)
    for channels, contacts in by_channels.items():
        for some in chunks(contacts):
            open_ones = and_(
                t.TaskRow.contact_id.in_(some),
                t.TaskRow.channel.in_(channels),
                t.TaskRow.state.in_((TaskState.OPEN, TaskState.DELIVERED)),
            )
            closing = {"state": TaskState.CANCELLED, "outcome": WITHDRAWN, "closed_at": at}
            connection.execute(update(t.TaskRow).where(open_ones).values(**closing))


def _follow_the_person(connection: Connection, reaching: dict[int, list[_Entry]]) -> list[tuple[str, str]]:
    """File a person's stop under every identifier that names them; returns the keys that are new."""
    entries = {contact: [entry.id for entry in found if not entry.excluded] for contact, found in reaching.items()}
    row, filed = t.IdentifierRow, []
    for some in chunks(contact for contact, found in entries.items() if found):
        crowded = (
            select(row.kind, row.value)
            .where(row.shared)
            .group_by(row.kind, row.value)
            .having(func.count(distinct(row.contact_id)) >= SHARED_BY)
        )
        many = {(found.kind, found.value) for found in connection.execute(crowded)}
        for found in connection.execute(select(row.__table__).where(row.contact_id.in_(some))):
            role = found.kind == "email" and is_role_address(found.value)
            if not role and (found.kind, found.value) not in many:
                keys = stored_keys(found.kind, found.value)
                filed += [(kind, value, id) for kind, value in keys for id in entries[found.contact_id]]
    return _file(connection, filed)


def _standing(rows: Iterable[Any]) -> Standing:
    listed: list[Any] = sorted(rows, key=lambda row: (row.provisional, row.excluded, row.since, row.channel))
    if not listed:
        return Standing()
    personal = {row.channel for row in listed if not row.excluded}
    corporate = {row.channel for row in listed if row.excluded}
    first = listed[0]
    return Standing(
        everywhere=personal >= set(Channel),
        excluded=corporate >= set(Channel),
        provisional=first.provisional,
        closed=frozenset(Channel(channel) for channel in personal | corporate),
        since=first.since,
        source=getattr(first, "source", None),
    )
