"""Rows that keep their history: what was known at a moment, and putting a new version beside the old."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
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

from reengage.store.inserts import Row, insert_all

T = TypeVar("T")

CHUNK = 5_000
"""Values looked up by one statement: well under SQLite's limit of 32,766 parameters."""


def known(table: Any, at: datetime) -> ColumnElement[bool]:
    """The versions of this table that stood at this moment."""
    return and_(table.recorded_at <= at, or_(table.superseded_at.is_(None), table.superseded_at > at))


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The values in lists of at most `size`, read as they are asked for."""
    left = iter(values)
    while some := list(islice(left, size)):
        yield some


def among(connection: Connection, column: Any, values: Iterable[int | str]) -> ColumnElement[bool]:
    """That a column is one of these values: one parameter however many, where IN has one for each of them."""
    if connection.dialect.name == "postgresql":
        return column == any_(literal(list(values), ARRAY(column.type)))  # type: ignore[no-any-return]
    listed = list(values)
    written = json.dumps(listed)
    if _NUL in written:  # SQLite ends a text there when it reads JSON
        return column.in_(listed)  # type: ignore[no-any-return]
    return column.in_(select(func.json_each(written).table_valued("value").c.value))  # type: ignore[no-any-return]


_NUL = "\\u0000"


def put_versions(connection: Connection, table: Any, key: str, rows: Sequence[Row], at: datetime) -> set[Any]:
    """Add a version for every row that says something new; empty values say nothing. Returns the keys that changed."""
    current = _current(connection, table, key, [row[key] for row in rows])
    columns = _columns(table)
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
        new.append({**dict.fromkeys(columns), **merged})
    if old:
        statement = update(table).where(table.id == bindparam("old")).values(superseded_at=at)
        connection.execute(statement, [{"old": id} for id in old])
    final = {row[key]: row for row in new}
    if final:
        empty = _defaults(table, columns)
        full = [{name: empty[name] if row[name] is None else row[name] for name in columns} for row in final.values()]
        insert_all(connection, insert(table), [{**row, "recorded_at": at} for row in full])
    return set(final)


def _joined(before: Row | None, name: str, value: Any) -> Any:
    """What is said of one column; of one that holds names and values, each is said by itself."""
    return {**(before[name] or {}), **value} if before and isinstance(value, dict) else value


_OWN = frozenset({"id", "recorded_at", "superseded_at"})


def _columns(table: Any) -> list[str]:
    return [column.name for column in table.__table__.columns if column.name not in _OWN]


def _defaults(table: Any, columns: Iterable[str]) -> dict[str, Any]:
    return {name: table.model_fields[name].get_default() for name in columns}


def _current(connection: Connection, table: Any, key: str, keys: Iterable[Any]) -> dict[Any, dict[str, Any]]:
    found: dict[Any, dict[str, Any]] = {}
    for some in chunks(dict.fromkeys(keys)):
        statement = select(table.__table__).where(
            among(connection, getattr(table, key), some), table.superseded_at.is_(None)
        )
        result = connection.execute(statement)
        names = tuple(result.keys())
        place = names.index(key)
        found.update((row[place], dict(zip(names, row, strict=True))) for row in result.all())
    return found
