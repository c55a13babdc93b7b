"""What is told of a rule agrees with what it does: something fails if and only if it does not fire."""

from __future__ import annotations

from random import Random

import pytest

from reengage.engine.explain import RuleStory, explain_rule
from reengage.engine.match import Finding
from reengage.engine.now import Now
from tests.engine import chance

ROUNDS = [*range(8), *(pytest.param(seed, marks=pytest.mark.lab) for seed in range(8, 500))]


def stories(seed: int) -> list[tuple[chance.Candidate, chance.ActiveRule, Now, RuleStory]]:
    dice = Random(seed)
    rules = [chance.rule(dice, number) for number in range(20)]
    people, now = [chance.candidate(dice, number) for number in range(20)], chance.now(dice)
    return [(one, rule, now, explain_rule(one, rule, now)) for one in people for rule in rules]


@pytest.mark.parametrize("seed", ROUNDS)
def test_a_condition_fails_if_and_only_if_the_rule_does_not_fire(seed: int) -> None:
    for one, rule, now, story in stories(seed):
        fires = story.match is not None and story.match.finding is Finding.FIRES
        assert bool(story.failing) != fires, (one, rule, now)
        assert set(story.failing) <= set(story.conditions)
        if story.match and story.match.finding in (Finding.STOPPED, Finding.UNKNOWN):
            assert {condition.section for condition in story.failing} == {"unless"}
        assert all(condition.holds is not True and condition.fails and condition.change for condition in story.failing)
