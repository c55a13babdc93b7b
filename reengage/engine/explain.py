"""Why, or why not: every condition of a rule with its value, and those that keep the rule from firing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from reengage.engine.condition import Condition, ask_bounds, ask_line, ask_stop, refused
from reengage.engine.match import Finding, Match, newest_first
from reengage.engine.news import ActiveRule
from reengage.engine.now import Now
from reengage.engine.occasion import Scene, ask_block, ask_silence
from reengage.engine.plain import compare_age, judge
from reengage.language.tree import Between, Rule, Span, Who
from reengage.model.candidate import Candidate
from reengage.model.signal import Heard


@dataclass(frozen=True, slots=True)
class RuleStory:
    """One rule, what it has to say of this contact, and each of its conditions.

    They are asked of the signal that matched, else of the one that comes closest. `failing` are those that keep the
    rule from firing, of alternatives only the one that comes closest; it is empty if and only if the rule fires.
    """

    rule: Rule
    match: Match | None
    conditions: tuple[Condition, ...]
    failing: tuple[Condition, ...]

    @property
    def fires(self) -> bool:
        """Whether nothing but a guard or a cap can keep it from making a task."""
        return self.match is not None and self.match.finding is Finding.FIRES


def explain_rule(candidate: Candidate, active: ActiveRule, now: Now, *, ahead: bool = False) -> RuleStory:
    """Ask every condition of one rule, of the signal that comes closest.

    `ahead` also finds, for what fails, the day on which time alone brings it about.
    """
    match = judge(candidate, active, now)
    scene = Scene(candidate, active, now, ahead)
    asked = _tell_all(scene, match) if active.rule.when.mode == "all" else _tell_one(scene, match)
    return RuleStory(active.rule, match, asked.conditions, asked.failing)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The conditions of a part of a rule, and those of them that have to change."""

    conditions: tuple[Condition, ...] = ()
    failing: tuple[Condition, ...] = ()

    def __add__(self, other: _Asked) -> _Asked:
        return _Asked(self.conditions + other.conditions, self.failing + other.failing)


def _sorted_out(conditions: Iterable[Condition]) -> _Asked:
    listed = tuple(conditions)
    return _Asked(listed, tuple(one for one in listed if one.holds is not True))


@dataclass(frozen=True, slots=True)
class _Try:
    """One block and the signal it is asked of, None where none came, between what is asked of the contact."""

    heard: Heard | None
    who: _Asked
    block: _Asked
    unless: _Asked

    @property
    def short(self) -> tuple[int, bool, tuple[float, int, str]]:
        """How far it is from firing: by the number of failing conditions, then the newest signal first."""
        failing = sum(len(part.failing) for part in (self.who, self.block, self.unless))
        return failing, self.heard is None, newest_first(self.heard) if self.heard else (0.0, 0, "")


def _tell_one(scene: Scene, match: Match | None) -> _Asked:
    """A rule to which one signal is enough: it is as near as the block and the signal that come closest together."""
    nearest = [_nearest(scene, number, (match.trigger,) if match else None) for number in _numbers(scene)]
    matched = [one for one in nearest if match and one.heard and one.heard.key == match.trigger]
    best = min(matched or nearest, key=lambda one: one.short)
    blocks = tuple(condition for one in nearest for condition in one.block.conditions)
    return best.who + _Asked(blocks, best.block.failing) + best.unless


def _tell_all(scene: Scene, match: Match | None) -> _Asked:
    """A rule that needs a signal for each block: each is asked of the one that comes closest to it."""
    rule, blocks = scene.active.rule, _Asked()
    nearest = [_nearest(scene, number, match.evidence if match else None) for number in _numbers(scene)]
    heads = sorted((one.heard for one in nearest if one.heard), key=newest_first)
    for one in nearest:
        blocks += one.block
    leader = next((one for one in nearest if heads and one.heard is heads[0]), nearest[0])
    asked = leader.who + blocks + _close_enough(rule, heads, match) + leader.unless
    if asked.failing or (match and match.finding is Finding.FIRES):
        return asked
    return asked + _one_for_each(rule)


def _numbers(scene: Scene) -> range:
    return range(len(scene.active.rule.when.blocks))


def _nearest(scene: Scene, number: int, keys: Sequence[str] | None) -> _Try:
    """A block asked of every signal that it may look at, first of those with these keys; the try that comes closest."""
    heard = scene.occasions(scene.active.rule.when.blocks[number])
    wanted = [one for one in heard if keys is None or one.key in keys] or heard
    options: list[Heard | None] = [*wanted] or [None]
    return min((_try(scene, number, one) for one in options), key=lambda one: one.short)


def _try(scene: Scene, number: int, heard: Heard | None) -> _Try:
    rule = scene.active.rule
    block, section = rule.when.blocks[number], section_of(rule, number)
    question = partial(scene.ask, heard)
    return _Try(
        heard,
        _who("who", rule.who, scene, heard),
        _sorted_out(ask_block(section, block, heard, scene)),
        _sorted_out(
            (
                *(ask_stop(line, question, scene.begin) for line in rule.unless),
                *(ask_silence(block, scene) for block in rule.unless_heard),
            )
        ),
    )


def section_of(rule: Rule, number: int) -> str:
    """What is shown as the name of the part that one block makes; numbers begin at 0, what is shown at 1."""
    place = f", {rule.when.mode} {number + 1}" if len(rule.when.blocks) > 1 else ""
    return f"when {rule.when.blocks[number].kind}{place}"


def _who(section: str, who: Who, scene: Scene, trigger: Heard | None) -> _Asked:
    """The lines of `who`, and its alternatives, of which the one that comes closest has to hold."""
    question = partial(scene.ask, trigger)
    own = _sorted_out(ask_line(section, "who", line, question, scene.begin) for line in who.lines)
    parts = [_who(f"{section}, any {number}", part, scene, trigger) for number, part in enumerate(who.any, 1)]
    nearest = min(parts, key=lambda part: len(part.failing), default=_Asked())
    return own + _Asked(tuple(one for part in parts for one in part.conditions), nearest.failing)


def _close_enough(rule: Rule, heads: Sequence[Heard], match: Match | None) -> _Asked:
    """Whether the signals of all blocks lie within `apart`."""
    apart = rule.when.apart
    if apart is None or len(heads) < len(rule.when.blocks):
        return _Asked()
    first, last, bounds = heads[-1].occurred_at, heads[0].occurred_at, Between(at_most=apart)
    near = match is not None or compare_age(first, last, bounds)
    met = str(Span((last - first).days, "day"))
    return _sorted_out([ask_bounds("when", "when.apart", bounds, met, rule.when.blocks[0].at, lambda _: near)])


def _one_for_each(rule: Rule) -> _Asked:
    """For a rule each of whose blocks is met, but not by signals of its own that go together."""
    told, change = "the signals do not go together", "another of these signals came"
    return _sorted_out([refused("when", "when.all", "a signal for each", told, rule.when.blocks[0].at, change=change)])
