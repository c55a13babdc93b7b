"""HubSpot's import of tasks, as far as the reference tells: it only creates."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.delivery.strict_csv import Refused, is_day, rows_of

_FIELDS = {
    "Task Title": r".+",
    "Due Date": r"\d{4}-\d\d-\d\d",
    "Task Type": "TODO|CALL|EMAIL",
    "Priority": "NONE|LOW|MEDIUM|HIGH",
    "Task Status": "NOT_STARTED|COMPLETED|IN_PROGRESS|WAITING|DEFERRED",
    "Notes": r"(?s:.{0,65536})",
    "Assigned to": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "Record ID": r"[1-9][0-9]*",
}


@dataclass
class FakeHubSpot:
    """Tasks in the order of their creation; `contacts` are the Record IDs there are, where that matters."""

    contacts: set[str] | None = None
    tasks: list[dict[str, str]] = field(default_factory=list)
    errors: list[tuple[int, str]] = field(default_factory=list)

    def create(self, content: bytes) -> None:
        """Import a file: every good row becomes a task, whatever was imported before."""
        if len(content) > 20_000_000:
            raise Refused("size")
        rows = rows_of(content)
        if any(not set(row) <= set(_FIELDS) or len(row) >= 1000 for row in rows) or len(rows) > 1_048_576:
            raise Refused("columns")
        for number, row in enumerate(rows, 1):
            wrong = self._wrong(row)
            if wrong:
                self.errors.append((number, wrong))
            else:
                self.tasks.append(row)

    def _wrong(self, row: dict[str, str]) -> str | None:
        """The first property that does not fit; the title and the date are required."""
        for name, value in row.items():
            if not re.fullmatch(_FIELDS[name], value) and (value or name in ("Task Title", "Due Date", "Record ID")):
                return name
        if not is_day(row["Due Date"]):
            return "Due Date"
        unknown = self.contacts is not None and row.get("Record ID", "") not in {"", *self.contacts}
        return "Record ID" if unknown else None
