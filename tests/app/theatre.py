"""A database on which scene after scene is played in every order, and what has to be true afterwards."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from time import perf_counter

from sqlalchemy import Connection, select, text

from reengage.app.export import Exported
from reengage.app.project import Project
from reengage.language.ruleset import RuleSet, load_rules
from reengage.model.decision import Summary
from reengage.model.words import TaskState
from reengage.store import columns as t
from reengage.store import handed, optouts, tasks
from reengage.store.database import Database
from reengage.store.schema import prepare
from tests.app.interleaving import Played, Snapshot, Stage, schedules
from tests.app.scenes import Scene
from tests.app.story import World, make_project

_STANDING = (TaskState.OPEN, TaskState.DELIVERED)

_UNGUARD = {
    "sqlite": ("DROP TRIGGER task_gate_insert", "DROP TRIGGER task_gate_update"),
    "postgresql": ("DROP TRIGGER task_gate ON task",),
}

RULE = """
rules:
  - id: new-job
    when: {job_change: {within: 60 days}}
    then: {create_task: {subject: "{contact.first_name} is at {signal.new_company}"}}
"""


@dataclass
class Tally:
    """What came of trying the schedules of a scene; `refused` are the errors that operations ended with."""

    schedules: int = 0
    blocked: int = 0
    wrong: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    seconds: float = 0

    def __str__(self) -> str:
        """The figures in words."""
        each = 1000 * self.seconds / max(self.schedules, 1)
        ends = f"{len(self.wrong)} violations, {len(self.refused)} operations refused"
        return f"{self.schedules} schedules ({self.blocked} of them blocked, completed in lock order): {ends}; {each:.0f} ms each"


@dataclass
class Theatre:
    """One database on which scene after scene is played."""

    world: World
    stage: Stage
    empty: Snapshot

    @property
    def database(self) -> Database:
        """What it is played on."""
        return self.world.database

    @classmethod
    def build(cls, folder: Path, database: Database) -> Theatre:
        """A project with one rule, on a database that need not survive a power cut."""
        prepare(database)
        project = make_project(folder)
        (folder / "rules" / "move.yaml").write_text(RULE, encoding="utf-8")
        known = _Known(**{one.name: getattr(project, one.name) for one in fields(Project)})
        return cls(World(database, known, known.usable_rules()), Stage(database), Snapshot(database, "empty"))

    def rehearse(self, scene: Scene) -> Played:
        """Play the second operation of a scene in six steps, and then the first: nothing holds either of them up."""
        self._set(scene, triggers=True)
        return self._play(scene, (1,) * 6 + (0,) * 6)

    def explore(self, scene: Scene, steps: int, *, triggers: bool = True, until_first: bool = False) -> Tally:
        """Play every schedule of this many steps each (3 or 6), or until one goes wrong or is refused."""
        self._set(scene, triggers)
        snapshot, tally, begun = Snapshot(self.database, "scene"), Tally(), perf_counter()
        for schedule in schedules(steps, steps):
            snapshot.restore()
            self._sweep()
            played = self._play(scene, schedule)
            tally.schedules += 1
            tally.blocked += played.blocked
            tally.refused += [f"{player.name}: {player.error}" for player in played.players if player.error]
            if wrong := "; ".join(self._wrong(scene, played)):
                tally.wrong.append(f"{wrong} after {_told(schedule)}")
            if until_first and (tally.wrong or tally.refused):
                break
        tally.seconds = perf_counter() - begun
        return tally

    def _set(self, scene: Scene, triggers: bool) -> None:
        self.empty.restore()
        self._sweep()
        for act in scene.before:
            act(self.world)
        prepare(self.database)
        if not triggers:
            with self.database.deciding() as connection:
                for statement in _UNGUARD[connection.dialect.name]:
                    connection.execute(text(statement))

    def _sweep(self) -> None:
        for path in self.world.project.folder.glob("exports/*"):
            path.unlink()

    def _play(self, scene: Scene, schedule: tuple[int, ...]) -> Played:
        log: list[tuple[str, str]] = []
        first, second = (one.player(self.world, len(schedule) // 2, log) for one in (scene.first, scene.second))
        return self.stage.play(schedule, (first, second))

    def _wrong(self, scene: Scene, played: Played) -> Iterator[str]:
        """What must not be, once both operations have ended and every stop, link or merge was acknowledged."""
        both = zip(played.players, (scene.first, scene.second), strict=True)
        if any(player.error for player, operation in both if operation.closing):
            return
        with self.database.reading() as connection:
            yield from (f"{key} is not shut out" for key in _open_contacts(connection))
            yield from (
                f"no recall is owed for {key}" for key in (_handed(connection) | self._lines()) - _owed(connection)
            )
        yield from (f"a task stands, {task['state']}" for task in self.world.tasks() if task["state"] in _STANDING)
        if not scene.second.closing and self._came_too_late(scene, played):
            yield f"{scene.second.name} committed after {scene.first.name} was done, and overlooked it"

    def _came_too_late(self, scene: Scene, played: Played) -> bool:
        """Whether something was made for, or left about, someone who had been shut out before that was committed."""
        order = (scene.first.name, "done"), (scene.second.name, scene.second.cuts[-1])
        return made(played.players[1].result) > 0 and played.came_first(*order)

    def _lines(self) -> set[str]:
        """The keys of the tasks in the files."""
        found = set()
        for path in self.world.project.folder.glob("exports/tasks-*.csv"):
            with path.open(encoding="utf-8-sig", newline="") as file:
                found |= {row["key"] for row in csv.DictReader(file) if row["action"] == "create"}
        return found


def made(result: object) -> int:
    """How many tasks a run made, or lines an export."""
    if isinstance(result, Summary):
        return len(result.tasks)
    return result.tasks if isinstance(result, Exported) else 0


def _open_contacts(connection: Connection) -> list[str]:
    """The contacts who can still be reached."""
    contacts = connection.execute(select(t.ContactRow.key, t.ContactRow.id)).all()
    standings = optouts.standings(connection, [contact.id for contact in contacts])
    return [contact.key for contact in contacts if not standings[contact.id].everywhere]


def _handed(connection: Connection, what: str = handed.TASK) -> set[str]:
    return set(connection.execute(select(t.DeliveryRow.task_key).where(t.DeliveryRow.what == what)).scalars())


def _owed(connection: Connection) -> set[str]:
    """The tasks that are to be recalled, or were."""
    return {recall.key for recall in tasks.to_recall(connection, "csv")} | _handed(connection, handed.RECALL)


class _Known(Project):
    """A project whose rules are read once, because reading them takes longer than a schedule."""

    __slots__ = ()

    def usable_rules(self) -> RuleSet:
        return _rules(self.folder)


@lru_cache
def _rules(folder: Path) -> RuleSet:
    return load_rules(folder / "rules")


def _told(schedule: tuple[int, ...]) -> str:
    return "".join("AB"[turn] for turn in schedule)
