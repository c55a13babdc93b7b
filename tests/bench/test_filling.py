from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bench.book import RUN_AT, Book
from bench.rulebook import asked
from bench.script import decide_and_write
from reengage.app.project import read_project
from reengage.app.run import Order, run
from reengage.model.decision import Summary
from reengage.store.database import Database
from tests.bench.books import RULES, filled, imported

BOOK = Book(400, 500, opted_out=0.05, large_account=30, loud_contact=12)

SAME = {
    "account": "name, name_key, domain",
    "account_status": "account.domain, status",
    "owner": "email, name, time_zone, country, active",
    "contact": "key, same_as",
    "profile": "contact.key, first_name, last_name, country, owner_email, own_fields",
    "identifier": "contact.key, kind, value, shared, detached, doubtful, source",
    "employment": "contact.key, account.domain, title, seniority, department, site, since, source",
    "conversation": "contact.key, key, at, channel, rep_email, response, category, vendor, contract_ends, call_back_on, tags",
    "hold": "contact.key, kind, since, until, promised, response, category, wake_on",
    "opted_out": "contact.key, channel, excluded, provisional",
    "contact_key": "contact.key, kind, value",
    "opt_out_key": "kind, value",
    "signal": "contact.key, account.domain, source, id, kind, occurred_at, received_at, recorded_at, certainty, keys, line",
}
"""What has to be in each table, whatever numbers the rows have."""


def test_the_tables_are_as_the_importers_leave_them(tmp_path: Path) -> None:
    ours, theirs = filled(tmp_path / "filled", BOOK), imported(tmp_path / "imported", BOOK)

    for table, columns in SAME.items():
        assert rows(ours, table, columns) == rows(theirs, table, columns), table
    assert rows(ours, "account", "id")
    assert [sorted(one.items()) for one in facts(ours)] == [sorted(one.items()) for one in facts(theirs)]
    assert news(ours) == news(theirs)
    for database, folder in ((ours, "filled"), (theirs, "imported")):
        database.close()
        assert (tmp_path / folder / ".reengage.journal").stat().st_size > 0


def test_a_run_decides_as_over_an_imported_book_and_the_script_too(tmp_path: Path) -> None:
    decided = []
    for make, name in ((filled, "filled"), (imported, "imported")):
        database = make(tmp_path / name, BOOK)
        if make is filled:
            script = decide_and_write(tmp_path / name / "reengage.db", asked(RULES), RUN_AT.replace(tzinfo=None))
        decided.append(run(database, read_project(tmp_path / name), Order(RUN_AT)))
        database.close()

    ours, theirs = decided
    assert ours.outcomes == theirs.outcomes
    assert {"task", "opted_out", "no_match", "stopped"} <= set(ours.outcomes)
    assert by_key(ours) == by_key(theirs)
    assert script == {task.contact_id: (task.rule, task.trigger) for task in ours.tasks}


def by_key(summary: Summary) -> dict[str, tuple[Any, ...]]:
    return {
        one.contact_key: (one.outcome, one.rule, one.trigger, one.task and (one.task.key, one.task.note, one.task.due))
        for one in summary.decisions
    }


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_same_seed_makes_the_same_rows(kind: str, tmp_path: Path) -> None: ...


def rows(database: Database, table: str, columns: str) -> list[tuple[Any, ...]]:
    """The rows of a table, with the key of their contact and the domain of their company in place of numbers."""
    names = [name.strip() for name in columns.split(",")]
    listed = ", ".join(name if "." in name else f'{table}."{name}"' for name in names)
    joins = [
        f"LEFT JOIN {one} ON {one}.id = {table}.{one}_id" for one in ("contact", "account") if f"{one}." in columns
    ]
    with database.reading() as connection:
        found = connection.execute(text(f"SELECT {listed} FROM {table} {' '.join(joins)}"))
        return sorted((tuple(row) for row in found), key=repr)


def facts(database: Database) -> list[dict[str, Any]]:
    import json

    with database.reading() as connection:
        return [json.loads(row[0]) for row in connection.execute(text("SELECT facts FROM signal ORDER BY seq"))]


def news(database: Database) -> list[tuple[Any, ...]]:
    with database.reading() as connection:
        joined = "LEFT JOIN contact c ON c.id = contact_id LEFT JOIN account a ON a.id = account_id"
        found = connection.execute(text(f"SELECT c.key, a.domain, n.recorded_at FROM news n {joined}"))
        return sorted((tuple(row) for row in found), key=repr)
