"""The tasks of the sample book in the form of every CRM, and the recalls of those whose contacts then say stop."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from reengage.app.export import Exported, export_tasks
from reengage.app.opening import open_prepared
from reengage.app.project import Project, find_project, parse_moment
from reengage.delivery.batch import File
from reengage.delivery.form import cell
from reengage.delivery.outgoing import Outgoing
from reengage.engine.tasks import LAPSES_AFTER
from reengage.model.optout import OptOut
from reengage.store import columns as t
from reengage.store import optouts
from reengage.store.database import Database
from reengage.store.tasks import contacts_of, to_deliver
from tests.delivery.receivers import RECEIVERS
from tests.examples.play import MONDAYS, play


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the book after its six weeks."""
    done = play(tmp_path_factory.mktemp("book"))
    done.database.close()
    return done.project.folder


@pytest.fixture
def project(played: Path, tmp_path: Path) -> Project:
    """A copy of the book."""
    return find_project(Path(shutil.copytree(played, tmp_path / "copy")))


@pytest.fixture
def database(project: Project) -> Iterator[Database]:
    opened = open_prepared(project)
    yield opened
    opened.close()


def give_ids(database: Database, crm: str) -> None:
    """Let everybody have an id as this CRM writes it."""
    prefix = ("0035g0000", "0055g0000") if crm == "salesforce" else ("1", "1")
    profile, owner = t.ProfileRow, t.OwnerRow
    with database.writing() as connection:
        for table, first in ((profile, prefix[0]), (owner, prefix[1])):
            for (number,) in connection.execute(table.__table__.select().with_only_columns(table.id)).all():
                system = {"crm_system": crm} if table is profile else {}
                id = {"crm_id": f"{first}{number:06}"}
                connection.execute(update(table).where(table.id == number).values(**id, **system))


def standing(database: Database, crm: str, at: datetime) -> list[Outgoing]:
    """The tasks that are open and have not lapsed."""
    with database.reading() as connection:
        return [task for task in to_deliver(connection, crm) if task.due >= (at - LAPSES_AFTER).date()]


def opt_out(database: Database, keys: list[str], at: datetime) -> None:
    with database.reading() as connection:
        contacts = contacts_of(connection, keys)
    with database.deciding() as connection:
        optouts.record(connection, [OptOut(contact_id=id, source="test") for id in contacts.values()], at)


def files(done: Exported) -> Iterator[File]:
    return ((path.name, iter([path.read_bytes()])) for path in done.files)


@pytest.mark.parametrize("crm", sorted(RECEIVERS))
def test_the_sample_book_arrives_whole_and_its_recalls_end_it(database: Database, project: Project, crm: str) -> None:
    at = parse_moment(MONDAYS[-1].isoformat(), project.settings.zone) + timedelta(hours=1)
    give_ids(database, crm)
    tasks = standing(database, crm, at)
    assert len(tasks) > 20
    receiver = RECEIVERS[crm](tasks)
    done = export_tasks(database, project, crm, None, at)
    assert (done.tasks, done.incomplete) == (len(tasks), 0)
    receiver.receive(files(done))
    assert receiver.refused() == []
    assert [receiver.told(task.key) for task in tasks] == [[(task.subject, cell(task.note))] for task in tasks]
    stopped = [task.key for task in tasks[::4]]
    opt_out(database, stopped, at)
    again = export_tasks(database, project, crm, None, at + timedelta(hours=1))
    assert (again.tasks, again.recalls) == (0, len(stopped))
    receiver.receive(files(again))
    assert receiver.refused() == []
    assert [key for key in (task.key for task in tasks) if not receiver.stands(key)] == stopped
    assert export_tasks(database, project, crm, None, at + timedelta(hours=2)).files == ()


def test_the_sample_book_says_which_ids_another_crm_lacks(database: Database, project: Project) -> None:
    """The book's own ids are EspoCRM's."""
    at = parse_moment(MONDAYS[-1].isoformat(), project.settings.zone)
    done = export_tasks(database, project, "salesforce", None, at)
    assert (done.tasks, done.incomplete) == (0, len(standing(database, "salesforce", at)))
    (file,) = done.files
    assert file.name == "incomplete-salesforce.csv"
    assert "crm_system must be salesforce, it is espocrm" in file.read_text("utf-8-sig")
