"""The table in the sample book's README, read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_ROW = re.compile(r"^\| (H-\d\d) \| (.+?) \| (.*?) ?\| (.+) \|$")
_SPAN = re.compile(r"(\d)(?:-(\d))? (not held|\w+)")

NOT_HELD = "not held"


@dataclass(frozen=True)
class Line:
    """One contact: the words in `code`, and the outcome of each run; a run that is not named is `no_match`."""

    contact: str
    words: frozenset[str]
    outcomes: tuple[str, ...]


def read_table(path: Path) -> list[Line]:
    """Every contact of the table."""
    rows = (_ROW.match(line) for line in path.read_text(encoding="utf-8").splitlines())
    return [Line(row[1], frozenset(re.findall(r"`(\w[\w-]*)`", row[3])), _outcomes(row[4])) for row in rows if row]


def _outcomes(cell: str) -> tuple[str, ...]:
    found = ["no_match"] * 6
    for part in cell.split(", "):
        span = _SPAN.fullmatch(part)
        assert span is not None, f"cannot read {part!r}"
        for run in range(int(span[1]), int(span[2] or span[1]) + 1):
            found[run - 1] = span[3]
    return tuple(found)
