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
from reengage.store.versions import chunks

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
        row.__table__,
        contact.key.label("contact_key"),
        *(profile.first_name, profile.last_name, profile.crm_system, profile.crm_id.label("crm_contact_id")),
        t.AccountRow.crm_id.label("crm_account_id"),
        t.OwnerRow.crm_id.label("crm_owner_id"),
        t.OwnerRow.name.label("owner_name"),
    )
    statement = (
        select(*columns)
        .join(made_for, made_for.c.id == row.contact_id)
        .join(contact, contact.id == func.coalesce(made_for.c.same_as, made_for.c.id))
        .outerjoin(profile, and_(profile.contact_id == contact.id, profile.superseded_at.is_(None)))
        .outerjoin(t.AccountRow, t.AccountRow.id == row.account_id)
        .outerjoin(t.OwnerRow, rep_of(row.owner))
    )
    found = connection.execute(statement.where(standing, which).order_by(row.created_at, row.key))
    return [_outgoing(hit) for hit in found]


_PLAIN = ("key", "account", "owner", "channel", "priority", "due", "subject", "because", "last_words", "note", "rule")
_CRM = ("crm_system", "crm_contact_id", "crm_account_id", "crm_owner_id")


def _outgoing(row: Any) -> Outgoing:
    values: dict[str, Any] = {name: getattr(row, name) for name in _PLAIN}
    ids: dict[str, Any] = {name: getattr(row, name) or "" for name in _CRM}
    return Outgoing(
        **values,
        **ids,
        contact_id=row.contact_key,
        owner_name=row.owner_name or "",
        contact=f"{row.first_name or ''} {row.last_name or ''}".strip(),
        evidence=tuple(row.evidence),
        created_at=row.created_at,
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
            leaving = (t.TaskRow.key.in_(some), t.TaskRow.state == TaskState.OPEN)
            connection.execute(update(t.TaskRow).where(*leaving).values(state=TaskState.DELIVERED))
