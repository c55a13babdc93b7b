"""A disk that is full, a database that may only be read: one sentence says so, and nothing is half done."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.crash.book import COMMANDS, Book, perform
from tests.crash.child import PATIENCE, heard, let_no_file_grow_beyond, let_nothing_be_written, start, try_with
from tests.crash.conftest import Twins

SECOND_WEEK = len(COMMANDS)


def attempt(hindrance: Callable[[], Any], book: Book, number: int) -> str:
    process, pipe = start(try_with, hindrance, book, number)
    process.join(PATIENCE)
    assert process.exitcode == 0
    (told,) = heard(pipe)
    return str(told)


def lived(book: Book, commands: int) -> Book:
    database = book.open()
    for number in range(commands):
        perform(book, database, number)
    database.close()
    return book


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk_is_told_and_the_command_can_be_done_again(
    twins: Twins, book: Book, kind: str, command: str
) -> None:
    number, twin, told = SECOND_WEEK + COMMANDS.index(command), twins(kind), []
    lived(book, number)
    grown = Path(book.url.removeprefix("sqlite:///")).stat().st_size if kind == "sqlite" else 0
    for size in (0, 100, 1000, grown, grown + 4096, grown + 16384):
        told.append(attempt(partial(let_no_file_grow_beyond, size), book, number))
        twin.check(book, number)
    assert all("\n" not in one.partition("\n  ")[0] and "Traceback" not in one for one in told)
    if kind == "sqlite" or command == "export":
        assert "full" in told[0] or "cannot be written" in told[0]
    lived_again = book.open()
    perform(book, lived_again, number)
    lived_again.close()
    twin.check_the_end(book, number + 1)


def forbid(book: Book) -> None:
    """Let the server refuse every change to this database."""
    address = make_url(book.url)
    engine = create_engine(address.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {address.database} SET default_transaction_read_only = on"))
    engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_that_may_only_be_read_is_told_and_stays_as_it_is(book: Book, kind: str, command: str) -> None:
    number = SECOND_WEEK + COMMANDS.index(command)
    before = lived(book, number).facts()
    if kind == "postgresql":
        forbid(book)
    told = attempt(os.getpid if kind == "postgresql" else let_nothing_be_written, book, number)
    assert ("primary server" if kind == "postgresql" else "writable for this user") in told
    assert book.facts() == before
