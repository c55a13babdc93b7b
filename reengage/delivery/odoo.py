"""Odoo: activities on contacts, under external ids of ours; recalls one to a file, so that none stops another."""

from __future__ import annotations

import re

from reengage.delivery.form import Csv, Row
from reengage.delivery.ids import Ids
from reengage.delivery.outgoing import Outgoing, Recall
from reengage.delivery.target import Sheet, Target
from reengage.delivery.wording import TAKEN_BACK, as_html, headline

MOST_ROWS = 100
"""Rows of one file; ours, because a single bad row makes Odoo refuse all of them."""

_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
"""A database id; Odoo counts in 32 bits, and one number beyond them would keep the whole file out."""

IDS = Ids("odoo", "an Odoo database id, which is a number", contact=_NUMBER, owner=_NUMBER)

_CONTACT = "base.model_res_partner"
_TYPE = {"phone": "mail.mail_activity_data_call", "email": "mail.mail_activity_data_email"}
_TO_DO = "mail.mail_activity_data_todo"

_COLUMNS = (
    *("id", "res_model_id/id", "res_id", "activity_type_id/id", "summary", "note", "date_deadline"),
    "user_id/.id",
)
_RECALL = ("id", "res_model_id/id", "summary", "note")


def external_id(key: str) -> str:
    """The external id that a task has in Odoo."""
    return f"reengage.{key}"


def _task(task: Outgoing) -> Row:
    return {
        "id": external_id(task.key),
        "res_model_id/id": _CONTACT,
        "res_id": task.crm_contact_id,
        "activity_type_id/id": _TYPE.get(task.channel, _TO_DO),
        "summary": headline(task),
        "note": as_html(task.note),
        "date_deadline": task.due.isoformat(),
        "user_id/.id": task.crm_owner_id,
    }


def _recall(recall: Recall) -> Row:
    # A model without a record: right for an activity that is there, and refused, on purpose, where Odoo would have to
    # make one because the rep has deleted it, or done it in a version that deletes what is done.
    return {
        "id": external_id(recall.key),
        "res_model_id/id": _CONTACT,
        "summary": TAKEN_BACK,
        "note": as_html(recall.reason),
    }


ODOO = Target(
    IDS.system,
    form=Csv(),
    tasks=Sheet(_COLUMNS, _task, rows=MOST_ROWS),
    recalls=Sheet(_RECALL, _recall, rows=1),
    lacks=IDS.lacks,
)
