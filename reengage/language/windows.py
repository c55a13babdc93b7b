"""Ranges and durations that nothing fits into."""

from __future__ import annotations

from collections.abc import Iterator

from reengage.language.diagnostic import quoted
from reengage.language.tree import Between, Block, Line, Position, Rule, Span, Who
from reengage.model.facts import COMPUTED_KINDS

Bound = int | float | Span
_DAYS = {"day": (1, 1), "week": (7, 7), "month": (28, 31), "year": (365, 366), "business day": (1, 3)}
_MONTHS = {"month": 1, "year": 12}


def days_of(span: Span) -> tuple[int, int]:
    """The fewest and the most calendar days a duration can be; months and business days vary."""
    fewest, most = _DAYS[span.unit]
    return span.count * fewest, span.count * most


def exceeds(low: Bound, high: Bound) -> bool:
    """Whether one bound lies above the other on every day of the calendar."""
    if not isinstance(low, Span) or not isinstance(high, Span):
        return not isinstance(low, Span) and not isinstance(high, Span) and low > high
    if low.unit in _MONTHS and high.unit in _MONTHS:
        return low.count * _MONTHS[low.unit] > high.count * _MONTHS[high.unit]
    return days_of(low)[0] > days_of(high)[1]


def empty_ranges(rule: Rule) -> Iterator[tuple[Position, str, str]]:
    """The ranges of a rule that hold nothing: where, what is wrong, and advice."""
    for at, name, test in _ranges(rule):
        if test.at_least is not None and test.at_most is not None and exceeds(test.at_least, test.at_most):
            yield at, f"{quoted(name)} cannot be {test}", "swap the two bounds"
    for block in (*rule.when.blocks, *rule.unless_heard):
        yield from _empty_block(block)


def _empty_block(block: Block) -> Iterator[tuple[Position, str, str]]:
    if block.count and block.count.at_most == 0:
        yield block.at, '"count" is zero: a signal that did not come cannot fire', "count at least 1"
    due_in = next((line.test for line in block.lines if line.name == "due_in"), None)
    least = due_in.at_least if isinstance(due_in, Between) else None
    if block.kind in COMPUTED_KINDS and block.within and least is not None and exceeds(least, block.within):
        yield block.at, f'"within" {block.within} ends before "due_in" {least} begins', 'remove "within"'


def zero_spans(rule: Rule) -> Iterator[tuple[str, ...]]:
    """The paths of durations that must not be zero and are."""
    if rule.good_for.count == 0:
        yield ("good_for",)
    if rule.when.apart and rule.when.apart.count == 0:
        yield "when", "apart"
    for block in rule.when.blocks:
        if block.within and block.within.count == 0:
            yield "when", block.kind, "within"
    for block in rule.unless_heard:
        if block.within and block.within.count == 0:
            yield "unless", block.kind, "within"


def _ranges(rule: Rule) -> Iterator[tuple[Position, str, Between]]:
    for line in (*_asked(rule.who), *rule.unless):
        yield from _range(line)
    for block in (*rule.when.blocks, *rule.unless_heard):
        for line in block.lines:
            yield from _range(line)
        for name, test in (("count", block.count), ("after_quiet", block.after_quiet)):
            if test:
                yield block.at, name, test


def _range(line: Line) -> Iterator[tuple[Position, str, Between]]:
    if isinstance(line.test, Between):
        yield line.at, line.name, line.test


def _asked(who: Who) -> Iterator[Line]:
    yield from who.lines
    for one in who.any:
        yield from _asked(one)
