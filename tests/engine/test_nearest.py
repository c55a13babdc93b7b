"""What would have to change: the rule that lacks least, and the day on which time alone brings it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from reengage.app.stage import Stage, noon_of
from reengage.engine.condition import Condition, end_of
from reengage.engine.explain import RuleStory, explain_rule
from reengage.engine.nearest import look_ahead, nearest_miss
from reengage.engine.news import ActiveRule
from reengage.engine.now import Now
from reengage.language.tree import Position, Rule
from reengage.model.candidate import Candidate
from reengage.model.words import Priority
from tests.app.rulebook import play, read
from tests.engine import chance

DAY = timedelta(days=1)
ROUNDS = [*range(4), *(pytest.param(seed, marks=pytest.mark.lab) for seed in range(4, 200))]
AT = Position("rules/a.yaml", 1, 1)


def page(seed: int) -> list[tuple[Candidate, ActiveRule, Now]]:
    dice = Random(seed)
    rules = [chance.rule(dice, number) for number in range(20)]
    people, now = [chance.candidate(dice, number) for number in range(20)], chance.now(dice)
    return [(one, rule, now) for one in people for rule in rules]


def holds(condition: Condition, story: RuleStory) -> bool:
    """Whether the same thing is in order in another story of the same rule."""
    return any(
        (one.section, one.wants, one.holds) == (condition.section, condition.wants, True) for one in story.conditions
    )


def fires(one: Candidate, rule: ActiveRule, now: Now) -> bool:
    return explain_rule(one, rule, now).fires


@pytest.mark.parametrize("seed", ROUNDS)
def test_the_day_that_is_named_is_the_first_on_which_it_fires(seed: int) -> None:
    for one, rule, now in page(seed):
        near = look_ahead(one, rule, now)
        if near.story.failing and near.fires_on:
            assert fires(one, rule, end_of(near.fires_on, now))
            if near.fires_on > now.today:
                assert not fires(one, rule, end_of(near.fires_on - DAY, now))


@pytest.mark.parametrize("seed", ROUNDS)
def test_a_lone_condition_is_brought_about_on_its_day_and_not_before(seed: int) -> None:
    for one, rule, now in page(seed):
        story = look_ahead(one, rule, now).story
        only = story.failing[0] if len(story.failing) == 1 else None
        if only and only.on and only.on > now.today:
            assert not holds(only, explain_rule(one, rule, end_of(only.on - DAY, now)))


TOMORROW = {
    "contract_renewal.due_in were at most 90 days (91 days today; on 2026-03-02)": (
        "when: {contract_renewal: {due_in: {at_most: 90 days}}}",
        "contract_ends: 2026-05-31",
    ),
    "the date of their hold had come (2026-03-02 lies ahead today; on 2026-03-02)": (
        "when: snooze_ended",
        "until: 2026-03-02",
    ),
    "who.held_for were at least 51 days (50 days today; on 2026-03-02)": (
        "who: {held_for: {at_least: 51 days}}\n    when: visit",
        "said: not_now",
    ),
    "last_contacted were more than 14 days (13 days today; on 2026-03-02)": (
        "when: visit\n    unless: {last_contacted: {at_most: 14 days}}",
        "last_contacted_on: 2026-02-16",
    ),
}


@pytest.mark.parametrize("would", TOMORROW)
def test_what_time_brings_is_told_with_its_day(would: str) -> None:
    body, contact = TOMORROW[would]
    rules = read(f"""\
rules:
  - id: news
    {body}
    then: {{create_task: {{subject: News, priority: low}}}}
tests:
  - name: tomorrow
    contact: {{held_since: 2026-01-10, {contact}}}
    signals: [{{day: 2026-03-01, visit: {{page: /pricing}}}}]
    expect: [{{day: 2026-03-01, tasks: []}}, {{day: 2026-03-03, tasks: [{{rule: news}}]}}]
""")
    assert not play(rules).failed
    today = date(2026, 3, 1)
    candidate, now = Stage(rules.tests[0], rules).candidate(today), Now(noon_of(today))
    near = look_ahead(candidate, ActiveRule(rules.rules[0]), now)
    assert [one.would for one in near.story.failing] == [would]
    assert near.fires_on == date(2026, 3, 2)


def lone(
    name: str, failing: int, *, priority: Priority = Priority.NORMAL, order: int = 0, heard: bool = True
) -> RuleStory:
    dice = Random(1)
    rule = chance.rule(dice, 0).rule
    wants = "score: at least 70" if heard else "a signal"
    condition = Condition("when intent", "intent.score", wants, "62", False, AT, "fails", "change")
    made: Rule = replace(rule, id=name, order=order, then=replace(rule.then, priority=priority))
    return RuleStory(made, None, (condition,) * failing, (condition,) * failing)


def test_the_nearest_lacks_least_then_heard_something_then_is_urgent_then_stands_first() -> None:
    stories = [
        lone("fires", 0),
        lone("far", 2, priority=Priority.HIGH),
        lone("silent", 1, priority=Priority.HIGH, heard=False),
        lone("low", 1, priority=Priority.LOW, order=1),
        lone("second", 1, order=3),
        lone("first", 1, order=2),
    ]
    nearest = []
    while (found := nearest_miss(stories)) is not None:
        nearest.append(found.rule.id)
        stories.remove(found)
    assert nearest == ["first", "second", "low", "silent", "far"]


def test_what_would_have_to_be_stands_beside_what_is() -> None:
    only = lone("x", 1).failing[0]
    assert replace(only, change="intent.score were at least 70").would == "intent.score were at least 70 (62)"
    dated = replace(only, change="it were at most 90 days", met="91 days", on=chance.AT.date())
    assert dated.would == "it were at most 90 days (91 days today; on 2026-06-01)"
