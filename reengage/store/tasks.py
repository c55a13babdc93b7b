"""Tasks after their creation: closed by a rep, delivered to a CRM, recalled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, insert, select, update

from reengage.model.words import TaskState
from reengage.store import columns as t
from reengage.store.optouts import WITHDRAWN
from reengage.store.versions import chunks

TASK, RECALL = "task", "recall"
"""What is handed over."""


@dataclass(frozen=True, slots=True)
class Closing:
    """How a task ended."""

    key: str
    state: TaskState
    at: datetime
    outcome: str | None
    notes: str | None


def contacts_of(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    """The contact of each of these tasks."""
    found: dict[str, int] = {}
    for some in chunks(set(keys)):
        rows = connection.execute(select(t.TaskRow.key, t.TaskRow.contact_id).where(t.TaskRow.key.in_(some)))
        found.update({row.key: row.contact_id for row in rows})
    return found


def close(connection: Connection, closings: Iterable[Closing]) -> set[int]:
    """Close tasks that stand; one that is closed stays as it is. Returns the contacts of those that changed."""
    row, changed = t.TaskRow, set()
    for one in closings:
        stands = (row.key == one.key, row.state.in_((TaskState.OPEN, TaskState.DELIVERED)))
        values = {"state": one.state, "closed_at": one.at, "outcome": one.outcome, "outcome_notes": one.notes}
        statement = update(row).where(*stands).values(**values).returning(row.contact_id)
        changed |= set(connection.execute(statement).scalars())
    return changed


def to_deliver(connection: Connection, target: str) -> list[Any]:
    """Open tasks that this target has not had, oldest first."""
    row, handed = t.TaskRow, t.DeliveryRow
    had = exists().where(handed.task_key == row.key, handed.target == target, handed.what == TASK)
    standing = row.state.in_((TaskState.OPEN, TaskState.DELIVERED))
    return list(connection.execute(select(row.__table__).where(standing, ~had).order_by(row.created_at, row.key)))


def to_recall(connection: Connection, target: str) -> list[Any]:
    """Tasks that this target has had and an opt-out has cancelled since, not yet recalled there."""
    row, handed = t.TaskRow, t.DeliveryRow
    had = exists().where(handed.task_key == row.key, handed.target == target, handed.what == TASK)
    told = exists().where(handed.task_key == row.key, handed.target == target, handed.what == RECALL)
    withdrawn = (row.state == TaskState.CANCELLED, row.outcome == WITHDRAWN)
    return list(connection.execute(select(row.__table__).where(*withdrawn, had, ~told).order_by(row.key)))


def note_delivery(
    connection: Connection, keys: Sequence[str], target: str, what: str, batch: str, at: datetime
) -> None:
    """Remember what was handed to a target, and that these tasks have left."""
    rows = [{"task_key": key, "target": target, "what": what, "batch": batch, "recorded_at": at} for key in keys]
    if not rows:
        return
    connection.execute(insert(t.DeliveryRow), rows)
    if what == TASK:
        for some in chunks(keys):
            leaving = (t.TaskRow.key.in_(some), t.TaskRow.state == TaskState.OPEN)
            connection.execute(update(t.TaskRow).where(*leaving).values(state=TaskState.DELIVERED))
