"""Business hours of one person, with the arithmetic in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from reengage.engine.calendar import Calendar
from reengage.model.base import in_utc

OPENS, CLOSES = time(9), time(17)
"""Business hours where nobody has said others; our choice."""

LONGEST_SEARCH = 400
"""Days after which nobody is found to work any more; no country has that many holidays in a row."""


@dataclass(frozen=True, slots=True)
class DueAt:
    """A moment (UTC) and, in one line, how it was reckoned."""

    moment: datetime
    arithmetic: str


@dataclass(frozen=True, slots=True)
class Hours:
    """When somebody works: on the business days of a calendar, from and until a time of day there.

    Raises ValueError where it closes before it opens.
    """

    calendar: Calendar
    opens: time = OPENS
    closes: time = CLOSES

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError(f"business hours cannot end at {self.closes:%H:%M} and begin at {self.opens:%H:%M}")

    def due_in(self, span: timedelta, at: datetime) -> DueAt:
        """The moment at which so much business time has passed since the minute of `at`.

        Time is counted as it passes: an hour in which the clocks change is an hour. Raises ValueError for a naive
        moment, and where nobody works.
        """
        at = in_utc(at).replace(second=0, microsecond=0)
        left, steps, skipped = span, list[str](), list[date]()
        for day in self._days_from(at):
            if not self.calendar.is_business_day(day):
                skipped.append(day)
                continue
            begins, ends = max(self._at(day, self.opens), at), self._at(day, self.closes)
            if begins >= ends:
                continue
            worked = min(left, ends - begins)
            left -= worked
            steps.append(f"{self._told(begins)} + {_length(worked)}")
            if not left:
                return DueAt(begins + worked, self._sum(span, at, steps, begins + worked, skipped))
        raise ValueError(f"nobody works within {LONGEST_SEARCH} days of {at.date().isoformat()}")

    def _days_from(self, at: datetime) -> Iterator[date]:
        first = self.calendar.local_day(at).toordinal()
        return map(date.fromordinal, range(first, min(first + LONGEST_SEARCH, date.max.toordinal())))

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, ZoneInfo(self.calendar.zone)).astimezone(UTC)

    def _told(self, moment: datetime) -> str:
        return f"{moment.astimezone(ZoneInfo(self.calendar.zone)):%a %-d %b %H:%M}"

    def _sum(self, span: timedelta, at: datetime, steps: list[str], due: datetime, skipped: list[date]) -> str:
        hours = f"{self.opens:%H:%M}-{self.closes:%H:%M} {self.calendar.zone}"
        remarks = self.calendar.remarks(skipped)
        return f"{_length(span)} of {hours} from {self._told(at)}: {', '.join(steps)} = {self._told(due)}{remarks}"


def read_hours(text: str) -> tuple[time, time]:
    """`09:00-17:00` as two times of day; raises ValueError for anything else."""
    opens, dash, closes = text.strip().partition("-")
    try:
        begins, ends = time.fromisoformat(opens.strip()), time.fromisoformat(closes.strip())
    except ValueError:
        dash = ""
    if not dash or begins.tzinfo or ends.tzinfo or begins >= ends:
        raise ValueError(f'"{text[:40]}" are no business hours; write them as in 09:00-17:00')
    return begins, ends


def _length(span: timedelta) -> str:
    hours, minutes = divmod(round(span.total_seconds() / 60), 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "") if part)
