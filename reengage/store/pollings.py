"""Where we stand with each polled source: from when to ask on, not before when, and whether it lets us in."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from reengage.store import columns as t


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of one source; `origin` is the hash of what its cursor belongs to."""

    origin: str
    cursor: datetime | None = None
    polled_at: datetime | None = None
    not_before: datetime | None = None
    disabled_why: str | None = None


def standing(connection: Connection, connector: str, origin: str) -> Standing:
    """Where we stand with a source: at the beginning, if it was not this one."""
    found = standings(connection).get(connector)
    return found if found and found.origin == origin else Standing(origin)


def standings(connection: Connection) -> dict[str, Standing]:
    """Where we stand with every source that was ever asked, by its connector."""
    row = t.SourceStateRow
    columns = (row.origin, row.cursor, row.polled_at, row.not_before, row.disabled_why)
    found = connection.execute(select(row.connector, *columns))
    return {name: Standing(*rest) for name, *rest in found}


def put(connection: Connection, connector: str, now: Standing) -> None:
    """Remember where we stand with a source."""
    row = t.SourceStateRow
    connection.execute(delete(row).where(row.connector == connector))
    connection.execute(insert(row), {"connector": connector, **asdict(now)})
