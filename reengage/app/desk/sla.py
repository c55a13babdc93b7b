"""What is owed for answers: listed, shown with its steps, noted as done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from reengage.model.base import in_utc
from reengage.model.desk import SlaState
from reengage.model.errors import UsageError
from reengage.store import sla
from reengage.store.database import Database

Status = Literal["open", "late", "met", "missed", "cancelled"]
"""To be done, overdue, done in time, done too late, or no longer owed."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is or was owed; `steps` are those of handling the answer, in their order, with their times."""

    key: str
    kind: str
    status: Status
    contact: str
    response: str
    channel: str
    owner: str
    action: str
    text: str
    sla: str
    due_at: datetime
    arithmetic: str
    steps: dict[str, datetime | None]
    tags: tuple[str, ...] = ()
    why: str | None = None


def list_owed(database: Database, at: datetime, *, everything: bool = False, owner: str | None = None) -> list[Item]:
    """What is owed as of a moment, the earliest due first; with `everything` also what is done or fell away."""
    with database.reading() as connection:
        return [_item(row, in_utc(at)) for row in sla.listed(connection, everything=everything, owner=owner)]


def show_owed(database: Database, key: str, at: datetime) -> Item:
    """One thing that is or was owed; raises UsageError where there is none of this key."""
    with database.reading() as connection:
        row = sla.named(connection, key)
    if row is None:
        raise UsageError(f'nothing is owed under "{key}"', help="reengage sla --all lists everything")
    return _item(row, in_utc(at))


def close_owed(database: Database, key: str, because: str | None, at: datetime) -> Item:
    """Note that it is done, or with a reason that it need not be; raises UsageError where it is not open."""
    show_owed(database, key, at)
    with database.writing() as connection:
        state = SlaState.DONE if because is None else SlaState.CANCELLED
        if not sla.close(connection, key, state, in_utc(at), because):
            raise UsageError(f"{key} is not open", help="reengage sla --all shows what became of it")
    return show_owed(database, key, at)


def _item(row: sla.Row, at: datetime) -> Item:
    names = ("key", "kind", "response", "channel", "owner", "action", "text", "sla", "due_at", "arithmetic", "why")
    done = row.done_at if row.state == SlaState.DONE else None
    steps = {
        "answered by them": row.sent_at,
        "acknowledged": done,
        "suppressed": row.suppressed_at,
        "logged": row.logged_at,
        "improved": row.improved_at,
    }
    told = {name: getattr(row, name) for name in names}
    return Item(**told, status=_status(row, at), contact=row.contact_key, steps=steps, tags=tuple(row.tags or ()))


def _status(row: sla.Row, at: datetime) -> Status:
    if row.state == SlaState.CANCELLED:
        return "cancelled"
    if row.state == SlaState.DONE:
        return "met" if row.done_at <= row.due_at else "missed"
    return "late" if at > row.due_at else "open"
