"""What people answered, counted in the database: by response, category and whatever else is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from sqlalchemy import Connection, Select, String, and_, case, cast, exists, false, func, literal, not_, null, select

from reengage.language.responses import Policy
from reengage.model.conversation import READ
from reengage.model.desk import Tag
from reengage.model.words import STOPS, Category, Channel, Response
from reengage.store import columns as t
from reengage.store import localtime
from reengage.store.period import Period


class By(StrEnum):
    """What conversations can be grouped by."""

    REP = "rep"
    TITLE = "title"
    INDUSTRY = "industry"
    SCRIPT = "script"
    HOUR = "hour"
    WEEK = "week"
    CAMPAIGN = "campaign"
    CHANNEL = "channel"
    RESPONSE = "response"


AUTOMATIC = frozenset({Response.OUT_OF_OFFICE, Response.AUTO_REPLY})
"""What no person wrote: counted, but no answer."""

INDUSTRY = "industry"
"""The project's own field by which answers can be grouped."""

Policies = Mapping[Response, Policy]

_LATER = t.ConversationRow.__table__.alias("later")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many conversations there were with this key, response and category; None where nobody has said it."""

    key: Any
    response: Response | None
    category: Category | None
    number: int


def counts_once(row: Any) -> Any:
    """Whether nobody has said later what this conversation means: then that reading is the one that counts."""
    return not_(exists().where(_LATER.c.key == row.key + READ))


def category_of(row: Any, policies: Policies) -> Any:
    """The category of a conversation: as stated, else as the policy of its response has it; a stop has none."""
    no_reason = (*STOPS, *AUTOMATIC, Response.POSITIVE)
    by_policy = [
        (row.response.in_([one.response for one in policies.values() if one.category is category]), literal(category))
        for category in Category
    ]
    return case((row.response.in_(no_reason), null()), (row.category.is_not(None), row.category), *by_policy)


def tally(connection: Connection, period: Period, policies: Policies, by: By | None = None) -> list[Tally]:
    """How often each response was given in each category, under each key where one is asked for."""
    row = t.ConversationRow
    key = null() if by is None else _key(connection, period, by)
    told = select(key.label("key"), row.response, category_of(row, policies).label("category"))
    told = _joined(told, by).where(counts_once(row), period.has(row.at), period.is_of(row.rep_email))
    each = told.subquery()
    groups = select(each.c.key, each.c.response, each.c.category, func.count().label("number"))
    return [
        Tally(
            hit.key,
            Response(hit.response) if hit.response else None,
            Category(hit.category) if hit.category else None,
            hit.number,
        )
        for hit in connection.execute(groups.group_by(each.c.key, each.c.response, each.c.category))
    ]


def _key(connection: Connection, period: Period, by: By) -> Any:
    if by is By.INDUSTRY:
        return t.ProfileRow.own_fields[INDUSTRY].as_string()
    if by is By.HOUR:
        return localtime.hour_of(local_minutes(connection, period))
    if by is By.WEEK:
        return localtime.week_of(localtime.day_of(local_minutes(connection, period)))
    return _COLUMNS[by]


_COLUMNS: Mapping[By, Any] = {
    By.REP: t.ConversationRow.rep_email,
    By.TITLE: t.ConversationRow.title,
    By.SCRIPT: t.ConversationRow.script_variant,
    By.CAMPAIGN: t.ConversationRow.campaign,
    By.CHANNEL: t.ConversationRow.channel,
    By.RESPONSE: t.ConversationRow.response,
}


def _joined(told: Select[Any], by: By | None) -> Select[Any]:
    row, profile = t.ConversationRow, t.ProfileRow
    if by is By.INDUSTRY:
        theirs = and_(profile.contact_id == row.contact_id, profile.superseded_at.is_(None))
        return told.select_from(row).outerjoin(profile, theirs)
    return with_owner(told) if by in (By.HOUR, By.WEEK) else told


def with_owner(told: Select[Any]) -> Select[Any]:
    """A question about conversations that may ask for what is known of the rep now."""
    row, owner = t.ConversationRow, t.OwnerRow
    whose = and_(owner.email == row.rep_email, owner.superseded_at.is_(None))
    return told.select_from(row).outerjoin(owner, whose)


def local_minutes(connection: Connection, period: Period) -> Any:
    """The minutes from 1970 to each conversation on the clock of its rep, else of the project; needs `with_owner`."""
    row, owner = t.ConversationRow, t.OwnerRow
    zones = connection.execute(select(owner.time_zone).where(owner.superseded_at.is_(None)).distinct()).scalars()
    first = period.begins or _first(connection, period) or period.ends
    zone = func.coalesce(owner.time_zone, period.zone)
    return localtime.local_minutes(row.at, zone, {period.zone, *filter(None, zones)}, first, period.ends)


def _first(connection: Connection, period: Period) -> datetime | None:
    row = t.ConversationRow
    found: datetime | None = connection.execute(select(func.min(row.at)).where(period.has(row.at))).scalar()
    return found


def targeting(connection: Connection, period: Period) -> dict[str, int]:
    """How many answers are tagged for a second look, by tag, and how many named somebody else to talk to."""
    row = t.ConversationRow
    text = cast(row.tags, String)
    tagged = {tag.value: text.contains(f'"{tag}"', autoescape=True) for tag in Tag}
    named = {**tagged, "referral": and_(row.referred_to.is_not(None), row.referred_to != "")}
    sums = [func.coalesce(func.sum(case((told, 1), else_=0)), 0).label(name) for name, told in named.items()]
    found = connection.execute(
        select(*sums).where(counts_once(row), period.has(row.at), period.is_of(row.rep_email))
    ).one()
    return {name: int(getattr(found, name)) for name in named}


def reached(connection: Connection, period: Period, channel: Literal[Channel.PHONE, Channel.EMAIL]) -> int:
    """The conversations on the phone, or the answers by e-mail, on days on which their rep is known to have tried."""
    row, activity = t.ConversationRow, t.ActivityRow
    tried = activity.dials if channel is Channel.PHONE else activity.sends
    no_person = row.response.in_(AUTOMATIC) if channel is Channel.EMAIL else false()
    day = localtime.day_of(local_minutes(connection, period)).label("day")
    asked = (row.channel == channel, counts_once(row), period.has(row.at), period.is_of(row.rep_email))
    talks = with_owner(select(row.rep_email.label("rep"), day)).where(*asked, not_(func.coalesce(no_person, false())))
    talk = talks.cte("talk")
    number = func.count().label("number")
    on_day = select(talk.c.rep, talk.c.day, number).group_by(talk.c.rep, talk.c.day).cte("on_day")
    days = select(activity.rep_email.label("rep"), (localtime.seconds(activity.day) // 86_400).label("day"))
    known = days.where(tried > 0).distinct().cte("known")  # distinct: so that SQLite reckons each day once
    same = and_(known.c.rep == on_day.c.rep, known.c.day == on_day.c.day)
    met = select(func.coalesce(func.sum(on_day.c.number), 0)).select_from(on_day).join(known, same)
    return int(connection.execute(met).scalar_one())
