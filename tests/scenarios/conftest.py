"""A book for every scenario, once on each kind of database; the tables are made once and copied."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from reengage.store.database import Database, open_database
from reengage.store.schema import prepare
from tests.conftest import KEYS, new_postgresql_database
from tests.scenarios.book import Book, make_book

_numbers = count(1)


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with empty tables."""
    path = tmp_path_factory.mktemp("prepared") / "tables.db"
    _prepare(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def copied(postgresql: str) -> Callable[[], str]:
    """Makes a PostgreSQL database with empty tables, and returns its address."""
    source = new_postgresql_database(postgresql)
    _prepare(source)
    url = make_url(source.replace("postgresql://", "postgresql+psycopg://"))

    def copy() -> str:
        name = f"scenario{next(_numbers)}"
        engine = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {url.database}"))
        engine.dispose()
        return url.set(database=name, drivername="postgresql").render_as_string(hide_password=False)

    return copy


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with empty tables, once on each kind."""
    if request.param == "postgresql":
        made: str = request.getfixturevalue("copied")()
        return made
    file = shutil.copy(request.getfixturevalue("sqlite_file"), tmp_path / "reengage.db")
    return f"sqlite:///{file}"


def _prepare(url: str) -> None:
    database = open_database(url, KEYS)
    prepare(database)
    database.close()


@pytest.fixture
def book(tmp_path: Path, database: Database) -> Book:
    """An empty book."""
    return make_book(tmp_path / "project", database)
