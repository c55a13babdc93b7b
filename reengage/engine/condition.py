"""One thing that a rule asks: what it wants, what it met, and in words how the two differ and what would have to be."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from reengage.engine.now import Now
from reengage.engine.plain import Answer
from reengage.language.tree import Between, Line, Position, Span, Test

LOOKS_AHEAD = 7_300
"""Days within which time may bring something about: the longest duration that a rule may state, 20 years."""

_DAY, _INSTANT = timedelta(days=1), timedelta(microseconds=1)

Question = Callable[[Line, Now | None], Answer]
"""Asks a line of one contact, or of one signal, now or at a later moment."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing a rule asks: where it stands, what it wants, what it met; `holds` None is unknown.

    Where it is not in order, `fails` says so in one sentence, `change` what would have to be, and `on` is the day on
    which time alone brings that about, if it does and if somebody asked.
    """

    section: str
    name: str
    wants: str
    met: str
    holds: bool | None
    at: Position
    fails: str = ""
    change: str = ""
    on: date | None = None

    @property
    def would(self) -> str:
        """What would have to be, beside what is."""
        return f"{self.change} ({self.met} today; on {self.on})" if self.on else f"{self.change} ({self.met})"


def refused(
    section: str, name: str, wants: str, met: str, at: Position, *, change: str, on: date | None = None
) -> Condition:
    """A condition that is not in order, for the reason that it met."""
    return Condition(section, name, wants, met, False, at, f"{name}: {met}", change, on)


def ask_line(section: str, group: str, line: Line, question: Question, ahead: Now | None) -> Condition:
    """A line that has to hold; `ahead` is where looking for the day begins that brings it, if anybody wants to know."""
    answer, name = question(line, None), f"{group}.{line.name}"
    asked = Condition(section, name, str(line), answer.value, answer.holds, line.at)
    if answer.holds:
        return asked
    if answer.holds is None:
        return replace(asked, fails=f"{name}: unknown", change=f"{name} were known, and {line.test}")
    half = next(test for test in halves(line.test) if not question(replace(line, test=test), None).holds)
    on = _day_it_holds(line, half, question, ahead) if ahead else None
    return replace(asked, fails=f"{name}: {misses(half, answer.value)}", change=f"{name} were {half}", on=on)


def ask_stop(line: Line, question: Question, ahead: Now | None) -> Condition:
    """A line of `unless`, which is in order where it does not hold."""
    answer, name = question(line, None), f"unless.{line.name}"
    holds = None if answer.holds is None else not answer.holds
    asked = Condition("unless", name, str(line), answer.value, holds, line.at)
    if holds:
        return asked
    if holds is None:
        change = f"{line.name} were known, and {_outside(line.test)}"
        return replace(asked, fails=f"{name}: unknown, and unknown stops it", change=change)
    told, change = f"{name}: {answer.value} stops it", f"{line.name} were {_outside(line.test)}"
    return replace(asked, fails=told, change=change, on=_day_it_ends(line, question, ahead) if ahead else None)


def ask_bounds(
    section: str, name: str, test: Between, met: str, at: Position, holds: Callable[[Between], bool]
) -> Condition:
    """Bounds on what is counted or measured over several signals."""
    asked = Condition(section, name, f"{name.rpartition('.')[2]}: {test}", met, True, at)
    half = next((half for half in halves(test) if isinstance(half, Between) and not holds(half)), None)
    if half is None:
        return asked
    return replace(asked, holds=False, fails=f"{name}: {misses(half, met)}", change=f"{name} were {half}")


def halves(test: Test) -> Iterator[Test]:
    """Each bound of a test alone; one without bounds is its own half."""
    if not isinstance(test, Between):
        yield test
        return
    if test.at_least is not None:
        yield Between(at_least=test.at_least)
    if test.at_most is not None:
        yield Between(at_most=test.at_most)


def misses(half: Test, met: str) -> str:
    """How a value misses what is wanted: `91 days is more than 90 days`."""
    if not isinstance(half, Between):
        return f"{met} is not {half}"
    word, bound = ("more", half.at_most) if half.at_least is None else ("less", half.at_least)
    slightly = "a little " if met == str(bound) else ""  # ages are shown in whole days and compared to the instant
    return f"{met} is {slightly}{word} than {bound}"


def day_when(turned: Callable[[Now], bool], now: Now) -> date | None:
    """The first day at whose end this is so, for something that time turns once; None where it never does."""
    ahead = bisect_left(range(LOOKS_AHEAD), True, key=lambda days: turned(end_of(now.today + days * _DAY, now)))
    return now.today + ahead * _DAY if ahead < LOOKS_AHEAD else None


def end_of(day: date, now: Now) -> Now:
    """The last moment of a day."""
    return Now(now.start_of(day + _DAY) - _INSTANT, now.zone)


def _day_it_holds(line: Line, half: Test, question: Question, now: Now) -> date | None:
    """When time brings about the bound that is not met, if the other one still holds then."""
    if not _passes(half):
        return None
    day = day_when(lambda then: bool(question(replace(line, test=half), then).holds), now)
    return day if day and question(line, end_of(day, now)).holds else None


def _day_it_ends(line: Line, question: Question, now: Now) -> date | None:
    return day_when(lambda then: question(line, then).holds is False, now) if _passes(line.test) else None


def _passes(test: Test) -> bool:
    """Whether time alone can turn the answer."""
    return isinstance(test, Between) and any(isinstance(bound, Span) for bound in (test.at_least, test.at_most))


def _outside(test: Test) -> str:
    """What a line that stops would have to be instead."""
    if not isinstance(test, Between):
        return f"not {test}"
    bounds = (("less than", test.at_least), ("more than", test.at_most))
    return " or ".join(f"{word} {bound}" for word, bound in bounds if bound is not None)
