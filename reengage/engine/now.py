"""The moment of judgement, handed in from outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Now:
    """A moment (UTC) and the project's time zone, in which dates are read."""

    at: datetime
    zone: str = "UTC"

    @cached_property
    def today(self) -> date:
        """The local date."""
        return self.day_of(self.at)

    def day_of(self, moment: datetime) -> date:
        """The local date of another moment."""
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def start_of(self, day: date) -> datetime:
        """When a local day begins."""
        return _start_of(day, self.zone)


@lru_cache(4096)
def _start_of(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
