"""Schedules: five cron fields, read strictly, and the instants they name in a time zone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from croniter import CroniterError, croniter

from reengage.language.diagnostic import quoted
from reengage.language.values import NotUnderstood, advice

MAX_LENGTH = 128
"""The longest schedule read, in characters; our choice, it bounds the work."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_PART = re.compile(r"(?:\*|(?P<low>[a-z0-9]+)(?:-(?P<high>[a-z0-9]+))?)(?:/(?P<step>[0-9]{1,2}))?")
_LEAP_YEAR = datetime(2024, 1, 1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31),
    _Field("month", 1, 12, ("", *_MONTHS)),
    _Field("day of week", 0, 7, (*_DAYS, "sun")),
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something is due, on the wall clock of a zone named at each call.

    A local time happens once: in the gap of a clock change at the first valid instant, in an overlap at the earlier
    one. Local times of one gap share that instant.
    """

    text: str

    @classmethod
    def parse(cls, text: str) -> Schedule:
        """Read five fields (minute, hour, day of month, month, day of week); raises NotUnderstood."""
        if len(text) > MAX_LENGTH or not text.isascii():
            raise NotUnderstood(f"a schedule has at most {MAX_LENGTH} plain characters", help=_EXAMPLE)
        words = text.lower().split()
        if len(words) != len(_FIELDS):
            raise NotUnderstood(f"{quoted(text)} is not a schedule of five fields", help=_EXAMPLE)
        for word, field in zip(words, _FIELDS, strict=True):
            _check(word, field)
        if words[2] != "*" and words[4] != "*":
            raise NotUnderstood(
                "a schedule names a day of the month or a day of the week, not both", help="make one a *"
            )
        return cls._that_comes(" ".join(words))

    @classmethod
    def _that_comes(cls, text: str) -> Schedule:
        try:
            croniter(text, _LEAP_YEAR).get_next(datetime)
        except CroniterError:
            raise NotUnderstood(
                f"{quoted(text)} names a day that never comes", help="see day of month and month"
            ) from None
        return cls(text)

    def slots(self, after: datetime, until: datetime, zone: str) -> Iterator[datetime]:
        """The instants after one moment and up to another, in UTC; raises ZoneInfoNotFoundError for an unknown zone."""
        there = ZoneInfo(zone)
        last = after.astimezone(UTC)
        for local in self._local_times(after.astimezone(there).replace(tzinfo=None)):
            instant = _instant(local, there)
            if instant > until:
                return
            if instant > last:
                last = instant
                yield instant

    def latest(self, at: datetime, zone: str) -> datetime | None:
        """The last instant up to a moment, in UTC, or None; raises ZoneInfoNotFoundError for an unknown zone."""
        there = ZoneInfo(zone)
        try:
            ahead = at.astimezone(there).replace(tzinfo=None, second=0, microsecond=0) + _MINUTE
            found = _instant(croniter(self.text, ahead).get_prev(datetime), there)
        except (ValueError, OverflowError):  # the beginning or the end of the calendar
            return None
        return max(self.slots(found, at, zone), default=found)  # in an overlap later local times may have been

    def _local_times(self, after: datetime) -> Iterator[datetime]:
        times = croniter(self.text, after)
        try:
            while True:
                yield times.get_next(datetime)
        except (ValueError, OverflowError):  # the end of the calendar
            return


_EXAMPLE = 'write "0 7 * * mon-fri" for seven o\'clock on working days'


def _check(word: str, field: _Field) -> None:
    """Refuse what is outside the grammar: lists of *, a, a-b, */n and a-b/n."""
    for part in word.split(","):
        found = _PART.fullmatch(part)
        if found is None or (found["step"] and found["low"] and not found["high"]):
            raise NotUnderstood(f"{quoted(part)} cannot be a {field.name}", help="write *, 5, 1-5, */10 or 1-30/10")
        low = _value(found["low"], field) if found["low"] else field.low
        high = _value(found["high"], field) if found["high"] else low
        step = int(found["step"] or 1)
        if low > high or not 1 <= step <= field.high:
            raise NotUnderstood(
                f"{quoted(part)} names no {field.name}",
                help="write the lower end first (Sunday is 0 or 7), and a step that fits",
            )


def _value(word: str, field: _Field) -> int:
    if word in field.names:
        return field.names.index(word)
    if word.isdigit() and len(word) <= 2 and field.low <= int(word) <= field.high:
        return int(word)
    if not word.isdigit() and field.names:
        raise NotUnderstood(f"{quoted(word)} is no {field.name}", help=advice(word, tuple(filter(None, field.names))))
    raise NotUnderstood(f"{quoted(word)} is no {field.name}", help=f"from {field.low} to {field.high}")


def _instant(local: datetime, zone: ZoneInfo) -> datetime:
    """A local time as an instant: the earlier of two, and where there is none the end of the gap."""
    earlier = local.replace(tzinfo=zone).astimezone(UTC)
    later = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if earlier <= later:
        return earlier
    return _end_of_gap(later, earlier, zone)


def _end_of_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The instant of the clock change between two instants, found by halving down to one second."""
    new_offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == new_offset:
            after = middle
        else:
            before = middle
    return after
