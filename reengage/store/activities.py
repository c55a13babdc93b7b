"""What reps did all day, in numbers: written per rep and day, summed up per rep and week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from reengage.store import columns as t
from reengage.store.localtime import seconds, week_name, week_of
from reengage.store.period import Period
from reengage.store.versions import chunks

COUNTS = (*("sends", "dials", "voicemails", "contacts_researched", "scripts_tested", "complaints", "unsubscribes"),)
"""What is counted; `sends` are e-mails, `dials` calls."""

Day = tuple[str, date]


@dataclass(frozen=True, slots=True)
class Done:
    """What a rep did in a week, on so many days; `dialled` are those with a dial."""

    rep: str
    week: str
    days: int
    dialled: int
    sends: int
    dials: int
    voicemails: int
    contacts_researched: int
    scripts_tested: int
    complaints: int
    unsubscribes: int


def put(connection: Connection, rows: Mapping[Day, Mapping[str, int]], at: datetime) -> int:
    """Write down what reps did on a day; what is not given stays. Returns how many rows are new or changed."""
    row, before = t.ActivityRow, _known(connection, list(rows))
    old, new = [], []
    for key, told in rows.items():
        known = before.get(key)
        values = {name: told.get(name, known[name] if known else 0) for name in COUNTS}
        if known is None:
            new.append({"rep_email": key[0], "day": key[1], **values, "recorded_at": at})
        elif values != known:
            old.append({"rep": key[0], "on": key[1], **values, "recorded_at": at})
    if new:
        connection.execute(insert(row), new)
    if old:
        mine = update(row).where(row.rep_email == bindparam("rep"), row.day == bindparam("on"))
        connection.execute(mine, old)
    return len(new) + len(old)


def _known(connection: Connection, keys: Sequence[Day]) -> dict[Day, dict[str, int]]:
    row, found = t.ActivityRow, dict[Day, dict[str, int]]()
    for some in chunks(keys):
        days = row.day.in_({day for _, day in some})
        theirs = select(row.__table__).where(row.rep_email.in_({rep for rep, _ in some}), days)
        for hit in connection.execute(theirs):
            found[hit.rep_email, hit.day] = {name: getattr(hit, name) for name in COUNTS}
    return found


def by_week(connection: Connection, period: Period) -> list[Done]:
    """What each rep did in each week of the period, the newest week first."""
    row = t.ActivityRow
    asked = (period.has_day(row.day), period.is_of(row.rep_email))
    counts = [getattr(row, name).label(name) for name in COUNTS]
    week = week_of(seconds(row.day) // 86_400).label("week")
    each = select(row.rep_email, week, *counts).where(*asked).subquery()
    sums: list[Any] = [func.sum(each.c[name]).label(name) for name in COUNTS]
    days = (func.count().label("days"), func.count(func.nullif(each.c.dials, 0)).label("dialled"))
    groups = select(each.c.rep_email, each.c.week, *days, *sums).group_by(each.c.rep_email, each.c.week)
    found = connection.execute(groups.order_by(each.c.week.desc(), each.c.rep_email))
    return [
        Done(
            hit.rep_email,
            week_name(hit.week),
            hit.days,
            hit.dialled,
            **{name: int(getattr(hit, name)) for name in COUNTS},
        )
        for hit in found
    ]
