"""Random books that live for some weeks: imports, signals, stops and outcomes in between the runs."""

from __future__ import annotations

import csv
import dataclasses
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import select

from reengage.app.imports.contacts import import_contacts
from reengage.app.imports.conversations import import_conversations
from reengage.app.imports.outcomes import import_outcomes
from reengage.app.imports.owners import import_owners
from reengage.app.ingest import ingest
from reengage.app.project import Project, read_project
from reengage.app.run import Order, run
from reengage.app.stop import opt_out
from reengage.engine.durable import InProcess
from reengage.language.ruleset import RuleSet, load_rules
from reengage.model.decision import Summary
from reengage.store import columns as t
from reengage.store.database import Database
from reengage.store.schema import prepare
from tests.engine import chance

ROOT = Path(__file__).parents[2]
START = datetime(2026, 3, 2, 6, tzinfo=UTC)
LATER = START + timedelta(days=25)
"""When three weeks of a story are over."""

ANSWERS = ("not_now", "no_budget", "not_interested", "already_with_vendor", "wrong_person", "send_email", "other", "")
CAPS = "[caps]\nopen_tasks_per_account = 2\nnew_tasks_per_owner_per_day = 3\nemail_touches = 1\n"


DECLARES = "declares: {usage: {seats: number, live: flag}}\n"
FIELDS = '[fields]\nplan = ["free", "team"]\nseats = "number"\nsso = "flag"\nrenewed = "date"\nreferrer = "text"\n'
"""What the random rules speak of beside what every project has."""


@dataclasses.dataclass(frozen=True)
class Event:
    """Something that arrives at a moment, as a file or a stop, or a moment at which a run takes place."""

    at: datetime
    what: str
    rows: tuple[dict[str, Any], ...] = ()


@dataclasses.dataclass
class World:
    """One database living through a story."""

    database: Database
    project: Project
    rules: RuleSet

    def live(self, event: Event, **how: Any) -> Summary | None:
        """Let one event happen."""
        if event.what == "run":
            return run(self.database, self.project, Order(event.at, **how), rules=self.rules, start=InProcess, page=5)
        if event.what == "stop":
            opt_out(self.database, self.project, str(event.rows[0]["who"]), event.at)
        elif event.what == "signals":
            file = self.project.folder / "signals" / f"{event.at:%Y%m%d%H}.jsonl"
            file.write_text("".join(json.dumps(row) + "\n" for row in event.rows), encoding="utf-8")
            ingest(self.database, self.project, event.at)
        else:
            self._import(event)
        return None

    def _import(self, event: Event) -> None:
        rows = self._closing(event) if event.what == "outcomes" else event.rows
        kinds = {
            "owners": import_owners,
            "contacts": import_contacts,
            "conversations": import_conversations,
            "outcomes": import_outcomes,
        }
        if rows:
            kinds[event.what](self.database, self.project, write_csv(self.project.folder, rows), event.at)

    def _closing(self, event: Event) -> tuple[dict[str, Any], ...]:
        """Close every third task that stands."""
        keys = [row["key"] for row in self.tasks() if row["state"] == "open"]
        return tuple({"task_key": key, "status": "completed", "at": event.at.isoformat()} for key in sorted(keys)[::3])

    def tasks(self) -> list[dict[str, Any]]:
        """All tasks, in order."""
        with self.database.reading() as connection:
            found = connection.execute(select(t.TaskRow.__table__).order_by(t.TaskRow.key)).mappings()
            return [{name: value for name, value in row.items() if name != "run_id"} for row in found]

    def used(self) -> list[tuple[int, str]]:
        """All signals that went into tasks; that a wait went stale is told when someone looks."""
        with self.database.reading() as connection:
            row = t.SignalUseRow
            rows = connection.execute(select(row.contact_id, row.key).where(~row.key.startswith("stale/")))
            return sorted((row.contact_id, row.key) for row in rows)


def write_csv(folder: Path, rows: tuple[dict[str, Any], ...]) -> Path:
    path = folder / "import.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def make_project(folder: Path, settings: str = CAPS) -> Project:
    """A project folder with the starter tables, no rules of its own, and a connector for our envelope."""
    (folder / "rules").mkdir(parents=True)
    for table in ("responses", "titles", "assets"):
        shutil.copy(ROOT / "rules" / f"{table}.yaml", folder / "rules")
    (folder / "connectors").mkdir()
    envelope = (ROOT / "connectors" / "envelope.yaml").read_text(encoding="utf-8")
    (folder / "connectors" / "envelope.yaml").write_text(f"{envelope}\n{DECLARES}", encoding="utf-8")
    timer = "name: weekly\nkind: timer\ncron: '0 7 * * 1'\ntimezone: UTC\nfacts: {name: crm}\n"
    (folder / "connectors" / "weekly.yaml").write_text(timer, encoding="utf-8")
    (folder / "signals").mkdir()
    (folder / "reengage.toml").write_text(
        f'time_zone = "Europe/London"\ncountry = "GB"\n{settings}\n{FIELDS}', encoding="utf-8"
    )
    return read_project(folder)


def make_world(folder: Path, database: Database, rules: RuleSet | None = None) -> World:
    """A world that has not begun."""
    prepare(database)
    project = make_project(folder)
    return World(database, project, rules or _tables())


def make_lived_world(folder: Path, database: Database) -> World:
    """A random world that has lived for three weeks, without a run yet."""
    dice = Random(13)
    world = make_world(folder, database, random_rules(dice))
    for event in random_story(dice, weeks=3):
        if event.what != "run":
            world.live(event)
    return world


@lru_cache(1)
def _tables() -> RuleSet:
    return load_rules(ROOT / "rules")


def random_rules(dice: Random, size: int = 14) -> RuleSet:
    """Random rules beside the starter project's tables."""
    starter = _tables()
    rules = tuple(dataclasses.replace(chance.rule(dice, number).rule, revision=f"r{number}") for number in range(size))
    return dataclasses.replace(starter, rules=rules, tests=(), diagnostics=())


def random_story(dice: Random, contacts: int = 12, weeks: int = 6) -> list[Event]:
    """Events of some weeks in order of time, each run at a random hour."""
    events = [
        Event(START, "owners", tuple(_owners())),
        Event(START, "contacts", tuple(_contact(dice, number) for number in range(contacts))),
        Event(START, "conversations", tuple(_talk(dice, number) for number in range(contacts))),
    ]
    number = 0
    for week in range(weeks):
        for _ in range(dice.randrange(1, 4)):
            at = START + timedelta(days=7 * week + dice.randrange(1, 6), hours=dice.randrange(20))
            size = dice.randrange(1, 8)
            events.append(Event(at, "signals", tuple(_signal(dice, number + n, contacts, at) for n in range(size))))
            number += size
        events += list(_happenings(dice, week, contacts))
        events += [
            Event(START + timedelta(days=7 * week + day, hours=dice.randrange(24)), "run")
            for day in dice.sample(range(1, 8), dice.randrange(1, 4))
        ]
    events.append(Event(START + timedelta(days=7 * weeks + 60), "run"))
    return sorted(events, key=lambda event: (event.at, event.what == "run"))


def _happenings(dice: Random, week: int, contacts: int) -> Iterator[Event]:
    at = START + timedelta(days=7 * week + dice.randrange(1, 6), hours=dice.randrange(20))
    what = dice.choice(("stop", "outcomes", "contacts", "conversations", "nothing"))
    number = dice.randrange(contacts)
    if what == "stop":
        yield Event(at, "stop", ({"who": dice.choice((f"C-{number}", f"p{number}@a{number % 4}.example"))},))
    elif what == "outcomes":
        yield Event(at, "outcomes")
    elif what == "contacts":
        yield Event(at, "contacts", (_contact(dice, number),))
    elif what == "conversations":
        yield Event(at, "conversations", ({**_talk(dice, number), "conversation_id": f"K-{week}-{number}"},))


def _owners() -> Iterator[dict[str, Any]]:
    for name, active in (("pat", "true"), ("kim", "false"), ("lee", "true")):
        yield {
            "owner_email": f"{name}@us.example",
            "manager_email": "lee@us.example",
            "active": active,
            "country": "GB",
        }


def _contact(dice: Random, number: int) -> dict[str, Any]:
    home = number % 4
    return {
        "contact_id": f"C-{number}",
        "first_name": f"P{number}",
        "email": f"p{number}@a{home}.example",
        "title": dice.choice(("VP Sales", "CRM Manager", "")),
        "account_name": f"A{home}",
        "account_domain": f"a{home}.example",
        "account_status": dice.choice(("prospect", "customer", "")),
        "owner_email": dice.choice(("pat@us.example", "kim@us.example", "")),
        "country": dice.choice(("GB", "")),
        "plan": dice.choice(("free", "team", "")),
        "seats": dice.choice(("3", "70.5", "")),
        "sso": dice.choice(("yes", "no", "")),
        "renewed": (START + timedelta(days=dice.randrange(-100, 30))).date().isoformat(),
    }


def _talk(dice: Random, number: int) -> dict[str, Any]:
    at = START - timedelta(days=dice.randrange(1, 90))
    named = START + timedelta(days=dice.randrange(60))
    return {
        "conversation_id": f"K-{number}",
        "contact_id": f"C-{number}",
        "at": at.isoformat(),
        "channel": dice.choice(("phone", "email", "linkedin")),
        "rep_email": dice.choice(("pat@us.example", "kim@us.example")),
        "response": dice.choice(ANSWERS),
        "call_back_on": named.date().isoformat() if dice.random() < 0.3 else "",
        "contract_ends": (START + timedelta(days=dice.randrange(150))).date().isoformat()
        if dice.random() < 0.4
        else "",
        "wake_on": dice.choice(("", "", "", "intent;crm")),
    }


def _signal(dice: Random, number: int, contacts: int, at: datetime) -> dict[str, Any]:
    kind = dice.choice(
        ("intent", "intent", "visit", "funding", "team_expansion", "job_change", "promotion", "left_company", "usage")
    )
    person = dice.randrange(contacts + 1)
    facts = {name: value for name, value in chance.facts(dice, kind).items() if value != ""}
    if kind == "job_change":
        facts |= {"new_company": f"N{number}", "previous_company": dice.choice((f"A{person % 4}", "Elsewhere"))}
    personal = kind in ("job_change", "promotion", "left_company") or dice.random() < 0.4
    keys = {"email": f"p{person}@a{person % 4}.example"} if personal else {"domain": f"a{person % 4}.example"}
    return {
        "id": str(number),
        "source": dice.choice(("news", "spy")),
        "type": kind,
        "time": (at - timedelta(days=dice.randrange(30))).isoformat(),
        "keys": keys,
        "facts": facts,
    }
