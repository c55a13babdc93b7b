"""What rules want of stored signals, as conditions of the database: those that `engine.relevance` asks, compiled.

Blocks that differ in the words of one line alone share a condition, so that many rules cost about as much as few.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeGuard

from sqlalchemy import ColumnElement, Connection, Float, and_, case, cast, func, or_, true

from reengage.engine.relevance import About, Interest, is_settled, names_words, words_of
from reengage.language.tree import Is, Line, Span
from reengage.store import columns as t

_HOLD = {"said": t.HoldRow.response, "category": t.HoldRow.category, "held": t.HoldRow.kind}
"""Where the row of a hold says what a rule may be about; `promised` is a flag."""


@dataclass(frozen=True, slots=True)
class Said:
    """That a fact is one of these words, folded as rules compare them."""

    name: str
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Bounded:
    """That a fact is a number within bounds; without any, that it is there at all."""

    name: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Want:
    """Signals of a kind, later than `since_seq`, of people who are held in a certain way, whose facts fit.

    They came at most so long after what they tell occurred (`within`), which may be somewhat more than a rule says.
    """

    kind: str
    about: About
    since_seq: int
    within: timedelta | None
    facts: frozenset[Said | Bounded]


def wants_of(interests: Sequence[Interest]) -> tuple[Want, ...]:
    """What these blocks want of stored signals; those alike but for the words of one line are put together."""
    alike: dict[tuple[Want, str], set[str]] = defaultdict(set)
    for one in interests:
        facts = frozenset(map(_fact, one.block.lines))
        want = Want(one.block.kind, one.about, one.active.since_seq, _at_most(one.block.within), facts)
        named = min((fact for fact in want.facts if isinstance(fact, Said)), key=lambda fact: fact.name, default=None)
        rest = replace(want, facts=want.facts - {named}) if named else want
        alike[rest, named.name if named else ""] |= named.words if named else set()
    return tuple(
        replace(want, facts=want.facts | {Said(name, frozenset(words))}) if name else want
        for (want, name), words in alike.items()
    )


def _at_most(span: Span | None) -> timedelta | None:
    """A span in days, and no fewer than it can have: a month has up to 31, a year up to 366."""
    return None if span is None else timedelta(days=span.count * _DAYS[span.unit], minutes=1)


_DAYS: Mapping[str, int] = {"day": 1, "week": 7, "month": 31, "year": 366}
"""The most days of each; a minute more stands for what is lost where a moment is a fraction of days."""


def _fact(line: Line) -> Said | Bounded:
    if names_words(line):
        return Said(line.name, words_of(line))
    if not is_settled(line) or isinstance(line.test, Is):
        return Bounded(line.name)
    return Bounded(line.name, _number(line.test.at_least), _number(line.test.at_most))


def _number(bound: object) -> float | None:
    return float(bound) if isinstance(bound, int | float) else None


def could_matter(connection: Connection, wants: Collection[Want]) -> ColumnElement[bool]:
    """That a signal, of their kind, and the hold of its contact are what any of these wants.

    What all of them ask of the signal comes first, so that the holds of few contacts have to be looked up.
    """
    asked = [_asks(connection, fact) for fact in _least(wants)]
    return and_(*asked, or_(*(and_(true(), *_conditions(connection, want)) for want in wants)))


def _least(wants: Collection[Want]) -> Iterator[Said | Bounded]:
    """The least that every one of these asks of each fact that they all name."""
    named = [{fact.name: fact for fact in want.facts} for want in wants]
    for name in sorted(set[str]().union(*named).intersection(*named)):
        facts = [each[name] for each in named]
        said = [fact.words for fact in facts if isinstance(fact, Said)]
        bounds = [fact for fact in facts if isinstance(fact, Bounded)]
        if len(said) == len(facts):
            yield Said(name, frozenset().union(*said))
        elif len(bounds) == len(facts):
            lows, highs = [one.low for one in bounds], [one.high for one in bounds]
            low = None if None in lows else min(filter(_is_number, lows))
            yield Bounded(name, low, None if None in highs else max(filter(_is_number, highs)))


def _is_number(bound: float | None) -> TypeGuard[float]:
    return bound is not None


def is_held_so(about: About) -> Iterator[ColumnElement[bool]]:
    """That a hold is one that a rule is about."""
    for name, words in about:
        if name == "promised":
            yield or_(*(t.HoldRow.promised.is_(word == "true") for word in sorted(words)))
        else:
            yield _HOLD[name].in_(sorted(words))


def _conditions(connection: Connection, want: Want) -> Iterator[ColumnElement[bool]]:
    yield from is_held_so(want.about)
    if want.since_seq:
        yield t.SignalRow.seq > want.since_seq
    for fact in sorted(want.facts, key=lambda fact: (isinstance(fact, Said), fact.name)):
        yield _asks(connection, fact)
    if want.within is not None:
        yield _came_within(connection, want.within)


def _came_within(connection: Connection, within: timedelta) -> ColumnElement[bool]:
    """That a signal was received at most so long after it occurred; SQLite has no differences of moments but days."""
    occurred, received = t.SignalRow.occurred_at, t.SignalRow.received_at
    if connection.dialect.name == "postgresql":
        return received <= occurred + within  # type: ignore[no-any-return]
    return func.julianday(received) - func.julianday(occurred) <= within / timedelta(days=1)


def kind_of(connection: Connection) -> Any:
    """The kind of a signal; for SQLite not by its index, which it would prefer to looking up those of a contact."""
    return t.SignalRow.kind if connection.dialect.name == "postgresql" else func.coalesce(t.SignalRow.kind, "")


def _asks(connection: Connection, fact: Said | Bounded) -> ColumnElement[bool]:
    cell = t.SignalRow.facts[fact.name]
    if isinstance(fact, Said):
        return _is_one_of(connection, cell, fact.words)
    return _lies_within(connection, cell, fact)


def _is_one_of(connection: Connection, cell: Any, words: Collection[str]) -> ColumnElement[bool]:
    """That a text is one of these words, or one that we fold otherwise than the database: not ASCII, or oddly spaced.

    In the locale "C" a server in Turkey makes the same small letters as any other.
    """
    is_postgresql = connection.dialect.name == "postgresql"
    text = cell.as_string().collate("C") if is_postgresql else cell.as_string()
    is_odd = text.op("~" if is_postgresql else "GLOB")("[^ -~]" if is_postgresql else "*[^ -~]*")
    return or_(func.lower(func.trim(text)).in_(sorted(words)), is_odd, text.like("%  %"))


def _lies_within(connection: Connection, cell: Any, bounds: Bounded) -> ColumnElement[bool]:
    """That a number lies within bounds; what is no number lies nowhere."""
    if bounds.low is None and bounds.high is None:
        return cell.as_string().is_not(None)  # type: ignore[no-any-return]
    number = _as_number(connection, cell)
    within = [] if bounds.low is None else [number >= bounds.low]
    return and_(*within, *([] if bounds.high is None else [number <= bounds.high]))


def _as_number(connection: Connection, cell: Any) -> Any:
    """A fact as a number; PostgreSQL refuses a whole query where one is a text, so it is asked what it is first.

    True is 1, as it is to SQLite and to us.
    """
    if connection.dialect.name != "postgresql":
        return cell.as_float()
    kind, text = func.json_typeof(cell), cell.as_string()
    return case(
        (kind == "number", cast(text, Float)), (and_(kind == "boolean", text == "true"), 1.0), (kind == "boolean", 0.0)
    )
