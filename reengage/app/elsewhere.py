"""Stops that are said elsewhere: whether those who bring them keep the interval that they promise."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from reengage.language.tree import Span
from reengage.model.errors import ReengageError, UsageError
from reengage.store import inbox
from reengage.store.database import Database

GRACE = timedelta(hours=3)
"""How late a source may be: an hour each for a change of clocks, an hourly ingest and a batch that took longer."""

SLOW = timedelta(days=2)
"""A source that promises less often is a batch: Google and Yahoo want a stop honoured within two days."""


@dataclass(frozen=True, slots=True)
class Source:
    """Someone who hears stops outside of here, and the interval at which all of them are to arrive.

    `connector` names the one that brings them; without it they are files imported under the source's name. While a
    source that `refuses` is overdue, nothing is run or exported.
    """

    name: str
    every: Span
    connector: str | None = None
    refuses: bool = False

    @property
    def is_slow(self) -> bool:
        """Whether it promises less often than the mailbox providers want a stop honoured."""
        start = datetime(2000, 1, 1, tzinfo=UTC)
        return self.every.after(start) > start + SLOW

    @property
    def remedy(self) -> str:
        """How to hear it again."""
        return f"reengage ingest {self.connector}" if self.connector else _import_of(self.name)


@dataclass(frozen=True, slots=True)
class Heard:
    """When a source was last heard, as seen at a moment; `last` is None for never."""

    source: Source
    last: datetime | None
    at: datetime

    @property
    def is_overdue(self) -> bool:
        """Whether it has not kept its promise."""
        return self.last is None or self.at > self.source.every.after(self.last) + GRACE

    def told(self, zone: str) -> str:
        """Its state in words, with moments in this zone; a slow source is called a batch."""
        every = self.source.every
        last = f"last heard {self.last.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" if self.last else "never heard"
        promise = f"a batch every {every}" if self.source.is_slow else f"promises {every}"
        if self.is_overdue:
            promise += ": overdue, so whoever has said stop there may still be contacted from here"
        elif self.source.is_slow:
            promise += f": someone who says stop there can be contacted from here for up to {every}"
        return f"stops from {self.source.name}: {last}, {promise}"


def listen(connection: Connection, sources: Sequence[Source], at: datetime) -> list[Heard]:
    """When each source was last heard, up to this moment."""
    names = [name for source in sources for name in _inboxes(source)]
    last = inbox.last_files(connection, names, at)
    heard = ([last[name] for name in _inboxes(source) if name in last] for source in sources)
    return [Heard(source, max(moments, default=None), at) for source, moments in zip(sources, heard, strict=True)]


def overdue(heard: Iterable[Heard], zone: str) -> list[str]:
    """What a run says of those who have not kept their promise."""
    return [f"{one.told(zone)} ({one.source.remedy})" for one in heard if one.is_overdue]


def refusal(heard: Iterable[Heard], zone: str, consequence: str) -> ReengageError | None:
    """Why nothing may leave, and what became of it instead; None where no source that `refuses` is overdue."""
    silent = next((one for one in heard if one.is_overdue and one.source.refuses), None)
    if silent is None:
        return None
    advice = f'{silent.source.remedy}; or when_stale = "warn" under [opt_outs.from] in reengage.toml'
    return ReengageError(f"{silent.told(zone)}; {consequence}", help=advice)


def find_source(sources: Sequence[Source], name: str) -> Source:
    """The source of this name; raises UsageError where there is none."""
    for source in sources:
        if source.name == name:
            return source
    known = ", ".join(source.name for source in sources)
    example = f'add to reengage.toml under [opt_outs.from]: {name} = {{every = "1 day"}}'
    advice = f"there are: {known}" if known else example
    raise UsageError(f'no source of stops is called "{name}"', help=advice)


def note_import(database: Database, source: Source, path: Path, rows: int, at: datetime) -> None:
    """Remember that a whole file of this source was imported, also one that we have had before."""
    with database.writing() as connection:
        inbox.note_file(connection, _imports(source.name), _mark(path, at.isoformat()), str(path), rows, at)


def note_file(connection: Connection, connector: str, name: str, written: int, sha256: str, at: datetime) -> None:
    """Remember that a file came by a connector; one lying there unchanged since (`written`, in ns) came once."""
    inbox.note_file(connection, _files(connector), _mark(name, written, sha256), name, 0, at)


def _import_of(source: str) -> str:
    return f"reengage import opt-outs FILE --source {source}"


def _inboxes(source: Source) -> list[str]:
    return [_imports(source.name), *([_files(source.connector)] if source.connector else [])]


def _imports(source: str) -> str:
    return f"heard by import: {source}"


def _files(connector: str) -> str:
    return f"heard by connector: {connector}"


def _mark(*parts: object) -> str:
    """What tells one arrival from another of the same content."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()
