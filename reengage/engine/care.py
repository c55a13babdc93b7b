"""How much one person hears from all of us together, whoever of us it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from reengage.engine.now import Now
from reengage.model.candidate import Candidate, Touch
from reengage.model.settings import Caps
from reengage.model.words import Channel, TaskState

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Crowd:
    """The reps who were all in touch within a week, and when the first of them has been that long ago."""

    reps: tuple[str, ...]
    until: datetime

    @property
    def told(self) -> str:
        """Why the contact is left in peace, in words."""
        return f"{', '.join(self.reps)} were all in touch within a week"


def touches(candidate: Candidate) -> Iterator[Touch]:
    """Everything by which this contact has heard from any of us: conversations, and tasks that were completed."""
    yield from candidate.touches
    for task in candidate.tasks:
        if task.state is TaskState.COMPLETED and task.closed_at:
            yield Touch(at=task.closed_at, channel=task.channel, rep=task.owner)


def crowd_around(candidate: Candidate, caps: Caps, now: Now) -> Crowd | None:
    """Who crowds this contact now: so many reps, all in touch within the last week, that the cap is reached."""
    last = _last_week(candidate, now)
    if len(last) < caps.reps_per_week:
        return None
    latest = sorted(last.values(), reverse=True)
    return Crowd(tuple(sorted(last)), latest[caps.reps_per_week - 1] + WEEK)


def crowd_ends(candidate: Candidate, now: Now) -> Iterator[datetime]:
    """When a crowd around this contact may be gone, whatever the cap; one rep alone is none."""
    last = _last_week(candidate, now)
    return (moment + WEEK for moment in last.values() if len(last) > 1)


def _last_week(candidate: Candidate, now: Now) -> dict[str, datetime]:
    """When each of us was last in touch with this contact, within a week."""
    last: dict[str, datetime] = {}
    for touch in touches(candidate):
        if touch.rep and now.at - WEEK < touch.at <= now.at:
            last[touch.rep] = max(touch.at, last.get(touch.rep, touch.at))
    return last


def emails_since_hold(candidate: Candidate, now: Now) -> int:
    """How many e-mails this hold has had from any of us; what came of a task on its day is the same touch."""
    mailed = [
        task
        for task in candidate.tasks
        if task.channel is Channel.EMAIL
        and task.created_at >= candidate.hold.since
        and task.state is not TaskState.CANCELLED
    ]
    told = {now.day_of(task.closed_at) for task in mailed if task.closed_at}
    others = {
        touch.at
        for touch in candidate.touches
        if touch.channel is Channel.EMAIL and touch.at > candidate.hold.since and now.day_of(touch.at) not in told
    }
    return len(mailed) + len(others)
