"""Questions for a person, as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from reengage.model.optout import EntryKind
from reengage.store import columns as t

Row = Any


def open_moves(connection: Connection) -> list[Row]:
    """Doubtful moves that nobody has answered, with the contact's imported id."""
    row = t.ReviewRow
    statement = select(row.id, row.question, row.recorded_at, row.contact_id, t.ContactRow.key)
    joined = statement.join(t.ContactRow, t.ContactRow.id == row.contact_id).where(row.answer.is_(None))
    return list(connection.execute(joined.order_by(row.id)))


def open_stops(connection: Connection) -> list[Row]:
    """Provisional stops that nobody has answered, with the imported id of a contact whom they close, if any."""
    row, answered, kept = t.OptOutRow, t.OptOutRow.__table__.alias("answered"), t.EvidenceRow
    decided = select(answered.c.refers_to).where(answered.c.refers_to.is_not(None))
    closed = select(func.min(t.OptedOutRow.contact_id)).where(t.OptedOutRow.opt_out_id == row.id).scalar_subquery()
    statement = select(row.id, row.source, kept.their_words, row.recorded_at, t.ContactRow.key)
    whom = t.ContactRow.id == func.coalesce(kept.contact_id, closed)
    joined = statement.join(kept, kept.opt_out_id == row.id).outerjoin(t.ContactRow, whom)
    return list(
        connection.execute(joined.where(row.kind == EntryKind.PROVISIONAL, row.id.not_in(decided)).order_by(row.id))
    )


def answer_move(connection: Connection, id: int, confirmed: bool, reason: str, at: datetime) -> Row | None:
    """Write down the answer to a doubtful move and mark its signal; None where it is not open."""
    row = t.ReviewRow
    statement = select(row.__table__).where(row.id == id, row.kind == "move", row.answer.is_(None))
    found = connection.execute(statement).first()
    if found is None:
        return None
    answer = "confirmed" if confirmed else "rejected"
    values = {"answer": answer, "answered_at": at, "answered_why": reason}
    connection.execute(update(row).where(row.id == id).values(**values))
    mark = {"confirmed_at": at} if confirmed else {"rejected_at": at}
    connection.execute(update(t.SignalRow).where(t.SignalRow.seq == found.signal_seq).values(**mark))
    return found
