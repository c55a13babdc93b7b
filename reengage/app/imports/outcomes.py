"""What became of tasks in the CRM: completed, cancelled or deleted, and with what outcome."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from reengage.app.imports.sheet import Kind, Progress, Report, Row, Unusable, open_sheet, read_moment, read_word, take
from reengage.app.incidents import incidents
from reengage.app.project import Project
from reengage.intake.flags import looks_like_stop
from reengage.model.optout import EntryKind, OptOut
from reengage.model.words import TaskOutcome, TaskState
from reengage.store import optouts, tasks
from reengage.store.database import Database
from reengage.store.news import news

OUTCOMES = Kind("outcomes", ("task_key", "status", "at", "outcome", "notes"), required=("task_key", "status"))

_STATUS = (TaskState.COMPLETED, TaskState.CANCELLED, TaskState.DELETED)
_SOURCE = "import outcomes"


def import_outcomes(
    database: Database, project: Project, path: Path, at: datetime, progress: Progress | None = None
) -> Report:
    """Take in what became of tasks; an outcome `stop` opts the contact out at once."""

    def write(connection: Connection, rows: list[Row], report: Report) -> None:
        known = tasks.contacts_of(connection, [row.get("task_key") or "" for row in rows])
        closed, stops = [], []
        for row in rows:
            contact = known.get(row.get("task_key") or "")
            try:
                found = _parse(row, project, at)
            except Unusable as error:
                report.bad.append((row.line, str(error)))
                stops += _stops(row, contact, None)
                continue
            stops += _stops(row, contact, found.at)
            if contact is None:
                report.bad.append((row.line, f'no task has the key "{found.key}"'))
                continue
            closed.append(found)
        spoken = {known[one.key]: one.at for one in closed if one.state is TaskState.COMPLETED}
        report.remarks += incidents(connection, spoken)
        changed = tasks.close(connection, closed)
        optouts.record(connection, optouts.unstated(connection, stops), at)
        report.changed += len(changed)
        news(connection, changed, (), at)

    return take(database, open_sheet(path, OUTCOMES, project), at, write, progress)


def _stops(row: Row, contact: int | None, moment: datetime | None) -> list[OptOut]:
    """A stop counts whatever else is wrong with its row, also for a task that is closed."""
    outcome = row.get("outcome") or ""
    sure = outcome.casefold() == TaskOutcome.STOP
    if contact is None or not (sure or looks_like_stop(outcome)):
        return []
    words = row.get("notes") if sure else f"the outcome reads: {outcome[:80]}"
    kind = EntryKind.OPT_OUT if sure else EntryKind.PROVISIONAL
    return [OptOut(kind=kind, contact_id=contact, source=_SOURCE, their_words=words, effective_at=moment)]


def _parse(row: Row, project: Project, at: datetime) -> tasks.Closing:
    key, status = row.get("task_key"), read_word(row, "status", _STATUS)
    if key is None or status is None:
        raise Unusable("task_key is empty" if key is None else f"status is empty; one of {', '.join(_STATUS)}")
    return tasks.Closing(
        key=key,
        state=TaskState(status),
        at=min(read_moment(row, "at", project.settings.zone) or at, at),
        outcome=read_word(row, "outcome", tuple(TaskOutcome)),
        notes=row.get("notes"),
    )
