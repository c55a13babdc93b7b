"""A small project whose signals come as files, and rows to put into them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from reengage.app.imports.contacts import import_contacts
from reengage.app.ingest import ingest
from reengage.app.mapping import Report
from reengage.app.project import Project
from reengage.gate.admit import refuse
from reengage.store import accounts, jobs, optouts, people
from reengage.store import columns as t
from reengage.store.database import Database
from tests.app.story import write_csv

AT = datetime(2026, 6, 1, 9, tzinfo=UTC)


class Desk:
    """A project with two contacts at one company, and an inbox."""

    def __init__(self, database: Database, project: Project) -> None:
        self.database, self.project = database, project
        self.contacts(
            {
                "contact_id": "C1",
                "email": "dana@initech.example",
                "account_domain": "initech.example",
                "account_name": "Initech",
            },
            {
                "contact_id": "C2",
                "email": "eve@initech.example",
                "account_domain": "initech.example",
                "account_name": "Initech",
            },
        )

    def contacts(self, *rows: dict[str, Any], at: datetime = AT) -> None:
        import_contacts(self.database, self.project, write_csv(self.project.folder, rows), at)

    def drop(self, *signals: dict[str, Any] | str, at: datetime = AT + timedelta(hours=1), name: str = "a") -> Report:
        lines = (signal if isinstance(signal, str) else json.dumps(signal) for signal in signals)
        (self.project.folder / "signals" / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return next(one for one in ingest(self.database, self.project, at) if one.connector == "envelope")

    def rows(self, table: Any) -> list[Any]:
        with self.database.reading() as connection:
            return list(connection.execute(select(table.__table__)))

    def signals(self) -> list[Any]:
        return [row for row in self.rows(t.SignalRow) if row.kind != "timer"]

    def id(self, key: str) -> int:
        with self.database.reading() as connection:
            return people.find_contacts(connection, [("import", key)])["import", key]

    def may_write_to(self, key: str) -> bool:
        with self.database.reading() as connection:
            return refuse(optouts.standings(connection, [self.id(key)])[self.id(key)]) is None

    def employers(self, key: str) -> list[str]:
        with self.database.reading() as connection:
            held = jobs.employments(connection, [self.id(key)])[self.id(key)]
            known = accounts.read_accounts(
                connection, {job.account_id for job in held if job.account_id}, AT.replace(year=2030)
            )
            job = jobs.current_job(held)
            names = [known[one.account_id].name for one in held if one.account_id and one.id != job.id]
            return [*names, known[job.account_id].name if job.account_id else "(nowhere)"]


def signal(id: str, kind: str = "visit", **more: Any) -> dict[str, Any]:
    keys = more.pop("keys", {"email": "dana@initech.example"})
    facts = more.pop("facts", {"page": "/pricing"} if kind == "visit" else {})
    return {
        "id": id,
        "source": "news",
        "type": kind,
        "time": "2026-05-30T10:00:00Z",
        "keys": keys,
        "facts": facts,
        **more,
    }


def move(id: str, *, previous: str | None = "Initech", source: str = "news", **facts: str) -> dict[str, Any]:
    told = {
        "new_company": "Hooli",
        "new_title": "VP Sales",
        **({"previous_company": previous} if previous else {}),
        **facts,
    }
    return {**signal(id, "job_change", facts=told), "source": source}
