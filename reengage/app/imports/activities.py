"""What reps did on a day, in totals: e-mails, dials and other things that are theirs to decide."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from reengage.app.imports.headings import Kind
from reengage.app.imports.sheet import Progress, Report, Row, Unusable, open_sheet, read_day, take
from reengage.app.project import Project
from reengage.language.diagnostic import quoted
from reengage.model.base import in_utc
from reengage.people.identifiers import canonical_email
from reengage.store import activities
from reengage.store.activities import COUNTS, Day
from reengage.store.database import Database

ACTIVITIES = Kind("activities", ("rep_email", "day", *COUNTS), required=("rep_email", "day"))

MOST = 100_000
"""The largest number of anything that one rep does in one day; our choice: more is a total of something else."""

FARTHEST_EAST = timedelta(hours=14)
"""How far ahead of UTC a day begins somewhere."""

_WHOLE = re.compile(r"[0-9]{1,9}(?:\.0+)?")


def import_activities(
    database: Database, project: Project, path: Path, at: datetime, progress: Progress | None = None
) -> Report:
    """Take in a file of activities, a row per rep and day; an empty cell keeps what was known.

    What another row of the same file says differently of the same rep and day is kept back.
    """
    seen: dict[Day, tuple[int, dict[str, int]]] = {}

    def write(connection: Connection, rows: list[Row], report: Report) -> None:
        told: dict[Day, dict[str, int]] = {}
        for row in rows:
            try:
                key, counts = _parse(row, at)
                _refuse_another(seen.setdefault(key, (row.line, counts)), counts)
            except Unusable as error:
                report.bad.append((row.line, str(error)))
            else:
                told[key] = counts
        report.changed += activities.put(connection, told, at)

    return take(database, open_sheet(path, ACTIVITIES, project), at, write, progress)


def _parse(row: Row, at: datetime) -> tuple[Day, dict[str, int]]:
    email, day = canonical_email(row.get("rep_email") or ""), read_day(row, "day")
    if email is None or day is None:
        raise Unusable("day is empty" if email else "rep_email cannot be read")
    _refuse_far(day, at)
    counts = {name: _count(name, text) for name in COUNTS if (text := row.get(name)) is not None}
    if not counts:
        raise Unusable("no number is given")
    return (email, day), counts


def _refuse_far(day: date, at: datetime) -> None:
    if day > (in_utc(at) + FARTHEST_EAST).date():
        raise Unusable(f"day {day} lies in the future")
    if day.year < 1970:
        raise Unusable(f"day {day} lies before 1970")


def _count(name: str, text: str) -> int:
    if text.startswith("-"):
        raise Unusable(f"{name} {quoted(text)} is less than nothing")
    if not _WHOLE.fullmatch(text):
        raise Unusable(f"{name} {quoted(text)} is not a whole number")
    number = int(float(text))
    if number > MOST:
        raise Unusable(f"{name} {number:,} is more than one rep does in a day")
    return number


def _refuse_another(first: tuple[int, dict[str, int]], counts: dict[str, int]) -> None:
    line, before = first
    if counts != before:
        raise Unusable(f"line {line} says something else of the same rep and day")
