"""What one export hands to a target, as named files; the same things give the same names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from reengage.delivery.form import Csv, Form, Row
from reengage.delivery.outgoing import Outgoing, Recall
from reengage.delivery.target import Sheet, Target

File = tuple[str, Iterator[bytes]]
"""The name of a file and its content, piece by piece."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Recalls and tasks for one target; `incomplete` are tasks that it cannot take in yet.

    One that was announced keeps the moment and the id that it then had, so that its files are written over. `what` the
    tasks are begins the names of the files.
    """

    target: Target
    recalls: tuple[Recall, ...]
    tasks: tuple[Outgoing, ...]
    incomplete: tuple[Outgoing, ...] = ()
    announced: tuple[datetime, str] | None = None
    what: str = "tasks"

    @property
    def id(self) -> str:
        """What names this batch: its keys, and nothing that a second try would change."""
        if self.announced:
            return self.announced[1]
        keys = sorted([f"recall {one.key}" for one in self.recalls] + [f"task {one.key}" for one in self.tasks])
        return hashlib.sha256("\n".join(keys).encode()).hexdigest()[:12]

    @property
    def pattern(self) -> str:
        """What the names of all its files fit."""
        return self._name("*") + "*"

    def files(self) -> Iterator[File]:
        """The files in the order in which they are to be taken in: recalls first."""
        target = self.target
        recalls = map(target.recalls.row, self.recalls)
        tasks = map(target.tasks.row, self.tasks)
        if target.together:
            yield from self._written(self.what, target.tasks, chain(recalls, tasks))
        else:
            recall = "recall" if self.what == "tasks" else f"recall-{self.what}"
            yield from self._written(recall, target.recalls, recalls)
            yield from self._written(self.what, target.tasks, tasks)
        if self.incomplete:
            lines = (INCOMPLETE.row((task, target)) for task in self.incomplete)
            yield incomplete_name(target, self.what), _FOR_PEOPLE.write(INCOMPLETE.columns, lines)

    def _written(self, what: str, sheet: Sheet[Any], rows: Iterable[Row]) -> Iterator[File]:
        """The files that these rows fill, and what the importer needs beside them."""
        form = self.target.form
        portions = list(_portions(form, sheet, rows))
        for number, portion in enumerate(portions, 1):
            suffix = f"-{number:04}" if len(portions) > 1 else ""
            yield f"{self._name(what)}{suffix}.{form.suffix}", form.write(sheet.columns, portion)
        if portions and sheet.beside:
            name, content = sheet.beside
            yield name, iter((content,))

    def _name(self, what: str) -> str:
        return f"{what}-{self.target.name}-{self._at().astimezone(UTC):%Y%m%dT%H%M%SZ}-{self.id}"

    def _at(self) -> datetime:
        if self.announced:
            return self.announced[0]
        return max([one.withdrawn_at for one in self.recalls] + [one.created_at for one in self.tasks])


def _portions(form: Form, sheet: Sheet[Any], rows: Iterable[Row]) -> Iterator[list[Row]]:
    """The rows in as many portions as the sheet's limits ask for; the heading is counted with every row."""
    portion: list[Row] = []
    size = 0
    for row in rows:
        length = sum(map(len, form.write(sheet.columns, [row]))) if sheet.size else 0
        if portion and (len(portion) == sheet.rows or size + length > (sheet.size or 0)):
            yield portion
            portion, size = [], 0
        portion.append(row)
        size += length
    if portion:
        yield portion


def incomplete_name(target: Target, what: str = "tasks") -> str:
    """The file that says what the tasks left behind still need; each export makes it anew."""
    return f"incomplete-{target.name}.csv" if what == "tasks" else f"incomplete-{what}-{target.name}.csv"


def _incomplete(pair: tuple[Outgoing, Target]) -> Row:
    task, target = pair
    names = ("key", "contact_id", "contact", "account", "owner", "due")
    return {**{name: getattr(task, name) for name in names}, "to_add": "\n".join(target.lacks(task))}


_FOR_PEOPLE = Csv(newline="\r\n", bom=True)

INCOMPLETE = Sheet(("key", "contact_id", "contact", "account", "owner", "due", "to_add"), _incomplete)
"""The sheet of what is left behind."""
