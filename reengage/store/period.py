"""Which days a report is about, and whose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, true


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day (None: as far back as there is anything) to the last one, as the zone has them.

    With a `rep` it is about this rep alone.
    """

    first: date | None
    last: date
    zone: str = "UTC"
    rep: str | None = None

    @property
    def begins(self) -> datetime | None:
        """The moment at which it begins."""
        return self._midnight(self.first) if self.first else None

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        return self._midnight(self.last + timedelta(days=1))

    def has(self, moment: Any) -> ColumnElement[bool]:
        """Whether a column of moments lies in it."""
        return and_(moment < self.ends, moment >= self.begins if self.begins else true())

    def has_day(self, day: Any) -> ColumnElement[bool]:
        """Whether a column of days lies in it."""
        return and_(day <= self.last, day >= self.first if self.first else true())

    def is_of(self, rep: Any) -> ColumnElement[bool]:
        """Whether a column of reps names the one it is about."""
        return rep == self.rep if self.rep else true()

    def _midnight(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.zone)).astimezone(UTC)
