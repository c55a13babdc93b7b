"""What came in: signals once per (source, id), files once by content, and the rows that could not be taken."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from reengage.store import columns as t
from reengage.store.versions import chunks, insert_new


def is_known(connection: Connection, connector: str, sha256: str) -> bool:
    """Whether this connector has taken in a file of this content."""
    row = t.FileRow
    return connection.execute(select(row.path).where(row.connector == connector, row.sha256 == sha256)).first() is not None


def note_file(connection: Connection, connector: str, sha256: str, path: str, rows: int, at: datetime) -> None:
    """Remember that a file of this content was taken in."""
    row = {"connector": connector, "sha256": sha256, "path": path, "rows": rows, "recorded_at": at}
    insert_new(connection, t.FileRow, [row])


def add_signals(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], int]:
    """Store signals that are not there yet; returns the numbers of the new ones by (source, id)."""
    row = t.SignalRow
    new = insert_new(connection, row, rows, row.seq, row.source, row.id)
    return {(found.source, found.id): found.seq for found in new}


def known_signals(connection: Connection, keys: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of these (source, id) that are stored."""
    by_source: dict[str, list[str]] = {}
    for source, id in keys:
        by_source.setdefault(source, []).append(id)
    row, found = t.SignalRow, set()
    for source, ids in by_source.items():
        for some in chunks(ids):
            hits = connection.execute(select(row.id).where(row.source == source, row.id.in_(some))).scalars()
            found |= {(source, id) for id in hits}
    return found


def last_slot(connection: Connection, source: str) -> datetime | None:
    """When the newest signal of a timer occurred."""
    statement = select(func.max(t.SignalRow.occurred_at)).where(t.SignalRow.source == source)
    return connection.execute(statement).scalar()


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


def quarantined(connection: Connection) -> dict[str, int]:
    """How many rows are kept back, by source."""
    row = t.QuarantineRow
    statement = select(row.source, func.count()).group_by(row.source)
    return {source: int(number) for source, number in connection.execute(statement)}
