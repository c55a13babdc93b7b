"""What the ledger of stops closes for whom: derived anew whenever something is learnt, with the tasks it takes back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, insert, select, update

from reengage.model.optout import SHARING, EntryKind, Purpose, StatedBy
from reengage.model.words import Channel, TaskState
from reengage.people.reach import Key
from reengage.store import columns as t
from reengage.store import handled, identity, keys
from reengage.store.inserts import insert_new
from reengage.store.people import by_kind
from reengage.store.versions import among, chunks

WITHDRAWN = "opted_out"
"""The outcome of a task that an opt-out cancelled; where it was delivered, it has to be recalled."""

_ANYWHERE = (*Channel, SHARING)


@dataclass(frozen=True, slots=True)
class Entry:
    """A ledger entry in force; `closes` are channels, and `sharing`."""

    id: int
    closes: frozenset[str]
    provisional: bool
    excluded: bool
    follows: bool
    by_person: bool
    since: datetime


def holders(connection: Connection, wanted: Iterable[Key]) -> set[int]:
    """The contacts that any of these keys reaches."""
    row, found = t.ContactKeyRow, set()
    for kind, values in by_kind(wanted).items():
        for some in chunks(values):
            mine = select(row.contact_id).where(row.kind == kind, among(connection, row.value, some))
            found |= set(connection.execute(mine).scalars())
    return found


def settle(connection: Connection, contacts: Iterable[int], at: datetime) -> None:
    """Derive anew what the ledger closes for these contacts, and for whoever is reached through them."""
    frontier = set(contacts)
    while frontier:
        groups = identity.members(connection, frontier)
        everyone = {id for group in groups.values() for id in group}
        reaching = reaching_entries(connection, everyone)
        _write(connection, {id: joined(group, reaching) for group in groups.values() for id in group}, at)
        frontier = holders(connection, _follow_the_person(connection, reaching))


def joined(group: Iterable[int], reaching: Mapping[int, Sequence[Entry]]) -> list[Entry]:
    """All that reaches any of the contacts who are one human: being found to be one can only close more."""
    return [entry for id in group for entry in reaching.get(id, ())]


def standing_entries(connection: Connection, ids: Collection[int]) -> Iterator[tuple[Entry, Any]]:
    """Those of these entries that are opt-outs and that no decision has rejected."""
    for some in chunks(sorted(ids)):
        last_answer = {found.id: found for found in connection.execute(_STOPS, {"ids": some})}
        for found in last_answer.values():
            if found.verdict != EntryKind.REJECTED:
                yield _entry(found, found.kind == EntryKind.PROVISIONAL and found.verdict is None), found


_ANSWER = t.OptOutRow.__table__.alias("answer")

_STOPS = (
    select(t.OptOutRow.__table__, _ANSWER.c.kind.label("verdict"))
    .outerjoin(_ANSWER, _ANSWER.c.refers_to == t.OptOutRow.id)
    .where(t.OptOutRow.id.in_(bindparam("ids", expanding=True)))
    .where(t.OptOutRow.kind.in_((EntryKind.OPT_OUT, EntryKind.PROVISIONAL)))
    .order_by(t.OptOutRow.id, _ANSWER.c.id)
)
"""Built once: to put such a statement together takes longer than to ask it."""


def _entry(row: Any, provisional: bool) -> Entry:
    named = frozenset(row.channels) or frozenset(_ANYWHERE)
    return Entry(
        id=int(row.id),
        closes=frozenset({SHARING}) if row.purpose == Purpose.SALE_SHARE else named,
        provisional=provisional,
        excluded=row.scope == "company",
        follows=row.scope == "person",
        by_person=row.stated_by == StatedBy.PERSON,
        since=row.effective_at,
    )


def reaching_entries(connection: Connection, contacts: Collection[int], lifting: bool = True) -> dict[int, list[Entry]]:
    """The entries in force that reach each contact, less what that contact's own later consent lifts."""
    pairs: set[tuple[int, int]] = set()
    mine, filed, kept = t.ContactKeyRow, t.OptOutKeyRow, t.EvidenceRow
    for some in chunks(contacts):
        by_name = select(kept.contact_id, kept.opt_out_id).where(among(connection, kept.contact_id, some))
        by_key = (
            select(mine.contact_id, filed.opt_out_id)
            .join(filed, and_(filed.kind == mine.kind, filed.value == mine.value))
            .where(mine.contact_id.in_(some))
        )
        pairs |= {(row[0], row[1]) for statement in (by_name, by_key) for row in connection.execute(statement)}
    entries = {entry.id: entry for entry, _ in standing_entries(connection, {id for _, id in pairs})}
    lifts = _consents(connection, contacts) if entries and lifting else {}
    found: dict[int, list[Entry]] = defaultdict(list)
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


def _less(entry: Entry, consents: Iterable[Any]) -> Entry | None:
    """What is left of an entry after consents that are later in the ledger and were given later; None for nothing."""
    closes = entry.closes
    for consent in consents:
        if consent.id > entry.id and consent.effective_at > entry.since and not entry.excluded:
            closes -= frozenset(consent.channels) or frozenset(_ANYWHERE)
    if not closes:
        return None
    return entry if closes == entry.closes else replace(entry, closes=closes)


def _write(connection: Connection, reaching: Mapping[int, Sequence[Entry]], at: datetime) -> None:
    rows = [row for contact in sorted(reaching) for row in closed_rows(contact, reaching[contact])]
    for some in chunks(reaching):
        connection.execute(delete(t.OptedOutRow).where(among(connection, t.OptedOutRow.contact_id, some)))
    if rows:
        _cancel(connection, rows, at)
        connection.execute(insert(t.OptedOutRow), rows)


def closed_rows(contact: int, entries: Iterable[Entry]) -> Iterator[dict[str, object]]:
    """One row per closed channel and scope, told by the first entry that is sure and the person's own, if any is."""
    rows: dict[tuple[str, bool], Entry] = {}
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


def _cancel(connection: Connection, rows: Sequence[Mapping[str, Any]], at: datetime) -> None:
    """Take back the tasks and the answers owed on a channel which these rows close, and the messages of whoever is."""
    closed: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        closed[row["contact_id"]].add(row["channel"])
    handled.let_go(connection, {row["contact_id"] for row in rows if not row["provisional"]})
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
            handled.withdraw(connection, some, shut, at)


def file_under(connection: Connection, wanted: Iterable[tuple[str, str, int]]) -> list[Key]:
    """File entries under keys (kind, value, number of the entry); returns the keys that are new."""
    rows = [{"kind": kind, "value": value, "opt_out_id": id} for kind, value, id in dict.fromkeys(wanted)]
    new = insert_new(connection, t.OptOutKeyRow, rows, t.OptOutKeyRow.kind, t.OptOutKeyRow.value)
    return [(row.kind, row.value) for row in new]


def _follow_the_person(connection: Connection, reaching: Mapping[int, Sequence[Entry]]) -> list[Key]:
    """File a person's stop under every name of theirs, so that it reaches them elsewhere; returns the new keys."""
    entries = {contact: [entry.id for entry in found if entry.follows] for contact, found in reaching.items()}
    stopped = {contact for contact, found in entries.items() if found}
    names = keys.person_keys(connection, stopped)
    filed = [(*key, id) for contact, own in names.items() for key in sorted(own) for id in entries[contact]]
    lines = keys.lines_of_nameless(connection, stopped)
    told = _told_of(connection, lines)
    filed += [(*key, id) for contact, own in lines.items() for key in sorted(own) for id in told.get(contact, ())]
    return file_under(connection, filed)


def _told_of(connection: Connection, contacts: Collection[int]) -> dict[int, list[int]]:
    """The stops that name each of these contacts, and no other."""
    row, kept, found = t.OptOutRow, t.EvidenceRow, defaultdict(list)
    for some in chunks(contacts):
        named = select(kept.contact_id, row.id).join(row, row.id == kept.opt_out_id)
        stops = named.where(kept.contact_id.in_(some), row.kind.in_((EntryKind.OPT_OUT, EntryKind.PROVISIONAL)))
        for hit in connection.execute(stops):
            found[hit.contact_id].append(hit.id)
    return found
