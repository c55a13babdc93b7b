"""The n-th thing fails, for every n: a database call, a commit, a write, an fsync, a rename."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.exc import DatabaseError

from reengage.app import audit
from reengage.app.consent import allow_again
from reengage.app.erase import erase
from reengage.app.export import export_tasks
from reengage.app.identity import merge
from reengage.app.run import Order, run
from reengage.app.stop import opt_out
from reengage.engine.durable import InProcess
from reengage.language.ruleset import load_rules
from reengage.model.errors import RunFailed, UsageError
from reengage.model.words import TaskState
from reengage.store import columns as t
from reengage.store import optouts
from reengage.store.database import Database, open_database
from tests.app.story import ROOT, START, Event, World, make_world
from tests.app.test_consent import COMPLETE
from tests.app.test_erase import MOVE, TALK, ZELDA
from tests.conftest import KEYS, hasty
from tests.figures import record

NOW = START + timedelta(days=5)
EVE = {**ZELDA, "contact_id": "C-2", "first_name": "Eve", "email": "eve@a.example", "phone": "", "linkedin_url": ""}
MOST = 2_000
"""More failures than any of these operations has places for."""


def _import_with_a_stop(world: World) -> None:
    rows = ({**EVE, "contact_id": "C-3", "email": "new@a.example", "opted_out": "yes"}, {**EVE, "opted_out": "yes"})
    world.live(Event(NOW, "contacts", rows))


def _signals_with_a_stop(world: World) -> None:
    stop = {
        "id": "s",
        "source": "news",
        "type": "opt_out",
        "time": START.isoformat(),
        "keys": {"email": "eve@a.example"},
    }
    world.live(Event(NOW, "signals", (stop, {**MOVE, "id": "m", "keys": {"email": "eve@a.example"}})))


OPERATIONS: dict[str, Callable[[World], Any]] = {
    "import": _import_with_a_stop,
    "ingest": _signals_with_a_stop,
    "opt-out": lambda w: opt_out(w.database, w.project, "C-1", NOW),
    "merge": lambda w: merge(w.database, w.project, "C-1", "C-2", NOW, because="same"),
    "erase": lambda w: erase(w.database, w.project, "C-1", NOW),
    "re-consent": lambda w: allow_again(w.database, "C-9", COMPLETE, NOW),
    "run": lambda w: run(w.database, w.project, Order(NOW), rules=w.rules, start=InProcess),
    "export": lambda w: export_tasks(w.database, w.project, "csv", None, NOW),
}


class Failing:
    """Counts what may fail, and lets the one of this number fail."""

    def __init__(self, number: int) -> None:
        self.number, self.count = number, 0

    def strike(self, failure: BaseException) -> None:
        self.count += 1
        if self.count == self.number:
            raise failure

    @contextmanager
    def of_the_database(self, engine: Engine) -> Iterator[None]:
        lost = DatabaseError("the n-th call", None, OSError("the connection is gone"))
        watched = ("before_cursor_execute", "commit")

        def strike(*_: object) -> None:
            self.strike(lost)

        for name in watched:
            event.listen(engine, name, strike)
        try:
            yield
        finally:
            for name in watched:
                event.remove(engine, name, strike)

    @contextmanager
    def of_the_disk(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        real = {"fsync": os.fsync, "open": Path.open, "replace": Path.replace}

        def failing(name: str, code: int) -> Callable[..., Any]:
            def call(*arguments: Any, **more: Any) -> Any:
                self.strike(OSError(code, os.strerror(code)))
                return real[name](*arguments, **more)

            return call

        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", failing("fsync", errno.EIO))
            patched.setattr(Path, "open", failing("open", errno.ENOSPC))
            patched.setattr(Path, "replace", failing("replace", errno.EIO))
            yield


@pytest.fixture
def world(tmp_path: Path, database: Database) -> Iterator[World]:
    """A task that stands, someone closed, and signals for another task."""
    address = database.engine.url.render_as_string(hide_password=False)
    journaled = hasty(open_database(address, KEYS, tmp_path / "book.journal"))
    made = make_world(tmp_path / "project", journaled, load_rules(ROOT / "rules"))
    made.live(Event(START, "contacts", (ZELDA, EVE, {**EVE, "contact_id": "C-9", "email": "nine@a.example"})))
    talks = (TALK, {**TALK, "conversation_id": "K-2", "contact_id": "C-2"})
    made.live(Event(START, "conversations", talks))
    made.live(Event(START, "signals", (MOVE,)))
    opt_out(journaled, made.project, "C-9", START)
    run(journaled, made.project, Order(START), rules=made.rules, start=InProcess)
    made.live(Event(START, "signals", ({**MOVE, "id": "2", "keys": {"email": "eve@a.example"}},)))
    yield made
    journaled.close()


def closed(world: World) -> set[tuple[str, str]]:
    with world.database.reading() as connection:
        shut, contact = t.OptedOutRow, t.ContactRow
        rows = connection.execute(select(contact.key, shut.channel).join(shut, shut.contact_id == contact.id))
        return {(row.key, row.channel) for row in rows}


def check_all_is_well(world: World, before: set[tuple[str, str]]) -> None:
    """Nobody is opened, no task stands for anyone closed, the ledger is whole, and no file is half there."""
    with world.database.reading() as connection:
        known = set(connection.execute(select(t.ContactRow.key)).scalars())
        task, shut = t.TaskRow, t.OptedOutRow
        both = select(task.key).join(shut, (shut.contact_id == task.contact_id) & (shut.channel == task.channel))
        assert connection.execute(both.where(task.state.in_((TaskState.OPEN, TaskState.DELIVERED)))).all() == []
        assert optouts.inconsistent(connection) == []
    assert {one for one in before if one[0] in known} <= closed(world)
    assert audit.verify(world.database).findings == ()
    exports = world.project.folder / "exports"
    assert not list(exports.glob(".*")) if exports.exists() else True


def fail_each(world: World, name: str, failing: Callable[[Failing], Any], step: int) -> int:
    """Let one thing after another fail until nothing does; returns how many there were."""
    for number in range(1, MOST, step):
        before = set() if name == "re-consent" else closed(world)
        chance = Failing(number)
        with suppress(*THE_FAILURE), failing(chance):
            OPERATIONS[name](world)
        check_all_is_well(world, before)
        if chance.count < number:
            return number - 1
    raise AssertionError("it never came through")


THE_FAILURE = (DatabaseError, OSError, RunFailed, UsageError)
"""What a caller sees of it; UsageError is "no such contact" of an erasure that was done before the failure."""

STEPS = pytest.mark.parametrize("step", [23, pytest.param(1, marks=pytest.mark.lab)])


@STEPS
@pytest.mark.parametrize("name", OPERATIONS)
def test_whichever_database_call_fails_nobody_is_opened_and_nothing_is_half_there(
    world: World, name: str, step: int
) -> None:
    number = fail_each(world, name, lambda chance: chance.of_the_database(world.database.engine), step)
    kind = world.database.engine.dialect.name
    record(f"database calls and commits of `{name}` on {kind} that failed one after another, without harm", str(number))
    assert number >= 1


@STEPS
@pytest.mark.parametrize("name", ["opt-out", "export", "erase"])
def test_whichever_file_operation_fails_nobody_is_opened_and_nothing_is_half_there(
    world: World, name: str, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = fail_each(world, name, lambda chance: chance.of_the_disk(monkeypatch), min(step, 2))
    record(f"opens, fsyncs and renames of `{name}` that failed one after another, without harm", str(number))
    assert number >= 1


def test_the_check_itself_can_fail(world: World) -> None:
    before = closed(world)
    with world.database.deciding() as connection:
        connection.execute(t.OptedOutRow.__table__.delete())
    with pytest.raises(AssertionError):
        check_all_is_well(world, before)
