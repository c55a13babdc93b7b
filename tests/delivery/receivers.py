"""The fake importers behind one face: which file goes in how, what was refused, what a rep sees."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from html import unescape

from reengage.delivery.batch import File
from reengage.delivery.espocrm import task_id
from reengage.delivery.odoo import external_id
from reengage.delivery.outgoing import Outgoing
from reengage.delivery.wording import TAKEN_BACK
from tests.delivery.fake_espocrm import FakeEspoCrm
from tests.delivery.fake_hubspot import FakeHubSpot
from tests.delivery.fake_odoo import FakeOdoo
from tests.delivery.fake_pipedrive import FakePipedrive
from tests.delivery.fake_salesforce import FakeSalesforce

_MARK = re.compile(r"^\[reengage:(\S+)\]$", re.MULTILINE)


class Receiver(ABC):
    """A CRM that takes our files in."""

    has_key = True
    """Whether it knows our key, and so a task that it has already."""

    @abstractmethod
    def __init__(self, tasks: Iterable[Outgoing]) -> None:
        """A CRM in which the people of these tasks are known."""

    def receive(self, files: Iterable[File]) -> list[str]:
        """Import files as docs/crm.md says; returns the names of those that were for the importer."""
        names = []
        for name, content in files:
            whole = b"".join(content)
            if name.startswith(("tasks-", "recall-")) and name.endswith(".csv"):
                (self.recall if name.startswith("recall-") else self.take)(whole)
                names.append(name)
        return names

    @abstractmethod
    def take(self, content: bytes) -> None:
        """A file of tasks."""

    @abstractmethod
    def recall(self, content: bytes) -> None:
        """A file of recalls."""

    @abstractmethod
    def refused(self) -> list[object]:
        """What was not taken in."""

    @abstractmethod
    def told(self, key: str) -> list[tuple[str, str]]:
        """Subject and note, as plain text, of everything that says it is about this task."""

    @abstractmethod
    def stands(self, key: str) -> bool:
        """Whether a rep would still reach out because of it."""


class EspoCrm(Receiver):
    """With "create" and "update"."""

    def __init__(self, tasks: Iterable[Outgoing]) -> None:
        self.crm = FakeEspoCrm()

    def take(self, content: bytes) -> None:
        self.crm.create(content)

    def recall(self, content: bytes) -> None:
        self.crm.update(content)

    def refused(self) -> list[object]:
        return list(self.crm.errors)

    def told(self, key: str) -> list[tuple[str, str]]:
        task = self.crm.tasks.get(task_id(key))
        return [(task["name"], task.get("description", ""))] if task else []

    def stands(self, key: str) -> bool:
        return self.crm.tasks[task_id(key)]["status"] == "Not Started"


class Salesforce(Receiver):
    """With "insert" and "upsert"."""

    def __init__(self, tasks: Iterable[Outgoing]) -> None:
        self.crm = FakeSalesforce()

    def take(self, content: bytes) -> None:
        self.crm.insert(content)

    def recall(self, content: bytes) -> None:
        self.crm.upsert(content)

    def refused(self) -> list[object]:
        return list(self.crm.errors)

    def told(self, key: str) -> list[tuple[str, str]]:
        task = self.crm.tasks.get(key)
        return [(task["Subject"], task.get("Description", ""))] if task else []

    def stands(self, key: str) -> bool:
        return key in self.crm.open_tasks()


class Odoo(Receiver):
    """With `load`."""

    def __init__(self, tasks: Iterable[Outgoing]) -> None:
        known = list(tasks)
        self.crm = FakeOdoo(19, {one.crm_contact_id for one in known}, {one.crm_owner_id for one in known})
        self.messages: list[object] = []

    def take(self, content: bytes) -> None:
        self.messages += self.crm.take(content)

    def recall(self, content: bytes) -> None:
        self.take(content)

    def refused(self) -> list[object]:
        return self.messages

    def told(self, key: str) -> list[tuple[str, str]]:
        task = self.crm.activities.get(external_id(key))
        return [(task["summary"], shown(task.get("note", "")))] if task else []

    def stands(self, key: str) -> bool:
        return self.told(key)[0][0] != TAKEN_BACK


class HubSpot(Receiver):
    """Creates only."""

    has_key = False

    def __init__(self, tasks: Iterable[Outgoing]) -> None:
        self.crm = FakeHubSpot()

    def take(self, content: bytes) -> None:
        self.crm.create(content)

    def recall(self, content: bytes) -> None:
        self.crm.create(content)

    def refused(self) -> list[object]:
        return list(self.crm.errors)

    def told(self, key: str) -> list[tuple[str, str]]:
        return _marked(((task["Task Title"], task["Notes"]) for task in self.crm.tasks), key)

    def stands(self, key: str) -> bool:
        return TAKEN_BACK not in {subject for subject, _ in self.told(key)}


class Pipedrive(Receiver):
    """Creates only."""

    has_key = False

    def __init__(self, tasks: Iterable[Outgoing]) -> None:
        self.crm = FakePipedrive()

    def take(self, content: bytes) -> None:
        self.crm.create(content)

    def recall(self, content: bytes) -> None:
        self.crm.create(content)

    def refused(self) -> list[object]:
        return list(self.crm.skipped)

    def told(self, key: str) -> list[tuple[str, str]]:
        notes = ((one["Activity - Subject"], shown(one["Activity - Note"])) for one in self.crm.activities)
        return _marked(notes, key)

    def stands(self, key: str) -> bool:
        return TAKEN_BACK not in {subject for subject, _ in self.told(key)}


RECEIVERS: dict[str, type[Receiver]] = {
    "espocrm": EspoCrm,
    "odoo": Odoo,
    "salesforce": Salesforce,
    "hubspot": HubSpot,
    "pipedrive": Pipedrive,
}


def shown(html: str) -> str:
    """What somebody reads where HTML is shown."""
    return unescape(html.replace("<br>", "\n"))


def _marked(told: Iterable[tuple[str, str]], key: str) -> list[tuple[str, str]]:
    """Those whose last line is our key, without that line."""
    return [(subject, _MARK.sub("", note).rstrip()) for subject, note in told if _MARK.findall(note)[-1:] == [key]]
