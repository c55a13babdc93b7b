"""Which rules and conditions the inline tests exercise.

A condition is exercised when one test sees it hold in a rule that fires, and one sees it fail as the only condition
that does, so that it alone decides. What every rule has (that a signal is new, fresh and certain, rests and promises)
and `within` are not counted: a signal of a test is received on the day on which it occurs, so it is never too old.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from reengage.engine.condition import Condition
from reengage.engine.explain import RuleStory, explain_rule, section_of
from reengage.engine.news import ActiveRule
from reengage.engine.now import Now
from reengage.engine.occasion import A_SIGNAL, Scene, silence_of
from reengage.language.tree import Position, Rule, Who
from reengage.model.candidate import Candidate

Key = tuple[str, str, str, str]
"""Rule, section, name and what is wanted: what tells one condition from every other."""


@dataclass(frozen=True, slots=True)
class Item:
    """One condition of a rule, and whether tests see it hold and decide."""

    section: str
    name: str
    wants: str
    at: Position
    holds: bool = False
    decides: bool = False

    @property
    def exercised(self) -> bool:
        """Whether tests see both sides of it."""
        return self.holds and self.decides

    @property
    def lacks(self) -> str:
        """Which side no test sees."""
        if not self.holds and not self.decides:
            return "no test sees it hold or decide"
        return "" if self.exercised else "no test sees it hold" if not self.holds else "no test fails by it alone"


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    """One rule, whether it fires in any test, and its conditions."""

    rule: Rule
    fires: bool
    items: tuple[Item, ...]

    @property
    def exercised(self) -> int:
        """How many of its conditions are."""
        return sum(item.exercised for item in self.items)


@dataclass(frozen=True, slots=True)
class Covered:
    """The coverage of the rules that were watched."""

    rules: tuple[RuleCoverage, ...]

    @property
    def conditions(self) -> int:
        """How many conditions there are."""
        return sum(len(one.items) for one in self.rules)

    @property
    def exercised(self) -> int:
        """How many of them tests exercise."""
        return sum(one.exercised for one in self.rules)

    @property
    def percent(self) -> int:
        """The share that is exercised, rounded down; 100 where there is nothing to exercise."""
        return 100 * self.exercised // self.conditions if self.conditions else 100

    def is_below(self, percent: float) -> bool:
        """Whether the share that is exercised is smaller than this."""
        return 100 * self.exercised < percent * self.conditions


@dataclass(slots=True)
class Coverage:
    """Watches the tests run, and remembers what they saw of each rule."""

    rules: Sequence[Rule]
    _fires: set[str] = field(default_factory=set)
    _holds: set[Key] = field(default_factory=set)
    _decides: set[Key] = field(default_factory=set)
    _silent: set[str] = field(default_factory=set)
    """Rules whose silence where nothing was heard has been seen; more of it teaches nothing."""

    def watch(self, candidate: Candidate, now: Now) -> None:
        """Look at one contact on one day with the eyes of every rule."""
        for active in map(ActiveRule, self.rules):
            scene = Scene(candidate, active, now)
            if active.rule.id not in self._silent or any(map(scene.occasions, active.rule.when.blocks)):
                self._note(explain_rule(candidate, active, now))

    def _note(self, story: RuleStory) -> None:
        if story.fires:
            self._fires.add(story.rule.id)
            self._holds.update(_key(story.rule, one) for one in _carrying(story))
        elif len(story.failing) == 1:
            self._decides.update(_key(story.rule, one) for one in _deciding(story))
            if story.failing[0].wants == A_SIGNAL:
                self._silent.add(story.rule.id)

    def result(self) -> Covered:
        """What was seen so far."""
        return Covered(tuple(RuleCoverage(rule, rule.id in self._fires, self._items(rule)) for rule in self.rules))

    def _items(self, rule: Rule) -> tuple[Item, ...]:
        found = []
        for section, name, wants, at in _asked(rule):
            key = (rule.id, section, name, wants)
            found.append(Item(section, name, wants, at, key in self._holds, key in self._decides))
        return tuple(found)


def _key(rule: Rule, one: Condition) -> Key:
    return rule.id, one.section, one.name, one.wants


def _carrying(story: RuleStory) -> Iterator[Condition]:
    """The conditions of a firing rule that hold, of alternatives those that hold as a whole."""
    broken = {one.section for one in story.conditions if not one.holds}
    return (one for one in story.conditions if one.section not in broken)


def _deciding(story: RuleStory) -> Iterable[Condition]:
    """The one failing condition, and those that alone keep an alternative to it from holding."""
    (only,) = story.failing
    if not _is_alternative(only.section):
        return [only]
    fails = [one for one in story.conditions if not one.holds and _group(one.section) == _group(only.section)]
    return [one for one in fails if sum(other.section == one.section for other in fails) == 1]


def _is_alternative(section: str) -> bool:
    return ", any " in section


def _group(section: str) -> tuple[str, bool]:
    return section[:4], _is_alternative(section)


Asked = tuple[str, str, str, Position]


def _asked(rule: Rule) -> Iterator[Asked]:
    """Every condition that is counted, as it is named where it is explained."""
    yield from _who("who", rule.who)
    for number, block in enumerate(rule.when.blocks):
        section = section_of(rule, number)
        yield section, block.kind, A_SIGNAL, block.at
        yield from ((section, f"{block.kind}.{line.name}", str(line), line.at) for line in block.lines)
        bounds = (("count", block.count), ("after_quiet", block.after_quiet))
        yield from ((section, f"{block.kind}.{name}", f"{name}: {test}", block.at) for name, test in bounds if test)
    if rule.when.apart:
        yield "when", "when.apart", f"apart: at most {rule.when.apart}", rule.when.blocks[0].at
    yield from (("unless", f"unless.{line.name}", str(line), line.at) for line in rule.unless)
    yield from (("unless", *silence_of(block), block.at) for block in rule.unless_heard)


def _who(section: str, who: Who) -> Iterator[Asked]:
    yield from ((section, f"who.{line.name}", str(line), line.at) for line in who.lines)
    for number, part in enumerate(who.any, 1):
        yield from _who(f"{section}, any {number}", part)
