"""EspoCRM by its REST API: the import calls, and what a rep does."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

from reengage.delivery.espocrm import task_id
from tests.e2e.crm import Seen
from tests.e2e.web import NotFound, Web

_FORMAT = {
    "headerRow": True,
    "delimiter": ",",
    "textQualifier": '"',
    "dateFormat": "YYYY-MM-DD",
    "timeFormat": "HH:mm",
    "timezone": "UTC",
    "defaultValues": {},
}


class EspoCrm:
    """A server with the API key of a user who may import."""

    target = "espocrm"

    def __init__(self, url: str, key: str) -> None:
        self.web = Web(f"{url.rstrip('/')}/api/v1", {"X-Api-Key": key})
        self.contacts: list[str] = []

    def make_contacts(self, count: int) -> list[str]:
        for number in range(count):
            made = self.web.ask("POST", "Contact", {"firstName": "Reengage", "lastName": f"Trial {number}"})
            self.contacts.append(made["id"])
        return self.contacts[-count:]

    def find_user(self) -> str:
        people = {"where[0][type]": "in", "where[0][attribute]": "type", "where[0][value][]": ["regular", "admin"]}
        asked = urlencode({**people, "select": "id", "maxSize": "1"}, doseq=True)
        (found,) = self.web.ask("GET", f"User?{asked}")["list"]
        return str(found["id"])

    def take(self, file: Path) -> bool:
        content = file.read_bytes()
        stored = self.web.ask("POST", "Import/file", content, "text/csv")
        columns, *rows = csv.reader(io.StringIO(content.decode(), newline=""))
        recalls = file.name.startswith("recall-")
        how = {"action": "update", "updateBy": [0]} if recalls else {"action": "create", "updateBy": []}
        order = {"entityType": "Task", "attachmentId": stored["attachmentId"], "attributeList": columns}
        done = self.web.ask("POST", "Import", {**order, **how, **_FORMAT})
        errors = self.web.ask("GET", f"Import/{done['id']}/errors")
        return not errors["total"] and done["countUpdated" if recalls else "countCreated"] == len(rows)

    def read(self, key: str) -> Seen | None:
        try:
            task = self.web.ask("GET", f"Task/{task_id(key)}")
        except NotFound:
            return None
        is_open = task["status"] not in ("Completed", "Canceled")
        return Seen(task["name"], task.get("description") or "", task["dateEndDate"], is_open)

    def count(self, contacts: Sequence[str]) -> int:
        return sum(len(self._tasks_of(contact)) for contact in contacts)

    def move(self, key: str, day: str) -> None:
        self.web.ask("PUT", f"Task/{task_id(key)}", {"dateEndDate": day})

    def complete(self, key: str) -> None:
        self.web.ask("PUT", f"Task/{task_id(key)}", {"status": "Completed"})

    def delete(self, key: str) -> None:
        self.web.ask("DELETE", f"Task/{task_id(key)}")

    def clean_up(self) -> None:
        for contact in self.contacts:
            for task in self._tasks_of(contact):
                self.web.ask("DELETE", f"Task/{task['id']}")
            self.web.ask("DELETE", f"Contact/{contact}")

    def _tasks_of(self, contact: str) -> list[dict[str, str]]:
        only = {"where[0][type]": "equals", "where[0][attribute]": "parentId", "where[0][value]": contact}
        found: list[dict[str, str]] = self.web.ask("GET", f"Task?{urlencode(only)}")["list"]
        return found
