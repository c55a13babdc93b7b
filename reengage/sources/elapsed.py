"""Times that are counted by a clock, as connectors write them: `30 seconds`, `6 hours`, `7 days`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from reengage.language.diagnostic import quoted
from reengage.language.values import NotUnderstood

_WRITTEN = re.compile(r"(0|[1-9][0-9]{0,5}) (second|minute|hour|day)s?")


def elapsed(most: timedelta, example: str, least: timedelta = timedelta(0)) -> Callable[[str], timedelta]:
    """A parser of times from `least` up to `most`; it raises NotUnderstood with the example."""

    def parse(text: str) -> timedelta:
        written = _WRITTEN.fullmatch(text)
        if written is None:
            raise NotUnderstood(f"{quoted(text)} is no such time", help=f"for example {quoted(example)}")
        found = timedelta(**{f"{written[2]}s": int(written[1])})
        if found < least:
            raise NotUnderstood(f"{quoted(text)} is too short", help=f"at least {told(least)}")
        if found > most:
            raise NotUnderstood(f"{quoted(text)} is too long", help=f"at most {told(most)}")
        return found

    return parse


def told(time: timedelta) -> str:
    """A time as it is written in a file, in the largest unit that fits."""
    seconds = int(time.total_seconds())
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size} {unit}{'' if seconds == size else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"
