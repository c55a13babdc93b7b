"""Local time in the database: hours, days and weeks as the clock of each rep shows them, on either database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, case, cast, extract, literal

A_DAY = 24 * 60
"""Minutes."""

_FIRST_MONDAY = date(1969, 12, 29)


def seconds(moment: Any) -> ColumnElement[int]:
    """The whole seconds from 1970 to a column of moments or days."""
    return cast(extract("epoch", moment), BigInteger)


def local_minutes(moment: Any, zone: Any, zones: Iterable[str], first: datetime, last: datetime) -> Any:
    """The minutes from 1970 to a column of moments, on the clock of the zone that stands in another column.

    `zones` are all that may stand there, `first` and `last` the moments between which the column lies.
    """
    whole = cast(extract("epoch", moment) - extract("second", moment), BigInteger)  # as only one of the two rounds
    offsets = [(zone == name, _offset(moment, eras(ZoneInfo(name), first, last))) for name in sorted(set(zones))]
    return whole // 60 + (case(*offsets, else_=0) if offsets else literal(0))


def _offset(moment: Any, found: Iterable[tuple[datetime, int]]) -> Any:
    """The minutes by which the clocks of a zone are ahead at a moment."""
    *earlier, (_, now) = found
    return case(*((moment < until, offset) for until, offset in earlier), else_=now) if earlier else literal(now)


def eras(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[tuple[datetime, int]]:
    """The offsets of a zone between two moments in order, in minutes, each with the moment at which it ends."""
    moment, offset = first.astimezone(UTC), _minutes(zone, first)
    while moment < last:
        later = moment + timedelta(days=1)
        if _minutes(zone, later) != offset:
            later = _change(zone, moment, later)
            yield later, offset
            offset = _minutes(zone, later)
        moment = later
    yield last, offset


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The minute between two moments at which the clocks change."""
    offset = _minutes(zone, before)
    low, high = (int(moment.timestamp()) // 60 for moment in (before, after))
    while high - low > 1:
        middle = (low + high) // 2
        same = _minutes(zone, datetime.fromtimestamp(middle * 60, UTC)) == offset
        low, high = (middle, high) if same else (low, middle)
    return datetime.fromtimestamp(high * 60, UTC)


def _minutes(zone: ZoneInfo, moment: datetime) -> int:
    ahead = moment.astimezone(zone).utcoffset() or timedelta()
    return round(ahead.total_seconds() / 60)


def hour_of(minutes: Any) -> Any:
    """The hour of the day, 0 to 23."""
    return minutes // 60 % 24


def day_of(minutes: Any) -> Any:
    """The day, counted from 1970."""
    return minutes // A_DAY


def week_of(day: Any) -> Any:
    """The week from Monday to Sunday, counted from the one in which 1970 began."""
    return (day + 3) // 7


def week_name(number: int) -> str:
    """A counted week as ISO 8601 calls it: `2026-W10`."""
    year, week, _ = (_FIRST_MONDAY + timedelta(weeks=number)).isocalendar()
    return f"{year}-W{week:02}"
