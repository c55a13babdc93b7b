"""The moment at which something is recorded: asked for, or now; never behind what is recorded, never far beyond it."""

from __future__ import annotations

from datetime import datetime, timedelta

from reengage.model.base import in_utc
from reengage.model.errors import UsageError
from reengage.store import runs
from reengage.store.database import Database

LEAP = timedelta(days=366)
"""How long nothing may have been recorded before a clock is asked about: one that is years ahead would fire every
promise and let every signal grow old, and what it records cannot be taken back."""

APART = timedelta(days=1)
"""How far the clocks of two hosts may lie apart before a run asks which of them is right."""


def settle_moment(database: Database, asked: datetime, *, stated: bool, stop: bool = False) -> datetime:
    """The moment to record, in UTC; a clock that runs behind the last entry counts as at it.

    Raises UsageError where someone stated a moment before it, since history cannot be changed by recording into the
    past, and for a clock that is more than `LEAP` ahead of it. A stop is never refused: it counts as at the
    last entry, or as at the moment that was stated.
    """
    moment = in_utc(asked)
    with database.reading() as connection:
        latest = runs.latest_moment(connection)
    if latest is None or (stated and (stop or moment >= latest)) or latest <= moment <= latest + LEAP:
        return moment
    if stated:
        raise UsageError(
            f"{moment.isoformat()} lies before the last entry of {latest.isoformat()}",
            help="use a later --at or none, or a new database to replay the past",
        )
    if stop or moment < latest:
        return latest
    raise UsageError(
        f"this host's clock says {moment:%Y-%m-%d}, more than a year after the last entry of {latest:%Y-%m-%d}",
        help="set the clock; if it is right, state the moment with --at once",
    )


def judging_moment(database: Database, asked: datetime, *, stated: bool) -> datetime:
    """The moment of a run or an export; raises UsageError where the book was last written far ahead of this clock."""
    moment = settle_moment(database, asked, stated=stated)
    if moment - in_utc(asked) > APART:
        raise UsageError(
            f"this host's clock says {asked:%Y-%m-%d}, but the last entry is of {moment:%Y-%m-%d}",
            help="set the clock; whatever comes before that entry can only be judged with --dry-run",
        )
    return moment
