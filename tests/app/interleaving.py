"""Every order in which the steps of two operations can be taken, each tried in real threads on a real database."""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, combinations
from typing import Any

from sqlalchemy import Connection, event, text

from reengage.store.database import Database

HELD_UP = 0.006
"""Seconds inside one statement after which a thread counts as waiting for the database; others take well under 1 ms."""

LOOKS = 0.006
"""Seconds between two looks at a thread that is on its way."""

LOCK, COMMIT = "LOCK", "COMMIT"
"""What the beginning and the end of a writing transaction are called among the moments."""


def schedules(first: int, second: int) -> Iterator[tuple[int, ...]]:
    """Every order of this many steps of operation 0 and that many of operation 1."""
    for places in combinations(range(first + second), first):
        yield tuple(0 if place in places else 1 for place in range(first + second))


UNLOCKED = "unlocked"
"""The execution option of a writing transaction from which a test has taken the lock away."""


class Player:
    """One operation in a thread of its own that rests before each of its cuts until it is let go on.

    A cut is a regular expression; a step ends before the first moment that it fits. A moment is a statement with the
    number of the operation's writing transaction before it: `1 LOCK`, `1 INSERT INTO task …`, `1 COMMIT`; 0 in a
    transaction that only reads. A cut that never comes, because there is nothing to write, is passed over.
    """

    def __init__(self, name: str, act: Callable[[], object], cuts: tuple[str, ...], log: list[tuple[str, str]]) -> None:
        self.name = name
        self.result: object = None
        self.error: Exception | None = None
        self.done = False
        self.transactions = 0
        self.inside = False
        self.busy_since: float | None = None
        self.missed: list[str] = []
        self._cuts = [re.compile(cut, re.DOTALL) for cut in cuts]
        self._act, self.log = act, log
        self._resting, self._turn = threading.Event(), threading.Semaphore(0)
        self._resting.set()
        self.thread = threading.Thread(target=self._live, name=name, daemon=True)

    def step(self) -> bool:
        """Let it go on to its next cut; False where the database holds it up (ask again later)."""
        if self.done:
            return True
        if self._resting.is_set():
            self._resting.clear()
            self._turn.release()
        while not self._resting.wait(LOOKS):
            since = self.busy_since
            if since is not None and time.perf_counter() - since > HELD_UP:
                return False
        return True

    def reach(self, moment: str) -> None:
        """Note a moment, in the operation's own thread, and rest there if it is a cut."""
        self.busy_since = None
        for place, cut in enumerate(self._cuts):
            if cut.search(moment):
                self.missed += [passed.pattern for passed in self._cuts[:place]]
                self._cuts = self._cuts[place + 1 :]
                self._rest()
                break
        if moment.endswith((LOCK, COMMIT)):
            self.log.append((self.name, moment))

    def _rest(self) -> None:
        self._resting.set()
        self._turn.acquire()

    def _live(self) -> None:
        self._turn.acquire()
        try:
            self.result = self._act()
        except Exception as error:  # whatever it is, whoever wrote the test has to see it
            self.error = error
        self.missed += [cut.pattern for cut in self._cuts]
        self.log.append((self.name, "done"))
        self.done = True
        self._resting.set()


@dataclass(frozen=True)
class Played:
    """One schedule after both operations have ended; `blocked` where the lock changed the order that was asked for."""

    players: tuple[Player, Player]
    blocked: bool
    log: list[tuple[str, str]]

    def came_first(self, early: tuple[str, str], late: tuple[str, str]) -> bool:
        """Whether both moments were noted, in this order."""
        return early in self.log and late in self.log and self.log.index(early) < self.log.index(late)


@dataclass
class Stage:
    """A database on which two players can be watched."""

    database: Database
    _players: dict[int, Player] = field(default_factory=dict)

    def __post_init__(self) -> None:
        engine = self.database.engine
        event.listen(engine, "engine_connect", self._begins)
        event.listen(engine, "before_cursor_execute", self._executes)
        event.listen(engine, "after_cursor_execute", self._executed)
        event.listen(engine, "commit", self._commits)
        event.listen(engine, "checkin", self._ends)

    def play(self, schedule: tuple[int, ...], players: tuple[Player, Player]) -> Played:
        """Take the steps in this order; who cannot go on lets the other one go on until it can."""
        log, blocked = players[0].log, False
        for player in players:
            player.thread.start()
            self._players[player.thread.ident or 0] = player
        for turn in chain(schedule, _until_done(players)):
            while not players[turn].step():
                if players[1 - turn].inside:
                    blocked = True
                    players[1 - turn].step()
        for player in players:
            player.thread.join()
        self._players.clear()
        return Played(players, blocked, log)

    def _begins(self, connection: Connection) -> None:
        player = self._here()
        if player and _writes(connection):
            player.transactions += 1
            player.reach(f"{player.transactions} {LOCK}")

    def _executes(self, connection: Connection, _: Any, statement: str, *more: object) -> None:
        player = self._here()
        if player:
            player.reach(f"{player.transactions if _writes(connection) else 0} {statement}")
            player.inside, player.busy_since = True, time.perf_counter()

    def _executed(self, *_: object) -> None:
        player = self._here()
        if player:
            player.busy_since = None

    def _commits(self, connection: Connection) -> None:
        player = self._here()
        if player and _writes(connection):
            player.reach(f"{player.transactions} {COMMIT}")
            player.busy_since = time.perf_counter()

    def _ends(self, *_: object) -> None:
        player = self._here()
        if player:
            player.inside, player.busy_since = False, None

    def _here(self) -> Player | None:
        return self._players.get(threading.get_ident())


def _until_done(players: tuple[Player, Player]) -> Iterator[int]:
    while not all(player.done for player in players):
        yield from (0, 1)


def _writes(connection: Connection) -> bool:
    options = connection.get_execution_options()
    return bool(options.get("writes") or options.get(UNLOCKED))


class Snapshot:
    """The whole content of a database, to which it can be set back in some milliseconds."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        if database.is_sqlite:
            self._kept = sqlite3.connect(":memory:", check_same_thread=False)
            with database.engine.connect() as connection:
                _sqlite(connection).backup(self._kept)
        else:
            self._restoring = _keep_tables(database, f"kept_{name}")

    def restore(self) -> None:
        """Set everything back."""
        with self._database.engine.connect() as connection:
            if self._database.is_sqlite:
                self._kept.backup(_sqlite(connection))
            else:
                connection.exec_driver_sql(self._restoring)
                connection.commit()


def _sqlite(connection: Connection) -> sqlite3.Connection:
    found = connection.connection.driver_connection
    assert isinstance(found, sqlite3.Connection)
    return found


def _keep_tables(database: Database, schema: str) -> str:
    """Keep a copy of every table in a schema of its own; returns the statements that bring it back."""
    tables = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    with database.engine.connect() as connection:
        names = list(connection.execute(tables).scalars())
        connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}")
        for name in names:
            connection.exec_driver_sql(f"CREATE TABLE {schema}.{name} AS TABLE public.{name}")
        connection.commit()
    # Neither foreign keys nor the triggers that guard the ledger are looked at in this role.
    back = ["SET LOCAL session_replication_role = replica"]
    back += [f"DELETE FROM {name}; INSERT INTO {name} SELECT * FROM {schema}.{name}" for name in names]
    return "; ".join(back)
