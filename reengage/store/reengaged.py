"""What came of noes: tasks by rule, people who turned, stops and how soon they closed, answers that were owed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, case, exists, func, literal, or_, select, union_all

from reengage.model.desk import SlaKind, SlaState
from reengage.model.words import STOPS, Category, Channel, Response, TaskOutcome, TaskState
from reengage.store import columns as t
from reengage.store.handed import TASK
from reengage.store.learning import AUTOMATIC, Policies, category_of, counts_once
from reengage.store.localtime import seconds
from reengage.store.period import Period

A_DAY = timedelta(days=1)
FOLLOW_UPS = 5
"""Days with a follow-up from which on somebody took many; [B] says most sales need so many."""

_LED_ON = (TaskOutcome.CONVERSATION, TaskOutcome.MEETING)


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took, in seconds: how often it did, half of the time at most, nearly always, at worst."""

    count: int = 0
    median: int | None = None
    most: int | None = None
    longest: int | None = None


@dataclass(frozen=True, slots=True)
class OfRule:
    """What became of the tasks of one rule; `stops` are people who said stop after it."""

    rule: str
    made: int
    handed_over: int
    completed: int
    conversations: int
    meetings: int
    stops: int


@dataclass(frozen=True, slots=True)
class Turned:
    """People who said no, those of them who turned later, and those of them who took many follow-ups."""

    people: int
    turned: int
    many: int


def of_rules(connection: Connection, period: Period) -> list[OfRule]:
    """What became of the tasks that were made in this period, by rule."""
    row, handed, closed = t.TaskRow, t.DeliveryRow, t.OptedOutRow
    delivered = exists().where(handed.task_key == row.key, handed.what == TASK)
    stopped = exists().where(
        closed.contact_id == row.contact_id, ~closed.excluded, ~closed.provisional, closed.since >= row.created_at
    )
    done = row.state == TaskState.COMPLETED
    told = {
        "handed_over": or_(done, delivered),
        "completed": done,
        "conversations": and_(done, row.outcome == TaskOutcome.CONVERSATION),
        "meetings": and_(done, row.outcome == TaskOutcome.MEETING),
        "stops": or_(row.outcome == TaskOutcome.STOP, stopped),
    }
    flags = [case((asked, 1), else_=0).label(name) for name, asked in told.items()]
    mine = select(row.rule, *flags).where(period.has(row.created_at), period.is_of(row.owner)).subquery()
    sums = [func.sum(mine.c[name]).label(name) for name in told]
    groups = select(mine.c.rule, func.count().label("made"), *sums).group_by(mine.c.rule).order_by(mine.c.rule)
    return [
        OfRule(hit.rule, hit.made, **{name: int(getattr(hit, name)) for name in told})
        for hit in connection.execute(groups)
    ]


def turned(connection: Connection, period: Period, policies: Policies, only: Category | None = None) -> Turned:
    """How many of the people who said no in this period turned after it, up to its end; `only` is the category.

    Somebody turns by a positive answer, or by a task that led to a conversation or a meeting. A day counts as one
    follow-up, whatever happened on it.
    """
    each = union_all(_talks(period, policies, only), _done(period)).subquery()
    since = func.min(case((each.c.no == 1, each.c.at))).over(partition_by=each.c.person)
    first = select(each, since.label("since")).subquery()
    later = case((and_(first.c.yes == 1, first.c.at > first.c.since), first.c.at))
    sign = func.min(later).over(partition_by=first.c.person)
    known = select(first, sign.label("sign")).where(first.c.since.is_not(None)).subquery()
    between = and_(known.c.at > known.c.since, known.c.at <= known.c.sign)
    days = func.count(case((between, seconds(known.c.at) // 86_400)).distinct())
    people = select(func.max(known.c.sign).label("sign"), days.label("days")).group_by(known.c.person).subquery()
    many = func.count(case((people.c.days >= FOLLOW_UPS, 1)))
    return Turned(*map(int, connection.execute(select(func.count(), func.count(people.c.sign), many)).one()))


def _person() -> Any:
    """The contact who stands for the human."""
    return func.coalesce(t.ContactRow.same_as, t.ContactRow.id).label("person")


def _talks(period: Period, policies: Policies, only: Category | None) -> Select[Any]:
    """Every time somebody spoke, whether it was a no that is asked about, and whether a yes."""
    row, contact = t.ConversationRow, t.ContactRow
    category = category_of(row, policies)
    asked = category.is_not(None) if only is None else category == only
    no = and_(asked, period.has(row.at), period.is_of(row.rep_email))
    flags = (case((no, 1), else_=0).label("no"), case((row.response == Response.POSITIVE, 1), else_=0).label("yes"))
    spoke = or_(row.response.is_(None), row.response.not_in(AUTOMATIC))
    told = select(_person(), row.at.label("at"), *flags).join(contact, contact.id == row.contact_id)
    return told.where(spoke, counts_once(row), row.at < period.ends)


def _done(period: Period) -> Select[Any]:
    """Every task that was done, and whether it led on."""
    row, contact = t.TaskRow, t.ContactRow
    flags = (literal(0).label("no"), case((row.outcome.in_(_LED_ON), 1), else_=0).label("yes"))
    told = select(_person(), row.closed_at.label("at"), *flags).join(contact, contact.id == row.contact_id)
    return told.where(row.state == TaskState.COMPLETED, row.closed_at < period.ends)


def repeats(connection: Connection, period: Period) -> tuple[int, int]:
    """The stops of this period, and those by people who were closed already, on the channel on which they said it."""
    row, closed = t.ConversationRow, t.OptedOutRow
    channel = func.coalesce(row.channel, Channel.EMAIL)
    before = exists().where(
        closed.contact_id == row.contact_id,
        closed.channel == channel,
        ~closed.excluded,
        ~closed.provisional,
        closed.since < row.at,
    )
    asked = (row.response.in_(STOPS), counts_once(row), period.has(row.at), period.is_of(row.rep_email))
    mine = select(case((before, 1), else_=0).label("again")).where(*asked).subquery()
    all, again = connection.execute(
        select(func.count(), func.coalesce(func.sum(mine.c.again), 0)).select_from(mine)
    ).one()
    return int(all), int(again)


def suppression(connection: Connection, period: Period) -> tuple[Spread, int]:
    """How long it took from a stop to its suppression, and how often more than a day; one that was none is left out."""
    row, talk = t.HandlingRow, t.ConversationRow
    was_none = and_(row.answered_at.is_not(None), or_(row.response.is_(None), row.response.not_in(STOPS)))
    took = (seconds(row.suppressed_at) - seconds(row.sent_at)).label("size")
    sizes = (
        select(took)
        .outerjoin(talk, talk.id == row.conversation_id)
        .where(row.suppressed_at.is_not(None), ~was_none, period.has(row.sent_at), period.is_of(talk.rep_email))
    )
    each = sizes.subquery()
    late = select(func.count()).select_from(each).where(each.c.size > A_DAY.total_seconds())
    return spread(connection, sizes), int(connection.execute(late).scalar_one())


def sla(connection: Connection, period: Period, at: datetime) -> tuple[dict[str, int], Spread]:
    """What was owed for the answers of this period, by what became of it, and how long it took to acknowledge them."""
    row, handled = t.SlaReplyRow, t.HandlingRow
    done = row.state == SlaState.DONE
    became = case(
        (and_(done, row.done_at <= row.due_at), "met"),
        (done, "missed"),
        (row.state == SlaState.CANCELLED, "cancelled"),
        (row.due_at < at, "late"),
        else_="open",
    )
    mine = (period.has(row.created_at), period.is_of(row.owner))
    each = select(became.label("became")).where(*mine).subquery()
    counts = connection.execute(select(each.c.became, func.count().label("number")).group_by(each.c.became))
    took = (seconds(row.done_at) - seconds(handled.sent_at)).label("size")
    told = select(took).join(handled, handled.id == row.handling_id)
    acknowledged = told.where(*mine, done, row.kind != SlaKind.ESCALATION)
    return {hit.became: hit.number for hit in counts}, spread(connection, acknowledged)


def spread(connection: Connection, sizes: Select[Any]) -> Spread:
    """The spread of a column `size`: medians and the rest by the nearest rank."""
    each = sizes.subquery()
    count = int(connection.execute(select(func.count()).select_from(each)).scalar_one())
    if not count:
        return Spread()

    def at_rank(share: float) -> int:
        rank = max(0, math.ceil(share * count) - 1)
        ranked = select(each.c.size).order_by(each.c.size).offset(rank).limit(1)
        return int(connection.execute(ranked).scalar_one())

    return Spread(count, at_rank(0.5), at_rank(0.95), at_rank(1))
