"""What became of tasks in the CRM: completed, cancelled or deleted, and with what outcome."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from reengage.app.imports.headings import Kind
from reengage.app.imports.presets.espocrm import ESPOCRM
from reengage.app.imports.presets.preset import Preset
from reengage.app.imports.presets.tasks import NOT_OURS
from reengage.app.imports.sheet import Progress, Report, Row, Unusable, open_sheet, read_moment, read_word, take
from reengage.app.incidents import incidents
from reengage.app.project import Project
from reengage.delivery.espocrm import task_id
from reengage.intake.flags import looks_like_stop
from reengage.language.diagnostic import quoted
from reengage.model.desk import SlaState
from reengage.model.optout import EntryKind, OptOut
from reengage.model.words import TaskOutcome, TaskState
from reengage.store import optouts, sla, stated, tasks
from reengage.store.database import Database
from reengage.store.delivered import delivered
from reengage.store.news import news

OUTCOMES = Kind("outcomes", ("task_key", "status", "at", "outcome", "notes"), required=("task_key", "status"))

_STATUS = (TaskState.COMPLETED, TaskState.CANCELLED, TaskState.DELETED)
_SOURCE = "import outcomes"


def import_outcomes(
    database: Database,
    project: Project,
    path: Path,
    at: datetime,
    progress: Progress | None = None,
    preset: Preset | None = None,
) -> Report:
    """Take in what became of tasks; an outcome `stop` opts the contact out at once.

    Of a product's export, tasks that are still open or not ours change nothing and are counted; what a rep wrote of an
    open one is still looked through for a stop.
    """
    sheet = open_sheet(path, OUTCOMES, project, preset)
    ids = _ids_in(database, preset)

    def write(connection: Connection, rows: list[Row], report: Report) -> None:
        keys = {row.line: row.get("task_key") or ids.get(row.get("record_id") or "", "") for row in rows}
        answers = sla.contacts_of(connection, keys.values())
        known = tasks.contacts_of(connection, keys.values()) | answers
        closed, stops = [], []
        for row in rows:
            key = keys[row.line]
            contact = known.get(key)
            if reason := _aside(row, key):
                report.leave_out(reason)
                stops += _stops(row, contact, None)
                continue
            try:
                found = _parse(row, key, project, at, report if preset else None)
            except Unusable as error:
                report.bad.append((row.line, str(error)))
                stops += _stops(row, contact, None)
                continue
            stops += _stops(row, contact, found.at)
            if contact is None:
                report.bad.append((row.line, f"no task has the key {quoted(found.key)}"))
                continue
            closed.append(found)
        report.changed += sum(_settle(connection, one) for one in closed if one.key in answers)
        closed = [one for one in closed if one.key not in answers]
        spoken = {known[one.key]: one.at for one in closed if one.state is TaskState.COMPLETED}
        report.remarks += incidents(connection, spoken)
        changed = tasks.close(connection, closed)
        optouts.record(connection, stated.unstated(connection, stops), at)
        report.changed += len(changed)
        news(connection, changed, (), at)

    return take(database, sheet, at, write, progress)


def _settle(connection: Connection, one: tasks.Closing) -> bool:
    """Note what became of an answer that was owed."""
    done = one.state is TaskState.COMPLETED
    return sla.close(connection, one.key, SlaState.DONE if done else SlaState.CANCELLED, one.at, one.notes)


def _ids_in(database: Database, preset: Preset | None) -> dict[str, str]:
    """The keys of the tasks that a product has had of us by its own ids, where these follow from the key."""
    if preset is not ESPOCRM:
        return {}
    with database.reading() as connection:
        return {task_id(key): key for key in delivered(connection, ESPOCRM.name)}


def _aside(row: Row, key: str) -> str | None:
    """Why a row of a product's export changes nothing."""
    return row.get("aside") or (NOT_OURS if row.get("record_id") and not key else None)


def _stops(row: Row, contact: int | None, moment: datetime | None) -> list[OptOut]:
    """A stop counts whatever else is wrong with its row, also for a task that is closed."""
    outcome = row.get("outcome") or row.get("said") or ""
    sure = outcome.casefold() == TaskOutcome.STOP
    if contact is None or not (sure or looks_like_stop(outcome)):
        return []
    words = row.get("notes") if sure else f"the outcome reads: {outcome[:80]}"
    kind = EntryKind.OPT_OUT if sure else EntryKind.PROVISIONAL
    return [OptOut(kind=kind, contact_id=contact, source=_SOURCE, their_words=words, effective_at=moment)]


def _parse(row: Row, key: str, project: Project, at: datetime, report: Report | None) -> tasks.Closing:
    """How a task ended; with a report, a moment that cannot be read is told there and counts as now."""
    status = read_word(row, "status", _STATUS)
    if not key or status is None:
        raise Unusable(f"status is empty; one of {', '.join(_STATUS)}" if key else "task_key is empty")
    try:
        moment = read_moment(row, "at", project.settings.zone)
    except Unusable as error:
        if report is None:
            raise
        report.remarks.append(f"line {row.line}: {error}; the task counts as ended now")
        moment = None
    return tasks.Closing(
        key=key,
        state=TaskState(status),
        at=min(moment or at, at),
        outcome=read_word(row, "outcome", tuple(TaskOutcome)),
        notes=row.get("notes") or row.get("said"),
    )
