"""HubSpot: files that only create, tasks with their contact, and recalls as tasks of their own that name a key."""

from __future__ import annotations

import re

from reengage.delivery.form import Csv, Row
from reengage.delivery.ids import NUMBER, Ids
from reengage.delivery.outgoing import Outgoing, Recall
from reengage.delivery.target import Sheet, Target
from reengage.delivery.wording import TAKEN_BACK, headline, keyed

LONGEST_NOTES = 65_536
"""Characters of a task's notes; a limit that HubSpot's pages do not state, so the safe side."""

LARGEST_FILE, MOST_ROWS = 20_000_000, 1_048_576
"""Bytes that HubSpot's free tools import at once, and rows that the paid ones do (its page on import files)."""

IDS = Ids("hubspot", "a HubSpot Record ID, which is a number", contact=NUMBER)

_EMAIL = re.compile(r"[0-9A-Za-z][\w.%+'-]*@[\w-]+(\.[\w-]+)+", re.ASCII)

_PRIORITY = {"high": "HIGH", "normal": "MEDIUM", "low": "LOW"}
_TYPE = {"phone": "CALL", "email": "EMAIL"}

_RECALL = ("Task Title", "Due Date", "Task Type", "Priority", "Task Status", "Notes", "Assigned to")
_COLUMNS = (*_RECALL, "Record ID")


def _task(task: Outgoing) -> Row:
    return {
        "Task Title": headline(task),
        "Due Date": task.due.isoformat(),
        "Task Type": _TYPE.get(task.channel, "TODO"),
        "Priority": _PRIORITY[task.priority],
        "Task Status": "NOT_STARTED",
        "Notes": keyed(task.note, task.key, LONGEST_NOTES),
        "Assigned to": task.owner,
        "Record ID": task.crm_contact_id,
    }


def _recall(recall: Recall) -> Row:
    return {
        "Task Title": TAKEN_BACK,
        "Due Date": recall.day.isoformat(),
        "Task Type": "TODO",
        "Priority": "HIGH",
        "Task Status": "NOT_STARTED",
        "Notes": keyed(recall.reason, recall.key),
        "Assigned to": recall.owner,
    }


def _lacks(task: Outgoing) -> tuple[str, ...]:
    no_address = (
        f"owner {task.owner or '(empty)'}: is not the e-mail address of a HubSpot user; import contacts with it"
    )
    return IDS.lacks(task) + (() if _EMAIL.fullmatch(task.owner) else (no_address,))


HUBSPOT = Target(
    IDS.system,
    form=Csv(),
    tasks=Sheet(_COLUMNS, _task, rows=MOST_ROWS, size=LARGEST_FILE),
    recalls=Sheet(_RECALL, _recall, rows=MOST_ROWS, size=LARGEST_FILE),
    lacks=_lacks,
)
"""The contact by Record ID, not by address: an address that HubSpot does not know would become a new contact."""
