"""What leaves: tasks and recalls for one target, and the unified list of stops."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from reengage.app import elsewhere
from reengage.app.project import Project
from reengage.app.restore import require_whole
from reengage.delivery.batch import Batch, File, incomplete_name
from reengage.delivery.form import Csv, Row
from reengage.delivery.outgoing import Outgoing, Recall
from reengage.delivery.target import Target
from reengage.delivery.targets import TARGETS, find_target
from reengage.engine.now import Now
from reengage.engine.tasks import LAPSES_AFTER
from reengage.gate.admit import refuse
from reengage.model.errors import RunFailed, UsageError
from reengage.model.words import Channel, TaskState
from reengage.store import optouts, runs, tasks
from reengage.store.database import Database
from reengage.store.discretion import discreet, replaced, strings_in

__all__ = ["TARGETS", "Exported", "export_opt_outs", "export_tasks"]

FOLDER = "exports"
"""Where files go in a project unless another folder is named."""

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


def export_tasks(database: Database, project: Project, target: str, out: Path | None, at: datetime) -> Exported:
    """Hand what is new to a target; raises UsageError for a target or folder that cannot be, RunFailed on a full disk.

    Everything happens in one transaction under the lock: the gate is asked again, the ledger is written, the files
    are put in their place, and then it commits. A crash before the commit leaves whole files that the ledger does
    not know; the next export then makes them again, under the same names where nothing has changed, since a name is
    made of the keys inside. So a task may arrive twice, with the same key, but none is lost.

    While a source of stops that `refuses` is overdue, only recalls are handed over, and then ReengageError is raised.
    """
    chosen, folder = find_target(target), _folder(project, out)
    with database.writing() as connection:
        database.one_run_at_a_time(connection)
        require_whole(database, connection)
        waiting, refused = _ask_again(connection, tasks.to_deliver(connection, target))
        tasks.close(connection, (_withdrawal(key, reason, at) for key, reason in refused.items()))
        heard = elsewhere.listen(connection, project.sources, at)
        silent = elsewhere.refusal(heard, project.settings.zone, "no task was handed over, only recalls")
        fresh = _discreet(connection, _fresh(connection, project, waiting)) if silent is None else []
        batch = _batch(chosen, fresh, tasks.to_recall(connection, target))
        _note(connection, batch, at)
        files = _place(folder, batch.files(), outdated="" if silent else incomplete_name(chosen))
    if silent:
        raise silent
    numbers = (len(batch.tasks), len(batch.recalls), len(batch.incomplete), len(refused), len(waiting) - len(fresh))
    return Exported(tuple(files), *numbers)


def export_opt_outs(database: Database, project: Project, out: Path | None) -> tuple[Path, int]:
    """Write the unified list of stops anew; returns its file and the number of rows.

    No cell begins with a plus, so a phone number is written as its digits with the country code.
    """
    folder, count = _folder(project, out), 0
    name, columns = OPT_OUTS

    def counted(rows: Iterable[Row]) -> Iterator[Row]:
        nonlocal count
        for row in rows:
            count += 1
            yield row

    with database.reading() as connection:
        rows = counted(optouts.list_all(connection))
        (file,) = _place(folder, [(name, Csv(newline="\r\n", bom=True).write(columns, rows))])
    return file, count


def _ask_again(connection: Connection, waiting: Sequence[Outgoing]) -> tuple[list[Outgoing], dict[str, str]]:
    """Those that the ledger still lets through, and why not for the keys of the others."""
    contacts = tasks.contacts_of(connection, [task.key for task in waiting])
    standings = optouts.standings(connection, sorted(set(contacts.values())))
    answers = {task.key: refuse(standings[contacts[task.key]], Channel(task.channel)) for task in waiting}
    refused = {key: answer[1] for key, answer in answers.items() if answer is not None}
    return [task for task in waiting if task.key not in refused], refused


_TOLD = ("subject", "note", "because", "last_words", "evidence", "account", "contact")


def _discreet(connection: Connection, waiting: Sequence[Outgoing]) -> list[Outgoing]:
    """The tasks, with whoever has said stop since they were written taken out of their words."""
    cut = discreet(connection, strings_in([getattr(task, name) for task in waiting for name in _TOLD]))
    return [replace(task, **{name: replaced(getattr(task, name), cut) for name in _TOLD}) for task in waiting]


def _withdrawal(key: str, reason: str, at: datetime) -> tasks.Closing:
    return tasks.Closing(key, TaskState.CANCELLED, at, optouts.WITHDRAWN, reason)


def _fresh(connection: Connection, project: Project, waiting: Sequence[Outgoing]) -> list[Outgoing]:
    """Those that had not lapsed by the last run: what a run holds for gone is not handed to anybody."""
    last = runs.last_run(connection)
    if last is None:
        return list(waiting)
    now = Now(last.at, project.settings.zone)
    return [task for task in waiting if now.at < now.start_of(task.due) + LAPSES_AFTER]


def _batch(target: Target, fresh: Iterable[Outgoing], recalls: Iterable[Recall]) -> Batch:
    ready: dict[bool, list[Outgoing]] = {True: [], False: []}
    for task in fresh:
        ready[not target.lacks(task)].append(task)
    return Batch(target, tuple(recalls), tuple(ready[True]), tuple(ready[False]))


def _note(connection: Connection, batch: Batch, at: datetime) -> None:
    """Remember what is handed over; incomplete tasks are not."""
    name = batch.target.name
    tasks.note_delivery(connection, [task.key for task in batch.tasks], name, tasks.TASK, batch.id, at)
    tasks.note_delivery(connection, [recall.key for recall in batch.recalls], name, tasks.RECALL, batch.id, at)


def _folder(project: Project, out: Path | None) -> Path:
    """Where files go; raises UsageError where that cannot be a folder."""
    folder = out or project.folder / FOLDER
    try:
        nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    except OSError as error:
        raise UsageError(f"{folder} cannot be looked at: {error.strerror}", help="name a folder with --out") from error
    if not nearest.is_dir():
        raise UsageError(f"{nearest} is a file, not a folder", help="name a folder with --out")
    return folder


def _place(folder: Path, files: Iterable[File], outdated: str = "") -> list[Path]:
    """Write every file whole and safe on disk, then move all to their names; on a failure none is half there.

    `outdated` is removed where it is not made anew.
    """
    parts: dict[Path, Path] = {}
    try:
        for name, content in files:
            folder.mkdir(parents=True, exist_ok=True)
            part = parts[folder / name] = folder / f".{name}.{os.getpid()}.part"
            _write(part, content)
        for path, part in parts.items():
            part.replace(path)
        if outdated and folder / outdated not in parts:
            (folder / outdated).unlink(missing_ok=True)
        if parts:
            _sync(folder)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise RunFailed(
            f"{folder} cannot be written: {why}", help="nothing was noted as handed over; mend it and export again"
        ) from error
    finally:
        _remove(parts.values())
    return list(parts)


def _write(path: Path, content: Iterable[bytes]) -> None:
    with path.open("wb") as file:
        file.writelines(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Make the new names last."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(parts: Iterable[Path]) -> None:
    for part in parts:
        with suppress(OSError):
            part.unlink()
