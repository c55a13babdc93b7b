"""From the dates of vendors to moments in UTC."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

EARLIEST, LATEST = 1970, 2199
"""Years we believe; year 1 is what some systems write for no date at all."""


SINCE_1970 = {"unix_s": timedelta(seconds=1), "unix_ms": timedelta(milliseconds=1)}
"""Formats that are no pattern: whole seconds or milliseconds since 1970."""

_REMEMBERED = 10_000

LONGEST_FORMAT = 100
"""Characters of the format of a date; our choice."""


def moment_of(text: str, formats: Sequence[str] = (), zone: str | None = None) -> datetime:
    """A moment in UTC from ISO 8601 or one of the formats, `strptime`'s or those of SINCE_1970, which are tried first.

    A time without offset is one of the zone (IANA name), a day alone its first moment there.
    Raises ValueError, quoting the text, for anything else, and for no offset where there is no zone.
    """
    parsed = _iso(text) if not formats else next(_readings(text, formats), None)
    if parsed is None:
        raise ValueError(f'"{text[:40]}" is not a date')
    if parsed.tzinfo is None and zone is None:
        raise ValueError(f'"{text[:40]}" has no offset; a moment reads 2026-10-01T09:00:00Z')
    if not EARLIEST <= parsed.year <= LATEST:
        raise ValueError(f'"{text[:40]}" is not between {EARLIEST} and {LATEST}')
    if parsed.tzinfo is UTC:
        return parsed
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=ZoneInfo(zone or "UTC"))).astimezone(UTC)


def is_date_format(text: str) -> bool:
    """Whether it is a format of SINCE_1970, or one of `strptime` that reads back at least the day that it writes."""
    day = datetime(2026, 11, 23, tzinfo=UTC)
    try:
        return text in SINCE_1970 or (
            len(text) <= LONGEST_FORMAT and datetime.strptime(day.strftime(text), text).date() == day.date()
        )
    except (ValueError, re.error):  # strptime makes a pattern of it, and some are none
        return False


def _readings(text: str, formats: Sequence[str]) -> Iterator[datetime]:
    for form in formats:
        with suppress(ValueError, OverflowError):
            yield _since_1970(text, SINCE_1970[form]) if form in SINCE_1970 else _patterned(text, form)
    if found := _iso(text):
        yield found


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


@lru_cache(_REMEMBERED)
def _patterned(text: str, form: str) -> datetime:
    """The same days stand in row after row; raises ValueError for another form."""
    return datetime.strptime(text, form)


def _since_1970(text: str, unit: timedelta) -> datetime:
    """Raises ValueError for what is no whole number, OverflowError for years out of reach."""
    if not (text.isascii() and text.isdigit() and len(text) <= 16):
        raise ValueError("not a whole number")
    return datetime(1970, 1, 1, tzinfo=UTC) + int(text) * unit
