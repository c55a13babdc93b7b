"""How a file is written: every cell made harmless in one place, whatever the target puts into it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Protocol

from reengage.model.text import clean_lines

Row = Mapping[str, Any]

PIECE = 500
"""Lines of a file that are written at a time."""

_WIDE_TRIGGERS = "\uff1d\uff0b\uff0d\uff20"
"""The full-width = + - @, which some spreadsheets read like the narrow ones."""


class Form(Protocol):
    """A way to turn rows into the bytes of a file."""

    @property
    def suffix(self) -> str:
        """How the file's name ends."""

    def write(self, columns: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
        """The file, piece by piece."""


@dataclass(frozen=True, slots=True)
class Csv:
    """Comma-separated values: RFC 4180 quotes, UTF-8, LF inside a cell whatever ends a line."""

    delimiter: str = ","
    newline: str = "\n"
    bom: bool = False
    suffix: str = "csv"

    def write(self, columns: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
        """A heading, then a line for each row."""
        out = io.StringIO("\ufeff" if self.bom else "")
        out.seek(0, io.SEEK_END)
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator=self.newline)
        lines = chain((columns,), ([cell(row.get(name)) for name in columns] for row in rows))
        while some := list(islice(lines, PIECE)):
            writer.writerows(some)
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()


@dataclass(frozen=True, slots=True)
class JsonLines:
    """One JSON object per line, UTF-8; a field that the row has not is left out."""

    suffix: str = "jsonl"

    def write(self, columns: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
        """A line for each row."""
        for row in rows:
            known = {name: row[name] for name in columns if name in row}
            yield json.dumps(known, ensure_ascii=False, default=str).encode() + b"\n"


def cell(value: object) -> str:
    """A value as a cell: it begins with none of = + - @, tab or line end, and LF is its only control character."""
    text = "" if value is None else str(value)
    if not text or (text[0].isalnum() and text[-1] != " " and text.isascii() and text.isprintable()):
        return text  # as nearly all are: nothing to be made harmless
    text = clean_lines(text).replace("\t", " ")
    while text[:1] and text[0] in _WIDE_TRIGGERS:
        text = clean_lines(text[1:])
    return text
