"""Salesforce: a file of Tasks to insert, one of recalls to upsert by `Reengage_Key__c`, and a field map for each."""

from __future__ import annotations

import re

from reengage.delivery.form import Csv, Row, cell
from reengage.delivery.ids import Ids
from reengage.delivery.outgoing import Outgoing, Recall
from reengage.delivery.target import Sheet, Target
from reengage.delivery.wording import TAKEN_BACK, headline
from reengage.model.text import clip

LONGEST_SUBJECT, LONGEST_DESCRIPTION = 255, 32_000
"""Characters of the two fields; the Bulk API refuses a row that has more."""

LARGEST_FILE = 100_000_000
"""Bytes: what the Bulk API 2.0 takes in one upload (its guide, "Prepare CSV Files")."""

KEY = "Reengage_Key__c"
"""A custom text field on Activity, external id and unique: a second insert of the same task is refused."""

_PRIORITY = {"high": "High", "normal": "Normal", "low": "Low"}
_SUBTYPE = {"phone": "Call", "email": "Email"}

_CONTACT = re.compile(r"(003|00Q)[0-9A-Za-z]{12}([0-9A-Za-z]{3})?")
_ACCOUNT = re.compile(r"001[0-9A-Za-z]{12}([0-9A-Za-z]{3})?")
_USER = re.compile(r"005[0-9A-Za-z]{12}([0-9A-Za-z]{3})?")

IDS = Ids("salesforce", "the Salesforce id of a contact (003…), lead (00Q…) or user (005…)", _CONTACT, _USER)

_COLUMNS = (
    *(KEY, "Subject", "ActivityDate", "Status", "Priority", "Description"),
    *("OwnerId", "WhoId", "WhatId", "TaskSubtype"),
)
_RECALL = (KEY, "Subject", "Description", "Status")


def _task(task: Outgoing) -> Row:
    return {
        KEY: task.key,
        "Subject": _stated(headline(task, LONGEST_SUBJECT)),
        "ActivityDate": task.due.isoformat(),
        "Status": "Not Started",
        "Priority": _PRIORITY[task.priority],
        "Description": _stated(clip(cell(task.note), LONGEST_DESCRIPTION)),
        "OwnerId": task.crm_owner_id,
        "WhoId": task.crm_contact_id,
        "WhatId": _account(task),
        "TaskSubtype": _SUBTYPE.get(task.channel, "Task"),
    }


def _account(task: Outgoing) -> str:
    """The account's id; nothing for a lead, beside which Salesforce takes none."""
    fits = task.crm_contact_id.startswith("003") and _ACCOUNT.fullmatch(task.crm_account_id)
    return task.crm_account_id if fits else ""


def _stated(text: str) -> str:
    """The text; a lone "#N/A", by which the Bulk API empties a field, in quotes."""
    return f"“{text}”" if text.casefold() == "#n/a" else text


def _recall(recall: Recall) -> Row:
    return {KEY: recall.key, "Subject": TAKEN_BACK, "Description": recall.reason, "Status": "Completed"}


def _field_map(columns: tuple[str, ...]) -> bytes:
    """What Data Loader wants to be told of a file: which column is which field."""
    return "".join(f"{name}={name}\n" for name in columns).encode()


SALESFORCE = Target(
    IDS.system,
    form=Csv(),
    tasks=Sheet(_COLUMNS, _task, size=LARGEST_FILE, beside=("tasks-salesforce.sdl", _field_map(_COLUMNS))),
    recalls=Sheet(_RECALL, _recall, size=LARGEST_FILE, beside=("recall-salesforce.sdl", _field_map(_RECALL))),
    lacks=IDS.lacks,
)
"""A status only where a task is created and where it is closed for good, so that nothing is ever reopened."""
