"""A stop that arrives while a run is writing: it waits for the lock, and then takes back what was written."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from reengage.app import run as running
from reengage.app.run import Order
from reengage.app.stop import opt_out
from reengage.engine.durable import InProcess
from reengage.language.ruleset import RuleSet, load_rules
from reengage.model.decision import Decision
from reengage.store import runs
from reengage.store.database import Database
from reengage.store.schema import REFUSAL
from tests.app.story import START, Event, World, make_world

WAITS = 1.5
"""Seconds a stop is given to overtake; with the lock it cannot, however long."""


@pytest.fixture
def world(tmp_path: Path, database: Database) -> World:
    """One contact with news that a starter rule acts on."""
    made = make_world(tmp_path / "project", database, starter())
    contact = {
        "contact_id": "C-1",
        "email": "dana@a.example",
        "account_domain": "a.example",
        "account_name": "A",
        "account_status": "prospect",
    }
    talk = {
        "conversation_id": "K-1",
        "contact_id": "C-1",
        "at": "2026-01-05T09:00:00Z",
        "channel": "phone",
        "rep_email": "pat@us.example",
        "response": "not_now",
    }
    facts = {"new_company": "Hooli", "new_title": "VP Sales", "previous_company": "A"}
    move = {
        "id": "1",
        "source": "news",
        "type": "job_change",
        "time": "2026-02-25T09:00:00Z",
        "keys": {"email": "dana@a.example"},
        "facts": facts,
    }
    for what, row in (("contacts", contact), ("conversations", talk), ("signals", move)):
        made.live(Event(START, what, (row,)))
    return made


def starter() -> RuleSet:
    return load_rules(Path(__file__).parents[2] / "rules")


def race(world: World, monkeypatch: pytest.MonkeyPatch, when: str) -> tuple[bool, list[str]]:
    """Let a stop begin after the last look at the ledger, before or after the task is written, but not committed.

    Returns whether the stop was done before the run had committed, and the states of the tasks in the end.
    """
    stopped, overtook, real = threading.Event(), [], runs.add

    def stop() -> None:
        opt_out(world.database, world.project, "dana@a.example", START)
        stopped.set()

    stopper = threading.Thread(target=stop)

    def add(connection: Connection, run_id: int, at: datetime, decisions: Sequence[Decision]) -> None:
        if not any(decision.task for decision in decisions):
            return real(connection, run_id, at, decisions)
        if when == "after":
            real(connection, run_id, at, decisions)
        stopper.start()
        overtook.append(stopped.wait(WAITS))
        if when == "before":
            real(connection, run_id, at, decisions)
        return None

    monkeypatch.setattr(running.runs, "add", add)
    try:
        world.live(Event(START, "run"))
    finally:
        stopper.join()
    return overtook[0], [task["state"] for task in world.tasks()]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_stop_waits_for_the_run_and_takes_its_task_back(
    world: World, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    assert race(world, monkeypatch, when) == (False, ["cancelled"])


def test_a_stop_does_not_wait_while_a_run_judges(world: World) -> None:
    """A large book is judged for longer than a writer of SQLite waits for whoever reads."""

    def stop(_: int) -> None:
        with world.database.deciding() as connection:
            if world.database.is_sqlite:
                connection.exec_driver_sql(
                    "PRAGMA busy_timeout = 100"
                )  # or this would hang for a minute before it fails
        opt_out(world.database, world.project, "dana@a.example", START)

    summary = running.run(
        world.database, world.project, Order(START), rules=world.rules, start=InProcess, page=1, progress=stop
    )
    assert (summary.outcomes, world.tasks()) == ({"opted_out": 1}, [])


@contextmanager
def unlocked(self: Database, function: str, number: int) -> Iterator[Connection]:
    with self.engine.connect() as connection, connection.begin():
        yield connection


def test_without_the_lock_the_stop_overtakes_and_a_task_is_left_open(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    if world.database.is_sqlite:
        pytest.skip("SQLite has one writer at a time; there is no lock of ours to take away")
    monkeypatch.setattr(Database, "_locked", unlocked)
    assert race(world, monkeypatch, "after") == (True, ["open"])


def test_without_the_lock_the_database_itself_refuses_a_task_that_comes_too_late(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    if world.database.is_sqlite:
        pytest.skip("SQLite has one writer at a time; there is no lock of ours to take away")
    monkeypatch.setattr(Database, "_locked", unlocked)
    with pytest.raises(DBAPIError, match=REFUSAL):
        race(world, monkeypatch, "before")
    assert world.tasks() == []
