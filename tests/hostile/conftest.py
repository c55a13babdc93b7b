"""A small book, made once by the command line itself, and copied for every hostile input."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.app.story import ROOT, make_project
from tests.conftest import prepared
from tests.hostile.case import Case, plant
from tests.hostile.checks import State, state_of
from tests.hostile.child import Answer, Work, answer, as_console_script
from tests.hostile.people import person, sheet
from tests.servers import Server

BEGUN = "2025-03-03T06:00:00Z"

RULE = """\
rules:
  - id: new-job
    who: {said: [not_now, no_budget]}
    when:
      job_change: {within: 45 days}
    then:
      create_task:
        subject: "{contact.first_name} is now at {signal.new_company}"
"""

TALKS = """\
conversation_id,contact_id,at,channel,rep_email,response,their_words
K-1,B-1,2025-01-05T09:00:00Z,phone,pat@us.example,not_now,after the summer
K-2,B-2,2025-01-05T09:00:00Z,phone,pat@us.example,unsubscribe,take me off your list
"""

PERSONS = sheet(person("B-1", 101), person("B-2", 102))


@dataclass(frozen=True)
class Place:
    """A project with a book that has begun, and the address of its database; `spool` holds what commands say."""

    folder: Path
    url: str
    spool: Path

    def meets(self, case: Case, work: Work = as_console_script) -> Answer:
        """Do what a case says."""
        plant(self.folder, case.files)
        environment = {"REENGAGE_DATABASE_URL": self.url} if self.url.startswith("postgresql") else {}
        return answer(case.command, self.folder, self.spool, work, **{**environment, **case.environment})

    def state(self) -> State:
        """What the database holds."""
        return state_of(self.url)


def begin(place: Place) -> Place:
    """Write the project and let its book begin."""
    make_project(place.folder, "")
    shutil.copy(ROOT / "connectors" / "job_changes.yaml", place.folder / "connectors")
    plant(place.folder, {"rules/new-job.yaml": RULE, "persons.csv": PERSONS, "talks.csv": TALKS})
    for kind, file in (("contacts", "persons.csv"), ("conversations", "talks.csv")):
        done = place.meets(Case("begin", ("import", kind, file, "--at", BEGUN)))
        assert done.code == 0, done
    return place


def copied(place: Place, to: Path) -> Place:
    """The same project and book, on SQLite, in a folder of their own."""
    shutil.copytree(place.folder, to / "project")
    return Place(to / "project", f"sqlite:///{to / 'project' / 'reengage.db'}", to)


@pytest.fixture(scope="session")
def begun_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("hostile")
    return begin(Place(folder / "project", f"sqlite:///{folder / 'project' / 'reengage.db'}", folder))


@pytest.fixture(scope="session")
def begun_postgresql(tmp_path_factory: pytest.TempPathFactory, postgresql: Server) -> Place:
    folder = tmp_path_factory.mktemp("hostile")
    return begin(Place(folder / "project", prepared(postgresql.create()), folder))


@pytest.fixture
def place(begun_sqlite: Place, tmp_path: Path) -> Place:
    """A book on SQLite of this test alone."""
    return copied(begun_sqlite, tmp_path)


@pytest.fixture
def postgresql_place(begun_postgresql: Place, postgresql: Server, tmp_path: Path) -> Iterator[Place]:
    """A book on PostgreSQL of this test alone."""
    shutil.copytree(begun_postgresql.folder, tmp_path / "project")
    url = postgresql.create(begun_postgresql.url)
    yield Place(tmp_path / "project", url, tmp_path)
    postgresql.drop(url)


Places = Callable[[str], Place]


@pytest.fixture
def places(request: pytest.FixtureRequest) -> Places:
    """The book of this test on a kind of database."""
    return lambda kind: request.getfixturevalue("place" if kind == "sqlite" else "postgresql_place")
