"""Two matchers that share no facts say the same of everything."""

from __future__ import annotations

import dataclasses
from random import Random
from typing import ClassVar

import pytest

from reengage.engine import plain
from reengage.engine.agree import DurableMatcher, differences
from reengage.engine.durable import ChildProcess, Crashed, InProcess, Page, available
from reengage.engine.flat import PEOPLE, compile_rules, fnv1a
from reengage.engine.match import Finding, Matches
from reengage.engine.now import Now
from reengage.engine.plain import PlainMatcher
from reengage.gate.admit import Admitted, admit
from reengage.model.optout import Standing
from tests.engine import chance

needs_durable = pytest.mark.skipif(not available(), reason="durable-rules cannot be imported from Python 3.13 on")

ROUNDS, RULES, CONTACTS = 50, 20, 20
"""50 x 20 x 20 = 20,000 comparisons of one rule with one contact."""


def page(dice: Random, size: int) -> tuple[Admitted, ...]:
    people = [chance.candidate(dice, number) for number in range(size)]
    return admit(people, {one.contact.id: Standing() for one in people}).admitted


def both(seed: int) -> tuple[Matches, Matches]:
    dice = Random(seed)
    rules = [chance.rule(dice, number) for number in range(RULES)]
    people, now = page(dice, CONTACTS), chance.now(dice)
    durable = DurableMatcher(rules, InProcess)
    try:
        return PlainMatcher(rules).match(people, now), durable.match(people, now)
    finally:
        durable.close()


@needs_durable
def test_twenty_thousand_comparisons_without_a_difference() -> None:
    seen: dict[Finding, int] = dict.fromkeys(Finding, 0)
    for seed in range(ROUNDS):
        plainly, durably = both(seed)
        assert differences(plainly, durably) == frozenset(), f"seed {seed}"
        for matches in plainly.values():
            for match in matches:
                seen[match.finding] += 1
    assert min(seen.values()) > 20, f"the random rules hardly reach some findings: {seen}"


@needs_durable
def test_a_wrong_matcher_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "compare_number", lambda value, test: True)
    assert any(differences(*both(seed)) for seed in range(8))


def colleagues(dice: Random, size: int) -> tuple[Admitted, ...]:
    """People of whom the same is heard."""
    heard = tuple(chance.heard(dice, seq) for seq in range(1, 15))
    people = [chance.candidate(dice, number).model_copy(update={"heard": heard}) for number in range(size)]
    return admit(people, {one.contact.id: Standing() for one in people}).admitted


class Counting(InProcess):
    """Keeps what it is asked."""

    asked: ClassVar[list[int]] = []

    def fire(self, page: Page) -> list[list[str]]:
        self.asked += [number for number, _ in page]
        return super().fire(page)


@needs_durable
def test_what_is_heard_of_many_is_asked_once_and_they_get_the_same_answers() -> None:
    dice = Random(8)
    rules = [chance.rule(dice, number) for number in range(40)]
    kinds, people, now = [one.kind for one in compile_rules(rules).rulesets], colleagues(dice, 30), chance.now(dice)
    Counting.asked.clear()
    durable = DurableMatcher(rules, Counting)
    assert durable.match(people, now) == PlainMatcher(rules).match(people, now)
    durable.close()
    of_signals = [number for number in Counting.asked if kinds[number] != PEOPLE]
    signals = {one.key for admitted in people for one in admitted.candidate.heard}
    assert 0 < len(of_signals) <= len(signals) * len(set(of_signals)) < len(people) * len(set(of_signals))
    assert len(Counting.asked) > len(of_signals)


@needs_durable
def test_the_child_process_answers_like_this_process() -> None:
    dice = Random(5)
    rules = [chance.rule(dice, number) for number in range(RULES)]
    people, now = page(dice, CONTACTS), chance.now(dice)
    child, here = DurableMatcher(rules, ChildProcess), DurableMatcher(rules, InProcess)
    try:
        assert child.match(people, now) == here.match(people, now)
    finally:
        child.close()
        here.close()


@needs_durable
def test_a_child_that_dies_is_reported_and_started_again() -> None:
    engine = ChildProcess([{"n0": {"all": [{"m": {"always": 1}}]}}])
    assert engine.fire([(0, {"always": 1})]) == [["n0"]]
    assert engine._child is not None
    engine._child.kill()
    engine._child.wait()
    with pytest.raises(Crashed):
        engine.fire([(0, {"always": 1})])
    assert engine.fire([(0, {"always": 1})]) == [["n0"]]
    engine.close()


def test_the_hash_is_the_one_under_which_two_words_once_fell_together() -> None:
    assert fnv1a("costarring") == fnv1a("liquid")
    assert fnv1a("f1") != fnv1a("f2")


@needs_durable
def test_a_rule_with_forty_conditions_is_cut_into_parts() -> None:
    dice = Random(11)
    one = chance.rule(dice, 0)
    many = tuple(line for _ in range(10) for line in chance.lines(dice, chance.OWN.contact_fields, 12))
    long = dataclasses.replace(one, rule=dataclasses.replace(one.rule, who=chance.Who(many)))
    people, now = page(dice, 5), Now(chance.AT)
    durable = DurableMatcher([long], InProcess)
    assert len(many) > 30
    assert durable.match(people, now) == PlainMatcher([long]).match(people, now)
    durable.close()
