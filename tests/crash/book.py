"""A book that grows command by command, what it then holds, and what it must hold whenever its writer dies."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select
from sqlmodel import SQLModel

from reengage.app import audit
from reengage.app.export import export_tasks
from reengage.app.imports.contacts import import_contacts
from reengage.app.imports.conversations import import_conversations
from reengage.app.ingest import ingest
from reengage.app.project import read_project
from reengage.app.run import Order, run
from reengage.engine.durable import InProcess
from reengage.language.ruleset import load_rules
from reengage.store import optouts
from reengage.store.database import Database, open_database
from tests.app.story import ROOT, START, make_project
from tests.conftest import KEYS

WEEKS, NEW = 4, 5
COMMANDS = ("contacts", "conversations", "signals", "run", "export")
LENGTH = WEEKS * len(COMMANDS)

Facts = dict[str, Counter[str]]
"""The rows of every table, with what they refer to in place of its number."""


@dataclass(frozen=True)
class Book:
    """A project folder and the address of its database."""

    folder: Path
    url: str

    def open(self) -> Database:
        """The database, as a command opens it."""
        return open_database(self.url, KEYS, self.folder / ".reengage.journal")

    def handed_over(self) -> Counter[bytes]:
        """The lines of all files that stand under a name, headings left out; raises where one is not whole."""
        found = Counter[bytes]()
        for path in sorted(self.folder.glob("exports/[!.]*")):
            heading, *lines, end = path.read_bytes().split(b"\r\n")
            assert heading.startswith(b"\xef\xbb\xbfaction,key,"), path
            assert end == b"", path
            found.update(lines)
        return found

    def facts(self) -> Facts:
        """All that the database holds."""
        database = self.open()
        with database.reading() as connection:
            found = _facts(connection)
            assert optouts.inconsistent(connection) == []
        assert audit.verify(database).findings == ()
        database.close()
        return found


def write(folder: Path, url: str) -> Book:
    """A project with everything that is going to be imported lying ready."""
    make_project(folder, "")
    (folder / "later").mkdir()
    for week in range(WEEKS):
        _sheet(folder / f"contacts-{week}.csv", [_contact(week, n) for n in range(NEW)])
        _sheet(folder / f"conversations-{week}.csv", [_talk(week, n) for n in range(NEW)])
        lines = [json.dumps(signal) for signal in _signals(week)]
        waiting = folder / "later" / f"{week}.jsonl"
        waiting.write_text("\n".join(lines) + "\n", encoding="utf-8")
        os.utime(waiting, (START.timestamp(), START.timestamp()))
    return Book(folder, url)


def perform(book: Book, database: Database, number: int) -> object:
    """Do the command of this number, and return what it says; done twice it is done once."""
    project = read_project(book.folder)
    week, at = number // len(COMMANDS), START + timedelta(days=7 * (number // len(COMMANDS)))
    match COMMANDS[number % len(COMMANDS)]:
        case "contacts":
            return import_contacts(database, project, book.folder / f"contacts-{week}.csv", at)
        case "conversations":
            return import_conversations(database, project, book.folder / f"conversations-{week}.csv", at)
        case "signals":
            waiting = book.folder / "later" / f"{week}.jsonl"
            if waiting.exists():
                waiting.rename(book.folder / "signals" / waiting.name)
            return ingest(database, project, at)
        case "run":
            order = Order(at, slot=at)
            return run(database, project, order, rules=load_rules(ROOT / "rules"), start=InProcess, page=3)
        case "export":
            return export_tasks(database, project, "csv", None, at)
        case other:
            raise ValueError(other)


GROWING = ("contact", "identifier", "conversation", "received", "signal", "opt_out", "opted_out", "delivery")
"""Tables whose rows, once written, stay as they are in this story."""


def grown(facts: Facts) -> Counter[str]:
    """What only ever gets more: those rows, and the tasks by what they are about."""
    found = Counter[str]()
    for table in (*GROWING, "task"):
        for row, count in facts[table].items():
            known = {name: value for name, value in json.loads(row).items() if name.split(".")[1] not in _CHANGING}
            found[f"{table} {known}"] += count
    return found


_CHANGING = frozenset(
    {
        *("recheck_at", "same_as", "state", "closed_at", "outcome", "outcome_notes", "placed"),
        *("mapped_at", "map_hash", "rows"),
    }
)
"""Columns of theirs that later commands write."""

_COUNTED = frozenset(
    {
        *("opt_out.subject", "opt_out.evidence", "opt_out.previous", "opt_out.hash"),
        *("run.watermark", "run.signal_mark", "task.account_key", "delivery.batch"),
    }
)
"""Numbers that the database gives out, PostgreSQL none twice even where nothing came of it, digests over them, and the batch
of a recall, which leaves alone where the file it was in has to be made again."""


def _facts(connection: Connection) -> Facts:
    rows = {name: list(_rows(connection, name)) for name in SQLModel.metadata.tables}
    by_id = {name: {row["id"]: row for row in found if "id" in row} for name, found in rows.items()}

    def told(name: str, row: Any) -> dict[str, Any]:
        found = {}
        for column in SQLModel.metadata.tables[name].columns:
            value = row[column.name]
            for foreign in column.foreign_keys:
                if value is not None and foreign.column.name == "id":
                    other = foreign.column.table.name
                    found_there = by_id[other][value]
                    value = found_there.get("key") or found_there.get("sha256") or told(other, found_there)
            if not (column.name in ("id", "seq") and isinstance(value, int)):
                found[f"{name}.{column.name}"] = value
        return {column: value for column, value in found.items() if column not in _COUNTED}

    return {
        name: Counter(json.dumps(told(name, row), default=str, sort_keys=True) for row in found)
        for name, found in rows.items()
    }


def _rows(connection: Connection, table: str) -> Iterator[Any]:
    yield from connection.execute(select(SQLModel.metadata.tables[table])).mappings()


def _sheet(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _contact(week: int, n: int) -> dict[str, str]:
    return {
        "contact_id": f"C-{week}-{n}",
        "first_name": f"P{week}{n}",
        "email": f"p{n}@w{week}.example",
        "account_name": f"W{week}",
        "account_domain": f"w{week}.example",
        "account_status": "prospect",
        "owner_email": "pat@us.example",
        "opted_out": "yes" if n == 3 else "",
    }


def _talk(week: int, n: int) -> dict[str, str]:
    """What they said: one stop, and "not now" from everybody else."""
    return {
        "conversation_id": f"K-{week}-{n}",
        "contact_id": f"C-{week}-{n}",
        "at": (START + timedelta(days=7 * week - 200)).isoformat(),
        "channel": "phone",
        "rep_email": "pat@us.example",
        "response": "unsubscribe" if n == 4 else "not_now",
        "their_words": "after the summer",
    }


def _signals(week: int) -> Iterator[dict[str, Any]]:
    """A move of everybody, and the stop of somebody whose task has left."""
    at = (START + timedelta(days=7 * week - 3)).isoformat()
    facts = {"new_company": "Hooli", "new_title": "VP Sales", "previous_company": f"W{week}"}
    for n in range(NEW):
        keys = {"email": f"p{n}@w{week}.example"}
        yield {
            "id": f"m{week}-{n}",
            "source": "news",
            "type": "job_change",
            "time": at,
            "keys": keys,
            "facts": facts,
        }
    if week:
        keys = {"email": f"p0@w{week - 1}.example"}
        yield {"id": f"s{week}", "source": "helpdesk", "type": "opt_out", "time": at, "keys": keys}
