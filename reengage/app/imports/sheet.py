"""A CSV file as our columns: own headings mapped, unknown ones listed, opt-out headings never overlooked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from reengage.app.imports.names import identifier_of
from reengage.app.project import FILE, Project
from reengage.intake.flags import looks_like_stop
from reengage.intake.salvage import mentions
from reengage.model.errors import ReengageError
from reengage.model.optout import EntryKind, OptOut
from reengage.model.people import IdentifierKind
from reengage.sources.csvfile import BadCells, Cells, Table, open_table
from reengage.store import inbox, optouts, people
from reengage.store.database import Database
from reengage.store.discretion import discreet

T = TypeVar("T")

CHUNK = 500
"""Rows written in one transaction."""

Progress = Callable[[int, int], None]
"""Called with the bytes read so far and the size of the file."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its columns, those it cannot do without, and those of which it needs at least one.

    `may_stop` says of the cells of a row that cannot be read whether they may hold a stop.
    """

    name: str
    columns: tuple[str, ...]
    required: tuple[str, ...]
    any_of: tuple[str, ...] = ()
    may_stop: Callable[[list[str]], bool] = lambda cells: False


@dataclass(frozen=True, slots=True)
class Row:
    """One row under our column names; `flags` are the opt-out cells by the channels they close."""

    line: int
    cells: dict[str, str]
    raw: str
    offset: int = 0
    flags: tuple[tuple[str, str], ...] = ()

    def get(self, column: str) -> str | None:
        """The value of a column, or None where it is absent or empty."""
        return self.cells.get(column) or None


@dataclass(slots=True)
class Report:
    """What became of a file: rows read, things changed, rows kept back with their reasons, and remarks."""

    kind: str
    path: str
    rows: int = 0
    changed: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    ignored: tuple[str, ...] = ()


class Unusable(ValueError):
    """A row that cannot be taken in; its text says why, in the user's words."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """An opened file of one kind, with what each heading means."""

    kind: Kind
    path: Path
    table: Table
    meaning: dict[str, str]
    project: Project

    @property
    def ignored(self) -> tuple[str, ...]:
        """The headings that mean nothing to us."""
        return tuple(heading for heading in self.table.headings if heading and heading not in self.meaning)

    def rows(self) -> Iterator[Row | BadCells]:
        """Every row, under our names."""
        for found in self.table.rows():
            yield found if isinstance(found, BadCells) else self._row(found)

    def _row(self, cells: Cells) -> Row:
        named: dict[str, str] = {}
        flags = []
        for heading, value in cells.values.items():
            column = self.meaning.get(heading)
            if column and column.partition(".")[0] == "opted_out":
                flags.append((column.partition(".")[2], value))
            elif column and value:
                named.setdefault(column, value)
        return Row(cells.line, named, cells.raw, cells.offset, tuple(flags))


def open_sheet(path: Path, kind: Kind, project: Project) -> Sheet:
    """Open a file of this kind.

    Raises ReengageError where it cannot be read, lacks a column, or has an opt-out heading that is not mapped.
    """
    if not path.is_file():
        what = "this is not a file" if path.exists() else "there is no such file"
        raise ReengageError(what, where=str(path), help="give the path of a CSV file")
    table = open_table(path)
    own = {_plain(heading): column for heading, column in project.columns.items()}
    meaning = {}
    for heading in table.headings:
        column = own.get(_plain(heading), _plain(heading))
        if column in kind.columns or (column.partition(".")[0] == "opted_out" and "opted_out" in kind.columns):
            meaning[heading] = column
        elif column != "ignore" and heading and looks_like_stop(heading):
            raise ReengageError(
                f'the heading "{heading}" looks like an opt-out and is not mapped; nothing was imported',
                where=str(path),
                help=f'add to {FILE} under [import.columns]: "{heading}" = "opted_out"  (or opted_out.phone, ignore)',
            )
    _require(kind, set(meaning.values()), path)
    return Sheet(kind, path, table, meaning, project)


def _require(kind: Kind, present: set[str], path: Path) -> None:
    missing = [column for column in kind.required if column not in present]
    if missing or (kind.any_of and not present & set(kind.any_of)):
        first = (missing or kind.any_of)[0]
        wanted = f'the column "{missing[0]}"' if missing else f"one of the columns {', '.join(kind.any_of)}"
        raise ReengageError(
            f"a file of {kind.name} needs {wanted}; nothing was imported",
            where=str(path),
            help=f'rename the heading, or map yours in {FILE} under [import.columns]: "Your heading" = "{first}"',
        )


def _plain(heading: str) -> str:
    return re.sub(r"[^\w.]+", "_", heading.strip().casefold()).strip("_")


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
    report = Report(sheet.kind.name, str(sheet.path), ignored=sheet.ignored)
    source = f"import {sheet.kind.name}"
    with database.writing() as connection:
        inbox.forget_quarantine(connection, source, str(sheet.path))
    for chunk, bad, offset in _chunks(sheet):
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
            kept = [(line, reason, raws.get(line, "")) for line, reason in report.bad[already:]]
            inbox.quarantine(connection, source, str(sheet.path), kept, at)
        if progress:
            progress(offset, sheet.table.size)
    report.bad.sort()
    return report


def _close_in_doubt(connection: Connection, sheet: Sheet, bad: Sequence[BadCells], at: datetime) -> None:
    """A row that cannot be read but may be a stop closes whomever it mentions, until a person has looked."""
    stops = []
    for row in bad:
        cells = [cell.strip() for cell in row.raw.replace('"', "").split(sheet.table.delimiter)]
        if not sheet.kind.may_stop(cells):
            continue
        named = people.find_contacts(connection, [(IdentifierKind.IMPORT.value, cell) for cell in cells if cell])
        told: dict[str, Any] = {"kind": EntryKind.PROVISIONAL, "source": f"import {sheet.kind.name}"}
        words = f"{sheet.path.name}, line {row.line}: {row.reason}"
        stops += [OptOut(contact_id=id, their_words=words, **told) for id in sorted(set(named.values()))]
        found = (identifier_of(text, sheet.project) for text in mentions(row.raw))
        stops += [
            OptOut(identifier_kind=key[0], identifier_value=key[1], their_words=words, **told)
            for key in dict.fromkeys(found)
            if key and key[0] != "domain"
        ]
    optouts.record(connection, optouts.unstated(connection, stops), at)


def _chunks(sheet: Sheet) -> Iterator[tuple[list[Row], list[BadCells], int]]:
    rows: list[Row] = []
    bad: list[BadCells] = []
    for found in sheet.rows():
        if isinstance(found, Row):
            rows.append(found)
        else:
            bad.append(found)
        if len(rows) + len(bad) >= CHUNK:
            yield rows, bad, found.offset
            rows, bad = [], []
    if rows or bad:
        yield rows, bad, sheet.table.size


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
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        raise Unusable(f'{column} "{text}" is not a date like 2026-10-01') from None


def read_moment(row: Row, column: str, zone: str) -> datetime | None:
    """A moment cell: ISO 8601, read in the project's zone where it names none; raises Unusable for another form."""
    text = row.get(column)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Unusable(f'{column} "{text}" is not a moment like 2026-10-01T09:00:00+02:00') from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
    if not 1970 <= moment.year <= 2200:
        raise Unusable(f'{column} "{text}" lies outside the years 1970 to 2200')
    return moment


def read_word(row: Row, column: str, words: tuple[str, ...]) -> str | None:
    """A cell with one of these words, in any case and with spaces or dashes; raises Unusable for another one."""
    text = row.get(column)
    if text is None:
        return None
    word = re.sub(r"[\s-]+", "_", text.strip().casefold())
    if word not in words:
        raise Unusable(f'{column} "{text}" is not one of {", ".join(words)}')
    return word
