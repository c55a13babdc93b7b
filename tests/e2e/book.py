"""A book whose contacts stand in a CRM, each with an open task."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import insert

from reengage.app.export import Exported, export_tasks
from reengage.app.project import Project
from reengage.model.optout import OptOut
from reengage.store import columns as t
from reengage.store import optouts
from reengage.store.database import Database
from tests.app.test_export import a_task
from tests.e2e.crm import Crm, Seen

AT = datetime(2026, 9, 28, 7, tzinfo=UTC)
SUBJECT = "Dana is now VP <Sales> = news"
NOTE = 'Why now: "moved", & <b>hired</b>.\nLast time: 2 Mar 2026, ünï 日本.\n- a dash\n\nEnd.'


@dataclass
class Book:
    """The keys of the tasks, by the number of their contact, and the ids of the contacts in the CRM."""

    database: Database
    project: Project
    crm: Crm
    keys: list[str]
    contacts: list[str]
    at: datetime = AT

    @classmethod
    def of(cls, database: Database, project: Project, crm: Crm) -> Book:
        """Four contacts, made in the CRM, with a task each."""
        book = cls(database, project, crm, [], crm.make_contacts(4))
        with database.writing() as connection:
            connection.execute(insert(t.RunRow), {"at": AT, "watermark": 0, "signal_mark": 0, "candidates": 4})
            owner = {"email": "pat@us.example", "crm_id": crm.find_user(), "recorded_at": AT}
            connection.execute(insert(t.OwnerRow), owner)
            account = {"id": 1, "name": "Initech", "name_key": "initech", "recorded_at": AT}
            connection.execute(insert(t.AccountRow), account)
            for number, crm_id in enumerate(book.contacts, 1):
                connection.execute(insert(t.ContactRow), {"id": number, "key": f"C-{number}", "recorded_at": AT})
                known = {"crm_system": crm.target, "crm_id": crm_id, "recorded_at": AT}
                connection.execute(insert(t.ProfileRow), {"contact_id": number, "first_name": "Dana", **known})
        for number in range(1, 5):
            book.add_task(number)
        return book

    def add_task(self, contact: int) -> str:
        """One more task for this contact; returns its key, which no server has seen before."""
        key = f"rx-{uuid4().hex[:20]}"
        with self.database.writing() as connection:
            connection.execute(insert(t.TaskRow), a_task(key, contact, subject=SUBJECT, note=NOTE))
        self.keys.append(key)
        return key

    def stop(self, contact: int) -> None:
        """This contact says stop."""
        with self.database.deciding() as connection:
            optouts.record(connection, [OptOut(contact_id=contact, source="test")], self.at)

    def export(self) -> Exported:
        """What is new, an hour after the last time."""
        self.at += timedelta(hours=1)
        return export_tasks(self.database, self.project, self.crm.target, None, self.at)

    def hand_over(self) -> list[bool]:
        """Export, and import every file in order; returns which were taken in."""
        return [self.crm.take(file) for file in self.export().files]

    def seen(self) -> list[Seen | None]:
        """The tasks as the CRM shows them."""
        return [self.crm.read(key) for key in self.keys]

    def count(self) -> int:
        """How many tasks the contacts have in the CRM."""
        return self.crm.count(self.contacts)
