"""Every store test runs on SQLite and on a real PostgreSQL, each in a database that only it uses."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from reengage.people.keyring import Keyring
from reengage.store.database import Database, open_database
from reengage.store.schema import prepare
from tests.servers import Server, in_memory

KEYS = Keyring((b"an older secret of 32 bytes, kept", b"the secret of 32 bytes in use now"))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server of this test session."""
    with tempfile.TemporaryDirectory(prefix="reengage-pg-", dir=in_memory()) as folder, Server(Path(folder)) as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_tables(postgresql: Server) -> str:
    """The address of a PostgreSQL database with empty tables, to be copied."""
    return prepared(postgresql.create())


@pytest.fixture(scope="session")
def sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with empty tables, to be copied."""
    path = tmp_path_factory.mktemp("prepared") / "reengage.db"
    prepared(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def new_database(request: pytest.FixtureRequest) -> Callable[[str, Path], str]:
    """Makes a database with empty tables, of this kind or in this folder; returns its address."""

    def make(kind: str, folder: Path) -> str:
        if kind == "sqlite":
            return f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_tables'), folder)}"
        server: Server = request.getfixturevalue("postgresql")
        return server.create(request.getfixturevalue("postgresql_tables"))

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, new_database: Callable[[str, Path], str], tmp_path: Path) -> Iterator[str]:
    """The address of a database with empty tables, once on each kind."""
    server = request.getfixturevalue("postgresql") if request.param == "postgresql" else None
    made = new_database(request.param, tmp_path)
    yield made
    if server:
        server.drop(made)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """A database with empty tables, once on each kind."""
    opened = hasty(open_database(url, KEYS))
    yield opened
    opened.close()


def prepared(url: str) -> str:
    """Make the tables in the database of this address, and return the address."""
    opened = open_database(url, KEYS)
    prepare(opened)
    opened.close()
    return url


def hasty(database: Database) -> Database:
    """Let a SQLite file that lives for one test not wait for the disk."""
    if database.is_sqlite:
        event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        database.engine.dispose()
    return database
