"""What is owed for answers: written here, done, handed to a CRM, and taken back there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, and_, func, select, update

from reengage.delivery.outgoing import Outgoing, Recall
from reengage.model.desk import TO_THE_CLOSED, SlaState
from reengage.store import columns as t
from reengage.store.handed import Announced, Ledger, rep_of
from reengage.store.handled import OPTED_OUT
from reengage.store.inserts import insert_new
from reengage.store.versions import chunks

WHAT = "replies"
"""What the names of their files begin with."""

_LEDGER = Ledger(t.SlaDeliveryRow, t.SlaDeliveryRow.sla_key, t.SlaReplyRow.key, t.SlaReplyRow.owner)

note_delivery, note_placed = _LEDGER.note_delivery, _LEDGER.note_placed

Row = Any


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write down what is owed; what is there already stays as it is."""
    insert_new(connection, t.SlaReplyRow, rows)


def listed(
    connection: Connection, *, everything: bool = True, owner: str | None = None, key: str | None = None
) -> list[Row]:
    """What is owed, and with `everything` what was: about whom and how it was handled, the earliest due first."""
    row, handled = t.SlaReplyRow, t.HandlingRow
    steps = (handled.sent_at, handled.suppressed_at, handled.logged_at, handled.improved_at)
    columns = (row.__table__, t.ContactRow.key.label("contact_key"), *steps, t.ConversationRow.tags)
    statement = (
        select(*columns)
        .join(t.ContactRow, t.ContactRow.id == row.contact_id)
        .outerjoin(handled, handled.id == row.handling_id)
        .outerjoin(t.ConversationRow, t.ConversationRow.id == handled.conversation_id)
    )
    asked = (
        *(() if everything else (row.state == SlaState.OPEN,)),
        *(() if owner is None else (row.owner == owner,)),
        *(() if key is None else (row.key == key,)),
    )
    return list(connection.execute(statement.where(*asked).order_by(row.due_at, row.key)))


def open_of(connection: Connection, handling: int) -> list[str]:
    """The keys of what is owed for this message, and open."""
    row = t.SlaReplyRow
    mine = select(row.key).where(row.handling_id == handling, row.state == SlaState.OPEN)
    return list(connection.execute(mine).scalars())


def named(connection: Connection, key: str) -> Row | None:
    """One thing that is or was owed."""
    return next(iter(listed(connection, key=key)), None)


def close(connection: Connection, key: str, state: SlaState, at: datetime, why: str | None = None) -> bool:
    """Note that what was owed is done, or need not be; returns whether it was open."""
    row = t.SlaReplyRow
    told = {"state": state, "done_at": at, "why": why}
    return bool(
        connection.execute(update(row).where(row.key == key, row.state == SlaState.OPEN).values(**told)).rowcount
    )


def contacts_of(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    """The contact of each of these."""
    row, found = t.SlaReplyRow, dict[str, int]()
    for some in chunks(set(keys)):
        found.update({hit.key: hit.contact_id for hit in connection.execute(select(row).where(row.key.in_(some)))})
    return found


def asks_nobody(connection: Connection, keys: Collection[str]) -> set[str]:
    """Those that may go out about people who have said stop: what confirms it, and what is for a manager."""
    row, found = t.SlaReplyRow, set[str]()
    for some in chunks(keys):
        mine = select(row.key).where(row.key.in_(some), row.kind.in_(TO_THE_CLOSED))
        found |= set(connection.execute(mine).scalars())
    return found


def withdraw(connection: Connection, refused: Mapping[str, str], at: datetime) -> None:
    """Take back what is owed to people who have said stop since."""
    for key in refused:
        close(connection, key, SlaState.CANCELLED, at, OPTED_OUT)


def to_deliver(connection: Connection, target: str) -> list[Outgoing]:
    """What is open and this target has not had, the earliest due first."""
    return _standing(connection, ~_LEDGER.handed(target))


def announced(connection: Connection, target: str) -> dict[Announced, list[Outgoing]]:
    """What stands and was announced to this target, but whose file may not: by announcement, the oldest first."""
    return _LEDGER.announced(connection, target, _standing)


def _standing(connection: Connection, which: Any) -> list[Outgoing]:
    row, contact, profile = t.SlaReplyRow, t.ContactRow, t.ProfileRow
    made_for = contact.__table__.alias("made_for")
    columns = (
        row.__table__,
        contact.key.label("contact_key"),
        *(profile.first_name, profile.last_name, profile.crm_system, profile.crm_id.label("crm_contact_id")),
        *(t.OwnerRow.crm_id.label("crm_owner_id"), t.OwnerRow.name.label("owner_name"), t.OwnerRow.time_zone),
        *(t.ConversationRow.their_words, t.ConversationRow.at),
    )
    statement = (
        select(*columns)
        .join(made_for, made_for.c.id == row.contact_id)
        .join(contact, contact.id == func.coalesce(made_for.c.same_as, made_for.c.id))
        .outerjoin(profile, and_(profile.contact_id == contact.id, profile.superseded_at.is_(None)))
        .outerjoin(t.OwnerRow, rep_of(row.owner))
        .outerjoin(t.HandlingRow, t.HandlingRow.id == row.handling_id)
        .outerjoin(t.ConversationRow, t.ConversationRow.id == t.HandlingRow.conversation_id)
    )
    found = connection.execute(statement.where(row.state == SlaState.OPEN, which).order_by(row.due_at, row.key))
    return [_outgoing(hit) for hit in found]


def _outgoing(row: Row) -> Outgoing:
    due = row.due_at.astimezone(ZoneInfo(row.time_zone) if row.time_zone else UTC)
    said = str(row.response).replace("_", " ")
    note = (f"Answer by {due:%a} {due.day} {due:%b %H:%M %Z} ({row.sla}).", row.text, f"Due: {row.arithmetic}.")
    return Outgoing(
        key=row.key,
        contact_id=row.contact_key,
        contact=f"{row.first_name or ''} {row.last_name or ''}".strip(),
        account="",
        owner=row.owner,
        owner_name=row.owner_name or "",
        channel=row.channel,
        priority="high",
        due=due.date(),
        subject=row.action,
        because=f"they answered: {said}",
        last_words=f"“{row.their_words}”" if row.their_words else said,
        note="\n\n".join(part for part in note if part),
        rule=f"responses/{row.response}",
        evidence=(),
        crm_system=row.crm_system or "",
        crm_contact_id=row.crm_contact_id or "",
        crm_account_id="",
        crm_owner_id=row.crm_owner_id or "",
        created_at=row.created_at,
    )


def to_recall(connection: Connection, target: str) -> list[Recall]:
    """What this target has had and an opt-out has taken back since, not yet recalled there."""
    row = t.SlaReplyRow
    return _LEDGER.to_recall(connection, target, row.done_at, row.state == SlaState.CANCELLED, row.why == OPTED_OUT)
