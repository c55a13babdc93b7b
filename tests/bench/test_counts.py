"""What a run asks of the database, counted: not more statements for more contacts, and for news what the news costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from bench.book import RUN_AT, Book
from bench.filling import add_news
from reengage.app.project import read_project
from reengage.app.run import Order, run
from reengage.engine.durable import InProcess
from reengage.store.database import Database
from tests.bench.books import filled

ALL_AT_ONCE = 10_000
"""Contacts on a page: everybody."""

OPCODES = 20
"""Of SQLite's virtual machine, counted at a time."""


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The statements sent while this is open, executemany once."""
    seen: list[str] = []

    def note(_: object, __: object, statement: str, *more: object) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


@contextmanager
def opcodes(database: Database) -> Iterator[list[int]]:
    """How much work SQLite does while this is open, which grows with every row that it visits, found or not."""
    done = [0]

    def count() -> int:
        done[0] += OPCODES
        return 0

    def begin(connection: object, *more: object) -> None:
        connection.set_progress_handler(count, OPCODES)  # type: ignore[attr-defined]

    database.engine.dispose()
    event.listen(database.engine, "connect", begin)
    yield done
    event.remove(database.engine, "connect", begin)
    database.engine.dispose()


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, tuple[Path, Database]]]:
    made = {}
    for size in (150, 300, 600, 2_400):
        folder = tmp_path_factory.mktemp(f"book{size}")
        made[size] = folder, filled(folder, Book(size, size))
    yield made
    for _, database in made.values():
        database.close()


def judged(place: tuple[Path, Database], order: Order, page: int = ALL_AT_ONCE) -> int:
    folder, database = place
    return len(run(database, read_project(folder), order, start=InProcess, page=page).tasks)


def test_a_full_run_sends_as_many_statements_for_twice_the_contacts_and_some_for_each_page(
    books: dict[int, tuple[Path, Database]],
) -> None:
    order, sent, made = Order(RUN_AT, dry_run=True), {}, {}
    for size in (150, 300):
        with statements(books[size][1]) as seen:
            made[size] = judged(books[size], order)
        sent[size] = len(seen)
    assert 0 < made[150] < made[300]
    assert sent[150] == sent[300]
    with statements(books[300][1]) as seen:
        assert judged(books[300], order, page=5) == made[300]
    assert len(seen) > sent[300] + 20


def test_a_run_over_news_costs_the_same_in_a_book_four_times_as_large(books: dict[int, tuple[Path, Database]]) -> None:
    later, cost = RUN_AT + timedelta(hours=1), {}
    for size in (600, 2_400):
        place = books[size]
        with opcodes(place[1]) as whole:
            judged(place, Order(RUN_AT))
        add_news(place[1], Book(size, size), 30, later)
        with opcodes(place[1]) as done:
            judged(place, Order(later))
        cost[size] = whole[0], done[0]
    assert cost[2_400][0] > 3 * cost[600][0], "a full run is seen to cost what the book costs"
    assert cost[2_400][1] < 1.2 * cost[600][1], cost
