"""How long a vendor wants us to wait: whatever it says becomes a moment before which it is not asked again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from reengage.sources.expression import Expression
from reengage.sources.rest.request import RateLimit

HEADERS = ("Retry-After", "RateLimit-Reset", "X-RateLimit-Reset", "X-Rate-Limit-Reset")
"""Where vendors say it, in the order in which they are believed."""

UNSAID = timedelta(minutes=5)
"""How long to wait where a vendor says no more than that it is too much; our choice."""

LONGEST = timedelta(days=1)
"""The longest wait believed: a wrong header must not silence a source for ever, and one call a day costs little."""

_SECONDS = re.compile(r"[0-9]{1,16}(\.[0-9]{1,9})?")
_OLDEST_MOMENT = 1_000_000_000
"""From here on a number is a moment in seconds since 1970 (2001), not a number of seconds to wait (31 years)."""


def not_before(headers: Mapping[str, str], body: bytes, limit: RateLimit, now: datetime) -> datetime:
    """The moment in UTC from which on the vendor may be asked again, from `now` to a day later."""
    said = next(_said(headers, body, limit, now), now + UNSAID)
    return min(max(said, now), now + LONGEST).astimezone(UTC)


def moment_said(text: str, now: datetime) -> datetime | None:
    """A moment from seconds to wait, seconds or milliseconds since 1970, an HTTP date or ISO 8601; None for others."""
    text = text.strip()
    if _SECONDS.fullmatch(text):
        return _from_number(float(text), now)
    for read in _READINGS:
        with suppress(ValueError, OverflowError, TypeError, LookupError):
            moment = read(text)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


_READINGS: tuple[Callable[[str], datetime], ...] = (datetime.fromisoformat, parsedate_to_datetime)


def _from_number(number: float, now: datetime) -> datetime:
    """Small numbers are seconds to wait, large ones a moment, the largest in milliseconds."""
    if number < _OLDEST_MOMENT:
        return now + timedelta(seconds=number)
    with suppress(ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(number / (1000 if number >= _OLDEST_MOMENT * 1000 else 1), UTC)
    return now + LONGEST


def _said(headers: Mapping[str, str], body: bytes, limit: RateLimit, now: datetime) -> Iterator[datetime]:
    """What the vendor says, first where the user told us to look."""
    yield from _in_headers(headers, (limit.header,) if limit.header else (), now)
    for expression, unit in ((limit.wait_s, 1), (limit.wait_ms, 1000)):
        wait = _number_in(body, expression) if expression else None
        if wait is not None:
            yield now + timedelta(seconds=min(wait / unit, LONGEST.total_seconds()))
    yield from _in_headers(headers, HEADERS, now)


def _in_headers(headers: Mapping[str, str], names: tuple[str, ...], now: datetime) -> Iterator[datetime]:
    moments = (moment_said(headers.get(name, ""), now) for name in names)
    return filter(None, moments)


def _number_in(body: bytes, expression: Expression) -> float | None:
    """The number from 0 on that the expression finds in a JSON body, None where it finds none."""
    with suppress(ValueError, OverflowError, RecursionError):
        answer = json.loads(body)
        found = expression.of(answer) if isinstance(answer, dict) else None
        return float(found) if isinstance(found, int | float) and found >= 0 else None
    return None
