"""Rows that keep their history: what was known at a moment, and putting a new version beside the old."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    and_,
    any_,
    bindparam,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")
Row = Mapping[str, Any]

CHUNK = 5_000
"""Values looked up by one statement: well under SQLite's limit of 32,766 parameters."""


def known(table: Any, at: datetime) -> ColumnElement[bool]:
    """The versions of this table that stood at this moment."""
    return and_(table.recorded_at <= at, or_(table.superseded_at.is_(None), table.superseded_at > at))


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The values in lists of at most `size`."""
    listed = list(values)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]


def among(connection: Connection, column: Any, values: Iterable[int | str]) -> ColumnElement[bool]:
    """That a column is one of these values: one parameter however many, where IN has one for each of them."""
    if connection.dialect.name == "postgresql":
        return column == any_(literal(list(values), ARRAY(column.type)))  # type: ignore[no-any-return]
    each = func.json_each(json.dumps(list(values))).table_valued("value")
    return column.in_(select(each.c.value))  # type: ignore[no-any-return]


def put_versions(connection: Connection, table: Any, key: str, rows: Sequence[Row], at: datetime) -> set[Any]:
    """Add a version for every row that says something new; empty values say nothing. Returns the keys that changed."""
    current = _current(connection, table, key, [row[key] for row in rows])
    old, new = [], []
    for row in rows:
        before = current.get(row[key])
        said = {name: _joined(before, name, value) for name, value in row.items() if value is not None}
        if before is not None and all(before[name] == value for name, value in said.items()):
            continue
        merged = {**{name: before[name] for name in before if name not in _OWN}, **said} if before else said
        current[row[key]] = {**dict.fromkeys(row), **merged, "id": None}
        if before and before["id"] is not None:
            old.append(before["id"])
        new.append({**dict.fromkeys(_columns(table)), **merged})
    if old:
        statement = update(table).where(table.id == bindparam("old")).values(superseded_at=at)
        connection.execute(statement, [{"old": id} for id in old])
    final = {row[key]: row for row in new}
    if final:
        connection.execute(insert(table), [_with_defaults(table, row, at) for row in final.values()])
    return set(final)


def _joined(before: Row | None, name: str, value: Any) -> Any:
    """What is said of one column; of one that holds names and values, each is said by itself."""
    return {**(before[name] or {}), **value} if before and isinstance(value, dict) else value


_OWN = frozenset({"id", "recorded_at", "superseded_at"})


def _columns(table: Any) -> list[str]:
    return [column.name for column in table.__table__.columns if column.name not in _OWN]


def _with_defaults(table: Any, row: Row, at: datetime) -> dict[str, Any]:
    fields = table.model_fields
    filled = {name: fields[name].get_default() if value is None else value for name, value in row.items()}
    return {**filled, "recorded_at": at}


def _current(connection: Connection, table: Any, key: str, keys: Iterable[Any]) -> dict[Any, dict[str, Any]]:
    found: dict[Any, dict[str, Any]] = {}
    for some in chunks(dict.fromkeys(keys)):
        statement = select(table.__table__).where(
            among(connection, getattr(table, key), some), table.superseded_at.is_(None)
        )
        for row in connection.execute(statement).mappings():
            found[row[key]] = dict(row)
    return found


def insert_new(connection: Connection, table: Any, rows: Sequence[Row], *returning: Any) -> list[Any]:
    """Insert rows, passing over those that are there already; returns the given columns of the new ones."""
    if not rows:
        return []
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).on_conflict_do_nothing()
    if not returning:
        connection.execute(statement, list(rows))
        return []
    return list(connection.execute(statement.returning(*returning), list(rows)))
