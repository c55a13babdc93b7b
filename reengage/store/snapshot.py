"""One state of the database for a reading that takes many questions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from reengage.store.database import Database


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """A transaction that sees one state to its end, whatever others write meanwhile, and cannot write."""
    with database.reading() as connection:
        if not database.is_sqlite:  # SQLite's readers see one state anyway
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        yield connection
