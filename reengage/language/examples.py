"""`rules/reading/examples.csv`: answers as people gave them, each with what it was, for whatever no phrase finds."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reengage.language.diagnostic import Diagnostic, quoted
from reengage.language.phrases import SAYINGS
from reengage.language.plainfile import read_plain
from reengage.language.tree import Position
from reengage.language.values import nearest

FILE = "examples.csv"
COLUMNS = ["answer", "words"]
MOST_BYTES, MOST_SHOWN = 4 << 20, 20
"""The largest file, some 40,000 answers, and the problems in it that are told one by one; our choice."""


@dataclass(frozen=True, slots=True)
class Example:
    """An answer as somebody gave it, and what it is: a response, or that somebody has left."""

    answer: str
    words: str


Examples = tuple[Example, ...]


def read_examples(folder: Path, name: str) -> tuple[Examples, tuple[Diagnostic, ...]]:
    """The examples of a folder of rules, with what is wrong with them; a project may do without."""
    path, place = folder / FILE, f"{name}/{FILE}"
    if not path.exists():
        return (), ()
    try:
        content = read_plain(path, MOST_BYTES)
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error.strerror)
        return (), (_problem(place, 1, f"the file cannot be read: {why}", "save it as CSV in UTF-8"),)
    if len(content) > MOST_BYTES:
        return (), (_problem(place, 1, "the file is too large", f"it may have {MOST_BYTES >> 20} MiB"),)
    return _rows(csv.reader(io.StringIO(text, newline="")), place)


def _rows(rows: Any, place: str) -> tuple[Examples, tuple[Diagnostic, ...]]:
    examples: list[Example] = []
    problems: list[Diagnostic] = []
    try:
        heading: list[str] = next(rows, [])
        if heading != COLUMNS:
            return (), (_problem(place, 1, "the heading is not answer,words", "write it into the first line"),)
        for row in filter(None, rows):
            if len(row) == len(COLUMNS) and row[0] in SAYINGS and row[1].strip():
                examples.append(Example(row[0], row[1]))
            elif len(problems) < MOST_SHOWN:
                problems.append(_wrong(row, place, rows.line_num))
    except csv.Error as error:
        problems.append(_problem(place, rows.line_num, f"the file is no CSV: {error}", "save it as CSV in UTF-8"))
    return tuple(examples), tuple(problems)


def _wrong(row: list[str], place: str, line: int) -> Diagnostic:
    if len(row) != len(COLUMNS):
        return _problem(place, line, f"{len(row)} cells stand here, not two", "put words with a comma in quotes")
    if row[0] not in SAYINGS:
        meant = nearest(row[0], SAYINGS)
        help = f"did you mean {quoted(meant)}?" if meant else f"one of {', '.join(SAYINGS)}"
        return _problem(place, line, f"unknown answer {quoted(row[0])}", help)
    return _problem(place, line, "the words are missing", "write what they said, or remove the line")


def _problem(place: str, line: int, message: str, help: str) -> Diagnostic:
    return Diagnostic(Position(place, line, 1), message, "wrong-value", help)
