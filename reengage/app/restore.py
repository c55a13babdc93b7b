"""After a backup was put back: what the database no longer knows, and saying it again before anything leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from reengage.model.base import in_utc
from reengage.model.errors import RunFailed
from reengage.people.reach import DIGEST
from reengage.store import closing, erasure, identity, optouts
from reengage.store.database import Database
from reengage.store.journal import STOPS, Line


@dataclass(frozen=True, slots=True)
class Checked:
    """What the journal knows and the database lacks, and what became of it; `to_erase` are contact_ids."""

    entries: int
    missing: int
    replayed: int
    kept: Path | None = None
    to_erase: tuple[str, ...] = ()


def require_whole(database: Database, connection: Connection) -> None:
    """Raise RunFailed where the database is older than the journal beside it: somebody may have said stop since."""
    journal = database.journal
    if journal is not None and not journal.lacks_nothing(connection):
        lost = len(journal.missing(connection))
        raise RunFailed(
            f"this database was put back to an earlier state: {lost:,} entries of the ledger of stops are missing, "
            "so nothing leaves",
            help="reengage restore-check --replay, then import newer opt-outs from your other systems",
        )


def check(database: Database, at: datetime, *, replay: bool) -> Checked:
    """Compare the database with the journal; with `replay`, record the stops that it lacks once more.

    They reach by keyed digest whoever they reached before; a lost consent stays lost, and whoever had been erased since
    the backup is named, to be erased again.
    """
    journal = database.journal
    with database.reading() as connection:
        missing = journal.missing(connection) if journal else []
        entries = journal.length() if journal else 0
    if journal is None or not missing or not replay:
        return Checked(entries, len(missing), 0)
    stops = [line for line in missing if line.kind in STOPS]
    with database.deciding(journaled=False) as connection:
        database.in_order_of_arrival(connection)
        optouts.replay(connection, stops, in_utc(at))
        back = _erased(connection, stops)
    kept = journal.set_aside(at)
    with database.reading() as connection:
        journal.catch_up(connection)
    return Checked(entries, len(missing), len(stops), kept, back)


def _erased(connection: Connection, stops: Sequence[Line]) -> tuple[str, ...]:
    """The contacts whom the backup brought back although they had been erased."""
    digests = ((DIGEST, digest) for line in stops if line.source == erasure.SOURCE for digest in line.keys)
    found = closing.holders(connection, digests)
    return tuple(sorted(identity.imported_ids(connection, found).values()))
