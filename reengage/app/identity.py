"""Saying that two contacts are one human, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, update

from reengage.app.following import follow
from reengage.app.imports.names import identifier_of
from reengage.app.project import Project
from reengage.model.base import in_utc
from reengage.model.errors import UsageError
from reengage.model.people import IdentifierKind
from reengage.store import columns as t
from reengage.store import identity, optouts, people
from reengage.store.database import Database
from reengage.store.identity import MERGED, SPLIT, Said


@dataclass(frozen=True, slots=True)
class Joined:
    """What a merge or a split did: who stands for the human now, for how many contacts, and how many tasks it cost."""

    keeper: str
    contacts: int
    opted_out: bool
    cancelled: int


def merge(
    database: Database, project: Project, keep: str, other: str, at: datetime, *, because: str, source: str = "merge"
) -> Joined:
    """Make two contacts (by contact_id) one human: their holds and their stops are joined, the first one stays.

    Raises UsageError for an unknown contact_id, for one contact with itself, and without a reason.
    """
    _give_reason(because)
    policies = project.usable_rules().responses
    with database.deciding() as connection:
        database.in_order_of_arrival(connection)
        one, two = _contact(connection, keep), _contact(connection, other)
        if one == two:
            raise UsageError(f'"{keep}" and "{other}" are one contact already', help="name two contacts")
        before = optouts.cancelled(connection)
        identity.say(connection, [Said(MERGED, one, two, source, because)], in_utc(at))
        follow(connection, {one, two}, policies, in_utc(at))
        return _outcome(connection, one, before)


def split(
    database: Database, project: Project, contact: str, name: str, at: datetime, *, because: str, source: str = "split"
) -> Joined:
    """Take a contact_id or an identifier away from the human that a contact is; what was closed stays closed.

    Raises UsageError where it is not theirs.
    """
    _give_reason(because)
    policies = project.usable_rules().responses
    with database.deciding() as connection:
        database.in_order_of_arrival(connection)
        one = _contact(connection, contact)
        (group,) = identity.members(connection, [one]).values()
        found = people.find_contacts(connection, [(IdentifierKind.IMPORT, name)])
        two = next(iter(found.values()), None)
        before = optouts.cancelled(connection)
        if two is not None and two != one:
            _part(connection, group, two, contact, name, Said(SPLIT, one, two, source, because), in_utc(at))
        else:
            _detach(connection, group, identifier_of(name, project), contact, name)
        follow(connection, set(group), policies, in_utc(at))
        return _outcome(connection, one, before)


def _part(
    connection: Connection, group: list[int], two: int, contact: str, name: str, said: Said, at: datetime
) -> None:
    if two not in group:
        raise UsageError(f'"{contact}" and "{name}" are two humans already', help=f"reengage explain {name}")
    parted = [Said(SPLIT, mate, two, said.source, said.because) for mate in group if mate != two]
    identity.say(connection, parted, at)


def _detach(connection: Connection, group: list[int], key: tuple[str, str] | None, contact: str, name: str) -> None:
    row = t.IdentifierRow
    theirs = () if key is None else (row.kind == key[0], row.value == key[1], row.contact_id.in_(group), ~row.detached)
    if not theirs or not connection.execute(update(row).where(*theirs).values(detached=True)).rowcount:
        raise UsageError(
            f'"{name}" is no contact_id or identifier of "{contact}"', help="write it as it stands in your CRM"
        )


def _outcome(connection: Connection, contact: int, before: int) -> Joined:
    ((keeper, group),) = identity.members(connection, [contact]).items()
    standing = optouts.standings(connection, [keeper])[keeper]
    name = identity.imported_ids(connection, [keeper])[keeper]
    return Joined(name, len(group), bool(standing.closed), optouts.cancelled(connection) - before)


def _contact(connection: Connection, key: str) -> int:
    found = people.find_contacts(connection, [(IdentifierKind.IMPORT, key)])
    if not found:
        raise UsageError(f'no contact has the contact_id "{key}"', help="it is the first column of your import")
    return next(iter(found.values()))


def _give_reason(because: str) -> None:
    if not because.strip():
        raise UsageError("this needs a reason", help='add --because "…"')
