"""What came in: signals once per (source, id), files once by content, and the rows that could not be taken."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from reengage.store import columns as t
from reengage.store.versions import chunks, insert_new


def is_known(connection: Connection, connector: str, sha256: str) -> bool:
    """Whether this connector has taken in a file of this content."""
    row = t.FileRow
    return (
        connection.execute(select(row.path).where(row.connector == connector, row.sha256 == sha256)).first() is not None
    )


def note_file(connection: Connection, connector: str, sha256: str, path: str, rows: int, at: datetime) -> None:
    """Remember that a file of this content was taken in."""
    row = {"connector": connector, "sha256": sha256, "path": path, "rows": rows, "recorded_at": at}
    insert_new(connection, t.FileRow, [row])


def last_slot(connection: Connection, source: str) -> datetime | None:
    """When the newest signal of a timer occurred."""
    statement = select(func.max(t.SignalRow.occurred_at)).where(t.SignalRow.source == source)
    return connection.execute(statement).scalar()


@dataclass(frozen=True, slots=True)
class Taken:
    """What a source has brought: files, and when the last of them came."""

    files: int
    last: datetime | None


NOTHING = Taken(0, None)
"""A source that has brought nothing."""


def per_source(connection: Connection) -> dict[str, Taken]:
    """What each connector has brought."""
    row = t.FileRow
    statement = select(row.connector, func.count(), func.max(row.recorded_at)).group_by(row.connector)
    return {name: Taken(int(files), last) for name, files, last in connection.execute(statement)}


def last_files(connection: Connection, connectors: Collection[str], at: datetime) -> dict[str, datetime]:
    """When each of these last brought a file, up to this moment."""
    row = t.FileRow
    wanted = select(row).where(row.connector.in_(connectors), row.recorded_at <= at).subquery()
    statement = select(wanted.c.connector, func.max(wanted.c.recorded_at)).group_by(wanted.c.connector)
    return {str(name): last for name, last in connection.execute(statement)}


def quarantine(
    connection: Connection, source: str, path: str, bad: Collection[tuple[int, str, str]], at: datetime
) -> None:
    """Keep rows (line, reason, raw) that could not be taken in."""
    rows = [
        {"source": source, "path": path, "line": line, "reason": reason, "raw": raw, "recorded_at": at}
        for line, reason, raw in bad
    ]
    if rows:
        connection.execute(insert(t.QuarantineRow), rows)


def forget_quarantine(connection: Connection, source: str, path: str) -> None:
    """Drop what was kept of an earlier try with this file."""
    row = t.QuarantineRow
    connection.execute(delete(row).where(row.source == source, row.path == path))


def all_quarantined(connection: Connection) -> list[tuple[int, str]]:
    """Every row that is kept back, by number."""
    row = t.QuarantineRow
    return [(hit.id, hit.raw) for hit in connection.execute(select(row.id, row.raw))]


def drop_quarantined(connection: Connection, ids: Collection[int]) -> None:
    """Take rows that were kept back away for good."""
    for some in chunks(ids):
        connection.execute(delete(t.QuarantineRow).where(t.QuarantineRow.id.in_(some)))


def quarantined(connection: Connection) -> dict[str, int]:
    """How many rows are kept back, by source."""
    row = t.QuarantineRow
    statement = select(row.source, func.count()).group_by(row.source)
    return {source: int(number) for source, number in connection.execute(statement)}
