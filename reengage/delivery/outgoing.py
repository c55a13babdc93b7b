"""What leaves: a task with every id by which a CRM knows its people, or the recall of one that left before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A task on its way out; an id or a name that is not known is empty. `owner` is the rep's e-mail address."""

    key: str
    contact_id: str
    contact: str
    account: str
    owner: str
    owner_name: str
    channel: str
    priority: str
    due: date
    subject: str
    because: str
    last_words: str
    note: str
    rule: str
    evidence: tuple[dict[str, Any], ...]
    crm_system: str
    crm_contact_id: str
    crm_account_id: str
    crm_owner_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Recall:
    """A task to be taken back because of an opt-out: it knows the rep who has it, and nothing of the person."""

    key: str
    withdrawn_at: datetime
    owner: str = ""
    owner_name: str = ""

    @property
    def day(self) -> date:
        """The day of the opt-out, in UTC."""
        return self.withdrawn_at.astimezone(UTC).date()

    @property
    def reason(self) -> str:
        """Why, in one sentence that names nobody."""
        return f"Taken back: an opt-out was recorded on {self.day.isoformat()}. Do not reach out because of this task."
