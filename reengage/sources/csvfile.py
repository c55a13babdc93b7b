"""A CSV file as a stream of rows with line numbers: encoding and delimiter found out, nothing held in memory."""

from __future__ import annotations

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BufferedReader, TextIOWrapper
from typing import Final, NamedTuple

from reengage.model.errors import ReengageError
from reengage.sources.opening import Readable, opened, size_of
from reengage.sources.rows import clip

DELIMITERS: Final = (",", ";", "\t")
"""Tried in this order; the first that parts the heading into the most cells wins."""

LONGEST_LINE: Final = 1 << 20
"""Characters of one line that are looked at; our choice. A cell may hold 131,072, the limit of Python's reader."""

_SHORT = 10_000
"""Characters of a line that no limit is near to; our choice."""

_BLOCK = 1 << 16
_WIDE = re.compile("[^\x00-\x7f]")
_RAW_BYTE = re.compile("[\udc80-\udcff]")
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Cells(NamedTuple):
    """One row by heading, its values trimmed; `offset` says how many bytes of the file have been read."""

    line: int
    values: dict[str, str]
    raw: str
    offset: int


@dataclass(frozen=True, slots=True)
class BadCells:
    """A row that cannot be read, and why."""

    line: int
    reason: str
    raw: str
    offset: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table in a file of `size` bytes: how it is written, its headings, trimmed; cells without one are dropped."""

    path: Readable
    encoding: str
    delimiter: str
    headings: tuple[str, ...]
    size: int
    has_heading_row: bool = True

    def rows(self) -> Iterator[Cells | BadCells]:
        """Every row that is not empty, in order; each call reads the file anew. Memory stays flat."""
        with _opened(self.path, self.encoding) as file:
            lines = _Lines(file)
            if self.has_heading_row:
                _first_row(lines, self.delimiter)
            yield from (self._row(*found) for found in _parsed(lines, self.delimiter) if _is_filled(found))

    def _row(self, line: int, cells: list[str], raw: str, offset: int, problem: str | None) -> Cells | BadCells:
        reason = problem or self._ragged(cells) or _unprintable(raw)
        if reason:
            return BadCells(line, reason, clip(raw), offset)
        named = zip(self.headings, map(str.strip, cells), strict=True)
        return Cells(line, {heading: cell for heading, cell in named if heading}, raw, offset)

    def _ragged(self, cells: list[str]) -> str | None:
        if len(cells) == len(self.headings):
            return None
        return f"{_counted(len(cells), 'cell')} where {len(self.headings)} are expected"


def open_table(
    path: Readable, *, encoding: str | None = None, delimiter: str | None = None, columns: tuple[str, ...] = ()
) -> Table:
    """Find out how a CSV file is written; `columns` name the cells of a file without a heading row.

    Raises ReengageError for a file that is empty, cannot be opened, is UTF-16 or has a heading twice.
    """
    encoding = encoding or _encoding(path)
    with _opened(path, encoding) as file:
        start = _first_line(file)
    if not start:
        raise ReengageError("the file is empty", where=str(path), help="it needs a row of headings")
    chosen = delimiter or max(DELIMITERS, key=lambda sign: len(_split(start, sign)))
    headings = columns or _headings(path, encoding, chosen)
    _refuse_repeats(headings, path)
    return Table(path, encoding, chosen, headings, size_of(path), has_heading_row=not columns)


def _headings(path: Readable, encoding: str, delimiter: str) -> tuple[str, ...]:
    with _opened(path, encoding) as file:
        first = _first_row(_Lines(file), delimiter)
    if first is None:
        raise ReengageError("the file has no headings", where=str(path))
    line, cells, raw, _, problem = first
    if reason := problem or _unprintable(raw):
        raise ReengageError(f"the headings cannot be read: {reason}", where=f"{path}:{line}")
    return tuple(" ".join(cell.split()) for cell in cells)


def _refuse_repeats(headings: tuple[str, ...], path: Readable) -> None:
    seen: set[str] = set()
    for heading in filter(None, headings):
        if heading in seen:
            raise ReengageError(
                f'the heading "{heading[:60]}" stands twice',
                where=str(path),
                help="rename or remove one of the two columns",
            )
        seen.add(heading)


def _opened(path: Readable, encoding: str) -> TextIOWrapper[BufferedReader]:
    return TextIOWrapper(opened(path), encoding=encoding, errors="surrogateescape", newline="")


def _encoding(path: Readable) -> str:
    """UTF-8, unless the bytes that do not fit it outnumber its multi-byte characters: then cp1252.

    So one broken byte in a UTF-8 file spoils one row, not every accented name in the file.
    """
    wide = broken = 0
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    for text in map(decoder.decode, _blocks(path)):
        wide += 0 if text.isascii() else len(_WIDE.findall(text))
        broken += 0 if text.isascii() else len(_RAW_BYTE.findall(text))
    return "cp1252" if broken * 2 > wide else "utf-8-sig"


def _blocks(path: Readable) -> Iterator[bytes]:
    with opened(path) as file:
        if file.peek(2).startswith(_WIDE_MARKS):
            raise ReengageError("the file is UTF-16", where=str(path), help="save it as CSV UTF-8")
        while block := file.read(_BLOCK):
            yield block


def _unprintable(raw: str) -> str | None:
    if "\0" in raw:
        return "the row holds a NUL character"
    return "the row holds bytes that are no text" if not raw.isascii() and _RAW_BYTE.search(raw) else None


@dataclass
class _Lines:
    """The lines of a file for Python's reader, remembering which of them the present row took."""

    file: TextIOWrapper[BufferedReader]
    number: int = 0
    taken: list[str] = field(default_factory=list)
    back: deque[str] = field(default_factory=deque)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.back.popleft() if self.back else self._read()
        if not line:
            raise StopIteration
        self.number += 1
        self.taken.append(line)
        return line

    def _read(self) -> str:
        line = rest = self.file.readline(LONGEST_LINE)
        while len(rest) == LONGEST_LINE and not rest.endswith(("\n", "\r")):
            rest = self.file.readline(LONGEST_LINE)
        return line

    def start(self) -> int:
        """Begin a row; answers the number of its first line."""
        self.taken.clear()
        return self.number + 1

    def plain(self) -> str | None:
        """The next line where it is a row by itself and every delimiter in it parts two cells; else it stays."""
        line = self.back.popleft() if self.back else self._read()
        if line and '"' not in line and "\0" not in line and len(line) <= _SHORT:
            self.number += 1
            return line
        if line:
            self.back.appendleft(line)
        return None

    def go_back(self) -> None:
        """Read all but the first line of this row again: it was no row."""
        again = self.taken[1:]
        del self.taken[1:]
        self.number -= len(again)
        self.back.extendleft(reversed(again))


_Parsed = tuple[int, list[str], str, int, str | None]
"""Line, cells, raw text, bytes read so far, and what is wrong."""


def _parsed(lines: _Lines, delimiter: str) -> Iterator[_Parsed]:
    while True:
        line = lines.start()
        if (plain := lines.plain()) is not None:
            yield line, plain.rstrip("\r\n").split(delimiter), plain, lines.file.buffer.tell(), None
            continue
        try:
            cells, problem = next(csv.reader(lines, delimiter=delimiter, strict=True)), None
        except StopIteration:
            return
        except csv.Error as error:
            lines.go_back()
            cells, problem = lines.taken, _in_words(error)
        if any(len(taken) >= LONGEST_LINE for taken in lines.taken):
            problem = f"the line is longer than {LONGEST_LINE:,} characters"
        yield line, cells, "".join(lines.taken), lines.file.buffer.tell(), problem


def _in_words(error: csv.Error) -> str:
    text = str(error)
    if "field larger" in text:
        return f"a cell is longer than {csv.field_size_limit():,} characters, or a quote is never closed"
    return "a quote is opened and never closed" if "end of data" in text else "text follows a closing quote"


def _first_row(lines: _Lines, delimiter: str) -> _Parsed | None:
    return next((row for row in _parsed(lines, delimiter) if _is_filled(row)), None)


def _is_filled(row: _Parsed) -> bool:
    return any(map(str.strip, row[1]))


def _first_line(file: TextIOWrapper[BufferedReader]) -> str:
    return next((line for line in _Lines(file) if line.strip()), "")


def _split(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line[: csv.field_size_limit()]], delimiter=delimiter), [])


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
