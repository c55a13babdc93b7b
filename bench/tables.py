"""Rows into tables by the thousand, the fastest way each database has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from reengage.store.database import Database

Rows = Iterable[Sequence[Any]]
"""Numbers, texts and None; moments, days, truths and JSON as the texts or numbers that SQLite keeps."""


class Tables(Protocol):
    """A database that rows are being put into."""

    def put(self, table: str, columns: Sequence[str], rows: Rows) -> None:
        """Add rows to a table."""
        ...

    def do(self, statement: str) -> None:
        """Run a statement."""
        ...


@contextmanager
def open_tables(database: Database, *, empty: bool = True) -> Iterator[Tables]:
    """Put rows into a database in one transaction; an empty one gets its indexes last."""
    raw = database.engine.raw_connection()
    connection: Any = raw.driver_connection
    try:
        with (_sqlite if database.is_sqlite else _postgresql)(connection, empty) as tables:
            yield tables
    finally:
        raw.close()
        database.engine.dispose()


class _Sqlite:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def put(self, table: str, columns: Sequence[str], rows: Rows) -> None:
        marks = ", ".join("?" * len(columns))
        self._connection.executemany(f"INSERT INTO {table} ({_listed(columns)}) VALUES ({marks})", rows)  # noqa: S608

    def do(self, statement: str) -> None:
        self._connection.execute(statement)


class _Postgresql:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def put(self, table: str, columns: Sequence[str], rows: Rows) -> None:
        with self._connection.cursor().copy(f"COPY {table} ({_listed(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def do(self, statement: str) -> None:
        self._connection.execute(statement)


@contextmanager
def _sqlite(connection: Any, empty: bool) -> Iterator[Tables]:
    for pragma in (
        "foreign_keys=OFF",
        "synchronous=OFF",
        "cache_size=-256000",
        *(("journal_mode=OFF",) if empty else ()),
    ):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN IMMEDIATE")
    indexes = _indexes(connection) if empty else []
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    yield _Sqlite(connection)
    for _, statement in indexes:
        connection.execute(statement)
    connection.execute("COMMIT")


def _indexes(connection: Any) -> list[tuple[str, str]]:
    found = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    return [(str(name), str(statement)) for name, statement in found.fetchall()]


@contextmanager
def _postgresql(connection: Any, empty: bool) -> Iterator[Tables]:
    indexes = connection.execute(_THEIR_INDEXES).fetchall() if empty else []
    connection.execute("SET LOCAL session_replication_role = replica")
    for name, _ in indexes:
        connection.execute(f'DROP INDEX "{name}"')
    yield _Postgresql(connection)
    for _, statement in indexes:
        connection.execute(statement)
    for table, column in _numbered(connection):
        connection.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), max({column})) FROM {table}"  # noqa: S608
        )
    if empty:
        connection.execute("ANALYZE")
    connection.execute("COMMIT")


_THEIR_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
  AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = indexname)"""


def _numbered(connection: Any) -> list[tuple[str, str]]:
    """The columns that number their rows by themselves."""
    found = connection.execute(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND (column_default LIKE 'nextval(%' OR is_identity = 'YES')"
    )
    return [(str(table), str(column)) for table, column in found.fetchall()]


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
