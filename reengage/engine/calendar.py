"""Business days of one place, with the arithmetic in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from reengage.language.tree import Span
from reengage.model.base import in_utc

_WEEKEND = frozenset({5, 6})
_NAMED_WEEKEND_DAYS = 4


@dataclass(frozen=True, slots=True)
class Due:
    """A day and, in one line, how it was reckoned."""

    day: date
    arithmetic: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """The business days of a time zone (IANA name) and a country (ISO 3166 alpha-2; None: weekends only).

    A country whose holidays are not known counts weekends only, and the arithmetic says so.
    Raises ValueError for a zone that does not exist.
    """

    zone: str
    country: str | None = None

    def __post_init__(self) -> None:
        _zone(self.zone)

    def local_day(self, moment: datetime) -> date:
        """The date there at this moment; raises ValueError for a naive moment and outside the years 1 to 9999."""
        try:
            return in_utc(moment).astimezone(_zone(self.zone)).date()
        except OverflowError as error:
            raise ValueError(f"{moment.isoformat()} is outside the years 1 to 9999 in {self.zone}") from error

    def add_business_days(self, start: date, n: int) -> Due:
        """The n-th business day after `start`; with 0 `start` itself, or the next business day.

        Raises ValueError for fewer than 0 days and past the year 9999.
        """
        if n < 0:
            raise ValueError(f"{n} business days lie in the past")
        return _count(self, Span(n, "business day"), start, start.toordinal() + min(n, 1), max(n, 1))

    def due_on(self, span: Span, at: datetime) -> Due:
        """The day a span after `at`; days, weeks, months and years are moved on to the next business day."""
        start = self.local_day(at)
        if span.unit == "business day":
            return self.add_business_days(start, span.count)
        try:
            target = span.after(datetime.combine(start, time.min, UTC))
        except (ValueError, OverflowError) as error:
            raise _too_far(span, start) from error
        return _count(self, span, start, target.toordinal(), 1)

    def is_business_day(self, day: date) -> bool:
        """Whether people there work on this day."""
        year = _year(self.country, day.year)
        return day in year.worked or not (day.weekday() in year.weekend or day in year.holidays)

    def remarks(self, skipped: Sequence[date]) -> str:
        """What was passed over: holidays by name, weekends by date unless they are many."""
        feasts = [(day, name) for day in skipped if (name := _year(self.country, day.year).holidays.get(day))]
        weekend = [day for day in skipped if day not in dict(feasts)]
        remarks = [_weekend_words(weekend)] if weekend else []
        remarks += [f"{_short(day)} {day:%b} {name}" for day, name in feasts]
        if not is_known(self.country):
            remarks.append(f"holidays of {self.country} are not known" if self.country else "no country, no holidays")
        return f" ({'; '.join(remarks)})" if remarks else ""


@lru_cache(maxsize=4096)
def _count(calendar: Calendar, span: Span, start: date, first: int, n: int) -> Due:
    """The n-th business day, counting the day with the ordinal `first` as a candidate; many tasks ask the same."""
    skipped: list[date] = []
    for day in map(date.fromordinal, range(first, date.max.toordinal() + 1)):
        if not calendar.is_business_day(day):
            skipped.append(day)
        elif (n := n - 1) == 0:
            return Due(day, f"{span} after {_long(start)}: {_long(day)}{calendar.remarks(skipped)}")
    raise _too_far(span, start)


@dataclass(frozen=True, slots=True)
class _Year:
    holidays: dict[date, str]
    weekend: frozenset[int]
    worked: frozenset[date]


def is_known(country: str | None) -> bool:
    """Whether the holidays of a country (ISO 3166 alpha-2) are known."""
    return bool(country and re.fullmatch("[A-Za-z]{2}", country)) and str(country).upper() in _countries()


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries())


@lru_cache(maxsize=512)
def _year(country: str | None, year: int) -> _Year:
    if country is None or not is_known(country):
        return _Year({}, _WEEKEND, frozenset())
    table = holidays.country_holidays(country.upper(), years=[year], language="en_US", expand=False)
    return _Year(dict(table.items()), frozenset(table.weekend), frozenset(table.weekend_workdays))


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(
            f'"{name[:40]}" is not a time zone; write it as in Europe/London or America/New_York'
        ) from error


def _too_far(span: Span, start: date) -> ValueError:
    return ValueError(f"{span} after {start.isoformat()} is past the year 9999")


def _short(day: date) -> str:
    return f"{day:%a} {day.day}"


def _long(day: date) -> str:
    return f"{_short(day)} {day:%b} {day.year}"


def _weekend_words(days: Sequence[date]) -> str:
    if len(days) > _NAMED_WEEKEND_DAYS:
        return f"{len(days)} weekend days"
    return f"{', '.join(map(_short, days))} no work"
