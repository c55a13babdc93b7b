"""Dates that people name in passing ("after Easter", "Q1 next year", "in 6 weeks"), as spans of days."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from dateutil.easter import easter
from dateutil.relativedelta import relativedelta

from reengage.intake.reading.matching import Spot
from reengage.intake.reading.terms import Mark, marks_of
from reengage.intake.reading.tokens import Token
from reengage.language.phrases import Phrases

FURTHEST = relativedelta(years=5)
"""A date further away is not believed; our choice."""

MOST_MARKS_BEFORE = 3
"""Words before a date among which "after", "until" or "since" is looked for."""


@dataclass(frozen=True, slots=True)
class When:
    """From when dates are reckoned: the local day on which a message came, and the month a fiscal year begins with."""

    day: date
    fiscal_year_starts: int = 1


class Relation(StrEnum):
    """How a span of days is mentioned: as such, as what must pass first, as what things last until, as past."""

    IN = "in"
    AFTER = "after"
    UNTIL = "until"
    PAST = "past"


class Span(NamedTuple):
    """A first and a last day."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Named:
    """A time named in a text: `starts` is the first day on which to call back, `ends` its last; None where it is past,
    too far away or cannot be told. `bare` is a word alone that may mean something else ("may", "march"), `ranged`
    the second half of "from … to …"."""

    spot: Spot
    relation: Relation
    starts: date | None
    ends: date | None
    bare: bool = False
    ranged: bool = False


def dates_in(text: str, tokens: Sequence[Token], phrases: Phrases, when: When) -> tuple[Named, ...]:
    """The times that a text names, in their order."""
    marks = marks_of(text, tokens, phrases)
    letters = "".join(mark.letter for mark in marks)
    return tuple(_named(marks, letters, found, shape, when) for found, shape in _shapes_in(letters))


@dataclass(frozen=True, slots=True)
class Shape:
    """One way to write a date: its letters, and the spans it may mean, earliest first; `sure` needs no word before."""

    letters: re.Pattern[str]
    spans: Callable[[Sequence[Mark], When], Iterator[Span]]
    sure: bool = True


def _shapes_in(letters: str) -> Iterator[tuple[re.Match[str], Shape]]:
    place = 0
    while place < len(letters):
        tried = ((shape.letters.match(letters, place), shape) for shape in _SHAPES)
        found, shape = next(((match, shape) for match, shape in tried if match), (None, None))
        if found and shape:
            yield found, shape
        place = found.end() if found else place + 1


def _named(marks: Sequence[Mark], letters: str, found: re.Match[str], shape: Shape, when: When) -> Named:
    used = marks[found.start() : found.end()]
    before = re.search(r"[abghioprtx]*$", letters[max(0, found.start() - MOST_MARKS_BEFORE) : found.start()])
    lead = before[0] if before else ""
    relation = _relation(lead)
    span = _meant(list(shape.spans(used, when)), relation, _part(used), when.day)
    named_here = re.search("[ypxtgvqD]", found[0]) or shape.sure
    return Named(
        (used[0].start, used[-1].end),
        relation,
        _start(span, relation, _part(used)) if span else None,
        span.last if span else None,
        bare=not named_here and not re.search("[iabhxtr]", lead),
        ranged=lead.rstrip("oi").endswith(("r", "b"))
        and bool(re.search("[DmnywQ]o*[rb]o*i?o*$", letters[: found.start()])),
    )


def _relation(lead: str) -> Relation:
    for letter in reversed(lead):
        if letter in "ah":
            return Relation.AFTER
        if letter == "b":
            return Relation.UNTIL
        if letter == "g":
            return Relation.PAST
    return Relation.IN


def _part(used: Sequence[Mark]) -> str:
    return next((mark.value for mark in used if mark.letter == "p"), "")


def _start(span: Span, relation: Relation, part: str) -> date:
    """The first day to call back on: behind what must pass first, else when it begins."""
    passes = relation is Relation.AFTER or (relation is Relation.UNTIL and part == "late")
    return span.last + timedelta(days=1) if passes else span.first


def _meant(spans: Sequence[Span], relation: Relation, part: str, day: date) -> Span | None:
    """The first of the spans that is still to come; None where we are in the midst of it, or it is too far away."""
    if relation is Relation.PAST:
        return None
    for span in spans:
        start = _start(span, relation, part)
        if start > day:
            return span if start <= day + FURTHEST else None
        if span.first <= day <= span.last and not _is_nearly_over(span, day):
            return None
    return None


def _is_nearly_over(span: Span, day: date) -> bool:
    """Whether two thirds of a season or a quarter have passed: then its name means the next one; our choice."""
    length = (span.last - span.first).days
    return length > 31 and 3 * (day - span.first).days > 2 * length


def _of_letter(used: Sequence[Mark], letter: str) -> Mark | None:
    return next((mark for mark in used if mark.letter == letter), None)


def _number(used: Sequence[Mark], letter: str) -> int:
    mark = _of_letter(used, letter)
    return int(mark.value) if mark else 0


def _years(used: Sequence[Mark], when: When) -> tuple[int, ...]:
    """The year that is named, or those about the present one."""
    this = when.day.year
    if year := _number(used, "y"):
        return (year,)
    if _of_letter(used, "z"):
        sign = next((mark.letter for mark in used if mark.letter in "xtgv"), "t")
        return (this + {"x": 1, "t": 0, "g": -1, "v": 2}[sign],)
    return (this - 1, this, this + 1, this + 2)


def _months(first: date, count: int) -> Span:
    return Span(first, first + relativedelta(months=count, days=-1))


def _day(year: int, month: int, day: int) -> Iterator[Span]:
    try:
        yield Span(date(year, month, day), date(year, month, day))
    except ValueError:
        return


def _parted(span: Span, part: str) -> Span:
    """The beginning, the middle or the end of a span; from the 15th a month is in its middle, from the 25th at its end.

    The end of a longer span is its last month. Our choice.
    """
    months = round((span.last - span.first).days / 30.5)
    if not part or (span.last - span.first).days < 4:
        return span
    if months == 0:
        return Span(span.first + timedelta(days={"early": 0, "mid": 2, "late": 3}[part]), span.last)
    if part == "early":
        return Span(span.first, span.first + timedelta(days=9) if months == 1 else _months(span.first, 1).last)
    if part == "late":
        return Span(span.first + (timedelta(days=24) if months == 1 else relativedelta(months=months - 1)), span.last)
    middle = span.first + relativedelta(months=months // 2, days=14 if months % 2 else 0)
    return Span(middle, middle)


def _written(used: Sequence[Mark], when: When) -> Iterator[Span]:
    digits = used[0].digits
    if digits is None:
        return
    for year in (digits.year,) if digits.year else _years((), when):
        yield from _day(year, digits.month, digits.day) if digits.day else (_months(date(year, digits.month, 1), 1),)


def _day_of_month(used: Sequence[Mark], when: When) -> Iterator[Span]:
    day = next((int(mark.value) for mark in reversed(used) if mark.letter == "n"), 0)
    for year in _years(used, when):
        yield from _day(year, _number(used, "m"), day)


def _month(used: Sequence[Mark], when: When) -> Iterator[Span]:
    for year in _years(used, when):
        yield _parted(_months(date(year, _number(used, "m"), 1), 1), _part(used))


def _quarter(used: Sequence[Mark], when: When) -> Iterator[Span]:
    for year in _years(used, when):
        yield _parted(_months(date(year, 3 * _number(used, "q") - 2, 1), 3), _part(used))


def _feast(used: Sequence[Mark], when: When) -> Iterator[Span]:
    feast = _of_letter(used, "e")
    for year in _years(used, when) if feast else ():
        first, last = (_feast_day(day, year) for day in (feast.value if feast else "").split(" to "))
        span = Span(first, last if last >= first else last + relativedelta(years=1))
        yield _parted(span, _part(used))


def _feast_day(written: str, year: int) -> date:
    if written.startswith("easter"):
        return easter(year) + timedelta(days=int(written.removeprefix("easter")))
    month, day = written.split("-")
    return date(year, int(month), 1) + timedelta(days=int(day) - 1)


def _weekday(used: Sequence[Mark], when: When) -> Iterator[Span]:
    day = when.day + timedelta(days=(_number(used, "w") - when.day.isoweekday() - 1) % 7 + 1)
    yield Span(day, day)


def _year(used: Sequence[Mark], when: When) -> Iterator[Span]:
    yield _parted(_months(date(_number(used, "y"), 1, 1), 12), _part(used))


def _days(used: Sequence[Mark], when: When) -> Iterator[Span]:
    day = when.day + timedelta(days=_number(used, "d"))
    yield Span(day, day)


def _unit(used: Sequence[Mark]) -> str:
    return next(mark.value for mark in used if mark.letter in "uzfl")


_MONTHS_OF = {"month": 1, "quarter": 3, "half": 6, "year": 12, "fiscal": 12}


def _coming(used: Sequence[Mark], when: When) -> Iterator[Span]:
    """The present span of a unit, or one after it: "next quarter", "end of the year", "the fiscal year after next"."""
    ahead = next(({"x": 1, "v": 2}[mark.letter] for mark in used if mark.letter in "xv"), 0)
    yield _parted(_span_of(_unit(used), ahead, when), _part(used))


def _span_of(unit: str, ahead: int, when: When) -> Span:
    if unit in ("day", "week"):
        length = 1 if unit == "day" else 7
        first = when.day - timedelta(days=when.day.weekday() if unit == "week" else 0) + timedelta(days=ahead * length)
        return Span(first, first + timedelta(days=length - 1))
    months = _MONTHS_OF[unit]
    shift = when.fiscal_year_starts - 1 if unit == "fiscal" else 0
    passed = (when.day.month - 1 - shift) % months
    return _months(when.day.replace(day=1) + relativedelta(months=ahead * months - passed), months)


def _in_time(used: Sequence[Mark], when: When) -> Iterator[Span]:
    """So many days, weeks, months or years from now; of "2 to 3 months" the shorter."""
    count, unit = _number(used, "n") if _of_letter(used, "n") else 1, _unit(used)
    day = when.day + (
        timedelta(days=count * (7 if unit == "week" else 1))
        if unit in ("day", "week")
        else relativedelta(months=min(count, 100) * _MONTHS_OF[unit])
    )
    yield Span(day, day)


_OF_YEAR = "(?:o{0,2}(?:y|[xtgv]z))?"
_SHAPES = tuple(
    Shape(re.compile(letters), spans, sure)
    for letters, spans, sure in (
        ("D", _written, True),
        (f"(?:no?[ro]o?)?no?m{_OF_YEAR}", _day_of_month, True),
        (f"mo?n(?!o?[uzfl]){_OF_YEAR}", _day_of_month, True),
        (f"p?o{{0,2}}[xt]?o?m{_OF_YEAR}", _month, False),
        (f"p?o{{0,2}}[xt]?o?q{_OF_YEAR}", _quarter, True),
        (f"p?o{{0,2}}[xt]?o?e{_OF_YEAR}", _feast, False),
        ("[xt]?o?w", _weekday, False),
        ("p?o{0,2}[xtv]o{0,2}[uzfl]", _coming, True),
        ("p?o{0,2}[uzfl]v", _coming, True),
        ("po{0,2}[uzfl]", _coming, True),
        ("[ix]o{0,2}n(?:rn)?o?[uzfl]", _in_time, True),
        ("n(?:rn)?o?[uzfl]k", _in_time, True),
        ("io?l", _in_time, True),
        ("po{0,2}y", _year, True),
        ("(?<=[iabhp])y", _year, True),
        ("(?<=[iabh]o)y", _year, True),
        ("d", _days, True),
    )
)
