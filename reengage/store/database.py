"""Opening a database safely: SQLite by default, PostgreSQL for teams; one transaction at a time, under the lock."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from reengage.model.errors import RunFailed, UsageError
from reengage.people.keyring import Keyring
from reengage.store.journal import Journal

NO_SECRETS = Keyring()

WAL_IS_SAFE_FROM = (3, 51, 3)
"""SQLite before this can lose a write-ahead log when two connections reset it, so it gets a rollback journal."""

BUSY_SECONDS = 60
"""How long a SQLite writer waits for another before it gives up."""

_LOCK, _RUN_LOCK, _ARRIVAL_LOCK = 7_236_410_001, 7_236_410_002, 7_236_410_003
"""Advisory lock numbers in PostgreSQL: opt-outs and links, runs, and the order of arrival."""


@dataclass(frozen=True)
class Database:
    """An open database. Every write happens in `writing` or `deciding`, which take the lock of design decision 5."""

    engine: Engine
    journal: Journal | None = None

    @property
    def is_sqlite(self) -> bool:
        """Whether this is a SQLite file."""
        return self.engine.dialect.name == "sqlite"

    @property
    def is_missing(self) -> bool:
        """Whether this is a SQLite file that nobody has made yet: connecting would."""
        file = Path(self.engine.url.database or "")
        return self.is_sqlite and file.parent.is_dir() and not file.exists()

    @property
    def keyring(self) -> Keyring:
        """The secrets it was opened with."""
        found: Keyring = self.engine.get_execution_options()["keyring"]
        return found

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads."""
        with _translated(self.engine), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that links, ingests, writes tasks or exports: the lock is shared with its like."""
        with self._locked("pg_advisory_xact_lock_shared", _LOCK) as connection:
            yield connection

    @contextmanager
    def keeping(self) -> Iterator[Connection]:
        """A transaction that only keeps what came, as it came: nobody is linked by it, so it waits for no lock."""
        engine = self.engine.execution_options(writes=True)
        with _translated(self.engine), engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def deciding(self, *, journaled: bool = True) -> Iterator[Connection]:
        """A transaction that opts out, merges or resolves: it has the lock to itself."""
        with self._locked("pg_advisory_xact_lock", _LOCK) as connection:
            yield connection
        if journaled:
            self.catch_up()

    def catch_up(self) -> None:
        """Write what the journal lacks; raises RunFailed where it cannot be read or written."""
        if self.journal is not None:
            with self.reading() as connection:
                if self.journal.is_behind(connection):
                    self.journal.catch_up(connection)

    @contextmanager
    def _locked(self, function: str, number: int) -> Iterator[Connection]:
        with _translated(self.engine):
            engine = self.engine.execution_options(writes=True)
            with engine.connect() as connection, connection.begin():
                if not self.is_sqlite:
                    connection.execute(text(f"SELECT {function}({number})"))
                yield connection

    def one_run_at_a_time(self, connection: Connection) -> None:
        """Hold back other runs until this transaction ends; SQLite has one writer anyway."""
        if not self.is_sqlite:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_RUN_LOCK})"))

    def in_order_of_arrival(self, connection: Connection) -> None:
        """Make the numbers handed out from here on appear in the order in which they are committed."""
        if not self.is_sqlite:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_ARRIVAL_LOCK})"))

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def open_database(url: str, keyring: Keyring = NO_SECRETS, journal: Path | None = None) -> Database:
    """Open `sqlite:///FILE` or `postgresql://…`; raises UsageError for anything else.

    Without a secret nothing can be added to the ledger of stops; `journal` is where a copy of it is kept.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise UsageError(
            "the database address cannot be read", help='for example "sqlite:///reengage.db" in reengage.toml'
        ) from error
    kept = Journal(journal) if journal else None
    if parsed.get_backend_name() == "postgresql":
        engine = _postgresql(parsed.set(drivername="postgresql+psycopg"))
        return Database(engine.execution_options(keyring=keyring), kept)
    if parsed.get_backend_name() != "sqlite":
        raise UsageError(
            f"no support for {parsed.get_backend_name()} databases", help="use sqlite:///FILE or postgresql://…"
        )
    if parsed.query:
        raise UsageError("the address of a SQLite file takes no options", help="leave out what follows the ?")
    plain = parsed.set(drivername="sqlite")
    options = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    engine = create_engine(plain, connect_args=options, json_deserializer=_read_json, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return Database(engine.execution_options(keyring=keyring), kept)


def _postgresql(url: Any) -> Engine:
    try:
        options = {"options": "-c timezone=UTC"}
        return create_engine(url, connect_args=options, pool_pre_ping=True, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise UsageError("PostgreSQL needs the package psycopg", help='pip install "reengage[postgres]"') from error


def _read_json(text: str) -> Any:
    """A cell of JSON as a value; most of them are empty lists and tables."""
    empty = _EMPTY.get(text)
    return empty() if empty else json.loads(text)


_EMPTY: dict[str, Callable[[], Any]] = {"[]": list, "{}": dict}


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None
    journal = "WAL" if sqlite3.sqlite_version_info >= WAL_IS_SAFE_FROM else "DELETE"
    for pragma in (
        f"busy_timeout={BUSY_SECONDS * 1000}",
        f"journal_mode={journal}",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "cache_size=-64000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _translated(engine: Engine) -> Iterator[None]:
    """Say in one sentence what the database could not do; never a traceback, never a row's content."""
    try:
        yield
    except DBAPIError as error:
        cause = str(error.orig).splitlines()[0] if error.orig else type(error).__name__
        name = engine.url.render_as_string(hide_password=True)
        advice = next((help for sign, help in _ADVICE.items() if sign in cause), "nothing of this step was written")
        raise RunFailed(f"the database {name} refused: {cause}", help=advice) from error


_ADVICE = {
    "unable to open database file": "make its folder, or name another file in reengage.toml",
    "file is not a database": "this file is something else: name another one in reengage.toml",
    "malformed": "the file is damaged: restore a backup, then import newer opt-outs before the next run",
    "readonly": "make the file and its folder writable for this user",
    "read-only": "name the primary server, and a user who may write",
    "is full": "make room on the disk of the database; nothing of this step was written",
    "disk I/O error": "look after the disk of the database; nothing of this step was written",
    "database is locked": "another program holds it; try again when it is done",
    "connection failed": "is the server running, and is the address in reengage.toml right?",
}
"""What to do about what a database says, by a part of it."""
