"""Odoo: field names where the export is meant to be imported again, English labels where it is not."""

from __future__ import annotations

from reengage.app.imports.presets.people import owner_row, person_row
from reengage.app.imports.presets.preset import Cells, Flag, Preset, Reading
from reengage.app.imports.presets.tasks import OPEN, WORDS, task_row
from reengage.intake.flags import read_flag
from reengage.model.words import Channel, TaskState

_person = person_row("odoo")


def _contact(cells: Cells) -> Cells:
    """A heading "id" may stand for either id: only the database's is a number, and activities need that one."""
    either = cells.get("either_id", "")
    known = cells.get("crm_contact_id") or _number(either)
    return _person({**cells, "crm_contact_id": known, "external_id": cells.get("external_id") or either})


def _user(cells: Cells) -> Cells:
    """A user by the id of the database, which is what an activity names."""
    return owner_row({**cells, "crm_owner_id": cells.get("crm_owner_id") or _number(cells.get("either_id", ""))})


def _number(id: str) -> str:
    return id if id.isdecimal() else ""


def _archived_is_done(cells: Cells) -> Cells:
    """Odoo 19 archives an activity that is done; an activity that is there has `active` true."""
    if cells.get("status") or "active" not in cells:
        return task_row(cells)
    return task_row({**cells, "status": OPEN if read_flag(cells["active"]) else TaskState.COMPLETED})


CONTACTS = Reading(
    columns={
        ".id": "crm_contact_id",
        "id": "either_id",
        "ID": "either_id",
        "External ID": "external_id",
        "name": "full_name",
        "Name": "full_name",
        "Complete Name": "ignore",
        "Display Name": "ignore",
        "email": "email",
        "Email": "email",
        "phone": "phone",
        "Phone": "phone",
        "mobile": "phone",
        "Mobile": "phone",
        "function": "title",
        "Job Position": "title",
        "title": "ignore",
        "Title": "ignore",
        "parent_id": "account_name",
        "Related Company": "account_name",
        "Related Company/Name": "account_name",
        "Company Name": "account_name",
        "Company Name Entity": "account_name",
        "parent_id/.id": "crm_account_id",
        "Related Company/ID": "crm_account_id",
        "website": "account_domain",
        "Website": "account_domain",
        "Website Link": "account_domain",
        "user_id": "owner_name",
        "Salesperson": "owner_name",
        "user_id/login": "owner_email",
        "Salesperson/Email": "owner_email",
        "Salesperson/Login": "owner_email",
        "user_id/.id": "crm_owner_id",
        "Salesperson/ID": "crm_owner_id",
        "country_id/code": "country",
        "Country/Country Code": "country",
        "country_id": "country",
        "Country": "country",
        "is_company": "is_company",
        "Is a Company": "is_company",
        "Company Type": "is_company",
    },
    flags={
        "is_blacklisted": Flag(Channel.EMAIL),
        "Blacklist": Flag(Channel.EMAIL),
        "Blacklisted": Flag(Channel.EMAIL),
        "opt_out": Flag(Channel.EMAIL),
        "Opt Out": Flag(Channel.EMAIL),
        **dict.fromkeys(
            (
                *("phone_blacklisted", "Blacklisted Phone is Phone", "mobile_blacklisted"),
                *("Blacklisted Phone Is Mobile", "phone_sanitized_blacklisted", "Phone Blacklisted"),
            ),
            Flag(Channel.PHONE),
        ),
    },
    needs=(("crm_contact_id", "either_id", "external_id", "contact_id"),),
    shape=_contact,
)

OWNERS = Reading(
    columns={
        ".id": "crm_owner_id",
        "id": "either_id",
        "ID": "either_id",
        "External ID": "ignore",
        "email": "owner_email",
        "Email": "owner_email",
        "login": "owner_email",
        "Login": "owner_email",
        "name": "name",
        "Name": "name",
        "tz": "time_zone",
        "Timezone": "time_zone",
        "active": "active",
        "Active": "active",
    },
    needs=(("owner_email",),),
    shape=_user,
)

OUTCOMES = Reading(
    columns={
        "id": "external_id",
        "External ID": "external_id",
        "note": "text",
        "Note": "text",
        "state": "status",
        "State": "status",
        "Status": "status",
        "active": "active",
        "Active": "active",
        "date_done": "completed_at",
        "Done Date": "completed_at",
        "write_date": "modified_at",
        "Last Updated on": "modified_at",
        "feedback": "outcome",
        "Feedback": "outcome",
        "summary": "subject",
        "Summary": "subject",
        "date_deadline": "ignore",
        "Due Date": "ignore",
        "Document Model/External ID": "ignore",
        "Related Document ID": "ignore",
    },
    words=WORDS,
    needs=(("external_id", "task_key"), ("status", "active")),
    shape=_archived_is_done,
)

ODOO = Preset("odoo", "Odoo", {"contacts": CONTACTS, "owners": OWNERS, "outcomes": OUTCOMES})
"""Fields and labels as in the vendor's source; Odoo 19 keeps an activity that is done, Odoo 17 deletes it."""
