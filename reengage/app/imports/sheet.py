"""A CSV file as our columns: own headings mapped, unknown ones listed, opt-out headings never overlooked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from reengage.app.imports.headings import Kind, Meaning, read_headings
from reengage.app.imports.names import identifier_of
from reengage.app.imports.presets.preset import Preset, Reading
from reengage.app.project import Project
from reengage.intake.salvage import mentions
from reengage.language.diagnostic import quoted
from reengage.model.errors import ReengageError
from reengage.model.optout import EntryKind, OptOut
from reengage.model.people import IdentifierKind
from reengage.model.words import Channel
from reengage.sources.connector import FEWEST_ROWS, JUDGED_ROWS
from reengage.sources.csvfile import BadCells, Cells, Table, open_table
from reengage.sources.rows import clip
from reengage.store import inbox, optouts, people, stated
from reengage.store.database import Database
from reengage.store.discretion import discreet

T = TypeVar("T")

CHUNK = 2_000
"""Rows written in one transaction."""

Progress = Callable[[int, int], None]
"""Called with the bytes read so far and the size of the file."""


@dataclass(frozen=True, slots=True)
class Mark:
    """An opt-out cell: the channel it closes (all where it names none), what it says, and how that is read.

    `stop` is None where it cannot be read, or may have another cause.
    """

    channel: Channel | None
    words: str
    stop: bool | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row under our column names; `flags` are its opt-out cells."""

    line: int
    cells: dict[str, str]
    raw: str
    offset: int = 0
    flags: tuple[Mark, ...] = ()

    def get(self, column: str) -> str | None:
        """The value of a column, or None where it is absent or empty."""
        return self.cells.get(column) or None


@dataclass(slots=True)
class Report:
    """What became of a file: rows read, things changed, rows kept back with their reasons, and remarks.

    `left_out` counts rows that are none of this file's business, by what they are.
    """

    kind: str
    path: str
    rows: int = 0
    changed: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    ignored: tuple[str, ...] = ()
    left_out: dict[str, int] = field(default_factory=dict)

    def leave_out(self, reason: str) -> None:
        """Count a row that is none of this file's business."""
        self.left_out[reason] = self.left_out.get(reason, 0) + 1


class Unusable(ValueError):
    """A row that cannot be taken in; its text says why, in the user's words."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """An opened file of one kind, with what each heading means, and how a product's rows are read."""

    kind: Kind
    path: Path
    table: Table
    meaning: Meaning
    project: Project
    preset: Preset | None = None

    @property
    def reading(self) -> Reading | None:
        """How the product's files of this kind are read."""
        return self.preset.readings[self.kind.name] if self.preset else None

    @property
    def ignored(self) -> tuple[str, ...]:
        """The headings that mean nothing to us."""
        return tuple(heading for heading in self.table.headings if heading and heading not in self.meaning.known)

    def rows(self) -> Iterator[Row | BadCells]:
        """Every row, under our names."""
        columns = tuple(self.meaning.columns.items())
        alone = self.reading is None and len({column for _, column in columns}) == len(columns)
        for found in self.table.rows():
            if isinstance(found, BadCells):
                yield found
            elif alone and len(found.raw) <= LONGEST_ID:  # as nearly all are: no two columns to join, no id too long
                cells = {column: found.values[heading] for heading, column in columns}
                yield Row(found.line, cells, found.raw, found.offset, tuple(self._marks(found)))
            else:
                yield self._checked(found)

    def _checked(self, cells: Cells) -> Row | BadCells:
        """The row, or why it cannot be kept: PostgreSQL refuses all rows with one whose id is longer than an index."""
        row = self._row(cells)
        long = next((name for name in _IDS if len(row.cells.get(name, "")) > LONGEST_ID), None)
        if long is None:
            return row
        return BadCells(cells.line, f"{long} is longer than {LONGEST_ID} characters", clip(cells.raw), cells.offset)

    def _row(self, cells: Cells) -> Row:
        reading, named = self.reading, dict[str, str]()
        for heading, column in self.meaning.columns.items():
            value, before = cells.values[heading], named.get(column)
            if not before:
                named[column] = value
            elif value and reading and column in _JOINED:
                named[column] = f"{before};{value}"
        row = reading.row(named) if reading else named
        return Row(cells.line, row, cells.raw, cells.offset, tuple(self._marks(cells)))

    def _marks(self, cells: Cells) -> Iterator[Mark]:
        for heading, flags in self.meaning.flags.items():
            cell = cells.values[heading]
            named = f'the flag "{heading}"' if self.reading else "the flag"
            for flag in flags:
                yield Mark(flag.channel, f"{named} reads: {cell[:80]}", flag.read(cell))

    def may_stop(self, cells: list[str]) -> bool:
        """Whether a row that cannot be read may hold a stop."""
        flags = {flag for some in self.meaning.flags.values() for flag in some}
        return self.kind.may_stop(cells) or any(flag.read(cell) for flag in flags for cell in cells)

    def keys(self, cells: list[str]) -> set[str]:
        """The ids by which a row that cannot be read may name a contact of ours."""
        if self.preset is None:
            return set(filter(None, cells))
        pairs = zip(self.table.headings, cells, strict=False)
        ids = [cell for heading, cell in pairs if self.meaning.columns.get(heading) == _CRM_ID]
        return {*filter(None, cells), *(f"{self.preset.name}-{id}" for id in ids)}


LONGEST_ID = 500
"""Characters of an id; our choice, as for signals: those of CRMs have some twenty."""

_CRM_ID = "crm_contact_id"

_IDS = ("contact_id", _CRM_ID, "crm_system", "crm_account_id", "crm_owner_id", "conversation_id", "task_key")
"""Columns that rows are found by."""

_JOINED = frozenset({"other_emails", "phone", "text"})
"""Of these a product has several columns, and all of them count."""


def open_sheet(path: Path, kind: Kind, project: Project, preset: Preset | None = None) -> Sheet:
    """Open a file of this kind, as a product exports it where a preset is given.

    Raises ReengageError where it cannot be read, lacks a column, or has an opt-out heading that is not mapped.
    """
    if not path.is_file():
        what = "this is not a file" if path.exists() else "there is no such file"
        raise ReengageError(what, where=str(path), help="give the path of a CSV file")
    table = open_table(path)
    meaning = read_headings(table.headings, kind, project, preset, path)
    return Sheet(kind, path, table, meaning, project, preset)


def take(
    database: Database,
    sheet: Sheet,
    at: datetime,
    write: Callable[[Connection, list[Row], Report], None],
    progress: Progress | None = None,
) -> Report:
    """Read the whole file in chunks, each written in one transaction; bad rows are kept and listed.

    `write` gets rows it may refuse by appending to the report; opt-outs need the lock to themselves.
    """
    rows = _refuse_no_table(sheet)
    report = Report(sheet.kind.name, str(sheet.path), ignored=sheet.ignored, remarks=list(sheet.meaning.remarks))
    source = f"import {sheet.kind.name}"
    with database.writing() as connection:
        inbox.forget_quarantine(connection, source, str(sheet.path))
    for chunk, bad, offset in _chunks(rows, sheet.table.size):
        report.rows += len(chunk) + len(bad)
        already = len(report.bad)
        report.bad += [(found.line, found.reason) for found in bad]
        with database.deciding() as connection:
            database.in_order_of_arrival(connection)
            write(connection, chunk, report)
            _close_in_doubt(connection, sheet, bad, at)
            cut = discreet(connection, [*(reason for _, reason in report.bad[already:]), *report.remarks])
            report.bad[already:] = [(line, cut.get(reason, reason)) for line, reason in report.bad[already:]]
            report.remarks = [cut.get(remark, remark) for remark in report.remarks]
            raws = {row.line: row.raw for row in chunk} | {found.line: found.raw for found in bad}
            kept = [inbox.KeptBack(line, reason, raws.get(line, "")) for line, reason in report.bad[already:]]
            inbox.quarantine(connection, source, str(sheet.path), kept, at)
        if progress:
            progress(offset, sheet.table.size)
    report.bad.sort()
    return report


NO_TABLE = 0.9
"""Share of the first 5,000 rows without the cells that the headings promise from which on a file is no table; our
choice. A list of stops is read whatever it looks like."""


def _refuse_no_table(sheet: Sheet) -> Iterator[Row | BadCells]:
    """The rows of the file; raises ReengageError before anything of it is taken in."""
    rows = sheet.rows()
    first = [] if sheet.may_stop([]) else list(islice(rows, JUDGED_ROWS))
    bad = [row for row in first if not isinstance(row, Row)]
    if len(first) >= FEWEST_ROWS and len(bad) > len(first) * NO_TABLE:
        raise ReengageError(
            f"{len(bad):,} of the first {len(first):,} rows are no rows of this table; nothing was imported",
            where=f"{sheet.path}:{bad[0].line}",
            help=f"the first one: {bad[0].reason}",
        )
    return chain(first, rows)


def _close_in_doubt(connection: Connection, sheet: Sheet, bad: Sequence[BadCells], at: datetime) -> None:
    """A row that cannot be read but may be a stop closes whomever it mentions, until a person has looked."""
    stops = []
    for row in bad:
        cells = [cell.strip() for cell in row.raw.replace('"', "").split(sheet.table.delimiter)]
        if not sheet.may_stop(cells):
            continue
        named = people.find_contacts(connection, [(IdentifierKind.IMPORT.value, key) for key in sheet.keys(cells)])
        told: dict[str, Any] = {"kind": EntryKind.PROVISIONAL, "source": f"import {sheet.kind.name}"}
        words = f"{sheet.path.name}, line {row.line}: {row.reason}"
        stops += [OptOut(contact_id=id, their_words=words, **told) for id in sorted(set(named.values()))]
        found = (identifier_of(text, sheet.project) for text in mentions(row.raw))
        stops += [
            OptOut(identifier_kind=key[0], identifier_value=key[1], their_words=words, **told)
            for key in dict.fromkeys(found)
            if key and key[0] != "domain"
        ]
    optouts.record(connection, stated.unstated(connection, stops), at)


def _chunks(found_rows: Iterable[Row | BadCells], size: int) -> Iterator[tuple[list[Row], list[BadCells], int]]:
    rows: list[Row] = []
    bad: list[BadCells] = []
    for found in found_rows:
        if isinstance(found, Row):
            rows.append(found)
        else:
            bad.append(found)
        if len(rows) + len(bad) >= CHUNK:
            yield rows, bad, found.offset
            rows, bad = [], []
    if rows or bad:
        yield rows, bad, size


def read_cell(cell: str, read: Callable[[str], T | None]) -> list[T | None]:
    """The entries of a cell as read: between semicolons, and between commas where one cannot be read whole."""
    found: list[T | None] = []
    for text in filter(None, map(str.strip, cell.split(";"))):
        whole = read(text)
        parts = filter(None, map(str.strip, text.split(",")))
        found += [whole] if whole is not None else map(read, parts)
    return found


def read_day(row: Row, column: str) -> date | None:
    """A date cell (2026-10-01); raises Unusable for another form."""
    text = row.get(column)
    if text is None:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise Unusable(f"{column} {quoted(text)} is not a date like 2026-10-01") from None


def read_moment(row: Row, column: str, zone: str) -> datetime | None:
    """A moment cell: ISO 8601, read in the project's zone where it names none; raises Unusable for another form."""
    text = row.get(column)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Unusable(f"{column} {quoted(text)} is not a moment like 2026-10-01T09:00:00+02:00") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
    if not 1970 <= moment.year <= 2200:
        raise Unusable(f"{column} {quoted(text)} lies outside the years 1970 to 2200")
    return moment


def read_word(row: Row, column: str, words: tuple[str, ...]) -> str | None:
    """A cell with one of these words, in any case and with spaces or dashes; raises Unusable for another one."""
    text = row.get(column)
    if text is None:
        return None
    word = _as_word(text)
    if word not in words:
        raise Unusable(f"{column} {quoted(text)} is not one of {', '.join(words)}")
    return word


@lru_cache(1_000)
def _as_word(text: str) -> str:
    return re.sub(r"[\s-]+", "_", text.strip().casefold())
