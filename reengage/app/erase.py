"""Erasing a person, and keeping them erased: nothing plain stays, their no does."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from reengage.app.following import follow
from reengage.app.imports.names import identifier_of
from reengage.app.placing import FOLDER
from reengage.app.project import Project
from reengage.intake.salvage import mentions
from reengage.language.responses import Policy
from reengage.model.base import in_utc
from reengage.model.errors import RunFailed, UsageError
from reengage.model.optout import OptOut
from reengage.model.people import IdentifierKind
from reengage.model.words import Response
from reengage.people.reach import Key, is_kept
from reengage.store import erasure, identity, inbox, optouts, people, received
from reengage.store.database import Database

BLOCK = 1 << 20
"""Bytes of the database file read at a time when it is searched."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did; `files` are files of the project that still name the person."""

    contacts: int
    opted_out: bool
    rewritten: bool
    files: tuple[Path, ...]


def erase(database: Database, project: Project, contact: str, at: datetime, *, forget_only: bool = False) -> Erased:
    """Take away everything known of the human that this contact_id names; unless `forget_only`, they are opted out.

    Others who share identifiers of theirs may turn out to be one human without them. Raises UsageError for an unknown
    contact_id, ReengageError where that needs responses.yaml and it has errors, and RunFailed where the database file
    still held something plain.
    """
    with database.deciding() as connection:
        database.in_order_of_arrival(connection)
        found = people.find_contacts(connection, [(IdentifierKind.IMPORT, contact)])
        if not found:
            raise UsageError(
                f'no contact has the contact_id "{contact}"', help="erase takes the first column of imports"
            )
        (group,) = identity.members(connection, found.values()).values()
        if not forget_only:
            stops = [OptOut(contact_id=one, source=erasure.SOURCE, details={"because": "erasure"}) for one in group]
            optouts.record(connection, stops, in_utc(at))
        sharers = identity.sharers(connection, group)
        own = erasure.erase(connection, group, in_utc(at))
        inbox.drop_quarantined(connection, _told_of(connection, own, project))
        received.let_go(connection, _received_with(connection, own, project))
        if sharers:
            follow(connection, sharers, _policies(project), in_utc(at))
    plain = sorted(value for kind, value in own if is_kept(kind))
    rewritten = database.is_sqlite and _swept(database, plain)
    return Erased(len(group), not forget_only, rewritten, tuple(_files_with(project, plain)))


def _policies(project: Project) -> Mapping[Response, Policy]:
    """What each answer means; a rule that has errors keeps nobody from being erased."""
    return project.rules().responses or project.usable_rules().responses


def _told_of(connection: Connection, own: Collection[Key], project: Project) -> list[int]:
    """The rows that were kept back and mention any of these identifiers."""
    values = [value for _, value in own]
    rows = inbox.all_quarantined(connection)
    return [id for id, raw in rows if _mentions(raw, own, project) or any(value in raw for value in values)]


def _received_with(connection: Connection, own: Collection[Key], project: Project) -> list[int]:
    """What sources sent in which any of these addresses, numbers and profiles stands."""
    found = []
    for id in received.kept(connection):
        text = received.contents(connection, [id])[id].decode("utf-8", "replace")
        found += [id] if _mentions(text, own, project) else []
    return found


def _mentions(text: str, own: Collection[Key], project: Project) -> bool:
    """Whether any of these addresses, numbers and profiles stands in a text, in whatever spelling."""
    folded = text.casefold()
    written = any(value in folded for kind, value in own if is_kept(kind))
    return written or any(identifier_of(found, project) in own for found in mentions(text))


def _swept(database: Database, plain: Collection[str]) -> bool:
    try:
        return _scrub(database, plain)
    except (OSError, SQLAlchemyError) as error:
        raise RunFailed(
            "the person is erased from all tables, but the database file could not be searched for what is left",
            help='write it anew: sqlite3 reengage.db "VACUUM"',
        ) from error


def _scrub(database: Database, plain: Collection[str]) -> bool:
    """Look for these words in the bytes of the file, and write it anew where one is left; raises RunFailed if it stays.

    `secure_delete` empties what is deleted, but SQLite may have copied a row before it moved it.
    """
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    path = Path(database.engine.url.database or "")
    if not _holds(path, plain):
        return False
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.rollback()
        connection.connection.driver_connection.execute("VACUUM")  # type: ignore[union-attr]
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    if _holds(path, plain):
        raise RunFailed("the database file still holds something of this person", help="please report this")
    return True


def _holds(path: Path, words: Collection[str]) -> bool:
    """Whether any of these words stands in the bytes of a file, in any case."""
    wanted = [word.casefold().encode() for word in words if word]
    overlap = max(map(len, wanted), default=1) - 1
    with path.open("rb") as file:
        tail = b""
        while block := file.read(BLOCK):
            window = (tail + block).lower()
            if any(word in window for word in wanted):
                return True
            tail = block[-overlap:] if overlap else b""
    return False


def _files_with(project: Project, plain: Collection[str]) -> Iterator[Path]:
    """The files of exports and connectors' drops that name the person: they are for people to delete."""
    for folder in (FOLDER, "signals"):
        for place, _, names in os.walk(project.folder / folder):
            for path in sorted(Path(place) / name for name in names):
                if plain and _holds(path, plain):
                    yield path.relative_to(project.folder)
