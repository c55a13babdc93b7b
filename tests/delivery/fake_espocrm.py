"""EspoCRM's import of tasks, as far as the reference and its behaviour tell: what it takes, drops and refuses."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field

PRIORITIES = {"Low", "Normal", "High", "Urgent"}
STATUSES = {"Not Started", "Started", "Completed", "Canceled", "Deferred"}
KNOWN = {
    *("id", "name", "description", "priority", "dateEndDate", "parentType", "parentId"),
    *("assignedUserId", "status"),
}


@dataclass
class FakeEspoCrm:
    """Tasks by id, and the rows that were refused with the field that did not fit."""

    tasks: dict[str, dict[str, str]] = field(default_factory=dict)
    errors: list[tuple[int, str]] = field(default_factory=list)

    def create(self, content: bytes) -> None:
        """Import with "create": an id that is there already makes nothing."""
        for number, row in self._rows(content):
            wrong = _wrong({"status": "Not Started"} | row)
            if wrong or row["id"] in self.tasks:
                self.errors.append((number, wrong or "id"))
            else:
                self.tasks[row["id"]] = {"status": "Not Started"} | row

    def update(self, content: bytes) -> None:
        """Import with "update" by id: what the file says replaces what is there."""
        for number, row in self._rows(content):
            after = self.tasks.get(row["id"], {}) | row
            wrong = _wrong(after) if row["id"] in self.tasks else "id"
            if wrong:
                self.errors.append((number, wrong))
            else:
                self.tasks[row["id"]] = after

    def _rows(self, content: bytes) -> list[tuple[int, dict[str, str]]]:
        text = content.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        heading, *lines = csv.reader(io.StringIO(text, newline=""), strict=True)
        assert set(heading) <= KNOWN
        read = []
        for number, line in enumerate(lines, 1):
            while line and not line[-1]:  # the reader forgets empty columns at the end
                line.pop()
            assert len(line) == len(heading), "a row that lost its last column"
            given = zip(heading, line, strict=True)
            read.append((number, {name: value for name, value in given if value and value.lower() != "null"}))
        return read


def _wrong(task: dict[str, str]) -> str | None:
    """The first field that does not fit."""
    checks = {
        "id": re.fullmatch(r"[0-9a-f]{17}", task.get("id", "")),
        "name": re.fullmatch(r"[^<>=]+", task.get("name", "")) and len(task["name"]) <= 255,
        "description": task.get("description") is None or "\x00" not in task["description"],
        "priority": task.get("priority", "Normal") in PRIORITIES,
        "status": task["status"] in STATUSES,
        "dateEndDate": re.fullmatch(r"\d{4}-\d\d-\d\d", task.get("dateEndDate", "")),
        "parentType": task.get("parentType") in {"Account", "Contact", "Lead", "Opportunity"},
        "parentId": re.fullmatch(r"[\w-]+", task.get("parentId", ""), re.ASCII),
        "assignedUserId": re.fullmatch(r"[\w-]+", task.get("assignedUserId", ""), re.ASCII),
    }
    return next((name for name, fits in checks.items() if not fits), None)
