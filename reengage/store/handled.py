"""How messages were handled: what is known already, what waits for a person, and what an opt-out takes back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, insert, select, update

from reengage.model.desk import TO_THE_CLOSED, SlaKind, SlaState
from reengage.model.words import TaskState
from reengage.store import columns as t
from reengage.store import identity
from reengage.store.versions import chunks

OPTED_OUT = "opted_out"
"""Why an answer is no longer owed, where an opt-out took it back."""

Row = Any


def is_known(connection: Connection, key: str) -> bool:
    """Whether this message was handled before."""
    return connection.execute(select(t.HandlingRow.id).where(t.HandlingRow.key == key)).first() is not None


def add(connection: Connection, values: Mapping[str, Any]) -> int:
    """Note how a message was handled; returns its number."""
    row = t.HandlingRow
    return int(connection.execute(insert(row).returning(row.id), values).scalar_one())


def find(connection: Connection, id: int) -> Row | None:
    """One message that was handled, by its number."""
    return connection.execute(select(t.HandlingRow.__table__).where(t.HandlingRow.id == id)).first()


def open_questions(connection: Connection) -> list[Row]:
    """The messages that wait for a person, with the contact's imported id, the oldest first."""
    row = t.HandlingRow
    waiting = (row.question.is_not(None), row.answered_at.is_(None))
    statement = select(row.id, row.question, row.opt_out_id, row.recorded_at, t.ContactRow.key)
    joined = statement.outerjoin(t.ContactRow, t.ContactRow.id == row.contact_id)
    return list(connection.execute(joined.where(*waiting).order_by(row.id)))


def change(connection: Connection, id: int, values: Mapping[str, Any]) -> None:
    """Change what is noted of a message."""
    connection.execute(update(t.HandlingRow).where(t.HandlingRow.id == id).values(**values))


def conversation_of(connection: Connection, key: str) -> int | None:
    """The number of a conversation by its key."""
    row = t.ConversationRow
    return connection.execute(select(row.id).where(row.key == key)).scalar()


def conversation(connection: Connection, id: int | None) -> Row:
    """A conversation by its number."""
    return connection.execute(select(t.ConversationRow.__table__).where(t.ConversationRow.id == id)).one()


def cancel_unseen(connection: Connection, contact: int, why: str, at: datetime) -> tuple[int, int]:
    """Cancel this human's tasks that nobody has been given; returns how many, and how many stay with their reps."""
    row, group = t.TaskRow, _everybody(connection, contact)
    mine = (row.contact_id.in_(group), row.state == TaskState.OPEN)
    told = {"state": TaskState.CANCELLED, "outcome": why, "closed_at": at}
    cancelled = connection.execute(update(row).where(*mine).values(**told)).rowcount
    stay = select(func.count()).select_from(row)
    kept = connection.execute(stay.where(row.contact_id.in_(group), row.state == TaskState.DELIVERED)).scalar_one()
    return int(cancelled), int(kept)


def has_confirmation(connection: Connection, contact: int) -> bool:
    """Whether this human was told, or is to be told, that a stop of theirs is done."""
    row = t.SlaReplyRow
    told = (row.kind == SlaKind.CONFIRMATION, row.state != SlaState.CANCELLED)
    mine = select(row.key).where(row.contact_id.in_(_everybody(connection, contact)), *told)
    return connection.execute(mine).first() is not None


def withdraw(connection: Connection, contacts: Collection[int], channels: Collection[str], at: datetime) -> None:
    """Take back the answers owed to these contacts on closed channels, but for what only confirms the stop."""
    row = t.SlaReplyRow
    owed = and_(row.contact_id.in_(contacts), row.channel.in_(sorted(channels)), row.kind.not_in(TO_THE_CLOSED))
    told = {"state": SlaState.CANCELLED, "why": OPTED_OUT, "done_at": at}
    connection.execute(update(row).where(owed, row.state == SlaState.OPEN).values(**told))


def let_go(connection: Connection, contacts: Collection[int]) -> None:
    """Forget the messages of these contacts, as they came."""
    row, kept = t.HandlingRow, t.ReceivedRow
    for some in chunks(contacts):
        theirs = select(row.received_id).where(row.contact_id.in_(some), row.received_id.is_not(None))
        connection.execute(update(kept).where(kept.id.in_(theirs), kept.content.is_not(None)).values(content=None))


def _everybody(connection: Connection, contact: int) -> list[int]:
    """All contacts who are one human with this one."""
    return sorted(id for group in identity.members(connection, [contact]).values() for id in group)
