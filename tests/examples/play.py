"""Plays the sample book through its six weeks, as the demo does, without the command line."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from reengage.app.imports.contacts import import_contacts
from reengage.app.imports.conversations import import_conversations
from reengage.app.imports.outcomes import import_outcomes
from reengage.app.imports.owners import import_owners
from reengage.app.imports.sheet import Report
from reengage.app.imports.stops import import_opt_outs
from reengage.app.ingest import ingest
from reengage.app.mapping import Report as Ingested
from reengage.app.opening import open_prepared
from reengage.app.project import Project, find_project, parse_moment
from reengage.app.run import Order, run
from reengage.model.decision import Summary
from reengage.store.database import Database

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "examples" / "book"
MONDAYS = tuple(date(2026, 8, 31) + timedelta(weeks=week) for week in range(6))

Import = Callable[[Database, Project, Path, datetime], Report]


@dataclass(frozen=True)
class Played:
    """The project after six weeks, with every report and summary on the way."""

    project: Project
    database: Database
    imported: dict[str, Report]
    ingested: tuple[list[Ingested], ...]
    runs: tuple[Summary, ...]


def play(folder: Path) -> Played:
    """Copy the book into a folder and play all of it."""
    shutil.copytree(BOOK, folder, dirs_exist_ok=True)
    for name in ("rules", "connectors"):
        shutil.copytree(ROOT / name, folder / name)
    project = find_project(folder)
    database = open_prepared(project)
    imported: dict[str, Report] = {}

    def take(name: str, how: Import, day: str) -> None:
        imported[name] = how(database, project, folder / f"{name}.csv", parse_moment(day, project.settings.zone))

    take("owners", import_owners, "2026-08-24")
    take("contacts", import_contacts, "2026-08-24")
    take("conversations", import_conversations, "2026-08-24")
    take("opt-outs", import_opt_outs, "2026-08-24")
    ingested, runs = [], []
    for week, monday in enumerate(MONDAYS, start=1):
        at = parse_moment(monday.isoformat(), project.settings.zone)
        if week == 4:
            take("later-contacts", import_contacts, monday.isoformat())
            take("later-conversations", import_conversations, monday.isoformat())
        shutil.copytree(folder / "weeks" / str(week), folder / "signals", dirs_exist_ok=True)
        ingested.append(ingest(database, project, at))
        runs.append(run(database, project, Order(at)))
        if week == 3:
            take("outcomes", import_outcomes, "2026-09-16")
    return Played(project, database, imported, tuple(ingested), tuple(runs))
