"""Which contacts are one human: what was said about it, and what follows from the identifiers they share.

Who is one follows from all that is known, never from the order in which it came. A person or a CRM that says so goes
before what we conclude; of two that say different things of the same two contacts the later one counts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, bindparam, func, insert, or_, select, update

from reengage.people.reach import Key, may_be_one, names_a_person
from reengage.store import columns as t
from reengage.store.people import by_kind
from reengage.store.versions import among, chunks

MERGED, SPLIT = "merged", "split"

ROWS_OF_ONE = 8
"""Contacts that share an identifier and may still be one human: an address on more rows of a book is nobody's own."""

Name = tuple[str, str]
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Said:
    """That someone said two contacts are one human, or are not; the first of them stays."""

    kind: str
    keep: int
    other: int
    source: str
    because: str | None = None


def members(connection: Connection, contacts: Iterable[int]) -> dict[int, list[int]]:
    """All contacts who are one human with any of these, under the one who stands for them, that one first."""
    row, found = t.ContactRow, dict[int, list[int]]()
    for some in chunks(sorted(set(keepers(connection, contacts).values()))):
        found.update((keeper, [keeper]) for keeper in some)
        mates = select(row.id, row.same_as).where(among(connection, row.same_as, some)).order_by(row.id)
        for id, same_as in connection.execute(mates):
            found[same_as].append(id)
    return found


def keepers(connection: Connection, contacts: Iterable[int]) -> dict[int, int]:
    """The contact who stands for the human that each of these is."""
    row, found = t.ContactRow, dict[int, int]()
    for some in chunks(set(contacts)):
        theirs = among(connection, row.id, some)
        statement = select(row.id, func.coalesce(row.same_as, row.id).label("keeper")).where(theirs)
        found.update((id, keeper) for id, keeper in connection.execute(statement).all())
    return found


class Human(NamedTuple):
    """Whom an identifier names: one contact, the one who stands for this human, and all who surely have it."""

    contact: int
    keeper: int
    holders: Collection[int]


def whom(connection: Connection, keys: Iterable[Key]) -> dict[Key, int]:
    """A contact of the one human that each of these identifiers names, where it names one and not several."""
    return {key: found.contact for key, found in humans(connection, keys).items()}


def humans(connection: Connection, keys: Iterable[Key]) -> dict[Key, Human]:
    """The one human that each of these identifiers names, where it names one and not several."""
    row, contact = t.IdentifierRow, t.ContactRow
    certain = and_(~row.detached, ~row.doubtful)
    found: dict[Key, Human] = {}
    several: dict[Key, list[Human]] = {}
    for kind, values in by_kind(keys).items():
        for some in chunks(values):
            statement = select(row.value, contact.id, func.coalesce(contact.same_as, contact.id).label("keeper"))
            theirs = statement.join(contact, contact.id == row.contact_id)
            wanted = theirs.where(row.kind == kind, among(connection, row.value, some), certain)
            for value, id, keeper in connection.execute(wanted).all():
                if (key := (kind, value)) in found:
                    several.setdefault(key, [found[key]]).append(Human(id, keeper, ()))
                else:
                    found[key] = Human(id, keeper, (id,))
    return {
        key: _together(several[key]) if key in several else one
        for key, one in found.items()
        if (key not in several or len({each.keeper for each in several[key]}) == 1)
        and (key[0] != "email" or names_a_person(*key))
    }


def _together(found: Sequence[Human]) -> Human:
    """One human by all contacts that have an identifier: the one who stands for it if that has it too, or the first."""
    first = min(found, key=lambda one: (one.keeper != one.contact, one.contact))
    return first._replace(holders=tuple(one.contact for one in found))


def holders(connection: Connection, keys: Iterable[Key]) -> dict[Key, set[int]]:
    """Everybody who has each of these identifiers, of those that name a person."""
    row = t.IdentifierRow
    found: dict[Key, set[int]] = defaultdict(set)
    for kind, values in by_kind(key for key in keys if names_a_person(*key)).items():
        for some in chunks(values):
            theirs = select(row.value, row.contact_id).where(
                row.kind == kind, among(connection, row.value, some), ~row.detached
            )
            for hit in connection.execute(theirs):
                found[kind, hit.value].add(hit.contact_id)
    return found


def sharers(connection: Connection, group: Collection[int]) -> set[int]:
    """Everybody else who has an identifier of one of these contacts."""
    return {id for ids in _shared(connection, group).values() for id in ids} - set(group)


def names(connection: Connection, contacts: Iterable[int]) -> dict[int, set[Name]]:
    """Every (first, last) name that each of these contacts has been known by."""
    row, found = t.ProfileRow, defaultdict(set)
    for some in chunks(contacts):
        theirs = among(connection, row.contact_id, some)
        statement = select(row.contact_id, row.first_name, row.last_name).where(theirs)
        for contact, first, last in connection.execute(statement).all():
            if first or last:
                found[contact].add((first or "", last or ""))
    return found


def merged_with(connection: Connection, contacts: Collection[int]) -> dict[int, set[int]]:
    """The contacts that someone said are the same human as each of these, and did not take back."""
    found: dict[int, set[int]] = defaultdict(set)
    for (one, other), said in _said(connection, contacts).items():
        if said.kind == MERGED:
            found[one].add(other)
            found[other].add(one)
    return found


def say(connection: Connection, told: Collection[Said], at: datetime) -> None:
    """Write down what a person or a CRM said; `settle` draws the conclusions."""
    rows = [
        {
            "kind": one.kind,
            "contact_id": one.keep,
            "other_id": one.other,
            "asked": True,
            "source": one.source,
            "because": one.because,
            "recorded_at": at,
        }
        for one in told
    ]
    if rows:
        connection.execute(insert(t.IdentityRow), rows)


def unsaid(connection: Connection, told: Collection[Said]) -> list[Said]:
    """Those of these that say something new."""
    known = _said(connection, {id for one in told for id in (one.keep, one.other)})
    return [
        one
        for one in told
        if one.keep != one.other
        and ((said := known.get(_pair(one.keep, one.other))) is None or (said.kind, said.keep) != (one.kind, one.keep))
    ]


def settle(connection: Connection, contacts: Iterable[int], at: datetime) -> set[int]:
    """Conclude anew who is one human with any of these; returns every contact whose human has changed."""
    scene = _Scene(connection)
    scene.gather(contacts)
    now = scene.clusters()
    before = keepers(connection, scene.contacts)
    moved = {contact: now[contact] for contact in sorted(now) if now[contact] != before[contact]}
    statement = update(t.ContactRow).where(t.ContactRow.id == bindparam("contact"))
    rows = [{"contact": id, "keeper": keeper if keeper != id else None} for id, keeper in moved.items()]
    if rows:
        connection.execute(statement.values(same_as=bindparam("keeper")), rows)
        connection.execute(insert(t.IdentityRow), [scene.concluded(id, before[id], now[id], at) for id in moved])
    changed = set(moved) | {before[id] for id in moved} | set(moved.values())
    return {id for id in now if now[id] in changed or before[id] in changed}


@dataclass(slots=True)
class _Scene:
    """Everyone who may be one human with somebody, and all that speaks for and against it."""

    connection: Connection
    contacts: set[int] = field(default_factory=set)
    said: dict[Pair, Said] = field(default_factory=dict)
    holders: dict[Key, set[int]] = field(default_factory=dict)

    def gather(self, contacts: Iterable[int]) -> None:
        """Take in whoever is connected with these contacts in any way."""
        frontier = set(contacts)
        while frontier:
            self.contacts |= frontier
            told = _said(self.connection, frontier)
            shared = _shared(self.connection, frontier)
            self.said |= told
            self.holders |= {key: set(heads) for key, heads in shared.items() if len(heads) <= ROWS_OF_ONE}
            mates = {id for group in members(self.connection, frontier).values() for id in group}
            found = mates.union(*told, *map(_connected, shared.values()))
            frontier = found - self.contacts

    def clusters(self) -> dict[int, int]:
        """The contact who stands for the human that each of these is.

        Where what we conclude would make one of two whom somebody told apart, nothing is concluded about them.
        """
        told, concluded = self._told(MERGED), self._concluded()
        head = _heads(self.contacts, [*told, *concluded])
        torn = {head[one] for one, other in self._told(SPLIT) if head[one] == head[other]}
        head = _heads(self.contacts, [*told, *(pair for pair in concluded if head[pair[0]] not in torn)])
        groups: dict[int, set[int]] = defaultdict(set)
        for id in self.contacts:
            groups[head[id]].add(id)
        keys = imported_ids(self.connection, {id for group in groups.values() if len(group) > 1 for id in group})
        return {id: self._keeper(group, keys) for group in groups.values() for id in group}

    def _told(self, kind: str) -> list[Pair]:
        return [pair for pair, said in self.said.items() if said.kind == kind]

    def _concluded(self) -> list[Pair]:
        """The pairs of whom nobody spoke and who share an identifier with nobody whose name speaks against it."""
        known = names(self.connection, {id for ids in self.holders.values() for id in ids})

        def agree(pair: Pair) -> bool:
            return may_be_one(*(known.get(id, ()) for id in pair))

        pairs = [list(combinations(sorted(ids), 2)) for ids in self.holders.values()]
        return sorted({pair for some in pairs if all(map(agree, some)) for pair in some} - set(self.said))

    def _keeper(self, group: set[int], keys: Mapping[int, str]) -> int:
        """Who was kept and never given up for another; the first by imported id where nobody was, or several."""
        if len(group) == 1:
            return next(iter(group))
        told = [one for pair, one in self.said.items() if one.kind == MERGED and group >= set(pair)]
        kept = {one.keep for one in told} - {one.other for one in told}
        return min(kept or group, key=lambda id: keys[id])

    def concluded(self, contact: int, before: int, now: int, at: datetime) -> dict[str, Any]:
        """What has become of a contact, as a row for the record."""
        kind, other = (MERGED, now) if now != contact else (SPLIT, before)
        shared = sorted({key[0].partition(":")[0] for key, ids in self.holders.items() if {contact, other} <= ids})
        asked = self.said.get(_pair(contact, other))
        source = asked.source if asked else f"shared {' and '.join(shared)}" if shared else "what others share"
        return {
            "kind": kind,
            "contact_id": other,
            "other_id": contact,
            "asked": False,
            "source": source,
            "recorded_at": at,
        }


def _said(connection: Connection, contacts: Iterable[int]) -> dict[Pair, Said]:
    """The last that was said of each pair with one of these contacts in it."""
    row, found = t.IdentityRow, {}
    for some in chunks(set(contacts)):
        about = or_(*(among(connection, column, some) for column in (row.contact_id, row.other_id)))
        for hit in connection.execute(select(row.__table__).where(row.asked, about).order_by(row.id)):
            said = Said(hit.kind, hit.contact_id, hit.other_id, hit.source, hit.because)
            found[_pair(hit.contact_id, hit.other_id)] = (hit.id, said)
    return {pair: said for pair, (_, said) in sorted(found.items(), key=lambda one: one[1][0])}


def _shared(connection: Connection, contacts: Iterable[int]) -> dict[Key, dict[int, int]]:
    """The identifiers of these contacts that others have too and that name a person: who has them, and their keepers.

    Those that were split off from one of these contacts are among them, for they may be two others' alone by that.
    """
    row, contact = t.IdentifierRow, t.ContactRow
    keys: set[Key] = set()
    for some in chunks(set(contacts)):
        mine = select(row.kind, row.value).where(among(connection, row.contact_id, some), row.shared)
        keys |= {(hit.kind, hit.value) for hit in connection.execute(mine) if names_a_person(hit.kind, hit.value)}
    found: dict[Key, dict[int, int]] = defaultdict(dict)
    for kind, values in by_kind(keys).items():
        for wanted in chunks(values):
            who = select(row.value, contact.id, func.coalesce(contact.same_as, contact.id).label("keeper"))
            theirs = who.join(contact, contact.id == row.contact_id).where(row.kind == kind, row.value.in_(wanted))
            for hit in connection.execute(theirs.where(~row.detached, ~row.doubtful)):
                found[kind, hit.value][hit.id] = hit.keeper
    return found


def _connected(keepers: Mapping[int, int]) -> set[int]:
    """Of all who have an identifier, those who are one human by it, or were until more came to have it."""
    together = Counter(keepers.values())
    return {id for id, keeper in keepers.items() if len(keepers) <= ROWS_OF_ONE or together[keeper] > 1}


def _heads(contacts: Iterable[int], pairs: Iterable[Pair]) -> dict[int, int]:
    """One of each group of contacts that these pairs connect, under every one of the group."""
    heads = {id: id for id in contacts}

    def head(id: int) -> int:
        while heads[id] != id:
            id = heads[id]
        return id

    for one, other in pairs:
        heads[head(one)] = head(other)
    return {id: head(id) for id in heads}


def imported_ids(connection: Connection, contacts: Iterable[int]) -> dict[int, str]:
    """The contact_id under which each of these was imported."""
    row = t.ContactRow
    found: dict[int, str] = {}
    for some in chunks(contacts):
        statement = select(row.id, row.key).where(among(connection, row.id, some))
        found.update((id, key) for id, key in connection.execute(statement).all())
    return found


def _pair(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)
