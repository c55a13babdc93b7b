"""Contacts and their identifiers, and the reps: looking up and adding in sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from reengage.model.people import Owner
from reengage.people.reach import Key, names_a_person
from reengage.store import columns as t
from reengage.store.inserts import insert_new, insert_numbered
from reengage.store.versions import among, chunks, known


@dataclass(frozen=True, slots=True)
class Link:
    """An identifier that a source says is this contact's."""

    contact_id: int
    kind: str
    value: str
    source: str
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Shared:
    """An identifier that turned out to be on several contacts."""

    kind: str
    value: str
    contacts: tuple[int, ...]


def find_contacts(connection: Connection, keys: Iterable[Key]) -> dict[Key, int]:
    """The contact that alone has each of these identifiers; shared and unknown ones are left out."""
    row, found = t.IdentifierRow, {}
    for kind, values in by_kind(keys).items():
        for some in chunks(values):
            statement = select(row.value, row.contact_id)
            theirs = (row.kind == kind, among(connection, row.value, some))
            alone = statement.where(*theirs, ~row.shared, ~row.detached, ~row.doubtful)
            found.update({(kind, value): contact for value, contact in connection.execute(alone).all()})
    return found


def add_contacts(connection: Connection, keys: Collection[str], at: datetime) -> dict[str, int]:
    """Make contacts of these imported ids; returns their numbers."""
    rows = [{"key": key, "recorded_at": at} for key in keys]
    return dict(zip(keys, insert_numbered(connection, t.ContactRow, rows), strict=True))


Holders = dict[Key, dict[int, bool]]
"""The contacts that have each identifier, and whether that is doubtful."""


def link(connection: Connection, links: Collection[Link], at: datetime, holders: Holders | None = None) -> list[Shared]:
    """Link identifiers to contacts; one that is on several contacts becomes shared and is reported when it first is.

    `holders` is what `holders_of` says of them now, where that was asked already; it is brought up to date.
    """
    holders = holders_of(connection, links) if holders is None else holders
    wanted = {(one.kind, one.value, one.contact_id): one for one in sorted(links, key=lambda one: not one.doubtful)}
    rows, newly_shared, sure = [], set(), []
    for (kind, value, contact), one in wanted.items():
        others = holders[kind, value]
        if contact in others:
            sure += [] if one.doubtful or not others[contact] else [one]
            continue
        others[contact] = one.doubtful
        if len(others) > 1:
            newly_shared.add((kind, value))
        rows.append(_identifier(one, len(others) > 1, at))
    _mark(connection, newly_shared, sure)
    for row in rows:
        row["shared"] = _is_shared(row, newly_shared)
    insert_new(connection, t.IdentifierRow, rows)
    certain = {key: sorted(id for id, doubt in holders[key].items() if not doubt) for key in newly_shared}
    return [Shared(*key, tuple(ids)) for key, ids in sorted(certain.items()) if len(ids) > 1]


def _identifier(one: Link, shared: bool, at: datetime) -> dict[str, Any]:
    alone = one.kind != "email" or names_a_person(one.kind, one.value)
    return {
        "contact_id": one.contact_id,
        "kind": one.kind,
        "value": one.value,
        "source": one.source,
        "detached": False,
        "doubtful": one.doubtful,
        "shared": shared or not alone,
        "recorded_at": at,
    }


def _is_shared(row: Mapping[str, Any], newly_shared: Collection[Key]) -> bool:
    return row["shared"] or (row["kind"], row["value"]) in newly_shared


def _mark(connection: Connection, shared: Iterable[Key], sure: Iterable[Link]) -> None:
    """Note which identifiers are shared from now on, and which links are doubtful no more."""
    row = t.IdentifierRow
    key = (row.kind == bindparam("of_kind"), row.value == bindparam("of_value"))
    now_shared = [{"of_kind": kind, "of_value": value} for kind, value in shared]
    if now_shared:
        connection.execute(update(row).where(*key).values(shared=True), now_shared)
    now_sure = [{"of_kind": one.kind, "of_value": one.value, "of_contact": one.contact_id} for one in sure]
    if now_sure:
        same = (*key, row.contact_id == bindparam("of_contact"))
        connection.execute(update(row).where(*same).values(doubtful=False), now_sure)


def unknown_links(links: Collection[Link], holders: Holders) -> list[Link]:
    """Those of these links that are not there yet, or only in doubt."""

    def says_more(one: Link) -> bool:
        known = holders[one.kind, one.value].get(one.contact_id)
        return known is None or (known and not one.doubtful)

    return [one for one in links if says_more(one)]


def holders_of(connection: Connection, links: Iterable[Link]) -> Holders:
    """Who has each of the identifiers of these links already."""
    row = t.IdentifierRow
    found: Holders = defaultdict(dict)
    for kind, values in by_kind((one.kind, one.value) for one in links).items():
        for some in chunks(values):
            theirs = (row.kind == kind, among(connection, row.value, some))
            statement = select(row.value, row.contact_id, row.doubtful).where(*theirs)
            for value, contact, doubtful in connection.execute(statement).all():
                found[kind, value][contact] = doubtful
    return found


def read_owners(connection: Connection, at: datetime) -> dict[str, Owner]:
    """The directory of reps as known at a moment, by e-mail."""
    rows = connection.execute(select(t.OwnerRow.__table__).where(known(t.OwnerRow, at))).mappings()
    names = Owner.model_fields
    return {row["email"]: Owner(**{name: row[name] for name in names}) for row in rows}


def by_kind(keys: Iterable[Key]) -> dict[str, set[str]]:
    """The values of these keys by their kind."""
    grouped: dict[str, set[str]] = defaultdict(set)
    for kind, value in keys:
        grouped[kind].add(value)
    return grouped
