"""What leaves: tasks and recalls for one target, and the unified list of stops."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection

from reengage.app import elsewhere
from reengage.app.placing import folder_of, place
from reengage.app.project import Project
from reengage.app.restore import require_whole
from reengage.delivery.batch import Batch, incomplete_name
from reengage.delivery.form import Csv, Row
from reengage.delivery.outgoing import Outgoing, Recall
from reengage.delivery.target import Target
from reengage.delivery.targets import TARGETS, find_target
from reengage.engine.now import Now
from reengage.engine.tasks import LAPSES_AFTER
from reengage.gate.admit import refuse
from reengage.model.base import in_utc
from reengage.model.errors import ReengageError
from reengage.model.words import Channel
from reengage.store import handed, optouts, runs, sla, stoplist, tasks
from reengage.store.database import Database
from reengage.store.discretion import discreet, replaced, strings_in

__all__ = ["REPLIES", "TARGETS", "Exported", "export_opt_outs", "export_tasks"]

OPT_OUTS = ("opt-outs.csv", ("kind", "value", "channels", "purpose", "since", "source", "provisional"))


@dataclass(frozen=True, slots=True)
class Exported:
    """What one export handed over, in numbers, and its files in the order in which they are to be taken in.

    `incomplete` tasks lack something the target needs and come again, as a file of their own says; `refused` ones
    were cancelled at the last moment; `lapsed` ones had grown too old before any export.
    """

    files: tuple[Path, ...]
    tasks: int
    recalls: int
    incomplete: int
    refused: int
    lapsed: int

    def to_json(self) -> dict[str, Any]:
        """The same as JSON has it."""
        return {**asdict(self), "files": [str(file) for file in self.files]}


@dataclass(frozen=True, slots=True)
class _Given:
    """What one export was told."""

    target: Target
    folder: Path
    project: Project
    at: datetime
    shelf: Shelf


@dataclass(frozen=True, slots=True)
class _Announced:
    """What is going to leave, how many tasks were refused and had lapsed, and why only recalls leave, if so."""

    batch: Batch
    refused: int
    lapsed: int
    silent: ReengageError | None


class Shelf(Protocol):
    """Where things wait that leave: tasks, or what we owe for answers. The modules of the store are such shelves."""

    @property
    def WHAT(self) -> str:  # noqa: N802, as modules write their constants
        """What the names of their files begin with."""

    def to_deliver(self, connection: Connection, target: str, /) -> list[Outgoing]:
        """What this target has not had."""

    def announced(self, connection: Connection, target: str, /) -> dict[handed.Announced, list[Outgoing]]:
        """What was announced to it and may not stand."""

    def to_recall(self, connection: Connection, target: str, /) -> list[Recall]:
        """What it has had and has to give back."""

    def contacts_of(self, connection: Connection, keys: Iterable[str], /) -> dict[str, int]:
        """The contact of each."""

    def asks_nobody(self, connection: Connection, keys: Collection[str], /) -> set[str]:
        """Those that may go out about people who have said stop."""

    def withdraw(self, connection: Connection, refused: Mapping[str, str], at: datetime, /) -> None:
        """Take these back, for these reasons."""

    def note_delivery(
        self, connection: Connection, keys: Sequence[str], target: str, what: str, batch: str, at: datetime, /
    ) -> None:
        """Remember what is handed over."""

    def note_placed(self, connection: Connection, target: str, keys: Iterable[str], /) -> None:
        """Remember whose files stand."""


TASKS: Shelf = tasks
REPLIES: Shelf = sla


def export_tasks(
    database: Database, project: Project, target: str, out: Path | None, at: datetime, shelf: Shelf = TASKS
) -> Exported:
    """Hand what is new on a shelf to a target.

    Raises UsageError for a target or folder that cannot be, RunFailed on a full disk.

    The ledger says first what is going to leave, then the files are put in their place, each under the lock and after
    asking the gate. A crash in between leaves tasks that are announced and whose file may stand or not: the next export
    writes that file anew, under its name and without whoever has said stop since, and recalls those, since an importer
    may have had them. So a task may arrive twice, in the same file and with the same key, but none is lost.

    While a source of stops that `refuses` is overdue, only recalls are handed over, and then ReengageError is raised.
    """
    given = _Given(find_target(target), folder_of(project, out), project, in_utc(at), shelf)
    with database.writing() as connection:
        database.one_run_at_a_time(connection)
        require_whole(database, connection)
        announced = _announce(connection, given)
    with database.writing() as connection:
        database.one_run_at_a_time(connection)
        done = _hand_over(connection, given, announced)
    if announced.silent:
        raise announced.silent
    return done


def _announce(connection: Connection, given: _Given) -> _Announced:
    waiting, refused = _let_through(connection, given, given.shelf.to_deliver(connection, given.target.name))
    heard = elsewhere.listen(connection, given.project.sources, given.at)
    silent = elsewhere.refusal(heard, given.project.settings.zone, "no task was handed over, only recalls")
    fresh = [] if silent else _fresh(connection, given.project, waiting)
    ready = tuple(task for task in fresh if not given.target.lacks(task))
    batch = Batch(given.target, (), ready, what=given.shelf.WHAT)
    _note(connection, given, handed.TASK, batch, [task.key for task in batch.tasks])
    return _Announced(batch, refused, len(waiting) - len(fresh), silent)


def _hand_over(connection: Connection, given: _Given, announced: _Announced) -> Exported:
    """Put the files of everything announced in their place, and remember that they stand."""
    earlier, own, refused = ([], [], 0) if announced.silent else _ready(connection, given, announced.batch)
    incomplete = [] if announced.silent else _incomplete(connection, given)
    recalls = tuple(given.shelf.to_recall(connection, given.target.name))
    name = (given.at, announced.batch.id) if own else None
    last = Batch(given.target, recalls, tuple(own), tuple(incomplete), announced=name, what=given.shelf.WHAT)
    _note(connection, given, handed.RECALL, last, [recall.key for recall in recalls])
    batches = [*earlier, last]
    outdated = [] if announced.silent else [_left_behind(given), *(batch.pattern for batch in earlier)]
    files = place(given.folder, (file for batch in batches for file in batch.files()), outdated)
    placed = [task.key for batch in batches for task in batch.tasks]
    given.shelf.note_placed(connection, given.target.name, placed)
    numbers = (len(placed), len(recalls), len(incomplete), announced.refused + refused, announced.lapsed)
    return Exported(tuple(files), *numbers)


def _left_behind(given: _Given) -> str:
    return incomplete_name(given.target, given.shelf.WHAT)


def _ready(connection: Connection, given: _Given, new: Batch) -> tuple[list[Batch], list[Outgoing], int]:
    """What an export that died had announced, what this one has, and how many of both have been refused since."""
    earlier: list[Batch] = []
    own: list[Outgoing] = []
    refused = 0
    for (at, id), waiting in given.shelf.announced(connection, given.target.name).items():
        through, count = _let_through(connection, given, waiting)
        ready, refused = _discreet(connection, through), refused + count
        if (at, id) == (given.at, new.id):
            own = ready
        else:
            earlier.append(Batch(given.target, (), tuple(ready), announced=(at, id), what=given.shelf.WHAT))
    return earlier, own, refused


def _incomplete(connection: Connection, given: _Given) -> list[Outgoing]:
    """The tasks that the target cannot take in yet, for the file that says what they lack."""
    waiting, _ = _let_through(connection, given, given.shelf.to_deliver(connection, given.target.name))
    lacking = [task for task in _fresh(connection, given.project, waiting) if given.target.lacks(task)]
    return _discreet(connection, lacking)


def _let_through(connection: Connection, given: _Given, waiting: Sequence[Outgoing]) -> tuple[list[Outgoing], int]:
    """Those that the ledger still lets through; the others are cancelled and counted."""
    through, refused = _ask_again(connection, waiting, given.shelf)
    given.shelf.withdraw(connection, refused, given.at)
    return through, len(refused)


def _ask_again(
    connection: Connection, waiting: Sequence[Outgoing], shelf: Shelf
) -> tuple[list[Outgoing], dict[str, str]]:
    """Those that the ledger still lets through, and why not for the keys of the others."""
    contacts = shelf.contacts_of(connection, [task.key for task in waiting])
    free = shelf.asks_nobody(connection, contacts)
    standings = optouts.standings(connection, sorted(set(contacts.values())))
    answers = {task.key: refuse(standings[contacts[task.key]], Channel(task.channel)) for task in waiting}
    refused = {key: answer[1] for key, answer in answers.items() if answer is not None and key not in free}
    return [task for task in waiting if task.key not in refused], refused


_TOLD = ("subject", "note", "because", "last_words", "evidence", "account", "contact")


def _discreet(connection: Connection, waiting: Sequence[Outgoing]) -> list[Outgoing]:
    """The tasks, with whoever has said stop since they were written taken out of their words."""
    cut = discreet(connection, strings_in([getattr(task, name) for task in waiting for name in _TOLD]))
    if not cut:
        return list(waiting)
    return [replace(task, **{name: replaced(getattr(task, name), cut) for name in _TOLD}) for task in waiting]


def _fresh(connection: Connection, project: Project, waiting: Sequence[Outgoing]) -> list[Outgoing]:
    """Those that had not lapsed by the last run: what a run holds for gone is not handed to anybody."""
    last = runs.last_run(connection)
    if last is None:
        return list(waiting)
    now = Now(last.at, project.settings.zone)
    return [task for task in waiting if now.at < now.start_of(task.due) + LAPSES_AFTER]


def _note(connection: Connection, given: _Given, what: str, batch: Batch, keys: Sequence[str]) -> None:
    given.shelf.note_delivery(connection, keys, given.target.name, what, batch.id, given.at)


def export_opt_outs(database: Database, project: Project, out: Path | None) -> tuple[Path, int]:
    """Write the unified list of stops anew; returns its file and the number of rows.

    No cell begins with a plus, so a phone number is written as its digits with the country code.
    """
    folder, count = folder_of(project, out), 0
    name, columns = OPT_OUTS

    def counted(rows: Iterable[Row]) -> Iterator[Row]:
        nonlocal count
        for row in rows:
            count += 1
            yield row

    with database.reading() as connection:
        rows = counted(stoplist.list_all(connection))
        (file,) = place(folder, [(name, Csv(newline="\r\n", bom=True).write(columns, rows))])
    return file, count
