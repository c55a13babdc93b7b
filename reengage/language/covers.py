"""What follows from what: when one condition, signal or rule holds wherever another one does.

Everything here errs on one side: it says yes only where it is so on every day of the calendar.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reengage.language.tree import Between, Block, Is, Line, Rule, Span, Test, When, Who
from reengage.language.windows import days_of, exceeds
from reengage.model.facts import COMPUTED_KINDS

Bound = int | float | Span
_MONTHS = {"month": 1, "year": 12}
_OF_THE_SIGNAL = ("account", "account_status")
"""What `unless` asks of the company that the signal is about, so that another signal may have another answer."""


def covers(wide: Test, narrow: Test) -> bool:
    """Whether every value that satisfies the narrow test satisfies the wide one."""
    if isinstance(wide, Is):
        return isinstance(narrow, Is) and set(narrow.values) <= set(wide.values)
    if isinstance(narrow, Is):
        return all(_lies_in(value, wide) for value in narrow.values)
    low = wide.at_least is None or (narrow.at_least is not None and reaches(narrow.at_least, wide.at_least))
    high = wide.at_most is None or (narrow.at_most is not None and reaches(wide.at_most, narrow.at_most))
    return low and high


def disjoint(one: Test, other: Test) -> bool:
    """Whether no value satisfies both."""
    if isinstance(one, Is) and isinstance(other, Is):
        return not set(one.values) & set(other.values)
    if isinstance(one, Is):
        return all(_lies_outside(value, other) for value in one.values)
    if isinstance(other, Is):
        return disjoint(other, one)
    pairs = ((one.at_least, other.at_most), (other.at_least, one.at_most))
    return any(low is not None and high is not None and exceeds(low, high) for low, high in pairs)


def reaches(one: Bound, other: Bound) -> bool:
    """Whether one bound is at least the other, whatever the months and business days are."""
    if not isinstance(one, Span) or not isinstance(other, Span):
        return not isinstance(one, Span) and not isinstance(other, Span) and one >= other
    if one.unit == other.unit:
        return one.count >= other.count
    if one.unit in _MONTHS and other.unit in _MONTHS:
        return one.count * _MONTHS[one.unit] >= other.count * _MONTHS[other.unit]
    return days_of(one)[0] >= days_of(other)[1]


def _lies_in(value: object, bounds: Between) -> bool:
    low, high = bounds.at_least, bounds.at_most
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and (low is None or reaches(value, low)) and (high is None or reaches(high, value))  # type: ignore[arg-type]


def _lies_outside(value: object, test: Test) -> bool:
    if isinstance(test, Is) or not isinstance(value, int | float):
        return False
    low, high = test.at_least, test.at_most
    return (isinstance(low, int | float) and value < low) or (isinstance(high, int | float) and value > high)


def alternatives(who: Who) -> list[tuple[Line, ...]]:
    """Every way in which `who` can describe someone, each as lines that must all hold."""
    if not who.any:
        return [who.lines]
    return [(*who.lines, *lines) for part in who.any for lines in alternatives(part)]


def follows(line: Line, lines: Iterable[Line]) -> bool:
    """Whether a line holds wherever all of these do."""
    return any(one.name == line.name and covers(line.test, one.test) for one in lines)


def block_covers(wide: Block, narrow: Block) -> bool:
    """Whether every signal that satisfies the narrow block satisfies the wide one, and is news to it no later."""
    if wide.kind != narrow.kind:
        return False
    if wide.kind in COMPUTED_KINDS or wide.after_quiet is not None:
        return _asks_the_same(wide, narrow)
    in_time = wide.within is None or (narrow.within is not None and reaches(wide.within, narrow.within))
    return in_time and _counts(wide, narrow) and all(follows(line, narrow.lines) for line in wide.lines)


def _counts(wide: Block, narrow: Block) -> bool:
    """With wider conditions more signals are counted, so only a lower bound can follow."""
    if wide.count is None:
        return True
    return narrow.count is not None and wide.count.at_most is None and covers(wide.count, narrow.count)


def _asks_the_same(one: Block, other: Block) -> bool:
    asked = [{(line.name, line.test) for line in block.lines} for block in (one, other)]
    return asked[0] == asked[1] and (one.within, one.count, one.after_quiet) == (
        other.within,
        other.count,
        other.after_quiet,
    )


def when_covers(wide: When, narrow: When) -> bool:
    """Whether what satisfies the narrow `when` satisfies the wide one."""
    if wide.mode == "all" and len(wide.blocks) > 1:
        in_reach = wide.apart is None or (narrow.apart is not None and reaches(wide.apart, narrow.apart))
        return narrow.mode == "all" and in_reach and _each_has_its_own(wide.blocks, narrow.blocks)
    met = [any(block_covers(one, block) for one in wide.blocks) for block in narrow.blocks]
    return any(met) if narrow.mode == "all" else all(met)


def _each_has_its_own(wide: Sequence[Block], narrow: Sequence[Block]) -> bool:
    """Whether every wide block can be given a narrow one that it covers, no two the same."""
    if not wide:
        return True
    rest = wide[1:]
    return any(
        block_covers(wide[0], block) and _each_has_its_own(rest, [*narrow[:at], *narrow[at + 1 :]])
        for at, block in enumerate(narrow)
    )


def fires_wherever(wide: Rule, narrow: Rule) -> bool:
    """Whether the wide rule fires on everything that the narrow one fires on, and with news at least as new.

    Not asked is whether it rests: that depends on what became of earlier news.
    """
    described = all(
        any(all(follows(line, lines) for line in one) for one in alternatives(wide.who))
        for lines in alternatives(narrow.who)
    )
    return (
        described
        and when_covers(wide.when, narrow.when)
        and _stops_less(wide, narrow)
        and reaches(wide.good_for, narrow.good_for)
        and (wide.before_promise or not narrow.before_promise)
    )


def _stops_less(wide: Rule, narrow: Rule) -> bool:
    """Whether whatever stops the wide rule stops the narrow one too."""
    same_signal = len(wide.when.blocks) == len(narrow.when.blocks) == 1 and _asks_the_same(
        wide.when.blocks[0], narrow.when.blocks[0]
    )
    about_signal = any(line.name in _OF_THE_SIGNAL for line in wide.unless)
    if about_signal and not same_signal:
        return False
    lines = all(
        any(one.name == line.name and covers(one.test, line.test) for one in narrow.unless) for line in wide.unless
    )
    return lines and all(any(block_covers(one, block) for one in narrow.unless_heard) for block in wide.unless_heard)
