"""A small book of contacts, lived through with the functions behind the commands."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import event, select

from reengage.app.consent import Evidence, allow_again
from reengage.app.export import Exported, export_tasks
from reengage.app.imports.contacts import import_contacts
from reengage.app.imports.conversations import import_conversations
from reengage.app.imports.outcomes import import_outcomes
from reengage.app.imports.owners import import_owners
from reengage.app.imports.sheet import Report
from reengage.app.imports.stops import import_opt_outs
from reengage.app.ingest import ingest
from reengage.app.mapping import Report as Heard
from reengage.app.project import Project
from reengage.app.run import Order, run
from reengage.app.stop import Stopped, opt_out
from reengage.engine.durable import InProcess
from reengage.language.ruleset import RuleSet, load_rules
from reengage.model.decision import Summary
from reengage.model.optout import Standing
from reengage.model.words import Channel
from reengage.store import columns as t
from reengage.store import optouts, people
from reengage.store.database import Database
from tests.app.story import START, make_project

DAY = timedelta(days=1)
NOW = START
EVERYTHING = frozenset(Channel)
NOTHING: frozenset[Channel] = frozenset()

RULE = """
rules:
  - id: new-job
    when: {job_change: {within: 60 days}}
    then: {create_task: {subject: "{contact.first_name} is at {signal.new_company}: {conversation.topic}"}}
"""

_IMPORTS = {
    "contacts": import_contacts,
    "owners": import_owners,
    "conversations": import_conversations,
    "opt-outs": import_opt_outs,
    "outcomes": import_outcomes,
}


@dataclass(frozen=True)
class Book:
    """A project and its database; everything happens at NOW unless a moment is given."""

    database: Database
    project: Project

    def take(self, kind: str, *rows: Mapping[str, object] | str, at: datetime = NOW) -> Report:
        """Import rows of one kind, or a file that is given as text."""
        path = self.project.folder / f"{kind}.csv"
        if isinstance(rows[0], str):
            path.write_text(rows[0], encoding="utf-8")
        else:
            write_rows(path, [row for row in rows if not isinstance(row, str)])
        return _IMPORTS[kind](self.database, self.project, path, at)

    def hear(self, *signals: Mapping[str, Any] | str, at: datetime = NOW) -> Heard:
        """Ingest signals in our envelope, as one new file that is gone afterwards."""
        lines = (signal if isinstance(signal, str) else json.dumps(signal) for signal in signals)
        path = self.project.folder / "signals" / "news.jsonl"
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        (report,) = ingest(self.database, self.project, at, ["envelope"])
        path.unlink()
        return report

    def prepare(self, *contacts: Mapping[str, object]) -> None:
        """Import people, put them on hold, and hear that each has a new job: the next run has a task for each."""
        self.take("contacts", *contacts)
        self.take("conversations", *(talk(str(one["contact_id"])) for one in contacts))
        self.hear(*(move(str(one["email"]).partition(";")[0]) for one in contacts))

    def stop(self, who: str, at: datetime = NOW, **how: Any) -> Stopped:
        """Opt someone out as the command does."""
        return opt_out(self.database, self.project, who, at, **how)

    def consent(self, who: str, said: datetime, **how: Any) -> int:
        """Take a complete consent, said at this moment and recorded a second later."""
        evidence = Evidence("yes, write to me", "form 3", "our site", said, "entry 12", "pat", "lee")
        return allow_again(self.database, who, evidence, said + timedelta(seconds=1), **how)

    def run(self, at: datetime = NOW) -> Summary:
        """Evaluate once."""
        return run(self.database, self.project, Order(at), start=InProcess)

    def export(self, target: str = "csv", at: datetime = NOW) -> Exported:
        """Hand what is new to a target."""
        return export_tasks(self.database, self.project, target, None, at)

    def standing(self, key: str) -> Standing:
        """What the ledger says of a contact."""
        with self.database.reading() as connection:
            id = people.find_contacts(connection, [("import", key)])["import", key]
            return optouts.standings(connection, [id])[id]

    def closed(self, key: str) -> frozenset[Channel]:
        """The channels by which a contact may not be reached."""
        return self.standing(key).closed

    def closes(self) -> dict[str, frozenset[str]]:
        """What is closed for each contact in the book, `sharing` included."""
        with self.database.reading() as connection:
            keys = {row.id: row.key for row in connection.execute(select(t.ContactRow.__table__))}
            found = optouts.standings(connection, keys)
        return {keys[id]: one.closed | (frozenset() if one.may_share else {"sharing"}) for id, one in found.items()}

    def rows(self, table: Any) -> list[Any]:
        """All rows of a table, in the order of its key."""
        with self.database.reading() as connection:
            return list(connection.execute(select(table.__table__).order_by(*table.__table__.primary_key.columns)))

    def states(self) -> dict[str, str]:
        """The state of the tasks of each contact; every one has at most one here."""
        keys = {row.id: row.key for row in self.rows(t.ContactRow)}
        return {keys[row.contact_id]: row.state for row in self.rows(t.TaskRow)}

    def exported(self) -> str:
        """The text of every file that was handed over."""
        return "\n".join(file.read_text("utf-8-sig") for file in sorted(self.project.folder.glob("exports/*")))


class Known(Project):
    """A project whose rules are read once for all tests."""

    __slots__ = ()

    def usable_rules(self) -> RuleSet:
        return _rules()


@cache
def _rules() -> RuleSet:
    with TemporaryDirectory() as folder:
        make_project(Path(folder))
        (Path(folder) / "rules" / "move.yaml").write_text(RULE, encoding="utf-8")
        return load_rules(Path(folder) / "rules")


def make_book(folder: Path, database: Database, settings: str = "") -> Book:
    """An empty book, on a database that need not survive a power cut."""
    if database.is_sqlite:
        database.close()
        event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    project = make_project(folder, settings)
    return Book(database, Known(**{one.name: getattr(project, one.name) for one in fields(Project)}))


def write_rows(path: Path, rows: list[Mapping[str, object]]) -> Path:
    """A CSV file of these rows; a column that a row does not have is empty in it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)), restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def person(number: int, **more: object) -> dict[str, object]:
    """A contact row; people of different numbers share nothing."""
    return {
        "contact_id": f"C-{number}",
        "first_name": f"First{number}",
        "last_name": f"Last{number}",
        "email": f"p{number}@a{number}.example",
        "account_name": f"Company {number}",
        "account_domain": f"a{number}.example",
        "account_status": "prospect",
        "owner_email": "pat@us.example",
        **more,
    }


def people_of(count: int) -> Iterator[dict[str, object]]:
    """So many of them, from C-1 on."""
    return (person(number) for number in range(1, count + 1))


def talk(contact: str, response: str = "not_now", **more: object) -> dict[str, object]:
    """A conversation some weeks before NOW."""
    return {
        "conversation_id": f"K-{contact}",
        "contact_id": contact,
        "at": (NOW - 60 * DAY).isoformat(),
        "channel": "phone",
        "rep_email": "pat@us.example",
        "response": response,
        **more,
    }


def signal(id: str, kind: str = "visit", **more: Any) -> dict[str, Any]:
    """A signal in our envelope, of a few days before NOW."""
    facts = {"page": "/pricing"} if kind == "visit" else {}
    return {"id": id, "source": "news", "type": kind, "time": (NOW - 3 * DAY).isoformat(), "facts": facts, **more}


def move(email: str, **more: Any) -> dict[str, Any]:
    """A change of job that is beyond doubt for someone of `person`."""
    number = email.partition("@")[0].lstrip("p")
    places = {"new_company": f"Hooli {number}", "new_title": "VP Sales", "previous_company": f"Company {number}"}
    return {**signal(f"move-{email}", "job_change"), "keys": {"email": email}, "facts": places, **more}
