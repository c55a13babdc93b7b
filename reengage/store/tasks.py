"""Tasks after their creation: closed by a rep, delivered to a CRM, recalled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, select, update

from reengage.delivery.outgoing import Outgoing, Recall
from reengage.model.words import TaskState
from reengage.store import columns as t
from reengage.store.closing import WITHDRAWN
from reengage.store.handed import TASK, Announced, Ledger, rep_of
from reengage.store.versions import among, chunks

WHAT = "tasks"
"""What the names of their files begin with."""

_LEDGER = Ledger(t.DeliveryRow, t.DeliveryRow.task_key, t.TaskRow.key, t.TaskRow.owner)

note_placed = _LEDGER.note_placed


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
        mine = among(connection, t.TaskRow.key, some)
        rows = connection.execute(select(t.TaskRow.key, t.TaskRow.contact_id).where(mine))
        found.update((key, contact) for key, contact in rows.all())
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


def asks_nobody(connection: Connection, keys: Collection[str]) -> set[str]:
    """Tasks that may go out about people who have said stop: there are none."""
    return set()


def withdraw(connection: Connection, refused: Mapping[str, str], at: datetime) -> None:
    """Take back tasks of people who have said stop since, for these reasons."""
    close(connection, (Closing(key, TaskState.CANCELLED, at, WITHDRAWN, why) for key, why in refused.items()))


def to_deliver(connection: Connection, target: str) -> list[Outgoing]:
    """Open tasks that this target has not had, oldest first, with the ids by which a CRM knows their people now."""
    return _standing(connection, ~_LEDGER.handed(target))


def announced(connection: Connection, target: str) -> dict[Announced, list[Outgoing]]:
    """Tasks that stand and were announced to this target, but whose file may not: by announcement, the oldest first."""
    return _LEDGER.announced(connection, target, _standing)


def _standing(connection: Connection, which: Any) -> list[Outgoing]:
    row, contact, profile = t.TaskRow, t.ContactRow, t.ProfileRow
    standing = row.state.in_((TaskState.OPEN, TaskState.DELIVERED))
    made_for = contact.__table__.alias("made_for")
    columns = (
        *(profile.first_name, profile.last_name, t.OwnerRow.name, row.evidence),
        *(profile.crm_system, profile.crm_id, t.AccountRow.crm_id, t.OwnerRow.crm_id),
        contact.key,
        *(getattr(row, name) for name in _PLAIN),
    )
    statement = (
        select(*columns)
        .select_from(row)
        .join(made_for, made_for.c.id == row.contact_id)
        .join(contact, contact.id == func.coalesce(made_for.c.same_as, made_for.c.id))
        .outerjoin(profile, and_(profile.contact_id == contact.id, profile.superseded_at.is_(None)))
        .outerjoin(t.AccountRow, t.AccountRow.id == row.account_id)
        .outerjoin(t.OwnerRow, rep_of(row.owner))
    )
    found = connection.execute(statement.where(standing, which).order_by(row.created_at, row.key))
    return [_outgoing(*hit) for hit in found.all()]


_PLAIN = (
    *("key", "account", "owner", "channel", "priority", "due", "subject", "because", "last_words", "note", "rule"),
    "created_at",
)
_CRM = ("crm_system", "crm_contact_id", "crm_account_id", "crm_owner_id")


def _outgoing(
    first: str | None, last: str | None, rep: str | None, evidence: Sequence[dict[str, Any]], *more: Any
) -> Outgoing:
    """A task out of the columns that `_standing` selects, in this order."""
    values: dict[str, Any] = dict(zip(_CRM, (id or "" for id in more), strict=False))
    contact, *plain = more[len(_CRM) :]
    values.update(zip(_PLAIN, plain, strict=True))
    return Outgoing(
        **values,
        contact_id=contact,
        owner_name=rep or "",
        contact=f"{first or ''} {last or ''}".strip(),
        evidence=tuple(evidence),
    )


def to_recall(connection: Connection, target: str) -> list[Recall]:
    """Tasks that this target has had and an opt-out has cancelled since, not yet recalled there, with their rep."""
    row = t.TaskRow
    withdrawn = (row.state == TaskState.CANCELLED, row.outcome == WITHDRAWN)
    return _LEDGER.to_recall(connection, target, row.closed_at, *withdrawn)


def note_delivery(
    connection: Connection, keys: Sequence[str], target: str, what: str, batch: str, at: datetime
) -> None:
    """Remember what is handed to a target, and that these tasks leave; a task is placed by `note_placed` only."""
    _LEDGER.note_delivery(connection, keys, target, what, batch, at)
    if what == TASK:
        for some in chunks(keys):
            leaving = (among(connection, t.TaskRow.key, some), t.TaskRow.state == TaskState.OPEN)
            connection.execute(update(t.TaskRow).where(*leaving).values(state=TaskState.DELIVERED))
