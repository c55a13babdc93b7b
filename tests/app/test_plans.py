"""A run over news looks up what it needs by an index: no table that grows with the book is read from end to end."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Connection, event

from reengage.app.run import Order, run
from reengage.engine.durable import InProcess
from reengage.store.database import open_database
from tests.app.story import START, Event, World, make_world, random_rules, random_story
from tests.conftest import KEYS, hasty

SMALL = {"CONSTANT", "owner", "run", "rule_revision", "source_state", "found", "anon_1", "timer"}
"""Tables that do not grow with the book, and results of what was looked up by an index."""

SCAN = re.compile(r"^SCAN (\w+)")


def scanned(world: World, order: Order) -> tuple[set[str], int]:
    """The tables that the statements of a run read from end to end, and how many statements there were."""
    seen: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, parameters: Any, *more: object) -> None:
        seen.append((statement, parameters))

    event.listen(world.database.engine, "before_cursor_execute", note)
    run(world.database, world.project, order, rules=world.rules, start=InProcess)
    event.remove(world.database.engine, "before_cursor_execute", note)
    with world.database.reading() as connection:
        return tables_scanned(connection, seen), len(seen)


def tables_scanned(connection: Connection, statements: Iterable[tuple[str, Any]]) -> set[str]:
    """The tables that SQLite would read from end to end for these."""
    raw, found = connection.connection.cursor(), set[str]()
    for statement, parameters in statements:
        if statement.startswith(("SELECT", "UPDATE")):
            values = parameters[0] if isinstance(parameters, list) else parameters
            raw.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            found |= {match[1] for row in raw.fetchall() if (match := SCAN.match(row[3]))}
    return found


def lived(folder: Path) -> World:
    """A world with a few weeks of life and a run behind it."""
    dice = Random(13)
    database = hasty(open_database(f"sqlite:///{folder}/plans.db", KEYS))
    world = make_world(folder / "project", database, random_rules(dice))
    for happens in random_story(dice, weeks=3):
        if happens.what != "run":
            world.live(happens)
    world.live(Event(START + timedelta(days=25), "run"))
    return world


def test_a_run_over_news_reads_no_growing_table_from_end_to_end(tmp_path: Path) -> None:
    world = lived(tmp_path)
    try:
        tables, statements = scanned(world, Order(START + timedelta(days=26)))
        assert statements > 5
        assert tables <= SMALL
        with world.database.reading() as connection:
            assert tables_scanned(connection, [("SELECT * FROM task WHERE note = ?", ("x",))]) == {"task"}
    finally:
        world.database.close()
