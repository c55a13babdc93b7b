"""What was handed to a target, announced, placed and recalled: alike for tasks and for what we owe for answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, exists, insert, select, update

from reengage.delivery.outgoing import Outgoing, Recall
from reengage.store import columns as t
from reengage.store.inserts import insert_all
from reengage.store.versions import among, chunks

TASK, RECALL = "task", "recall"
"""What is handed over."""

Announced = tuple[datetime, str]
"""When something was announced, and the id of its batch."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Where handings of one sort of thing are written (`row`), which thing each is about (`about`), and what things are
    called at home (`key`, beside `owner`)."""

    row: Any
    about: Any
    key: Any
    owner: Any

    def handed(self, target: str, *more: Any) -> Any:
        """That a thing was handed to this target."""
        return exists().where(self.about == self.key, self.row.target == target, self.row.what == TASK, *more)

    def announced(
        self, connection: Connection, target: str, standing: Callable[[Connection, Any], list[Outgoing]]
    ) -> dict[Announced, list[Outgoing]]:
        """What of `standing` was announced to this target, but whose file may not stand, oldest announcement first."""
        unplaced = self.row.target == target, self.row.what == TASK, ~self.row.placed
        rows = connection.execute(select(self.about, self.row.recorded_at, self.row.batch).where(*unplaced))
        when = {key: (recorded_at, batch) for key, recorded_at, batch in rows}
        found: dict[Announced, list[Outgoing]] = {one: [] for one in sorted(set(when.values()))}
        for one in standing(connection, self.handed(target, ~self.row.placed)):
            found[when[one.key]].append(one)
        return found

    def to_recall(self, connection: Connection, target: str, taken_back_at: Any, *taken_back: Any) -> list[Recall]:
        """What this target has had and was taken back since, not yet recalled there, with its rep."""
        told = exists().where(self.about == self.key, self.row.target == target, self.row.what == RECALL)
        columns = (self.key, taken_back_at, self.owner, t.OwnerRow.name)
        statement = select(*columns).select_from(self.key.class_).outerjoin(t.OwnerRow, rep_of(self.owner))
        found = connection.execute(statement.where(*taken_back, self.handed(target), ~told).order_by(self.key))
        return [Recall(key, at, owner, name or "") for key, at, owner, name in found]

    def note_delivery(
        self, connection: Connection, keys: Sequence[str], target: str, what: str, batch: str, at: datetime
    ) -> None:
        """Remember what is handed to a target; all but recalls are placed by `note_placed` only."""
        given = {"target": target, "what": what, "batch": batch, "placed": what == RECALL, "recorded_at": at}
        if keys:
            insert_all(connection, insert(self.row), [{self.about.key: key, **given} for key in keys])

    def note_placed(self, connection: Connection, target: str, keys: Iterable[str]) -> None:
        """Remember that the files of these stand."""
        for some in chunks(keys):
            mine = (self.row.target == target, self.row.what == TASK, among(connection, self.about, some))
            connection.execute(update(self.row).where(*mine).values(placed=True))


def rep_of(owner: Any) -> Any:
    """That an owner's row is the one in force for the rep in this column."""
    return and_(t.OwnerRow.email == owner, t.OwnerRow.superseded_at.is_(None))
