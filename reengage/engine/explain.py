"""Why, or why not: every rule with every condition, its value, and whether it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reengage.engine.brief import tell
from reengage.engine.match import Match, newest_first
from reengage.engine.news import ActiveRule, everything_heard, good_news, good_until, may_wake
from reengage.engine.now import Now
from reengage.engine.plain import (
    Answer,
    ask,
    ask_fact,
    bursts_of,
    compare_number,
    compare_silence,
    judge,
    silence_before,
)
from reengage.language.tree import Block, Who
from reengage.model.candidate import Candidate
from reengage.model.signal import Heard
from reengage.model.words import Certainty


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing a rule asks: where it stands, what it wants, what it met; None is unknown."""

    section: str
    wants: str
    met: str
    holds: bool | None


@dataclass(frozen=True, slots=True)
class RuleStory:
    """One rule, what it has to say of this contact, and each of its conditions."""

    rule: str
    revision: str
    match: Match | None
    conditions: tuple[Condition, ...]

    @property
    def failing(self) -> tuple[Condition, ...]:
        """The conditions that keep it from firing."""
        return tuple(one for one in self.conditions if one.holds is not True)


def explain_rule(candidate: Candidate, active: ActiveRule, now: Now) -> RuleStory:
    """Ask every condition of one rule, of the signal that comes closest."""
    rule = active.rule
    match = judge(candidate, active, now)
    nearest = _nearest(candidate, active, now, match)
    conditions = [
        *_who(rule.who, candidate, nearest, now),
        *(one for block in rule.when.blocks for one in _block(block, candidate, active, now)),
        *(_unless(ask(line, candidate, nearest, now)) for line in rule.unless),
    ]
    return RuleStory(rule.id, rule.revision, match, tuple(conditions))


def _nearest(candidate: Candidate, active: ActiveRule, now: Now, match: Match | None) -> Heard | None:
    heard = sorted(everything_heard(candidate, active.rule, now), key=newest_first)
    if match:
        return next(one for one in heard if one.key == match.trigger)
    return heard[0] if heard else None


def _who(who: Who, candidate: Candidate, nearest: Heard | None, now: Now) -> Iterator[Condition]:
    for line in who.lines:
        yield _asked("who", ask(line, candidate, nearest, now))
    for number, part in enumerate(who.any, 1):
        for condition in _who(part, candidate, nearest, now):
            yield Condition(f"who, any {number}", condition.wants, condition.met, condition.holds)


def _asked(section: str, answer: Answer) -> Condition:
    return Condition(section, str(answer.line), answer.value, answer.holds)


def _unless(answer: Answer) -> Condition:
    """An `unless` line is in order where it does not hold."""
    return Condition("unless", str(answer.line), answer.value, None if answer.holds is None else not answer.holds)


def _block(block: Block, candidate: Candidate, active: ActiveRule, now: Now) -> Iterator[Condition]:
    section = f"when {block.kind}"
    heard = [one for one in everything_heard(candidate, active.rule, now) if one.kind == block.kind]
    if not heard:
        yield Condition(section, "a signal", "none was heard", False)
        return
    nearest = max(heard, key=lambda one: (_fit(block, one, candidate, active, now), -newest_first(one)[0], one.seq))
    yield Condition(section, "a signal", f"{tell(nearest, candidate)}, {now.day_of(nearest.occurred_at)}", True)
    yield from _usable(section, nearest, candidate, active, now)
    if block.within:
        fresh = block.within.after(nearest.occurred_at) >= nearest.received_at
        age = (nearest.received_at - nearest.occurred_at).days
        yield Condition(section, f"within: {block.within}", f"{age} days old when received", fresh)
    for line in block.lines:
        yield _asked(section, ask_fact(line, nearest, now))
    yield from _counted(section, block, candidate, active, now)


def _fit(block: Block, heard: Heard, candidate: Candidate, active: ActiveRule, now: Now) -> int:
    """How many conditions this signal meets."""
    usable = sum(one.holds is True for one in _usable("", heard, candidate, active, now))
    return usable + sum(ask_fact(line, heard, now).holds is True for line in block.lines)


def _usable(section: str, heard: Heard, candidate: Candidate, active: ActiveRule, now: Now) -> Iterator[Condition]:
    """What every signal has to be: only what is not in order is worth a line."""
    stale = good_until(heard, active.rule, candidate, now)
    checks = (
        ("not used before", "went into an earlier task", heard.key not in candidate.used),
        (
            "after the hold began",
            f"the hold began {now.day_of(candidate.hold.since)}",
            heard.occurred_at >= candidate.hold.since,
        ),
        (f"good for {active.rule.good_for}", f"went stale {now.day_of(stale)}", now.at <= stale),
        (
            "arrived after the rule",
            "is older than this version of the rule",
            heard.seq > active.since_seq or not heard.seq,
        ),
        ("what the contact named", f"wakes only on {', '.join(candidate.hold.wake_on)}", may_wake(heard, candidate)),
        ("certain", str(heard.certainty), heard.certainty is Certainty.CONFIRMED),
    )
    for wants, met, holds in checks:
        if not holds:
            yield Condition(section, wants, met, False)


def _counted(section: str, block: Block, candidate: Candidate, active: ActiveRule, now: Now) -> Iterator[Condition]:
    if block.count is None and block.after_quiet is None:
        return
    bursts = bursts_of(block, good_news(candidate, active, now), now)
    if block.count:
        largest = max(map(len, bursts), default=0)
        enough = any(compare_number(len(burst), block.count) for burst in bursts)
        yield Condition(section, f"count: {block.count}", str(largest), enough)
    if block.after_quiet and bursts:
        first, previous = silence_before(candidate, bursts[0])
        met = f"{(first - previous).days} days" if previous else "never heard before"
        quiet = any(compare_silence(candidate, burst, block.after_quiet) for burst in bursts)
        yield Condition(section, f"after_quiet: {block.after_quiet}", met, quiet)
