"""Pipedrive's import of activities, as far as the reference tells: it only creates, and knows no field of ours."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.delivery.strict_csv import Refused, is_day, rows_of

_FIELDS = {
    "Activity - Subject": r".{0,255}",
    "Activity - Type": "call|meeting|task|deadline|email|lunch",
    "Activity - Due date": r"(\d{4}-\d\d-\d\d)?",
    "Activity - Due time": r"(\d\d:\d\d)?",
    "Activity - Note": r"(?:[^<>\n]|<br>)*",
    "Activity - Assigned to user": r"[^\n]*",
    "Pipedrive System ID - Person": r"[1-9][0-9]*",
}
"""A note is HTML: a bare angle bracket would be markup that nobody meant, a line end would be lost."""


@dataclass
class FakePipedrive:
    """Activities in the order of their creation, and the file of what was skipped."""

    people: set[str] | None = None
    activities: list[dict[str, str]] = field(default_factory=list)
    skipped: list[tuple[int, str]] = field(default_factory=list)

    def create(self, content: bytes) -> None:
        """Import a file with every column mapped to the field of its name."""
        rows = rows_of(content)
        if len(content) > 50_000_000 or len(rows) > 50_000:
            raise Refused("size")
        if any(not set(row) <= set(_FIELDS) for row in rows):
            raise Refused("fields")
        for number, row in enumerate(rows, 1):
            wrong = self._wrong(row)
            if wrong:
                self.skipped.append((number, wrong))
            else:
                self.activities.append(row)

    def _wrong(self, row: dict[str, str]) -> str | None:
        for name, value in row.items():
            if not re.fullmatch(_FIELDS[name], value):
                return name
        if not is_day(row["Activity - Due date"]):
            return "Activity - Due date"
        unknown = self.people is not None and row.get("Pipedrive System ID - Person") not in {None, *self.people}
        return "Pipedrive System ID - Person" if unknown else None
