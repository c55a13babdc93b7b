"""Contacts and their identifiers, and the reps: looking up and adding in sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from reengage.model.people import Owner
from reengage.people.reach import Key, names_a_person
from reengage.store import columns as t
from reengage.store.versions import chunks, insert_new, known


@dataclass(frozen=True, slots=True)
class Link:
    """An identifier that a source says is this contact's."""

    contact_id: int
    kind: str
    value: str
    source: str


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
            alone = statement.where(row.kind == kind, row.value.in_(some), ~row.shared, ~row.detached)
            found.update({(kind, hit.value): hit.contact_id for hit in connection.execute(alone)})
    return found


def add_contacts(connection: Connection, keys: Collection[str], at: datetime) -> dict[str, int]:
    """Make contacts of these imported ids; returns their numbers."""
    if not keys:
        return {}
    statement = insert(t.ContactRow).returning(t.ContactRow.key, t.ContactRow.id)
    rows = [{"key": key, "recorded_at": at} for key in keys]
    return {row.key: row.id for row in connection.execute(statement, rows)}


def link(connection: Connection, links: Collection[Link], at: datetime) -> list[Shared]:
    """Link identifiers to contacts; one that is on several contacts becomes shared and is reported when it first is."""
    wanted = {(one.kind, one.value, one.contact_id): one for one in links}
    holders = _holders(connection, {(kind, value) for kind, value, _ in wanted})
    rows, newly_shared = [], set()
    for (kind, value, contact), one in wanted.items():
        others = holders[kind, value]
        if contact in others:
            continue
        others[contact] = False
        shared = len(others) > 1 or (kind == "email" and not names_a_person(kind, value))
        if len(others) > 1:
            newly_shared.add((kind, value))
        rows.append(
            {
                "kind": kind,
                "value": value,
                "contact_id": contact,
                "shared": shared,
                "source": one.source,
                "recorded_at": at,
            }
        )
    for kind, value in newly_shared:
        same = (t.IdentifierRow.kind == kind, t.IdentifierRow.value == value)
        connection.execute(update(t.IdentifierRow).where(*same).values(shared=True))
    rows = [{**row, "shared": row["shared"] or (row["kind"], row["value"]) in newly_shared} for row in rows]
    insert_new(connection, t.IdentifierRow, rows)
    return [Shared(kind, value, tuple(sorted(holders[kind, value]))) for kind, value in sorted(newly_shared)]


def unknown_links(connection: Connection, links: Collection[Link]) -> list[Link]:
    """Those of these links that are not there yet."""
    holders = _holders(connection, {(one.kind, one.value) for one in links})
    return [one for one in links if one.contact_id not in holders[one.kind, one.value]]


def _holders(connection: Connection, keys: Iterable[Key]) -> dict[Key, dict[int, bool]]:
    row = t.IdentifierRow
    found: dict[Key, dict[int, bool]] = defaultdict(dict)
    for kind, values in by_kind(keys).items():
        for some in chunks(values):
            statement = select(row.value, row.contact_id, row.shared).where(row.kind == kind, row.value.in_(some))
            for hit in connection.execute(statement):
                found[kind, hit.value][hit.contact_id] = hit.shared
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
