"""The moment at which something is taken in: asked for, or now; never behind what is already recorded."""

from __future__ import annotations

from datetime import datetime

from reengage.model.base import in_utc
from reengage.model.errors import UsageError
from reengage.store import runs
from reengage.store.database import Database


def settle_moment(database: Database, asked: datetime, *, stated: bool) -> datetime:
    """The moment to record, in UTC; a clock that runs behind the last entry counts as at it, so no stop is refused.

    Raises UsageError where someone stated a moment before it: history cannot be changed by recording into the past.
    """
    moment = in_utc(asked)
    with database.reading() as connection:
        latest = runs.latest_moment(connection)
    if latest is None or moment >= latest:
        return moment
    if not stated:
        return latest
    raise UsageError(
        f"{moment.isoformat()} lies before the last entry of {latest.isoformat()}",
        help="use a later --at or none, or a new database to replay the past",
    )
