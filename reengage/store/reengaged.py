"""What came of noes: tasks by rule, people who turned, stops and how soon they closed, answers that were owed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, case, exists, func, or_, select, union_all

from reengage.model.desk import SlaKind, SlaState
from reengage.model.words import STOPS, Category, Channel, Response, TaskOutcome, TaskState
from reengage.store import columns as t
from reengage.store.learning import AUTOMATIC, Policies, category_of, counts_once
from reengage.store.localtime import seconds
from reengage.store.period import Period
from reengage.store.tasks import TASK

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
    row = t.ConversationRow
    category = category_of(row, policies)
    no = category.is_not(None) if only is None else category == only
    first = _of_people(row, row.contact_id, func.min(row.at).label("since")).where(
        no, counts_once(row), period.has(row.at), period.is_of(row.rep_email)
    )
    noes = first.group_by(_person()).cte("noes")
    signs = union_all(_yes(period), _led_on(period)).cte("signs")
    later = and_(signs.c.person == noes.c.person, signs.c.at > noes.c.since)
    yes = (
        select(noes.c.person, noes.c.since, func.min(signs.c.at).label("at"))
        .join(signs, later)
        .group_by(noes.c.person, noes.c.since)
        .cte("yes")
    )
    touches = union_all(*_touches(period)).cte("touches")
    between = and_(touches.c.person == yes.c.person, touches.c.at > yes.c.since, touches.c.at <= yes.c.at)
    days = func.count((seconds(touches.c.at) // 86_400).distinct())
    many = select(yes.c.person).join(touches, between).group_by(yes.c.person).having(days >= FOLLOW_UPS)
    counts = [select(func.count()).select_from(one).scalar_subquery() for one in (noes, yes, many.subquery())]
    return Turned(*map(int, connection.execute(select(*counts)).one()))


def _person() -> Any:
    """The contact who stands for the human."""
    return func.coalesce(t.ContactRow.same_as, t.ContactRow.id)


def _of_people(table: Any, contact: Any, *columns: Any) -> Select[Any]:
    person = _person().label("person")
    return select(person, *columns).select_from(table).join(t.ContactRow, t.ContactRow.id == contact)


def _yes(period: Period) -> Select[Any]:
    row = t.ConversationRow
    asked = (row.response == Response.POSITIVE, counts_once(row), row.at < period.ends)
    return _of_people(row, row.contact_id, row.at.label("at")).where(*asked)


def _led_on(period: Period) -> Select[Any]:
    row = t.TaskRow
    asked = (row.state == TaskState.COMPLETED, row.outcome.in_(_LED_ON), row.closed_at < period.ends)
    return _of_people(row, row.contact_id, row.closed_at.label("at")).where(*asked)


def _touches(period: Period) -> Iterable[Select[Any]]:
    """Whenever somebody was in touch with a person, as far as we know of it."""
    row, task = t.ConversationRow, t.TaskRow
    spoke = or_(row.response.is_(None), row.response.not_in(AUTOMATIC))
    yield _of_people(row, row.contact_id, row.at.label("at")).where(spoke, row.at < period.ends)
    done = and_(task.state == TaskState.COMPLETED, task.closed_at < period.ends)
    yield _of_people(task, task.contact_id, task.closed_at.label("at")).where(done)


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
