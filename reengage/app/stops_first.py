"""The first pass over new files: every stop in them, also where a row or the whole file cannot be taken in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection

from reengage.app.imports.names import identifier_of
from reengage.app.linking import link
from reengage.app.project import Project
from reengage.intake.salvage import looks_like_stop_row, may_hold_stop_row, mentions
from reengage.language.titles import Titles
from reengage.model.errors import ReengageError
from reengage.model.optout import EntryKind, OptOut
from reengage.model.signal import Signal
from reengage.model.words import Channel
from reengage.sources.connector import Connector
from reengage.sources.opening import Readable
from reengage.sources.rows import Bad, Good, Row
from reengage.sources.signals import read_anyway
from reengage.store import optouts, received, signals, stated
from reengage.store.database import Database
from reengage.store.received import Delivery
from reengage.store.signals import Linked, Origins

T = TypeVar("T")

CHUNK = 5_000
"""Rows written in one transaction."""

STANDS_CLOSED = "it may be a stop, so everyone whom it legibly names is closed until `reengage review` answers"
"""What becomes of a row that may be a stop and cannot be read."""

NOBODY = "a stop whose keys cannot be read, so it reaches nobody"


@dataclass(frozen=True, slots=True)
class Found:
    """Something received, with the connector that reads it, and from where; `written` is a file's time (ns)."""

    delivery: Delivery
    connector: Connector
    file: Readable
    written: int = 0

    @property
    def name(self) -> str:
        """What its source calls it: a path relative to the project, or the address of a page."""
        return self.delivery.name


def take_stops(database: Database, project: Project, titles: Titles, batch: Iterable[Found], at: datetime) -> int:
    """Apply the stops of what was received as far as it can be read; returns how many rows said something new.

    A row that may be a stop and cannot be read closes whom it mentions until a person has looked. What is wrong with
    the rest is for the second pass to say.
    """
    told = 0
    for chunk in chunked(_that_may_stop(batch, at)):
        stops = [row.signal for _, row in chunk if isinstance(row, Good)]
        doubted = [_provisional(row, found, project) for found, row in chunk if isinstance(row, Bad)]
        origins = origins_of((found.delivery, row) for found, row in chunk)
        with database.deciding() as connection:
            database.in_order_of_arrival(connection)
            linked = link(connection, stops, project, titles, at)
            signals.store(connection, linked, at, origins)
            received.let_go(connection, about_erased(stops, linked, origins))
            told += _record(connection, [*(list(_entries(one)) for one in linked), *filter(None, doubted)], at)
    return told


def _that_may_stop(batch: Iterable[Found], at: datetime) -> Iterator[tuple[Found, Row]]:
    for found in batch:
        rows = _until_it_breaks(found, at) if may_hold_stops(found.connector) else ()
        yield from ((found, row) for row in rows if may_stop(row, found.connector))


def origins_of(rows: Iterable[tuple[Delivery, Row]]) -> Origins:
    """What each signal of these rows was made of."""
    return {
        (row.signal.source, row.signal.id): (delivery.id, row.line) for delivery, row in rows if isinstance(row, Good)
    }


def about_erased(told: Sequence[Signal], linked: Sequence[Linked], origins: Origins) -> set[int]:
    """The deliveries in which somebody stood who was erased: their signals were left out."""
    if len(told) == len(linked):
        return set()
    left = {(one.source, one.id) for one in told} - {(one.signal.source, one.signal.id) for one in linked}
    return {origins[key][0] for key in left if key in origins}


def may_stop(row: Row, connector: Connector) -> bool:
    """Whether a row is a stop, or cannot be read and may have been one."""
    if isinstance(row, Good):
        return row.signal.kind == "opt_out"
    return connector.map.signal == "opt_out" if connector.map else looks_like_stop_row(row.raw)


def may_hold_stops(connector: Connector) -> bool:
    """Whether what this connector brings may be a stop."""
    return connector.kind != "timer" and (connector.map is None or connector.map.signal == "opt_out")


def _until_it_breaks(found: Found, at: datetime) -> Iterator[Row]:
    """The rows as far as they can be read; of what is not to be believed, none is good."""
    # Whatever is an opt-out in our envelope looks like one, so the other lines need no reading; what is not to be
    # believed is judged by what it says.
    worth = None if found.delivery.doubt else may_hold_stop_row
    with suppress(ReengageError, OSError):
        rows = read_anyway(found.connector, found.file, at, worth)
        yield from (doubted(row, found) for row in rows) if found.delivery.doubt else rows


def doubted(row: Row, found: Found) -> Row:
    """The row of something that is not to be believed, kept back for a person to look at."""
    if isinstance(row, Bad):
        return row
    told = row.signal.model_dump(mode="json", include={"kind", "keys"}, exclude_defaults=True)
    return Bad(row.line, f"{found.delivery.doubt}", f"{row.signal.kind} {told['keys']}")


def _record(connection: Connection, stops: Sequence[list[OptOut]], at: datetime) -> int:
    """Record these stops, also one whose id another signal has had; returns how many said something new."""
    told = [fresh for entries in stops if (fresh := stated.unstated(connection, entries))]
    optouts.record(connection, [entry for fresh in told for entry in fresh], at)
    return len(told)


def _provisional(row: Bad, found: Found, project: Project) -> list[OptOut]:
    """A stop in doubt for each identifier in a row; its place in the file tells it from the next one."""
    keys = (identifier_of(text, project) for text in mentions(row.raw))
    return [
        OptOut(
            kind=EntryKind.PROVISIONAL,
            identifier_kind=key[0],
            identifier_value=key[1],
            source=f"signal {found.connector.name}",
            their_words=f"{found.name}, line {row.line}: {row.reason}",
        )
        for key in dict.fromkeys(keys)
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
    """The items in lists of up to so many as are written at once."""
    chunk: list[T] = []
    for item in items:
        chunk.append(item)
        if len(chunk) >= CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
