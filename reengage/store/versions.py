"""Rows that keep their history: what was known at a moment, and putting a new version beside the old."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    Connection,
    Dialect,
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
from sqlalchemy.types import TypeEngine

T = TypeVar("T")
Row = Mapping[str, Any]

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


def insert_new(connection: Connection, table: Any, rows: Sequence[Row], *returning: Any) -> list[Any]:
    """Insert rows, passing over those that are there already; returns the given columns of the new ones."""
    if not rows:
        return []
    statement = inserting_new(connection, table)
    if not returning:
        insert_all(connection, statement, rows)
        return []
    return list(connection.execute(statement.returning(*returning), list(rows)))


def inserting_new(connection: Connection, table: Any) -> Any:
    """The statement that inserts rows, passing over those that are there already."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table).on_conflict_do_nothing()


def insert_numbered(connection: Connection, table: Any, rows: Sequence[Row]) -> list[int]:
    """Insert rows, all with the same columns, into a table that numbers its rows; returns their numbers in order.

    SQLite numbers a row with one more than the largest; told which, it need not be asked about every single row.
    """
    if not rows:
        return []
    if connection.dialect.name == "postgresql":
        statement = insert(table).returning(table.id, sort_by_parameter_order=True)
        return [int(id) for id in connection.execute(statement, list(rows)).scalars()]
    first = int(connection.execute(select(func.coalesce(func.max(table.id), 0))).scalar_one()) + 1
    insert_all(connection, insert(table), [{**row, "id": id} for id, row in enumerate(rows, first)])
    return list(range(first, first + len(rows)))


def insert_all(connection: Connection, statement: Any, rows: Sequence[Row]) -> None:
    """Insert rows, all with the columns of the first: values are made ready a column at a time, not a row at a time.

    As executing the statement with these rows, which it does where Python fills in columns that they lack. Raises
    ValueError for a column that the table has not.
    """
    if rows:
        insert_columns(connection, statement, {name: [row[name] for row in rows] for name in rows[0]})


def insert_columns(connection: Connection, statement: Any, values: Mapping[str, list[Any]]) -> None:
    """The same of rows that are given by their columns, each with as many values."""
    dialect, columns = connection.dialect, statement.table.c
    names = sorted(values, key=columns.keys().index)
    compiled = statement.compile(dialect=dialect, column_keys=names)
    if compiled.insert_prefetch:  # columns that Python fills in
        connection.execute(
            statement, [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]
        )
        return
    ready = zip(*(_ready(values[name], columns[name].type, dialect) for name in names), strict=True)
    if compiled.positional:
        listed: list[Any] = list(ready)
    else:
        listed = [dict(zip(names, row, strict=True)) for row in ready]
    connection.exec_driver_sql(str(compiled), listed)


def _ready(values: list[Any], kind: TypeEngine[Any], dialect: Dialect) -> list[Any]:
    """The values of a column as the driver takes them; moments and truths are the same in row after row."""
    made = kind.dialect_impl(dialect).bind_processor(dialect)
    if made is None:
        return values
    if isinstance(kind, JSON):
        plain = dialect.name == "sqlite" and {*map(type, values)} <= {dict, list}
        return _written(values) if plain else [made(value) for value in values]
    once = {value: made(value) for value in set(values)}
    return [once[value] for value in values]


def _written(values: Sequence[Any]) -> list[str]:
    """Each as `json.dumps` writes it, which takes half the time for all at once, with a mark between them."""
    parts = json.dumps([part for value in values for part in (value, _MARK)])[1:].split(f", {json.dumps(_MARK)}")
    found = [part.removeprefix(", ") for part in parts[:-1]]
    return found if len(found) == len(values) else list(map(json.dumps, values))  # a value has the mark in itself


_MARK = "\0"
