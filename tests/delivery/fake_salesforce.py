"""Salesforce's Bulk API 2.0 with the object Task, as far as the reference tells: what it takes and refuses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.delivery.strict_csv import Refused, is_day, rows_of

KEY = "Reengage_Key__c"
STATUSES = {"Not Started": False, "In Progress": False, "Completed": True, "Waiting on someone else": False}
"""The statuses of an org, and whether they are closed."""

_ID = r"[0-9A-Za-z]{12}([0-9A-Za-z]{3})?"
_FIELDS = {
    KEY: r".{1,255}",
    "Subject": r".{1,255}",
    "ActivityDate": r"\d{4}-\d\d-\d\d",
    "Status": "|".join(STATUSES),
    "Priority": "High|Normal|Low",
    "Description": r"(?s:.{0,32000})",
    "OwnerId": "005" + _ID,
    "WhoId": "(003|00Q)" + _ID,
    "WhatId": "(001|006)" + _ID,
    "TaskSubtype": "Task|Call|Email",
}
_REQUIRED = ("Status", "Priority")


@dataclass
class FakeSalesforce:
    """Tasks by our key, the keys of deleted ones, and the rows that were refused with the field that did not fit."""

    tasks: dict[str, dict[str, str]] = field(default_factory=dict)
    errors: list[tuple[str, str]] = field(default_factory=list)

    def insert(self, content: bytes) -> None:
        """A job with the operation "insert": the key is unique."""
        for row in self._rows(content):
            wrong = _wrong(row) or next((name for name in _REQUIRED if name not in row), None)
            if wrong or row.get(KEY) in self.tasks:
                self.errors.append((row[KEY], wrong or "DUPLICATE_VALUE"))
            else:
                self.tasks[row[KEY]] = row

    def upsert(self, content: bytes) -> None:
        """A job with the operation "upsert" by our key: empty cells are left alone, and so are absent columns."""
        for row in self._rows(content):
            there = self.tasks.get(row[KEY], {"Priority": "Normal"})
            after = {name: value for name, value in {**there, **row}.items() if value != "#N/A"}
            wrong = _wrong(after) or ("TaskSubtype" if row[KEY] in self.tasks and "TaskSubtype" in row else None)
            if wrong:
                self.errors.append((row[KEY], wrong))
            else:
                self.tasks[row[KEY]] = after

    def open_tasks(self) -> set[str]:
        """The keys of what a rep still sees to do."""
        return {key for key, task in self.tasks.items() if not STATUSES[task["Status"]]}

    def _rows(self, content: bytes) -> list[dict[str, str]]:
        if len(content) > 100_000_000:
            raise Refused("size")
        rows = rows_of(content)
        unknown = [name for row in rows for name in row if name not in _FIELDS]
        if unknown or not rows or KEY not in rows[0]:
            raise Refused("InvalidBatch: field name")
        return [{name: value for name, value in row.items() if value} for row in rows]


def _wrong(task: dict[str, str]) -> str | None:
    """The first field that does not fit."""
    for name, value in task.items():
        if value == "#N/A" or not re.fullmatch(_FIELDS[name], value):
            return name
    if not is_day(task.get("ActivityDate", "2026-01-01")):
        return "ActivityDate"
    return "WhatId" if task.get("WhoId", "").startswith("00Q") and "WhatId" in task else None
