"""Pipedrive: files that only create, activities with their person, and recalls as activities that name a key."""

from __future__ import annotations

from reengage.delivery.form import Csv, Row, cell
from reengage.delivery.ids import NUMBER, Ids
from reengage.delivery.outgoing import Outgoing, Recall
from reengage.delivery.target import Sheet, Target
from reengage.delivery.wording import TAKEN_BACK, as_html, headline, keyed
from reengage.model.text import clean

LONGEST_SUBJECT = 255
"""Characters of a subject; a limit that Pipedrive's pages do not state, so the safe side."""

LARGEST_FILE, MOST_ROWS = 50_000_000, 50_000
"""Bytes and rows of one import, as a reseller's page has them."""

IDS = Ids("pipedrive", "a Pipedrive system ID, which is a number", contact=NUMBER)

_TYPE = {"phone": "call", "email": "email"}

_RECALL = (
    *("Activity - Subject", "Activity - Type", "Activity - Due date", "Activity - Note"),
    "Activity - Assigned to user",
)
_COLUMNS = (*_RECALL, "Pipedrive System ID - Person")


def _task(task: Outgoing) -> Row:
    return {
        "Activity - Subject": headline(task, LONGEST_SUBJECT),
        "Activity - Type": _TYPE.get(task.channel, "task"),
        "Activity - Due date": task.due.isoformat(),
        "Activity - Note": as_html(keyed(task.note, task.key)),
        "Activity - Assigned to user": _user(task),
        "Pipedrive System ID - Person": task.crm_contact_id,
    }


def _recall(recall: Recall) -> Row:
    return {
        "Activity - Subject": TAKEN_BACK,
        "Activity - Type": "task",
        "Activity - Due date": recall.day.isoformat(),
        "Activity - Note": as_html(keyed(recall.reason, recall.key)),
        "Activity - Assigned to user": _user(recall),
    }


def _user(one: Outgoing | Recall) -> str:
    """The rep's name, or the e-mail address where no name was imported."""
    return clean(cell(one.owner_name)) or clean(cell(one.owner))


def _lacks(task: Outgoing) -> tuple[str, ...]:
    nobody = "owner (empty): the task has no rep; import contacts with owner_email and owners with their name"
    return IDS.lacks(task) + (() if _user(task) else (nobody,))


PIPEDRIVE = Target(
    IDS.system,
    form=Csv(),
    tasks=Sheet(_COLUMNS, _task, rows=MOST_ROWS, size=LARGEST_FILE),
    recalls=Sheet(_RECALL, _recall, rows=MOST_ROWS, size=LARGEST_FILE),
    lacks=_lacks,
)
"""The person by system ID, not by name or address: one that Pipedrive does not find would be made anew."""
