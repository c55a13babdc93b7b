"""Touches count whoever of us it was."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reengage.engine.care import crowd_around, crowd_ends, emails_since_hold
from reengage.engine.guards import guards_before
from reengage.engine.now import Now
from reengage.model.candidate import PastTask, Touch
from reengage.model.settings import Caps, Settings
from reengage.model.words import Channel, Outcome, TaskState
from tests.engine.test_propose import AT, JOB, dana, decision_of, task_of

NOW = Now(AT)


def touch(rep: str | None, days: float, channel: Channel | None = None) -> Touch:
    return Touch(at=AT - timedelta(days=days), channel=channel, rep=rep)


THREE = (touch("a@us.example", 1), touch("b@us.example", 3), touch("c@us.example", 6.5), touch("c@us.example", 30))


def test_whom_three_reps_touched_in_a_week_is_left_in_peace_with_that_reason() -> None:
    held = decision_of(dana(touches=THREE))
    assert held.outcome is Outcome.COOLDOWN
    assert held.reason == "a@us.example, b@us.example, c@us.example were all in touch within a week"
    assert held.recheck_at == AT + timedelta(days=0.5)
    (guard,) = guards_before(JOB, dana(touches=THREE), Settings(), NOW)
    assert guard.until == held.recheck_at


@pytest.mark.parametrize(
    "touches",
    [
        THREE[:2],
        (*THREE[:2], touch("c@us.example", 7)),
        (*THREE[:2], touch("a@us.example", 5), touch(None, 2)),
        (*THREE[:2], touch("c@us.example", -1)),
    ],
)
def test_two_reps_or_a_longer_time_are_no_crowd(touches: tuple[Touch, ...]) -> None:
    assert crowd_around(dana(touches=touches), Caps(), NOW) is None
    assert task_of(dana(touches=touches))


def test_a_task_that_a_rep_completed_is_a_touch_of_theirs() -> None:
    done = PastTask(
        key="rx-1",
        rule="other",
        created_at=AT - timedelta(days=90),
        due=AT.date(),
        channel=Channel.PHONE,
        state=TaskState.COMPLETED,
        closed_at=AT - timedelta(days=2),
        owner="d@us.example",
    )
    candidate = dana(touches=THREE[:2], tasks=(done,))
    crowd = crowd_around(candidate, Caps(), NOW)
    assert crowd and crowd.reps == ("a@us.example", "b@us.example", "d@us.example")
    assert crowd.until == AT + timedelta(days=4)
    assert crowd_around(candidate, Caps(reps_per_week=4), NOW) is None
    assert max(crowd_ends(candidate, NOW)) == AT + timedelta(days=6)


def test_e_mails_of_any_rep_are_counted_and_what_came_of_a_task_counts_once() -> None:
    since = dana().hold.since
    mailed = PastTask(
        key="rx-1",
        rule="other",
        created_at=since + timedelta(days=3),
        due=AT.date(),
        channel=Channel.EMAIL,
        state=TaskState.COMPLETED,
        closed_at=since + timedelta(days=4),
        owner="d@us.example",
    )
    touches = (
        Touch(at=since, channel=Channel.EMAIL, rep="a@us.example"),
        Touch(at=since + timedelta(days=4, hours=1), channel=Channel.EMAIL, rep="d@us.example"),
        Touch(at=since + timedelta(days=8), channel=Channel.EMAIL, rep="b@us.example"),
        Touch(at=since + timedelta(days=9), channel=Channel.PHONE, rep="b@us.example"),
    )
    assert emails_since_hold(dana(touches=touches, tasks=(mailed,)), NOW) == 2
