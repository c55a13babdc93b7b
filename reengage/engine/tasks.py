"""How long a task stands, and what names it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta

from reengage.engine.now import Now
from reengage.model.candidate import Candidate, PastTask
from reengage.model.decision import Task
from reengage.model.words import TaskState

LAPSES_AFTER = timedelta(days=30)
"""A task nobody closed lapses this long after its due date."""


def stands(task: PastTask, now: Now) -> bool:
    """Whether a task is still in a rep's hands at this moment."""
    if task.closed_at is not None and task.closed_at <= now.at:
        return False
    if task.closed_at is None and task.state not in (TaskState.OPEN, TaskState.DELIVERED):
        return False
    return now.at < now.start_of(task.due) + LAPSES_AFTER


def open_tasks(candidate: Candidate, now: Now) -> Iterator[PastTask]:
    """The tasks of this contact that stand at this moment."""
    return (task for task in candidate.tasks if stands(task, now))


def as_past(task: Task) -> PastTask:
    """A new task as the next judgement will see it."""
    return PastTask(
        key=task.key,
        rule=task.rule,
        created_at=task.created_at,
        due=task.due,
        channel=task.channel,
        state=TaskState.OPEN,
        owner=task.owner,
    )


def dedupe_key(rule: str, contact_key: str, trigger: str) -> str:
    """What makes this task this task: the rule, the contact and the trigger, never the text."""
    digest = hashlib.sha256("\x1f".join((rule, contact_key, trigger)).encode()).hexdigest()
    return f"rx-{digest[:20]}"
