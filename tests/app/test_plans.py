"""A run over news looks up what it needs by an index: no table that grows with the book is read from end to end."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event

from reengage.app.run import Order, run
from reengage.engine.durable import InProcess
from reengage.store.database import open_database
from tests.app.story import LATER, Event, World, make_lived_world
from tests.conftest import KEYS, hasty

SMALL = {"CONSTANT", "owner", "run", "rule_revision", "source_state", "found", "anon_1", "timer"}
"""Tables that do not grow with the book, and results of what was looked up by an index."""

SCAN = re.compile(r"^SCAN (\w+)(?!.*VIRTUAL TABLE)")
"""A table that is read from end to end; a virtual one is a list that was handed in."""


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


def test_a_run_over_news_reads_no_growing_table_from_end_to_end(tmp_path: Path) -> None:
    database = hasty(open_database(f"sqlite:///{tmp_path}/plans.db", KEYS))
    try:
        world = make_lived_world(tmp_path / "project", database)
        world.live(Event(LATER, "run"))
        tables, statements = scanned(world, Order(LATER + timedelta(days=1)))
        assert statements > 5
        assert tables <= SMALL
        with database.reading() as connection:
            assert tables_scanned(connection, [("SELECT * FROM task WHERE note = ?", ("x",))]) == {"task"}
    finally:
        database.close()
