"""What is told of guards is what keeps a task from being proposed."""

from __future__ import annotations

from random import Random

import pytest

from reengage.engine.guards import guards_before
from reengage.engine.news import everything_heard
from reengage.engine.now import Now
from reengage.engine.plain import PlainMatcher
from reengage.engine.propose import Playbook, Proposal, propose
from reengage.gate.admit import admit
from reengage.language.responses import Policy
from reengage.language.tree import Rule
from reengage.model.candidate import Candidate
from reengage.model.optout import Standing
from reengage.model.settings import Settings
from reengage.model.words import Outcome, Response
from tests.engine import chance
from tests.engine.test_propose import STARTER

HELD_BACK = (Outcome.ALREADY_TASKED, Outcome.DEFERRED, Outcome.COOLDOWN)
SETTINGS = Settings(default_owner="rep@us.example")
POLICIES: dict[Response, Policy] = dict(STARTER.responses)


def trigger_kind(candidate: Candidate, rule: Rule, key: str | None, now: Now) -> str:
    return next(heard.kind for heard in everything_heard(candidate, rule, now) if heard.key == key)


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
