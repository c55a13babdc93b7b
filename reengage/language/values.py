"""From text to value: durations, numbers, flags, dates and words, each with one spelling and advice for the others."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Sequence
from datetime import date
from functools import lru_cache
from typing import get_args

from reengage.language.diagnostic import quoted
from reengage.language.tree import Span, Unit
from reengage.model.errors import ReengageError

LONGEST: dict[Unit, int] = {"day": 7300, "week": 1040, "month": 240, "year": 20, "business day": 260}
"""The longest duration of each unit: 20 years, and one year of business days; our choice, it keeps dates in range."""

_SPAN = re.compile(r"([0-9]{1,6}) (business day|day|week|month|year)(s?)")
_LOOSE_SPAN = re.compile(r"([0-9]{1,6})[ _-]*([a-z_ ]+)")
_UNITS: dict[str, Unit] = {
    **dict.fromkeys(("d", "day", "days"), "day"),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), "week"),
    **dict.fromkeys(("m", "mo", "mon", "mths", "month", "months"), "month"),
    **dict.fromkeys(("y", "yr", "yrs", "year", "years"), "year"),
    **dict.fromkeys(("bd", "business day", "business days", "working day", "working days", "workdays"), "business day"),
}
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_FLAGS = {"true": True, "false": False}
_LOOSE_FLAGS = {**dict.fromkeys(("yes", "y", "on", "1"), "true"), **dict.fromkeys(("no", "n", "off", "0"), "false")}


class NotUnderstood(ReengageError):
    """A text that is no value of the kind asked for, and what to write instead."""

    help: str

    def __init__(self, message: str, *, help: str) -> None:
        super().__init__(message, help=help)


@lru_cache(16_384)
def fold_text(text: str) -> str:
    """Text as rules compare it: without regard to case and to runs of white space."""
    return " ".join(text.split()).casefold()


def nearest(word: str, known: Collection[str]) -> str | None:
    """The known word that this one was probably meant to be, or None."""
    folded = {candidate.casefold().replace("-", "_"): candidate for candidate in known}
    close = difflib.get_close_matches(
        word.strip()[:80].casefold().replace("-", "_").replace(" ", "_"), folded, n=1, cutoff=0.7
    )
    return folded[close[0]] if close else None


def advice(word: str, known: Collection[str]) -> str:
    """Help for an unknown word: the nearest known one, or all of them."""
    meant = nearest(word, known)
    listed = f"expected one of {', '.join(known)}" if known else "there is none yet"
    return f"did you mean {quoted(meant)}?" if meant else listed


def choice(text: str, known: Sequence[str]) -> str:
    """One of the known words, spelled exactly; raises NotUnderstood with the nearest one."""
    if text in known:
        return str(text)
    raise NotUnderstood(f"unknown word {quoted(text)}", help=advice(text, known))


def span(text: str) -> Span:
    """A duration such as `14 days`, `3 months` or `2 business days`; raises NotUnderstood with the right spelling."""
    written = _SPAN.fullmatch(text)
    if written is None or (written[3] == "") != (int(written[1]) == 1):
        raise NotUnderstood(f"{quoted(text)} is not a duration", help=_span_advice(text))
    return _in_range(Span(int(written[1]), _UNITS[written[2]]))


def calendar_span(text: str) -> Span:
    """A duration in days, weeks, months or years; raises NotUnderstood for business days."""
    result = span(text)
    if result.unit == "business day":
        raise NotUnderstood(
            'business days can only be used for "due"', help='write days or weeks, for example "14 days"'
        )
    return result


def _in_range(result: Span) -> Span:
    longest = LONGEST[result.unit]
    if result.count > longest:
        raise NotUnderstood(f"{result} is too long", help=f"at most {Span(longest, result.unit)}")
    return result


def _span_advice(text: str) -> str:
    loose = _LOOSE_SPAN.fullmatch(text.strip().casefold())
    unit = _UNITS.get(loose[2].strip().replace("_", " ")) if loose else None
    if loose and unit:
        return f'did you mean "{Span(int(loose[1]), unit)}"?'
    if loose and loose[2].strip() in {"h", "hour", "hours", "min", "minute", "minutes"}:
        return 'the smallest unit is a day: "1 day"'
    return f'write a number and a unit, for example "14 days"; units: {", ".join(get_args(Unit))}'


def number(text: str) -> int | float:
    """A plain decimal number of at most 15 digits; raises NotUnderstood."""
    if _NUMBER.fullmatch(text):
        value = float(text)
        return int(value) if value.is_integer() else value
    bare = text.strip(" %€$£+").replace(",", "").replace("_", "")
    help = f'did you mean "{bare}"?' if _NUMBER.fullmatch(bare) else 'write digits only, for example "70"'
    raise NotUnderstood(f"{quoted(text)} is not a number", help=help)


def whole_number(text: str) -> int:
    """A whole number from 0 on; raises NotUnderstood."""
    value = number(text)
    if not isinstance(value, int) or value < 0:
        raise NotUnderstood(f"{quoted(text)} is not a whole number", help="write digits alone, for example 3")
    return value


def flag(text: str) -> bool:
    """`true` or `false`; raises NotUnderstood."""
    if text in _FLAGS:
        return _FLAGS[text]
    meant = _LOOSE_FLAGS.get(text.casefold(), text.casefold())
    help = f"did you mean {meant}?" if meant in _FLAGS else "write true or false"
    raise NotUnderstood(f"{quoted(text)} is neither true nor false", help=help)


def day(text: str) -> date:
    """A calendar day such as `2026-03-01`; raises NotUnderstood."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        raise NotUnderstood(
            f"{quoted(text)} is not a day of the calendar", help="write a day that the month has"
        ) from None
    raise NotUnderstood(f"{quoted(text)} is not a date", help="write year-month-day, for example 2026-03-01")


def slug(text: str) -> str:
    """An id: small letters, digits, "-" and "_", at most 64; raises NotUnderstood with a spelling that would do."""
    if _SLUG.fullmatch(text):
        return text
    bare = re.sub(r"[^a-z0-9_]+", "-", text.casefold())[:64].strip("-_")
    help = "use small letters, digits and -" + (f', for example "{bare}"' if bare else "")
    raise NotUnderstood(f"{quoted(text)} cannot be an id", help=help)


def line_of_text(text: str) -> str:
    """Text of one line, at most 500 characters; raises NotUnderstood."""
    if len(text) > 500:
        raise NotUnderstood("this text is longer than 500 characters", help="say it in fewer words")
    if not text.strip() or not text.isprintable():
        raise NotUnderstood("this text must be one line, without control characters", help="write it on one line")
    return text


def any_text(text: str) -> str:
    """Text of any number of lines, at most 5,000 characters; raises NotUnderstood."""
    if len(text) > 5000:
        raise NotUnderstood("this text is longer than 5000 characters", help="say it in fewer words")
    return text
