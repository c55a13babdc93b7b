"""The moment at which something is taken in: asked for, or now; never behind what is already recorded."""

from __future__ import annotations

from datetime import datetime, timedelta

from reengage.model.base import in_utc
from reengage.model.errors import UsageError
from reengage.store import runs
from reengage.store.database import Database

SKEW = timedelta(days=1)
"""How far the clocks of two hosts may be apart before we refuse rather than wait for the slower one."""


def settle_moment(database: Database, asked: datetime) -> datetime:
    """The moment to record, in UTC; a little behind the last record counts as at it.

    Raises UsageError further behind: history cannot be changed by recording into the past.
    """
    moment = in_utc(asked)
    with database.reading() as connection:
        latest = runs.latest_moment(connection)
    if latest is None or moment >= latest:
        return moment
    if latest - moment <= SKEW:
        return latest
    raise UsageError(
        f"{moment.isoformat()} lies before the last entry of {latest.isoformat()}",
        help="use a later --at, or a new database to replay the past",
    )
