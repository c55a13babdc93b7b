"""Is this set-up safe? Every finding names its fix."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, text

from reengage.app import elsewhere
from reengage.app.keyfile import KEY_FILE, key_path
from reengage.app.project import Project
from reengage.app.stops_first import may_hold_stops
from reengage.engine.durable import available
from reengage.model.errors import ReengageError
from reengage.model.text import counted
from reengage.sources.connector import Connector
from reengage.store import inbox, pollings, received, reviews
from reengage.store.database import WAL_IS_SAFE_FROM, Database
from reengage.store.schema import OLDER, VERSION, missing_triggers, version_of


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: `fail` is unsafe, `warn` wants attention."""

    state: Literal["ok", "warn", "fail"]
    what: str
    fix: str = ""


_EMPTY = Finding("warn", "the database is empty", "import something first")


def examine(project: Project, at: datetime) -> list[Finding]:
    """Look at the project, its files and its database as they are at this moment; changes nothing."""
    return [*_files(project), *_engine(), *_stored(project, at)]


def _files(project: Project) -> Iterator[Finding]:
    yield Finding("ok", f"project {project.folder}")
    rules = project.rules()
    if rules.errors:
        yield Finding("fail", f"the rules have {counted(len(rules.errors), 'error')}", "reengage check")
    else:
        yield Finding("ok", f"{counted(len(rules.rules), 'rule')}, {counted(len(rules.tests), 'test')}")
    if errors := project.wording().errors:
        yield Finding("fail", f"what answers are read by has {counted(len(errors), 'error')}", "reengage check")
    connectors, problems = project.connectors()
    if any(problem.severity == "error" for problem in problems):
        yield Finding("fail", "a connector file has errors", "reengage check")
    else:
        yield Finding("ok", counted(len(connectors), "connector"))
        yield from _silent(project, connectors)
    yield _key(project)


def _silent(project: Project, connectors: Sequence[Connector]) -> Iterator[Finding]:
    """Sources of stops whose connector is not there or never brings one."""
    able = {connector.name: may_hold_stops(connector) for connector in connectors}
    for source in project.sources:
        if source.connector and source.connector not in able:
            known = f"there are: {', '.join(able)}"
            yield Finding("fail", f'stops from {source.name}: no connector is called "{source.connector}"', known)
        elif source.connector and not able[source.connector]:
            fix = "name another in reengage.toml, or give this one signal: opt_out"
            yield Finding("fail", f"stops from {source.name}: {source.connector} never brings a stop", fix)


def _key(project: Project) -> Finding:
    path = key_path(project.folder)
    if not path.is_file():
        return Finding("warn", f"no {KEY_FILE}", "reengage init makes one; erasure will need it")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return Finding("fail", f"{KEY_FILE} can be read by others (mode {mode:o})", f"chmod 600 {path}")
    return Finding("ok", f"{KEY_FILE} is readable by its owner alone")


def _engine() -> Iterator[Finding]:
    if available():
        yield Finding("ok", "durable-rules can be imported: two matchers must agree")
    else:
        yield Finding(
            "warn", "durable-rules cannot be imported: the plain matcher judges alone", "use Python 3.11 or 3.12"
        )


def _stored(project: Project, at: datetime) -> Iterator[Finding]:
    try:
        database = project.open()
    except ReengageError as error:
        yield Finding("fail", error.message, error.help or "")
        return
    if database.is_missing:
        yield _EMPTY
        return
    try:
        with database.reading() as connection:
            yield from _database(database, connection)
            if version_of(connection) == VERSION:
                yield from _sources(project, connection, at)
    except ReengageError as error:
        yield Finding("fail", error.message, error.help or "")
    finally:
        database.close()


def _database(database: Database, connection: Connection) -> Iterator[Finding]:
    version = version_of(connection)
    if version is None:
        yield _EMPTY
        return
    if version in OLDER:
        yield Finding("warn", f"the database has schema {version}, we know {VERSION}", "any import or run renews it")
        return
    if version != VERSION:
        yield Finding("fail", f"the database has schema {version}, we know {VERSION}", "use the version that wrote it")
        return
    yield Finding("ok", f"schema {version}")
    missing = missing_triggers(connection, database.is_sqlite)
    if missing:
        yield Finding("fail", f"safety triggers are missing: {', '.join(missing)}", "any import or run puts them back")
    else:
        yield Finding("ok", "the database itself refuses tasks for people who opted out")
    if database.is_sqlite:
        yield from _sqlite(connection)
    yield from _left_lying(connection)


def _left_lying(connection: Connection) -> Iterator[Finding]:
    """What waits for a person, and what could not be taken in."""
    waiting = len(reviews.open_moves(connection)) + len(reviews.open_stops(connection))
    if waiting:
        yield Finding("warn", f"waiting for a person: {waiting}", "reengage review")
    kept = sum(inbox.quarantined(connection).values())
    if kept:
        yield Finding("warn", f"rows kept back: {kept}", "reengage quarantine list")
    for name, standing in pollings.standings(connection).items():
        if standing.disabled_why:
            yield Finding("warn", f"{name} is disabled: {standing.disabled_why}", f"then: reengage ingest {name}")
    for name, taken in received.per_source(connection).items():
        if taken.waiting:
            yield Finding("warn", f"{name} has sent what is not taken in: {taken.waiting}", "reengage ingest says why")


def _sources(project: Project, connection: Connection, at: datetime) -> Iterator[Finding]:
    for heard in elsewhere.listen(connection, project.sources, at):
        told = heard.told(project.settings.zone)
        if heard.is_overdue:
            yield Finding("warn", told, heard.source.remedy)
        elif heard.source.is_slow:
            yield Finding("warn", told, "ask for a daily one; Google and Yahoo want a stop honoured within two days")
        else:
            yield Finding("ok", told)


def _sqlite(connection: Connection) -> Iterator[Finding]:
    def pragma(name: str) -> str:
        return str(connection.execute(text(f"PRAGMA {name}")).scalar())

    safe_wal = sqlite3.sqlite_version_info >= WAL_IS_SAFE_FROM
    if pragma("journal_mode").upper() == "WAL" and not safe_wal:
        yield Finding(
            "fail",
            f"WAL on SQLite {sqlite3.sqlite_version} can lose data",
            "close every other program that has it open",
        )
    wanted = {"synchronous": "2", "foreign_keys": "1", "secure_delete": "1", "mmap_size": "0"}
    wrong = [name for name, value in wanted.items() if pragma(name) not in (value, "None")]
    if wrong:
        yield Finding("fail", f"unsafe settings: {', '.join(wrong)}", "open the database with reengage only")
    else:
        yield Finding("ok", f"SQLite {sqlite3.sqlite_version}, every commit is on disk before it counts")
