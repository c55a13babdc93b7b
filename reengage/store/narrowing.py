"""Who has to be judged: held contacts with news, or everybody, less those of whom no rule could want anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from reengage.store import columns as t
from reengage.store.versions import known


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the rules together could act on: signal kinds, and responses (None: any)."""

    kinds: frozenset[str]
    said: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Question:
    """Whom a run asks about: held contacts with news after `after_seq` and up to `up_to_seq`, or everybody.

    `wanted` leaves out, in the database, those of whom no rule could want anything.
    """

    at: datetime
    after_seq: int
    up_to_seq: int
    everybody: bool = False
    only: frozenset[int] = field(default_factory=frozenset)
    wanted: Wanted | None = None


def pages(connection: Connection, question: Question, size: int) -> Iterator[list[int]]:
    """The contacts to judge, in order of their numbers."""
    last = 0
    while ids := list(connection.execute(_asked(question).where(t.ContactRow.id > last).limit(size)).scalars()):
        yield ids
        last = ids[-1]


def count(connection: Connection, question: Question) -> int:
    """How many contacts there are to judge, those that no rule wants included."""
    everyone = _asked(replace(question, wanted=None)).order_by(None).subquery()
    return int(connection.execute(select(func.count()).select_from(everyone)).scalar_one())


def _asked(question: Question) -> Any:
    held = exists().where(t.HoldRow.contact_id == t.ContactRow.id, known(t.HoldRow, question.at))
    statement = select(t.ContactRow.id).where(held, t.ContactRow.same_as.is_(None)).order_by(t.ContactRow.id)
    if question.wanted:
        statement = statement.where(_is_wanted(question.wanted, question.at))
    if question.only:
        return statement.where(t.ContactRow.id.in_(sorted(question.only)))
    return statement if question.everybody else statement.where(_has_news(question))


def _is_wanted(wanted: Wanted, at: datetime) -> ColumnElement[bool]:
    """Whether any rule could possibly act: it may let too many through, never too few."""
    hold, signal, job, talk = t.HoldRow, t.SignalRow, t.EmploymentRow, t.ConversationRow
    mine = hold.contact_id == t.ContactRow.id
    said = [] if wanted.said is None else [hold.response.in_(sorted(wanted.said))]
    right_kind = and_(signal.kind.in_(sorted(wanted.kinds)), signal.recorded_at <= at)
    employers = select(signal.account_id).where(right_kind, signal.account_id.is_not(None))
    reasons: list[ColumnElement[bool]] = [
        _is_one_of(select(signal.contact_id).where(right_kind, signal.contact_id.is_not(None))),
        _is_one_of(select(job.contact_id).where(job.account_id.in_(employers))),
    ]
    if "timer" in wanted.kinds:
        reasons.append(exists().where(signal.kind == "timer", signal.recorded_at <= at))
    if "snooze_ended" in wanted.kinds:
        reasons.append(exists().where(mine, hold.until.is_not(None)))
    if "contract_renewal" in wanted.kinds:
        reasons.append(_is_one_of(select(talk.contact_id).where(talk.contract_ends.is_not(None))))
    return and_(exists().where(mine, known(hold, at), *said), or_(*reasons))


def _is_one_of(contacts: Any) -> ColumnElement[bool]:
    """Whether any of these contacts is the human that the contact in question stands for."""
    same = t.ContactRow.__table__.alias("same")
    return or_(
        t.ContactRow.id.in_(contacts),
        t.ContactRow.id.in_(select(same.c.same_as).where(same.c.same_as.is_not(None), same.c.id.in_(contacts))),
    )


def _has_news(question: Question) -> ColumnElement[bool]:
    fresh = and_(t.NewsRow.seq > question.after_seq, t.NewsRow.seq <= question.up_to_seq)
    seen = and_(fresh, t.NewsRow.recorded_at <= question.at)
    employers = select(t.NewsRow.account_id).where(seen, t.NewsRow.account_id.is_not(None))
    for_everybody = exists().where(seen, t.NewsRow.contact_id.is_(None), t.NewsRow.account_id.is_(None))
    return or_(
        t.ContactRow.recheck_at <= question.at,
        _is_one_of(select(t.NewsRow.contact_id).where(seen, t.NewsRow.contact_id.is_not(None))),
        _is_one_of(select(t.EmploymentRow.contact_id).where(t.EmploymentRow.account_id.in_(employers))),
        for_everybody,
    )


def watermark(connection: Connection, at: datetime) -> int:
    """The last arrival before anything that was recorded after this moment: what a later run need not look at."""
    later = connection.execute(select(func.min(t.NewsRow.seq)).where(t.NewsRow.recorded_at > at)).scalar()
    if later is not None:
        return int(later) - 1
    return int(connection.execute(select(func.coalesce(func.max(t.NewsRow.seq), 0))).scalar_one())


def signal_mark(connection: Connection, at: datetime) -> int:
    """The number of the last signal recorded up to this moment."""
    statement = select(func.coalesce(func.max(t.SignalRow.seq), 0)).where(t.SignalRow.recorded_at <= at)
    return int(connection.execute(statement).scalar_one())
