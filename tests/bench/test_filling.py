"""A book in the tables is the one that the importers take in, and everybody decides the same about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlmodel import SQLModel

from bench.book import RUN_AT, Book
from bench.filling import add_news, fill
from bench.rulebook import ROOT, asked
from bench.script import Chosen, decide_and_write
from reengage.app.project import read_project
from reengage.app.run import Order, run
from reengage.model.decision import Summary
from reengage.model.words import Outcome
from reengage.store.database import Database, open_database
from reengage.store.schema import prepare
from tests.bench.books import RULES, filled, imported
from tests.conftest import KEYS, hasty

BOOK = Book(300, 400, opted_out=0.05, large_account=30, loud_contact=12)

SAME = {
    "account": "name, name_key, domain",
    "account_status": "account.domain, status",
    "owner": "email, name, time_zone, country, active",
    "contact": "key, same_as",
    "profile": "contact.key, first_name, last_name, country, owner_email, own_fields",
    "identifier": "contact.key, kind, value, shared, detached, doubtful, source",
    "employment": "contact.key, account.domain, title, seniority, department, site, since, source",
    "conversation": "contact.key, key, at, channel, rep_email, response, vendor, contract_ends, call_back_on, tags",
    "hold": "contact.key, kind, since, until, promised, response, category, wake_on",
    "opted_out": "contact.key, channel, excluded, provisional",
    "contact_key": "contact.key, kind, value",
    "opt_out_key": "kind, value",
    "signal": "contact.key, account.domain, source, id, kind, occurred_at, received_at, recorded_at, certainty, keys",
    "news": "contact.key, account.domain, recorded_at",
}
"""What has to be in each table, whatever numbers the rows have."""


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Path, Database]]]:
    folders = {name: tmp_path_factory.mktemp(name) for name in ("filled", "imported")}
    makers = {"filled": filled, "imported": imported}
    made = {name: (folder, makers[name](folder, BOOK)) for name, folder in folders.items()}
    yield made
    for _, database in made.values():
        database.close()


@pytest.fixture(scope="module")
def decided(places: dict[str, tuple[Path, Database]]) -> dict[str, Summary]:
    return {name: run(base, read_project(at), Order(RUN_AT, dry_run=True)) for name, (at, base) in places.items()}


@pytest.mark.parametrize("table", SAME)
def test_a_table_is_as_the_importers_leave_it(table: str, places: dict[str, tuple[Path, Database]]) -> None:
    ours, theirs = (rows(places[name][1], table, SAME[table]) for name in ("filled", "imported"))
    assert ours == theirs
    assert ours


def test_a_run_decides_as_it_does_over_an_imported_book(decided: dict[str, Summary]) -> None:
    ours, theirs = decided["filled"], decided["imported"]
    assert by_contact(ours) == by_contact(theirs)
    assert ours.outcomes == theirs.outcomes
    assert {Outcome.TASK, Outcome.OPTED_OUT, Outcome.NO_MATCH} <= set(ours.outcomes)


def test_the_script_decides_as_a_run_does_also_the_next_day(tmp_path: Path) -> None:
    database = filled(tmp_path, Book(250, 400, seed=3, large_account=20, loud_contact=9))
    project, path = read_project(tmp_path), tmp_path / "reengage.db"
    for at in (RUN_AT, RUN_AT.replace(day=2)):
        add_news(database, BOOK, 1, at)
        script = decide_and_write(path, asked(RULES), at.replace(tzinfo=None))
        summary = run(database, project, Order(at))
        assert chosen(summary) == script
        with database.reading() as connection:
            written = connection.execute(text("SELECT key, contact_id FROM script_task ORDER BY key")).all()
        assert written == sorted((task.key, task.contact_id) for task in summary.tasks)
    database.close()


def test_the_same_seed_makes_the_same_rows_and_another_one_others(url: str, tmp_path: Path) -> None:
    database = hasty(open_database(url, KEYS))
    policies = read_project(ROOT).usable_rules().responses
    fill(database, Book(120, 150, opted_out=0.05), policies)
    again = hasty(open_database(f"sqlite:///{tmp_path / 'again.db'}", KEYS))
    other = hasty(open_database(f"sqlite:///{tmp_path / 'other.db'}", KEYS))
    for one, seed in ((again, 1), (other, 2)):
        prepare(one)
        fill(one, Book(120, 150, seed=seed, opted_out=0.05), policies)

    assert dump(database) == dump(again)
    assert dump(database)["signal"] != dump(other)["signal"]
    for one in (database, again, other):
        one.close()


def by_contact(summary: Summary) -> dict[str, tuple[Any, ...]]:
    return {
        one.contact_key: (one.outcome, one.rule, one.trigger, one.task and (one.task.key, one.task.note, one.task.due))
        for one in summary.decisions
    }


def chosen(summary: Summary) -> Chosen:
    return {task.contact_id: (task.rule, task.trigger) for task in summary.tasks}


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


def dump(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, as SQLAlchemy reads it from either database."""
    with database.reading() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in SQLModel.metadata.sorted_tables
        }
