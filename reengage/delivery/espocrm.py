"""EspoCRM: one file to import with "create", one to import with "update" by `id` that cancels what was taken back."""

from __future__ import annotations

import hashlib
import re

from reengage.delivery.form import Csv, Row, cell
from reengage.delivery.ids import Ids
from reengage.delivery.outgoing import Outgoing, Recall
from reengage.delivery.target import Sheet, Target
from reengage.model.text import clean, clip

LONGEST_NAME = 255
"""Characters of a task's name; EspoCRM cuts the rest without a word."""

_PRIORITY = {"high": "High", "normal": "Normal", "low": "Low"}

_LOOKALIKES = str.maketrans("<>=", "\u2039\u203a\uff1d")
"""EspoCRM refuses a name that holds one of these; what stands in for it reads the same."""

_ID = re.compile(r"(?!null$)[0-9a-z][0-9a-z_-]{0,35}", re.IGNORECASE)
"""What an EspoCRM id is made of: an unknown parent is taken in without a word, so nothing else may pass for one."""

IDS = Ids("espocrm", "an EspoCRM id", contact=_ID, owner=_ID)

# EspoCRM's reader drops empty columns at the end of a line: the last one is always filled.
_COLUMNS = ("id", "name", "description", "priority", "dateEndDate", "parentType", "parentId", "assignedUserId")


def task_id(key: str) -> str:
    """The id that a task has in EspoCRM, 17 hexadecimal digits: the same key, the same record."""
    return hashlib.sha256(f"reengage:{key}".encode()).hexdigest()[:17]


def _task(task: Outgoing) -> Row:
    return {
        "id": task_id(task.key),
        "name": clip(_name(task.subject) or f"Task {task.key}", LONGEST_NAME),
        "description": _stated(cell(task.note)),
        "priority": _PRIORITY[task.priority],
        "dateEndDate": task.due.isoformat(),
        "parentType": "Contact",
        "parentId": task.crm_contact_id,
        "assignedUserId": task.crm_owner_id,
    }


def _name(subject: str) -> str:
    return _stated(clean(cell(subject)).translate(_LOOKALIKES))


def _stated(text: str) -> str:
    """The text; a lone "null", which EspoCRM takes for nothing, in quotes."""
    return f"“{text}”" if text.casefold() == "null" else text


def _recall(recall: Recall) -> Row:
    return {"id": task_id(recall.key), "status": "Canceled", "description": recall.reason}


ESPOCRM = Target(
    IDS.system,
    form=Csv(),
    tasks=Sheet(_COLUMNS, _task),
    recalls=Sheet(("id", "status", "description"), _recall),
    lacks=IDS.lacks,
)
"""No status when a task is created: imported twice, it would reopen what a rep has completed."""
