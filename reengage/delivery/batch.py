"""What one export hands to a target, as named files; the same things give the same names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC

from reengage.delivery.form import Csv, Row
from reengage.delivery.outgoing import Outgoing, Recall
from reengage.delivery.target import Sheet, Target

File = tuple[str, Iterator[bytes]]
"""The name of a file and its content, piece by piece."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Recalls and tasks for one target; `incomplete` are tasks that it cannot take in yet."""

    target: Target
    recalls: tuple[Recall, ...]
    tasks: tuple[Outgoing, ...]
    incomplete: tuple[Outgoing, ...] = ()

    @property
    def id(self) -> str:
        """What names this batch: its keys, and nothing that a second try would change."""
        keys = sorted([f"recall {one.key}" for one in self.recalls] + [f"task {one.key}" for one in self.tasks])
        return hashlib.sha256("\n".join(keys).encode()).hexdigest()[:12]

    def files(self) -> Iterator[File]:
        """The files in the order in which they are to be taken in: recalls first."""
        target = self.target
        recalls = (target.recalls.row(one) for one in self.recalls)
        tasks = (target.tasks.row(one) for one in self.tasks)
        if target.together and (self.recalls or self.tasks):
            rows = (row for rows in (recalls, tasks) for row in rows)
            yield self._name("tasks"), target.form.write(target.tasks.columns, rows)
        if not target.together and self.recalls:
            yield self._name("recall"), target.form.write(target.recalls.columns, recalls)
        if not target.together and self.tasks:
            yield self._name("tasks"), target.form.write(target.tasks.columns, tasks)
        if self.incomplete:
            rows = (INCOMPLETE.row((task, target)) for task in self.incomplete)
            yield incomplete_name(target), _FOR_PEOPLE.write(INCOMPLETE.columns, rows)

    def _name(self, what: str) -> str:
        moments = [one.withdrawn_at for one in self.recalls] + [one.created_at for one in self.tasks]
        stamp = f"{max(moments).astimezone(UTC):%Y%m%dT%H%M%SZ}"
        return f"{what}-{self.target.name}-{stamp}-{self.id}.{self.target.form.suffix}"


def incomplete_name(target: Target) -> str:
    """The file that says what the tasks left behind still need; each export makes it anew."""
    return f"incomplete-{target.name}.csv"


def _incomplete(pair: tuple[Outgoing, Target]) -> Row:
    task, target = pair
    names = ("key", "contact_id", "contact", "account", "owner", "due")
    return {**{name: getattr(task, name) for name in names}, "to_add": "\n".join(target.lacks(task))}


_FOR_PEOPLE = Csv(newline="\r\n", bom=True)

INCOMPLETE = Sheet(("key", "contact_id", "contact", "account", "owner", "due", "to_add"), _incomplete)
"""The sheet of what is left behind."""
