"""Rules that never come first: pairs of which one fires on everything that the other fires on.

Of a thousand rules there are half a million pairs, so most are ruled out by sets of bits before any is looked at.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce

from reengage.language.covers import alternatives, covers, fires_wherever
from reengage.language.tree import Is, Line, Rule, Test


def shadows(rules: Sequence[Rule]) -> Iterator[tuple[Rule, Rule]]:
    """Each rule that another one always goes before, with the first such one."""
    places = _Places(rules)
    shadowed: dict[int, Rule] = {}
    for rule in sorted(rules, key=lambda one: (one.then.priority.rank, one.order)):
        for number in places.perhaps_covered_by(rule):
            narrow = rules[number]
            if number not in shadowed and goes_first(rule, narrow) and fires_wherever(rule, narrow):
                shadowed[number] = rule
    return ((rules[number], shadowed[number]) for number in sorted(shadowed))


def goes_first(first: Rule, second: Rule) -> bool:
    """Whether of two rules that fire the first makes the task: by priority, then by the newer signal, then by order."""
    if first is second:
        return False
    higher, lower = first.then.priority.rank, second.then.priority.rank
    same_signal = len(first.when.blocks) == len(second.when.blocks) or second.when.mode != "all"
    return higher < lower or (higher == lower and first.order < second.order and same_signal)


@dataclass
class _Asked:
    """What rules ask of one field or fact; a set of rules is a number with one bit for each."""

    tests: dict[Test, int] = field(default_factory=lambda: defaultdict(int))

    def narrower(self, wide: Test) -> int:
        """The rules whose test is satisfied by nothing that does not satisfy the wide one."""
        if isinstance(wide, Is):
            return _union(
                self.tests[test]
                for value in wide.values
                for test in self._by_rarest.get(value, ())
                if covers(wide, test)
            )
        return _union(bits for test, bits in self.tests.items() if covers(wide, test))

    @cached_property
    def _by_rarest(self) -> dict[object, list[Is]]:
        """The lists of words, each under that word of it which the fewest lists have: a wider list has that one too."""
        lists = [test for test in self.tests if isinstance(test, Is)]
        common = Counter(value for test in lists for value in test.values)
        found: dict[object, list[Is]] = defaultdict(list)
        for test in lists:
            found[min(test.values, key=lambda value: common[value])].append(test)
        return found


def _union(sets: Iterable[int]) -> int:
    return reduce(int.__or__, sets, 0)


class _Places:
    """Which rules ask what, where; those that ask something twice, or this or that, are never ruled out."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._everywhere = (1 << len(rules)) - 1
        self._unclear = 0
        self._asked: dict[str, _Asked] = defaultdict(_Asked)
        self._kinds: dict[str, int] = defaultdict(int)
        self._known: dict[tuple[str, Test], int] = {}
        for number, rule in enumerate(rules):
            self._add(1 << number, rule)

    def _add(self, bit: int, rule: Rule) -> None:
        described = alternatives(rule.who)
        lines = [("who", line) for line in described[0]]
        lines += [(block.kind, line) for block in rule.when.blocks for line in block.lines]
        places = [f"{where} {line.name}" for where, line in lines]
        if len(described) > 1 or len(set(places)) < len(places):
            self._unclear |= bit
        for block in rule.when.blocks:
            self._kinds[block.kind] |= bit
        for place, (_, line) in zip(places, lines, strict=True):
            self._asked[place].tests[line.test] |= bit

    def perhaps_covered_by(self, rule: Rule) -> Iterator[int]:
        """The numbers of the rules of which nothing that is quickly seen says that this one does not cover them."""
        described = alternatives(rule.who)
        found = self._everywhere
        if len(described) == 1:
            found &= self._with("who", described[0])
        if len(rule.when.blocks) == 1:
            block = rule.when.blocks[0]
            found &= self._kinds[block.kind] & self._with(block.kind, block.lines)
        while found:
            lowest = found & -found
            yield lowest.bit_length() - 1
            found ^= lowest

    def _with(self, where: str, lines: Iterable[Line]) -> int:
        """The rules that have, for each of these lines, one that it follows from."""
        fitting = (self._unclear | self._narrower(f"{where} {line.name}", line.test) for line in lines)
        return reduce(int.__and__, fitting, self._everywhere)

    def _narrower(self, place: str, wide: Test) -> int:
        if (place, wide) not in self._known:
            self._known[place, wide] = self._asked[place].narrower(wide)
        return self._known[place, wide]
