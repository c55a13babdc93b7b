"""`rules/benchmarks.yaml`: what others say these figures should be, with who says so; numbers to compare with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Literal

from reengage.language.conditions import bounds
from reengage.language.diagnostic import Diagnostic, quoted
from reengage.language.nodes import Mapping, Node
from reengage.language.reader import Fields, Found, each, fields_of, filled, one, word_of
from reengage.language.tree import Between, Position
from reengage.language.values import NotUnderstood, choice, line_of_text, number, slug


class Unit(StrEnum):
    """In what a figure is given."""

    PERCENT = "percent"
    HOURS = "hours"
    A_DAY = "a day"


class Measure(StrEnum):
    """The figures of a report that a benchmark may be about."""

    COMPLAINT_RATE = "complaint_rate"
    UNSUBSCRIBE_RATE = "unsubscribe_rate"
    DELIVERY_SHARE = "delivery_share"
    TIMING_SHARE = "timing_share"
    NOT_INTERESTED_SHARE = "not_interested_share"
    HARSH_SHARE = "harsh_share"
    REPEAT_STOPS = "repeat_stops"
    SUPPRESSION_TIME = "suppression_time"
    NO_CONVERSION = "no_conversion"
    NOT_NOW_CONVERSION = "not_now_conversion"
    FOLLOW_UPS = "follow_ups"
    DIALS = "dials"


ABOUT: dict[Measure, tuple[str, Unit]] = {
    Measure.COMPLAINT_RATE: ("complaints of the e-mails sent", Unit.PERCENT),
    Measure.UNSUBSCRIBE_RATE: ("unsubscribes of the e-mails sent", Unit.PERCENT),
    Measure.DELIVERY_SHARE: ("delivery among the noes", Unit.PERCENT),
    Measure.TIMING_SHARE: ("timing among the noes", Unit.PERCENT),
    Measure.NOT_INTERESTED_SHARE: ('"not interested" among the answers on the phone', Unit.PERCENT),
    Measure.HARSH_SHARE: ("harsh stops among the answers on the phone", Unit.PERCENT),
    Measure.REPEAT_STOPS: ("stops by people who had said stop before", Unit.PERCENT),
    Measure.SUPPRESSION_TIME: ("longest time from a stop to its suppression", Unit.HOURS),
    Measure.NO_CONVERSION: ("people who turned after a first no", Unit.PERCENT),
    Measure.NOT_NOW_CONVERSION: ("people who turned after a no of timing", Unit.PERCENT),
    Measure.FOLLOW_UPS: ("five follow-ups or more, of those who turned", Unit.PERCENT),
    Measure.DIALS: ("dials of a rep", Unit.A_DAY),
}
"""What each figure is, and in what it is given."""

Kind = Literal["goal", "alarm", "typical"]
"""Where a figure should lie, where it should not, or where others say theirs lies."""

KINDS: tuple[Kind, ...] = ("goal", "alarm", "typical")
BENCHMARK_KEYS = ("id", "what", *KINDS, "unit", "source", "rows", "advice")
_NEEDED = ("id", "what", "unit", "source")
_ROW = re.compile("[A-Z][0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One claim about one figure: `span` in the unit of the measure, `source` who claims it, `rows` where it is kept.

    `advice` is for when the figure is outside of a goal, in an alarm, or elsewhere than is typical.
    """

    id: str
    what: Measure
    kind: Kind
    span: Between
    source: str
    rows: tuple[str, ...] = ()
    advice: str = ""

    @property
    def unit(self) -> Unit:
        """In what it is given."""
        return ABOUT[self.what][1]


def read_benchmarks(node: Node, found: Found) -> tuple[Benchmark, ...]:
    """Reads the list of benchmarks; an id that stands twice is noted."""
    read = each(_benchmark)(node, found)
    seen: set[str] = set()
    for at, benchmark in read:
        if benchmark.id in seen:
            message = f"the benchmark {quoted(benchmark.id)} stands twice"
            found.append(Diagnostic(at, message, "duplicate-id", "give each its own id"))
        seen.add(benchmark.id)
    return tuple(benchmark for _, benchmark in read)


def _benchmark(node: Node, found: Found) -> tuple[Position, Benchmark]:
    fields = fields_of(node, BENCHMARK_KEYS, "a benchmark", found, _NEEDED)
    nothing: tuple[Measure, ...] = ()
    what = next(iter(fields.read("what", _measure, nothing)), None)
    fields.read("unit", one(partial(_unit, what)), "")
    kind = _kind(fields, found)
    return node.at, Benchmark(
        id=fields.read("id", one(slug), ""),
        what=what or Measure.DIALS,
        kind=kind,
        span=fields.read(kind, _span, Between()),
        source=fields.read("source", one(line_of_text), ""),
        rows=fields.read("rows", filled(one(_row)), ()),
        advice=fields.read("advice", one(line_of_text), ""),
    )


def _measure(node: Node, found: Found) -> tuple[Measure, ...]:
    return (word_of(Measure)(node, found),)


def _kind(fields: Fields, found: Found) -> Kind:
    """The one key that says how the numbers are meant."""
    given = [kind for kind in KINDS if fields.node.pair(kind)]
    if len(given) != 1:
        message = f"a benchmark has one of {', '.join(KINDS)}"
        help = "goal: where it should lie; alarm: where it should not; typical: where others say theirs lies"
        found.append(Diagnostic(fields.node.at, message, "wrong-shape", help))
    return given[0] if given else "typical"


def _span(node: Node, found: Found) -> Between:
    """A range, or one number."""
    if not isinstance(node, Mapping):
        value = one(_amount)(node, found)
        return Between(value, value)
    span = bounds(_amount, node, found)
    low, high = span.at_least, span.at_most
    if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
        found.append(Diagnostic(node.at, f"no number is {span}", "wrong-value", "write the smaller number first"))
    return span


def _amount(text: str) -> int | float:
    value = number(text)
    if value < 0:
        raise NotUnderstood(f"{quoted(text)} is less than nothing", help="write a number of at least 0")
    return value


def _unit(what: Measure | None, text: str) -> str:
    unit = ABOUT[what][1] if what else choice(text, tuple(Unit))
    if text != unit:
        raise NotUnderstood(f"{what} is not given in {quoted(text)}", help=f"write unit: {unit}")
    return text


def _row(text: str) -> str:
    if not _ROW.fullmatch(text):
        raise NotUnderstood(f"{quoted(text)} is no row", help="write a letter and a number, for example A47")
    return text
