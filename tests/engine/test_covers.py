"""What `check` says of two rules is what the engine does with them."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from reengage.engine.match import Finding
from reengage.engine.news import ActiveRule
from reengage.engine.plain import judge
from reengage.language.covers import fires_wherever
from reengage.language.shadows import goes_first, shadows
from reengage.language.tree import Between, Block, Line, Rule, Span, Who
from reengage.model.facts import STOP_FIELDS
from reengage.model.words import Priority
from tests.engine import chance

RULES, CONTACTS = 800, 250
STOPS = {name: STOP_FIELDS[name] for name in ("account_status", "open_task", "seniority")}


def relaxed(dice: Random, rule: Rule) -> Rule:
    """A rule that asks for less, mostly: lines dropped, windows made wider, and now and then something else."""
    blocks = tuple(_relaxed_block(dice, block) for block in rule.when.blocks)
    when = replace(rule.when, blocks=blocks)
    if dice.random() < 0.3:
        when = replace(when, mode="one", blocks=blocks[:1], apart=None)
    return replace(
        rule,
        id="wide",
        who=Who(_fewer(dice, rule.who.lines), rule.who.any),
        when=when,
        unless=(*_fewer(dice, rule.unless), *(chance.lines(dice, STOPS, 1) if dice.random() < 0.3 else ())),
        unless_heard=rule.unless_heard if dice.random() < 0.5 else (),
        good_for=chance.span(dice) if dice.random() < 0.3 else rule.good_for,
    )


def _fewer(dice: Random, lines: tuple[Line, ...]) -> tuple[Line, ...]:
    return tuple(_looser(dice, line) for line in lines if dice.random() < 0.7)


def _looser(dice: Random, line: Line) -> Line:
    if isinstance(line.test, Between) and dice.random() < 0.5:
        return replace(line, test=Between(line.test.at_least, None) if line.test.at_least is not None else line.test)
    return line


def _relaxed_block(dice: Random, block: Block) -> Block:
    within = Span(block.within.count + dice.randrange(20), block.within.unit) if block.within else None
    return replace(block, lines=_fewer(dice, block.lines), within=within)


def test_a_rule_that_covers_another_fires_wherever_that_one_does() -> None:
    dice, covered, fired = Random(5), 0, 0
    people = [chance.candidate(dice, person) for person in range(CONTACTS)]
    for number in range(RULES):
        narrow = chance.rule(dice, number).rule
        wide = relaxed(dice, narrow)
        if not fires_wherever(wide, narrow):
            continue
        covered += 1
        moment = chance.now(dice)
        for candidate in people:
            match = judge(candidate, ActiveRule(narrow), moment)
            if match is None or match.finding is not Finding.FIRES:
                continue
            fired += 1
            other = judge(candidate, ActiveRule(wide), moment)
            assert other is not None, (wide, narrow)
            assert other.finding is Finding.FIRES, (wide, narrow)
            order = [heard.key for heard in sorted(candidate.heard, key=lambda one: (one.occurred_at, one.seq))]
            if {match.trigger, other.trigger} <= set(order):
                assert order.index(other.trigger) >= order.index(match.trigger)
    assert covered > RULES / 8, "too few pairs to say anything"
    assert fired > 100, "too little happens to say anything"


def test_the_quick_way_finds_what_looking_at_every_pair_finds() -> None:
    dice = Random(11)
    found = 0
    for _ in range(20):
        rules = [chance.rule(dice, number).rule for number in range(12)]
        rules += [replace(relaxed(dice, rule), id=f"wide-{rule.id}", order=rule.order + 12) for rule in rules[:6]]
        priorities = [dice.choice(tuple(Priority)) for _ in rules]
        set_apart = [
            replace(rule, then=replace(rule.then, priority=word)) for rule, word in zip(rules, priorities, strict=True)
        ]
        pairs = {
            narrow.id
            for narrow in set_apart
            for wide in set_apart
            if goes_first(wide, narrow) and fires_wherever(wide, narrow)
        }
        assert {rule.id for rule, _ in shadows(set_apart)} == pairs
        found += len(pairs)
    assert found > 10, "too few pairs to say anything"
