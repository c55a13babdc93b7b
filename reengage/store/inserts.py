"""Rows into tables, a page at a time: values are made ready a column at a time, not a row at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, JSON, Connection, Dialect, Select, Text, cast, column, func, insert, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

Row = Mapping[str, Any]


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
    """Insert rows, all with the same columns, into a table that numbers its rows; returns their numbers in order."""
    if not rows:
        return []
    numbers = next_numbers(connection, table, "id", len(rows))
    insert_all(connection, insert(table), [{**row, "id": id} for id, row in zip(numbers, rows, strict=True)])
    return numbers


def next_numbers(connection: Connection, table: Any, name: str, many: int) -> list[int]:
    """So many numbers for this column, in order, that no row has or will get from anybody else.

    The transaction has to be one that writes: SQLite has one writer, which takes those after the largest.
    """
    if connection.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(table.__tablename__, name)
        each = func.generate_series(1, many).table_valued("value")
        return sorted(connection.execute(select(func.nextval(sequence)).select_from(each)).scalars())
    last = connection.execute(select(func.max(getattr(table, name)))).scalar() or 0
    return list(range(last + 1, last + 1 + many))


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
    if dialect.name == "postgresql":
        connection.execute(statement.from_select(names, _listed([columns[name] for name in names], values)))
        return
    ready = zip(*(_ready(values[name], columns[name].type, dialect) for name in names), strict=True)
    connection.exec_driver_sql(str(compiled), list(ready))


def _listed(columns: Sequence[Any], values: Mapping[str, list[Any]]) -> Select[Any]:
    """Rows out of an array for each column: PostgreSQL's driver would send a statement for each row otherwise."""
    arrays = [_array(values[one.name], one.type) for one in columns]
    names = (column(one.name, kind.item_type) for one, (_, kind) in zip(columns, arrays, strict=True))
    rows = func.unnest(*(literal(listed, kind) for listed, kind in arrays)).table_valued(*names).render_derived()
    return select(*(cast(rows.c[one.name], one.type) for one in columns))


def _array(values: list[Any], kind: TypeEngine[Any]) -> tuple[list[Any], ARRAY[Any]]:
    """The values with the type of their array; JSON goes as text, or an array in it would be taken for one of ours."""
    return (_written(values), ARRAY(Text())) if isinstance(kind, JSON) else (values, ARRAY(kind))


def _ready(values: list[Any], kind: TypeEngine[Any], dialect: Dialect) -> list[Any]:
    """The values of a column as SQLite takes them; moments and truths are the same in row after row."""
    made = kind.dialect_impl(dialect).bind_processor(dialect)
    if made is None:
        return values
    if isinstance(kind, JSON):
        return _written(values) if {*map(type, values)} <= {dict, list} else [made(value) for value in values]
    once = {value: made(value) for value in set(values)}
    return [once[value] for value in values]


def _written(values: Sequence[Any]) -> list[str]:
    """Each as `json.dumps` writes it, which takes half the time for all at once, with a mark between them."""
    parts = json.dumps([part for value in values for part in (value, _MARK)])[1:].split(f", {json.dumps(_MARK)}")
    found = [part.removeprefix(", ") for part in parts[:-1]]
    return found if len(found) == len(values) else list(map(json.dumps, values))  # a value has the mark in itself


_MARK = "\0"
