"""Whatever happens to a book, in whatever order: who said stop stays closed, and nobody else is.

A state machine lives through imports, signals, stops, merges, splits, erasures, exports, runs, crashes and restored
backups. Beside it stands a model that knows nothing of the ledger: a graph of contacts and their names.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, event, select

from reengage.app import audit
from reengage.app.erase import erase
from reengage.app.export import export_tasks
from reengage.app.identity import merge, split
from reengage.app.restore import check
from reengage.app.run import Order, run
from reengage.app.stop import opt_out
from reengage.engine.durable import InProcess
from reengage.language.ruleset import RuleSet, load_rules
from reengage.model.errors import RunFailed, UsageError
from reengage.model.words import TaskState
from reengage.store import columns as t
from reengage.store import optouts, tasks
from reengage.store.database import Database, open_database
from tests.app.story import ROOT, START, Event, World, make_world
from tests.conftest import KEYS, hasty
from tests.figures import record

IDS = [f"C-{number}" for number in range(6)]
EMAILS = [f"p{number}@a{number % 2}.example" for number in range(5)]
PROFILES = [f"linkedin.com/in/p{number}" for number in range(3)]
NAMES = [("Dana", "Reyes"), ("Eve", "Low")]
Node = tuple[str, str]

numbers = st.integers(0, 5)


@dataclass
class Model:
    """Who has which names, who was said to be one, and what has been said.

    `known` is what the journal has of it, `perhaps` what a restored backup may have forgotten since: how a stop
    spread by what was learnt after it.
    """

    names: dict[str, set[Node]] = field(default_factory=dict)
    merged: set[frozenset[str]] = field(default_factory=set)
    stops: set[Node] = field(default_factory=set)
    known: set[Node] = field(default_factory=set)
    perhaps: set[Node] = field(default_factory=set)
    erased: set[Node] = field(default_factory=set)

    def say(self, nodes: set[Node]) -> None:
        """Someone of these names says stop; it is written down with all the names they have now."""
        self.stops |= nodes
        self.known |= self.spread(nodes)[1]
        self.reached()

    def reached(self) -> set[str]:
        """The contacts that some stop reaches for certain; it has been filed under their names since."""
        closed, self.stops = self.spread(self.stops)
        return closed

    def spread(self, nodes: set[Node]) -> tuple[set[str], set[Node]]:
        """Whom these names reach: from contact to contact by what they share; and all the names on the way."""
        closed: set[str] = set()
        nodes = set(nodes)
        while True:
            more = {id for id, names in self.names.items() if ({("id", id)} | names) & nodes} - closed
            more |= {id for pair in self.merged if pair & closed for id in pair if id in self.names} - closed
            if not more:
                return closed, nodes
            closed |= more
            nodes |= {("id", id) for id in more} | {name for id in more for name in self.names[id]}


@cache
def starter_rules() -> RuleSet:
    return load_rules(ROOT / "rules")


class Crashed(RuntimeError):
    """The process died, as far as the database can tell."""


@contextmanager
def dying(engine: Engine, at: int) -> Iterator[None]:
    """Die at the statement of this number."""
    count = 0

    def strike(*_: object) -> None:
        nonlocal count
        count += 1
        if count == at:
            raise Crashed

    event.listen(engine, "before_cursor_execute", strike)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", strike)


class Life(RuleBasedStateMachine):
    """One book; every step is acknowledged before the next one."""

    steps: ClassVar[Counter[str]] = Counter()

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="reengage-life-"))
        self.file = self.folder / "book.db"
        self.database = self._open()
        self.world: World = make_world(self.folder / "project", self.database, starter_rules())
        self.model, self.now, self.number = Model(), START, 0
        self.backup: tuple[Model, Path] | None = None
        for number in range(4):
            self.import_contact(number, number, number if number < 3 else -1, number % 2, 0)
            self.talk(number, "not_now")

    def _open(self) -> Database:
        return hasty(open_database(f"sqlite:///{self.file}", KEYS, self.folder / "book.journal"))

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()
            shutil.rmtree(self.folder)

    def _do(self, what: str, act: Callable[[], Any], crash: int) -> Any:
        """Do something; where it dies halfway it is done again, as a scheduler would."""
        self.now += timedelta(hours=1)
        self.number += 1
        Life.steps[what] += 1
        if crash:
            try:
                with dying(self.database.engine, crash):
                    return act()
            except Crashed:
                Life.steps["crash"] += 1
        return act()

    @rule(
        id=numbers,
        email=st.integers(0, 4),
        profile=st.integers(-3, 2),
        name=st.integers(0, 1),
        crash=st.integers(0, 40),
    )
    def import_contact(self, id: int, email: int, profile: int, name: int, crash: int) -> None:
        first, last = NAMES[name]
        row = {"contact_id": IDS[id], "first_name": first, "last_name": last, "email": EMAILS[email]}
        row |= {"account_name": "A", "account_domain": "a.example", "account_status": "prospect"}
        row |= {"linkedin_url": PROFILES[profile]} if profile >= 0 else {"linkedin_url": ""}
        found = {("email", EMAILS[email])} | ({("linkedin", PROFILES[profile])} if profile >= 0 else set())
        self._do("import", lambda: self.world.live(Event(self.now, "contacts", (row,))), crash)
        with self.database.reading() as connection:
            stored = connection.execute(select(t.ContactRow.id).where(t.ContactRow.key == IDS[id])).scalar()
        if stored is None:
            assert found & self.model.erased, "only someone who was erased is not stored"
            self._again(found)
        elif self._has(stored, found):
            self.model.names.setdefault(IDS[id], set()).update(found)
        else:
            assert found & self.model.erased, "only names of someone who was erased are not stored"
            self._again(found)

    def _again(self, found: set[Node]) -> None:
        """Names turn up together with one of someone who was erased: they are theirs too."""
        self.model.erased |= found
        self.model.stops |= found
        self.model.reached()

    def _has(self, contact: int, found: set[Node]) -> bool:
        with self.database.reading() as connection:
            row = t.IdentifierRow
            held = connection.execute(select(row.kind, row.value).where(row.contact_id == contact))
            return found <= {(hit.kind, hit.value) for hit in held}

    @precondition(lambda self: self.model.names)
    @rule(id=numbers, word=st.sampled_from(("not_now", "no_budget", "not_interested")))
    def talk(self, id: int, word: str) -> None:
        row = {
            "conversation_id": f"K-{self.number}",
            "contact_id": self._someone(id),
            "response": word,
            "channel": "phone",
        }
        row |= {"at": (START - timedelta(days=60)).isoformat(), "rep_email": "pat@us.example"}
        self._do("conversation", lambda: self.world.live(Event(self.now, "conversations", (row,))), 0)

    @rule(email=st.integers(0, 4), other=st.integers(-5, 4), crash=st.integers(0, 40))
    def change_jobs(self, email: int, other: int, crash: int) -> None:
        keys = [EMAILS[email]] + ([EMAILS[other]] if other >= 0 else [])
        signal = {"id": f"s{self.number}", "source": "news", "type": "job_change", "time": self.now.isoformat()}
        facts = {"new_company": f"N{self.number}", "new_title": "VP Sales", "previous_company": "A"}
        row = {**signal, "keys": {"emails": keys}, "facts": facts}
        self._do("signal", lambda: self.world.live(Event(self.now, "signals", (row,))), crash)
        named = {("email", key) for key in keys}
        if named & self.model.erased:
            self._again(named)
            return
        with self.database.reading() as connection:
            row_, contact = t.IdentifierRow, t.ContactRow
            held = select(contact.key, row_.kind, row_.value).join(contact, contact.id == row_.contact_id)
            for hit in connection.execute(held.where(row_.kind == "email", row_.value.in_(EMAILS))):
                self.model.names[hit.key].add((hit.kind, hit.value))

    @rule(id=numbers, email=st.integers(-4, 4), crash=st.integers(0, 40))
    def stop(self, id: int, email: int, crash: int) -> None:
        by_address = email >= 0 or not self.model.names
        who = EMAILS[email] if by_address else self._someone(id)
        self._do("opt-out", lambda: opt_out(self.database, self.world.project, who, self.now), crash)
        self.model.say({("email" if by_address else "id", who)})

    @precondition(lambda self: len(self.model.names) > 1)
    @rule(one=numbers, other=numbers, crash=st.integers(0, 40))
    def merge(self, one: int, other: int, crash: int) -> None:
        keep, gone = self._someone(one), self._someone(other)
        if keep != gone:
            act = lambda: merge(self.database, self.world.project, keep, gone, self.now, because="told")  # noqa: E731
            self._do("merge", act, crash)
            self.model.merged.add(frozenset({keep, gone}))
            self.model.reached()

    @precondition(lambda self: self.model.merged)
    @rule(which=numbers)
    def split(self, which: int) -> None:
        pairs = sorted(tuple(sorted(pair)) for pair in self.model.merged if pair <= set(self.model.names))
        if not pairs:
            return
        one, other = pairs[which % len(pairs)]
        self.model.reached()
        with suppress(UsageError):  # they may have been parted before
            act = lambda: split(self.database, self.world.project, one, other, self.now, because="told")  # noqa: E731
            self._do("split", act, 0)
        self.model.merged -= {pair for pair in self.model.merged if other in pair}

    @precondition(lambda self: self.model.names)
    @rule(id=numbers, crash=st.integers(0, 60))
    def erase(self, id: int, crash: int) -> None:
        who = self._someone(id)
        with self.database.reading() as connection:
            row = t.ContactRow
            found = connection.execute(select(row.id, row.same_as).where(row.key == who)).one()
            person = found.same_as or found.id
            mates = select(row.key).where((row.id == person) | (row.same_as == person))
            gone = set(connection.execute(mates).scalars())
        self._do("erase", lambda: erase(self.database, self.world.project, who, self.now), crash)
        self.model.say({name for key in gone for name in self.model.names[key]} | {("id", key) for key in gone})
        for nodes in (self.model.stops, self.model.known):
            nodes -= {("id", key) for key in gone}
        for key in gone:
            self.model.erased |= self.model.names[key]
            del self.model.names[key]
        self.model.merged = {pair for pair in self.model.merged if not pair & gone}

    @rule(days=st.sampled_from((1, 30, 3650)))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(crash=st.integers(0, 60))
    def run(self, crash: int) -> None:
        def act() -> Any:
            return run(self.database, self.world.project, Order(self.now), rules=self.world.rules, start=InProcess)

        summary = self._do("run", act, crash)
        assert sum(summary.outcomes.values()) == summary.candidates
        assert len(summary.decisions) <= summary.candidates

    @rule(crash=st.integers(0, 40))
    def export(self, crash: int) -> None:
        done = self._do(
            "export", lambda: export_tasks(self.database, self.world.project, "jsonl", None, self.now), crash
        )
        assert done.refused == 0, "what an opt-out closes it takes back itself"
        with self.database.reading() as connection:
            rows = connection.execute(select(t.DeliveryRow.__table__)).all()
            assert tasks.to_recall(connection, "jsonl") == []
        assert max(Counter((row.task_key, row.what) for row in rows).values(), default=1) == 1

    @rule()
    def back_up(self) -> None:
        shutil.copy(self.file, self.folder / "backup.db")
        self.backup = (deepcopy(self.model), self.folder / "backup.db")

    @precondition(lambda self: self.backup)
    @rule()
    def restore(self) -> None:
        assert self.backup
        model, file = self.backup
        self.model.reached()
        self.database.close()
        shutil.copy(file, self.file)
        done = check(self.database, self.now, replay=False)
        if done.missing:
            with pytest.raises(RunFailed, match="earlier state"):
                export_tasks(self.database, self.world.project, "jsonl", None, self.now)
        self._do("restore", lambda: check(self.database, self.now, replay=True), 0)
        perhaps = self.model.stops | self.model.perhaps
        known = self.model.known
        self.model = deepcopy(model)
        self.model.stops |= known
        self.model.known |= known
        self.model.perhaps |= perhaps

    @invariant()
    def nobody_who_said_stop_is_open_and_nobody_else_is_closed(self) -> None:
        if not hasattr(self, "world"):
            return
        with self.database.reading() as connection:
            row = t.ContactRow
            names = {
                hit.key: hit.id for hit in connection.execute(select(row.key, row.id)) if hit.key in self.model.names
            }
            standings = optouts.standings(connection, names.values())
        assert set(names) == set(self.model.names)
        closed = {key for key, id in names.items() if standings[id].everywhere}
        assert closed >= self.model.reached()
        assert closed <= self.model.spread(self.model.stops | self.model.perhaps)[0]

    @invariant()
    def no_task_stands_for_someone_closed_and_the_ledger_is_whole(self) -> None:
        if not hasattr(self, "world"):
            return
        with self.database.reading() as connection:
            task, shut = t.TaskRow, t.OptedOutRow
            standing = select(task.key).join(shut, shut.contact_id == task.contact_id)
            open_ones = standing.where(
                shut.channel == task.channel, task.state.in_((TaskState.OPEN, TaskState.DELIVERED))
            )
            assert list(connection.execute(open_ones).scalars()) == []
        assert audit.verify(self.database).findings == ()

    def _someone(self, id: int) -> str:
        known = sorted(self.model.names) or IDS
        return known[id % len(known)]


def live(runs: int, steps: int) -> set[str]:
    """Live through so many lives of so many steps; returns the kinds of steps there were."""
    Life.steps.clear()
    checks = settings(
        max_examples=runs,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(Life, settings=checks)
    return set(Life.steps)


def test_some_lives() -> None:
    """Six lives seldom lack one kind of step altogether, but they do; never do they lack half of them."""
    assert len(live(runs=6, steps=25)) > 4


@pytest.mark.lab
def test_many_lives() -> None:
    assert {"import", "opt-out", "crash"} <= live(runs=400, steps=50)
    record(
        "lives of 50 steps (imports, signals, stops, merges, erasures, runs, exports, crashes, restores)", "400 lives"
    )
