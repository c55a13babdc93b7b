"""The first pass over new files: every stop in them, also where a row or the whole file cannot be taken in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from reengage.app.imports.names import identifier_of
from reengage.app.linking import link
from reengage.app.project import Project
from reengage.intake.salvage import looks_like_stop_row, mentions
from reengage.language.titles import Titles
from reengage.model.errors import ReengageError
from reengage.model.optout import EntryKind, OptOut
from reengage.model.words import Channel
from reengage.sources.connector import Connector
from reengage.sources.rows import Bad, Good, Row
from reengage.sources.signals import read_anyway
from reengage.store import optouts, signals, stated
from reengage.store.database import Database
from reengage.store.signals import Linked

T = TypeVar("T")

CHUNK = 500
"""Rows written in one transaction."""

STANDS_CLOSED = "it may be a stop, so everyone whom it legibly names is closed until `reengage review` answers"
"""What becomes of a row that may be a stop and cannot be read."""

NOBODY = "a stop whose keys cannot be read, so it reaches nobody"


@dataclass(frozen=True, slots=True)
class File:
    """A file that a connector reads, when it was written (ns), and its name relative to the project."""

    connector: Connector
    path: Path
    name: str
    sha256: str
    written: int


def take_stops(database: Database, project: Project, titles: Titles, file: File, at: datetime) -> int:
    """Apply the stops of a file as far as it can be read; returns how many rows said something new.

    A row that may be a stop and cannot be read closes whom it mentions until a person has looked. What is wrong with
    the file is for the second pass to say.
    """
    if not may_hold_stops(file.connector):
        return 0
    told = 0
    for chunk in chunked(row for row in _until_it_breaks(file, at) if may_stop(row, file.connector)):
        stops = [row.signal for row in chunk if isinstance(row, Good)]
        doubted = [entries for row in chunk if isinstance(row, Bad) and (entries := _provisional(row, file, project))]
        with database.deciding() as connection:
            database.in_order_of_arrival(connection)
            linked = link(connection, stops, project, titles, at)
            signals.store(connection, linked, at)
            told += _record(connection, [*(list(_entries(one)) for one in linked), *doubted], at)
    return told


def may_stop(row: Row, connector: Connector) -> bool:
    """Whether a row is a stop, or cannot be read and may have been one."""
    if isinstance(row, Good):
        return row.signal.kind == "opt_out"
    return connector.map.signal == "opt_out" if connector.map else looks_like_stop_row(row.raw)


def may_hold_stops(connector: Connector) -> bool:
    """Whether what this connector brings may be a stop."""
    return connector.kind != "timer" and (connector.map is None or connector.map.signal == "opt_out")


def _until_it_breaks(file: File, at: datetime) -> Iterator[Row]:
    with suppress(ReengageError, OSError):
        yield from read_anyway(file.connector, file.path, at)


def _record(connection: Connection, stops: Sequence[list[OptOut]], at: datetime) -> int:
    """Record these stops, also one whose id another signal has had; returns how many said something new."""
    told = [fresh for entries in stops if (fresh := stated.unstated(connection, entries))]
    optouts.record(connection, [entry for fresh in told for entry in fresh], at)
    return len(told)


def _provisional(row: Bad, file: File, project: Project) -> list[OptOut]:
    """A stop in doubt for each identifier in a row; its place in the file tells it from the next one."""
    found = (identifier_of(text, project) for text in mentions(row.raw))
    return [
        OptOut(
            kind=EntryKind.PROVISIONAL,
            identifier_kind=key[0],
            identifier_value=key[1],
            source=f"signal {file.connector.name}",
            their_words=f"{file.name}, line {row.line}: {row.reason}",
        )
        for key in dict.fromkeys(found)
        if key and key[0] != "domain"
    ]


def _entries(one: Linked) -> Iterator[OptOut]:
    """A stop by signal: for the contact it names and for each of its identifiers."""
    facts = one.signal.facts
    named = str(facts.get("channels", "")).replace(",", ";").split(";")
    words = {word.strip().casefold() for word in named if word.strip()}
    channels = tuple(sorted(Channel(word) for word in words)) if words and words <= set(Channel) else ()
    told: dict[str, Any] = {
        "channels": channels,
        "source": f"signal {one.signal.source}",
        "effective_at": one.signal.occurred_at,
    }
    said = str(facts["words"]) if "words" in facts else None
    if one.contact is not None:
        yield OptOut(contact_id=one.contact, their_words=said, **told)
    persons = [key for key in one.keys if key[0] != "domain"]
    for kind, value in persons or one.keys:
        yield OptOut(identifier_kind=kind, identifier_value=value, their_words=said, **told)


def chunked(items: Iterable[T]) -> Iterator[list[T]]:
    """The items in lists of up to 500."""
    chunk: list[T] = []
    for item in items:
        chunk.append(item)
        if len(chunk) >= CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
