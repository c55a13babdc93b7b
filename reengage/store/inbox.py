"""What came in: signals once per (source, id), files once by content, and the rows that could not be taken."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from reengage.store import columns as t
from reengage.store.inserts import insert_new
from reengage.store.versions import chunks


def note_file(connection: Connection, connector: str, sha256: str, path: str, rows: int, at: datetime) -> None:
    """Remember that a source was heard by a file of this content."""
    row = {"connector": connector, "sha256": sha256, "path": path, "rows": rows, "recorded_at": at}
    insert_new(connection, t.FileRow, [row])


def last_slot(connection: Connection, source: str) -> datetime | None:
    """When the newest signal of a timer occurred."""
    statement = select(func.max(t.SignalRow.occurred_at)).where(t.SignalRow.source == source)
    return connection.execute(statement).scalar()


def last_files(connection: Connection, connectors: Collection[str], at: datetime) -> dict[str, datetime]:
    """When each of these last brought a file, up to this moment."""
    row = t.FileRow
    wanted = select(row).where(row.connector.in_(connectors), row.recorded_at <= at).subquery()
    statement = select(wanted.c.connector, func.max(wanted.c.recorded_at)).group_by(wanted.c.connector)
    return {str(name): last for name, last in connection.execute(statement)}


@dataclass(frozen=True, slots=True)
class KeptBack:
    """A row that could not be taken in: its line, why, the row itself, and what it was received with."""

    line: int
    reason: str
    raw: str
    received_id: int | None = None


def quarantine(connection: Connection, source: str, path: str, bad: Collection[KeptBack], at: datetime) -> None:
    """Keep rows that could not be taken in."""
    rows = [{"source": source, "path": path, **asdict(one), "recorded_at": at} for one in bad]
    if rows:
        connection.execute(insert(t.QuarantineRow), rows)


def forget_quarantine(connection: Connection, source: str, path: str) -> None:
    """Drop what was kept of an earlier try with this file."""
    row = t.QuarantineRow
    connection.execute(delete(row).where(row.source == source, row.path == path))


def forget_received(connection: Connection, ids: Collection[int]) -> None:
    """Drop what was kept of an earlier try with these deliveries."""
    for some in chunks(ids):
        connection.execute(delete(t.QuarantineRow).where(t.QuarantineRow.received_id.in_(some)))


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that is kept back, with its number, its source and its place."""

    id: int
    source: str
    path: str
    line: int
    reason: str
    raw: str
    recorded_at: datetime
    received_id: int | None


def list_quarantined(
    connection: Connection, *, ids: Collection[int] = (), source: str | None = None
) -> list[Quarantined]:
    """The rows that are kept back (these, those of a source, or all), the oldest first."""
    row = t.QuarantineRow
    columns = (row.id, row.source, row.path, row.line, row.reason, row.raw, row.recorded_at, row.received_id)
    statement = select(*columns).order_by(row.id)
    if ids:
        statement = statement.where(row.id.in_(ids))
    if source:
        statement = statement.where(row.source == source)
    return [Quarantined(*hit) for hit in connection.execute(statement)]


def all_quarantined(connection: Connection) -> list[tuple[int, str]]:
    """Every row that is kept back, by number."""
    row = t.QuarantineRow
    return [(hit.id, hit.raw) for hit in connection.execute(select(row.id, row.raw))]


def drop_quarantined(connection: Connection, ids: Collection[int]) -> None:
    """Take rows that were kept back away."""
    for some in chunks(ids):
        connection.execute(delete(t.QuarantineRow).where(t.QuarantineRow.id.in_(some)))


def quarantined(connection: Connection) -> dict[str, int]:
    """How many rows are kept back, by source."""
    row = t.QuarantineRow
    statement = select(row.source, func.count()).group_by(row.source)
    return {source: int(number) for source, number in connection.execute(statement)}
