"""The same person's employment, asked for week after week, and the same move told by a second vendor."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from reengage.app.imports.contacts import import_contacts
from reengage.app.imports.conversations import import_conversations
from reengage.app.ingest import ingest
from reengage.app.project import Project
from reengage.app.run import Order, run
from reengage.engine.durable import InProcess
from reengage.store import columns as t
from reengage.store import received, reviews
from reengage.store.database import Database
from reengage.store.received import Arrival
from tests.app.story import ROOT, make_project, write_csv
from tests.sources.rest.vendor import Answer, Vendor

MORE = ROOT / "connectors" / "more"
BEGIN = datetime(2026, 1, 12, 9, tzinfo=UTC)
WEEK = timedelta(days=7)
MOVED = json.loads((MORE / "apollo_snapshots.fixtures" / "person.json").read_text(encoding="utf-8"))
LUSHA = json.loads((MORE / "lusha_moves.fixtures" / "moved.json").read_text(encoding="utf-8"))
TASK = "Dana is now VP Revenue Operations at Northwind Robotics"
JOB = {("Northwind Robotics", "VP Revenue Operations")}
PROFILE = MOVED["person"]["linkedin_url"]


def snapshot(*jobs: tuple[str, str, str, str | None]) -> dict[str, Any]:
    """What Apollo answers: company, title, beginning and end of each job, the main one first."""
    history = [
        {"current": end is None, "organization_name": company, "title": title, "start_date": start, "end_date": end}
        for company, title, start, end in jobs
    ]
    return {"person": {**MOVED["person"], "email": None, "employment_history": history}}


BEFORE = snapshot(("Fabrikam Freight", "Director, RevOps", "2021-01-01", None))
WITHOUT_A_PAST = snapshot(("Northwind Robotics", "VP Revenue Operations", "2026-10-01", None))
ADVISES = snapshot(
    ("Northwind Robotics", "Advisory Board Member", "2026-10-01", None),
    ("Fabrikam Freight", "Director, RevOps", "2021-01-01", None),
)


@dataclass
class Book:
    """One held contact, an Apollo on loopback, and what Lusha sends."""

    database: Database
    project: Project
    vendor: Vendor
    answer: list[dict[str, Any]] = field(default_factory=lambda: [BEFORE])

    def week(self, number: int, snapshot: dict[str, Any] | None = None) -> None:
        """Take in what there is and evaluate, so many weeks after the first of September."""
        if snapshot:
            self.answer[0] = snapshot
        at = datetime(2026, 9, 1, 6, tzinfo=UTC) + number * WEEK
        reports = ingest(self.database, self.project, at, wall=at)
        assert [problem for report in reports for problem in (*report.refused, *report.bad)] == []
        run(self.database, self.project, Order(at), start=InProcess)

    def hears_of_lusha(self, **other: Any) -> None:
        """Keep a delivery of Lusha's, the same move but for what is said otherwise, as the server does."""
        at = datetime(2026, 10, 14, 16, tzinfo=UTC)
        body = json.dumps({**LUSHA, "data": {**LUSHA["data"], **other}}).encode()
        with self.database.writing() as connection:
            digest = hashlib.sha256(body).hexdigest()
            received.keep(connection, [Arrival("lusha_moves", "webhook", digest, len(body), body, at)], at)

    def rows(self, table: Any) -> list[Any]:
        with self.database.reading() as connection:
            return list(connection.execute(select(table.__table__)))

    def moves(self) -> dict[tuple[str, str], str]:
        """How sure we are of each move, by its source and company."""
        rows = [row for row in self.rows(t.SignalRow) if row.kind == "job_change"]
        return {(row.source, row.facts["new_company"]): str(row.certainty) for row in rows}

    def questions(self) -> int:
        """How many moves a person is asked about."""
        with self.database.reading() as connection:
            return len(reviews.open_moves(connection))

    def tasks(self) -> list[str]:
        return [row.subject for row in self.rows(t.TaskRow)]

    def jobs(self) -> set[tuple[str, str]]:
        """The companies and titles to which moves have led."""
        names = {row.id: row.name for row in self.rows(t.AccountRow)}
        moved = [row for row in self.rows(t.EmploymentRow) if row.source != "import"]
        return {(names[row.account_id], row.title) for row in moved}


@pytest.fixture
def book(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Book]:
    """Dana of Fabrikam Freight, who said "not now" in January, and whom Lusha knows by its own id."""
    monkeypatch.setenv("APOLLO_API_KEY", "invented")
    project = make_project(tmp_path / "project", 'default_owner = "pat@us.example"')
    shutil.copy(ROOT / "rules" / "job-change.yaml", project.folder / "rules")
    shutil.copy(MORE / "lusha_moves.yaml", project.folder / "connectors")
    answers = [BEFORE]
    with Vendor(by=lambda _: Answer(answers[0])) as vendor:
        apollo = (MORE / "apollo_snapshots.yaml").read_text(encoding="utf-8")
        here = apollo.replace("https://api.apollo.io", vendor.url)
        (project.folder / "connectors" / "apollo_snapshots.yaml").write_text(here, encoding="utf-8")
        made = Book(database, project, vendor, answers)
        begin(made)
        yield made


def begin(book: Book) -> None:
    contact = {"contact_id": "C1", "first_name": "Dana", "linkedin_url": PROFILE, "account_name": "Fabrikam Freight"}
    import_contacts(book.database, book.project, write_csv(book.project.folder, (contact,)), BEGIN)
    said = {"conversation_id": "K1", "contact_id": "C1", "at": BEGIN.isoformat(), "response": "not_now"}
    import_conversations(book.database, book.project, write_csv(book.project.folder, (said,)), BEGIN)
    visit = {
        "id": "1",
        "source": "site",
        "type": "visit",
        "time": BEGIN.isoformat(),
        "keys": {"linkedin": PROFILE, "vendor": {"lusha": "4158887495"}},
        "facts": {"page": "/blog"},
    }
    (book.project.folder / "signals" / "site.jsonl").write_text(json.dumps(visit) + "\n", encoding="utf-8")


def test_a_move_is_one_move_however_often_and_by_whomever_it_is_told(book: Book) -> None:
    book.week(0)
    book.week(1)
    assert (len(book.vendor.asked), book.moves(), book.tasks(), book.questions()) == (2, {}, [], 0)
    book.week(5, MOVED)
    book.week(6)
    assert book.moves() == {("apollo_snapshots", "Northwind Robotics"): "confirmed"}
    assert book.tasks() == [TASK]
    book.hears_of_lusha()
    book.week(7)
    assert set(book.moves().values()) == {"confirmed"}
    assert (len(book.moves()), book.tasks(), book.jobs()) == (2, [TASK], JOB)


def test_two_vendors_who_do_not_know_the_old_job_confirm_each_other(book: Book) -> None:
    book.week(5, WITHOUT_A_PAST)
    book.week(6)
    assert (book.moves(), book.tasks()) == ({("apollo_snapshots", "Northwind Robotics"): "likely"}, [])
    assert (book.questions(), book.jobs()) == (1, set())
    book.hears_of_lusha(previousCompanyName=None, previousDomain=None)
    book.week(7)
    book.week(8)
    assert (book.tasks(), book.questions(), book.jobs()) == ([TASK], 0, JOB)


@pytest.mark.parametrize(
    ("before", "sure", "day"),
    [(WITHOUT_A_PAST, "likely", "2026-08-15"), (ADVISES, "uncertain", "2026-10-01")],
    ids=["too far apart", "a seat on a board"],
)
def test_what_nobody_confirms_stays_with_a_person(book: Book, before: dict[str, Any], sure: str, day: str) -> None:
    book.week(5, before)
    book.hears_of_lusha(previousCompanyName=None, previousDomain=None, signalDate=day)
    book.week(7)
    assert book.moves() == {
        ("apollo_snapshots", "Northwind Robotics"): sure,
        ("lusha_moves", "Northwind Robotics"): "likely",
    }
    assert (book.tasks(), book.questions(), book.jobs()) == ([], 2, set())
