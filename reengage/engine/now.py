"""The moment of judgement, handed in from outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Now:
    """A moment (UTC) and the project's time zone, in which dates are read."""

    at: datetime
    zone: str = "UTC"

    @property
    def today(self) -> date:
        """The local date."""
        return self.day_of(self.at)

    def day_of(self, moment: datetime) -> date:
        """The local date of another moment."""
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def start_of(self, day: date) -> datetime:
        """When a local day begins."""
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(self.at.tzinfo)
