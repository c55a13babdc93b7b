"""Odoo's import of activities, as far as runs against 17 and 19 and its source tell: all rows of a file, or none."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass, field

from tests.delivery.strict_csv import is_day, rows_of

MODELS = {"base.model_res_partner": "res.partner", "crm.model_crm_lead": "crm.lead"}
TYPES = {f"mail.mail_activity_data_{name}" for name in ("todo", "call", "email", "meeting")}
KNOWN = {
    *("id", "res_model_id/id", "res_id", "activity_type_id/id", "summary", "note", "date_deadline"),
    *("user_id/id", "user_id/.id", "user_id"),
}


@dataclass
class FakeOdoo:
    """Activities by external id as the columns set them, with `active`; 17 deletes what is done, 19 archives it."""

    version: int = 19
    partners: set[str] = field(default_factory=set)
    users: set[str] = field(default_factory=set)
    activities: dict[str, dict[str, str]] = field(default_factory=dict)

    def take(self, content: bytes) -> list[str]:
        """Import a file; returns the messages, and where there are any nothing was kept."""
        heading, *rows = [list(row) for row in _table(content)]
        return self.load(heading, rows)

    def load(self, fields: list[str], rows: list[list[str]]) -> list[str]:
        """`mail.activity.load`: the messages, and where there are any nothing was kept."""
        if not set(fields) <= KNOWN or "id" not in fields:
            return ["fields"]
        before = deepcopy(self.activities)
        messages = []
        for number, row in enumerate(rows):
            given = {name: value for name, value in zip(fields, row, strict=True) if value}
            wrong = self._wrong(given)
            if wrong:
                messages.append(f"row {number}: {wrong}")
            else:
                self.activities[given["id"]] = self.activities.get(given["id"], {"active": "true"}) | given
        if messages:
            self.activities = before
        return messages

    def complete(self, id: str) -> None:
        """A rep marks it done."""
        if self.version >= 19:
            self.activities[id]["active"] = ""
        else:
            del self.activities[id]

    def _wrong(self, given: dict[str, str]) -> str | None:
        """The first thing that does not fit, of the row or of the activity that it would make."""
        after = self.activities.get(given.get("id", ""), {}) | given
        linked = after.get("res_model_id/id") in MODELS
        checks = {
            "id": re.fullmatch(r"[a-z_]+\.[^.\s]+", given.get("id", "")),
            "Activities have to be linked to records with a not null res_id.": bool(after.get("res_id")) == linked
            and (linked or self.version >= 19),
            "res_id": not after.get("res_id") or after["res_id"] in self.partners,
            "activity_type_id": after.get("activity_type_id/id", "mail.mail_activity_data_todo") in TYPES,
            "date_deadline": is_day(after.get("date_deadline", "2026-01-01")),
            "user_id": after.get("user_id/.id") is None or after["user_id/.id"] in self.users,
        }
        return next((name for name, fits in checks.items() if not fits), None)


def _table(content: bytes) -> list[list[str]]:
    rows = rows_of(content)
    return [list(rows[0]), *(list(row.values()) for row in rows)]
