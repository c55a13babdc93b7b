"""A run over news looks up what it needs by an index: no table that grows with the book is read from end to end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event

from reengage.app.run import Order, run
from reengage.engine.durable import InProcess
from reengage.store.database import open_database
from tests.app.story import LATER, ROOT, Event, World, make_lived_world
from tests.conftest import KEYS, hasty

SMALL = {"CONSTANT", "owner", "run", "rule_revision", "source_state", "found", "anon_1", "timer"}
"""Tables that do not grow with the book, and results of what was looked up by an index."""

SCAN = re.compile(r"^SCAN (\w+)(?!.*VIRTUAL TABLE)")
"""A table that is read from end to end; a virtual one is a list that was handed in."""


PAGE = ROOT / "docs" / "decisions" / "0018-indexes-of-a-run.md"

SEARCH = re.compile(r"SEARCH (\w+) USING (?:COVERING )?(INDEX \w+|INTEGER PRIMARY KEY)")
"""A table that is looked up by an index; how much of it an index covers is for each version of SQLite to say."""


def asked_by(world: World, order: Order) -> list[tuple[str, Any]]:
    """The statements of a run, with what was handed in."""
    seen: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, parameters: Any, *more: object) -> None:
        seen.append((statement, parameters))

    event.listen(world.database.engine, "before_cursor_execute", note)
    run(world.database, world.project, order, rules=world.rules, start=InProcess)
    event.remove(world.database.engine, "before_cursor_execute", note)
    return seen


def plans(connection: Connection, statements: Iterable[tuple[str, Any]]) -> set[str]:
    """The lines of what SQLite plans to do for these."""
    raw, found = connection.connection.cursor(), set[str]()
    for statement, parameters in statements:
        if statement.startswith(("SELECT", "UPDATE")):
            values = parameters[0] if isinstance(parameters, list) else parameters
            raw.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            found |= {row[3] for row in raw.fetchall()}
    return found


def tables_scanned(lines: Iterable[str]) -> set[str]:
    """The tables that are read from end to end."""
    return {match[1] for line in lines if (match := SCAN.match(line))}


def looked_up(lines: Iterable[str]) -> set[tuple[str, str]]:
    """The tables that are looked up, with the index by which they are."""
    return {(match[1], match[2]) for line in lines if (match := SEARCH.search(line))}


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, set[str], set[str]]]:
    """A world some months on, with what SQLite plans for a first run there and for a run over news."""
    folder = tmp_path_factory.mktemp("plans")
    database = hasty(open_database(f"sqlite:///{folder}/plans.db", KEYS))
    world = make_lived_world(folder / "project", database)
    first = asked_by(world, Order(LATER, dry_run=True))
    world.live(Event(LATER, "run"))
    over_news = asked_by(world, Order(LATER + timedelta(days=1)))
    assert min(len(first), len(over_news)) > 5
    with database.reading() as connection:
        yield world, plans(connection, first), plans(connection, over_news)
    database.close()


def test_a_run_over_news_reads_no_growing_table_from_end_to_end(lived: tuple[World, set[str], set[str]]) -> None:
    world, _, over_news = lived
    assert tables_scanned(over_news) <= SMALL
    with world.database.reading() as connection:
        assert tables_scanned(plans(connection, [("SELECT * FROM task WHERE note = ?", ("x",))])) == {"task"}


def test_the_page_of_indexes_names_those_that_runs_use_and_no_others(lived: tuple[World, set[str], set[str]]) -> None:
    told = looked_up(re.findall(r"`(SEARCH [^`]+)`", PAGE.read_text(encoding="utf-8")))
    found = looked_up(lived[1] | lived[2])
    assert len(told) > 20
    by_number = {pair for pair in found if pair[1] == "INTEGER PRIMARY KEY"}
    assert found - told <= by_number
    assert told <= found
