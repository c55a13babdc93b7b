"""What is told of guards is what keeps a task from being proposed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from reengage.engine.guards import guards_before
from reengage.engine.news import everything_heard
from reengage.engine.now import Now
from reengage.engine.plain import PlainMatcher
from reengage.engine.propose import Playbook, Proposal, propose
from reengage.gate.admit import admit
from reengage.language.responses import Policy
from reengage.language.tree import Rule, Span
from reengage.model.candidate import Candidate, PastTask
from reengage.model.optout import Standing
from reengage.model.settings import Settings
from reengage.model.words import Outcome, Response, TaskState
from tests.engine import chance
from tests.engine.test_propose import STARTER

HELD_BACK = (Outcome.ALREADY_TASKED, Outcome.DEFERRED, Outcome.COOLDOWN)
SETTINGS = Settings(default_owner="rep@us.example")
POLICIES: dict[Response, Policy] = dict(STARTER.responses)


def trigger_kind(candidate: Candidate, rule: Rule, key: str | None, now: Now) -> str:
    return next(heard.kind for heard in everything_heard(candidate, rule, now) if heard.key == key)


def test_a_rest_goes_on_under_a_new_name_and_a_promise_is_lifted_only_for_a_move() -> None:
    dice = Random(3)
    rule = replace(chance.rule(dice, 0).rule, id="new-name", cooldown=Span(100, "day"), before_promise=True)
    task = replace_task(chance.past_task(dice), rule="old-name", created_at=chance.AT - timedelta(days=50))
    hold = chance.candidate(dice, 1).hold.model_copy(update={"promised": True, "until": date(2026, 9, 1)})
    one = chance.candidate(dice, 1).model_copy(update={"tasks": (task,), "hold": hold})

    def outcomes(rule: Rule, kind: str) -> list[Outcome]:
        return [guard.outcome for guard in guards_before(rule, one, SETTINGS, Now(chance.AT), kind)]

    assert outcomes(rule, "job_change") == []
    assert outcomes(rule, "intent") == [Outcome.DEFERRED]
    renamed = replace(rule, formerly=("old-name",))
    assert outcomes(renamed, "job_change") == [Outcome.COOLDOWN]
    (guard,) = guards_before(renamed, one, SETTINGS, Now(chance.AT), "job_change")
    assert guard.until == chance.AT + timedelta(days=50)


def replace_task(task: PastTask, **changes: object) -> PastTask:
    """A task that was completed, with other values."""
    done = {"state": TaskState.COMPLETED, "closed_at": chance.AT - timedelta(days=40), **changes}
    return task.model_copy(update=done)


@pytest.mark.parametrize("seed", range(12))
def test_a_proposal_has_no_guard_and_whatever_is_held_back_has_that_one(seed: int) -> None:
    dice = Random(seed)
    rules = [chance.rule(dice, number) for number in range(20)]
    people, now = [chance.candidate(dice, number) for number in range(60)], chance.now(dice)
    book = Playbook(tuple(rules), SETTINGS, POLICIES, {})
    admitted = admit(people, {one.contact.id: Standing() for one in people}).admitted
    matches, seen = PlainMatcher(rules).match(admitted, now), set()
    for one in admitted:
        decided = propose(one, matches[one.candidate.contact.id], book, now)
        told = decided.accept() if isinstance(decided, Proposal) else decided
        if told.rule is None or told.outcome not in (*HELD_BACK, Outcome.TASK):
            continue
        rule = book.rule(told.rule).rule
        kind = trigger_kind(one.candidate, rule, told.trigger, now)
        guards = guards_before(rule, one.candidate, SETTINGS, now, kind)
        seen.add(told.outcome)
        if told.outcome is Outcome.TASK:
            assert not guards
        else:
            assert told.outcome in {guard.outcome for guard in guards}
        for guard in guards:
            later = guards_before(rule, one.candidate, SETTINGS, Now(guard.until, now.zone), kind)
            assert guard.what not in {left.what for left in later}
    assert seen
