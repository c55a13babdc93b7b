"""Tasks that have left: which of them a target has had."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from reengage.store import columns as t
from reengage.store.handed import TASK


def delivered(connection: Connection, target: str) -> Iterator[str]:
    """The keys of the tasks that this target has had."""
    handed = t.DeliveryRow
    found = select(handed.task_key).where(handed.target == target, handed.what == TASK).order_by(handed.task_key)
    yield from connection.execute(found).scalars()
