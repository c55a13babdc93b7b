"""Pipedrive: headings of an exported list, "Person - Name"; the vendor's import takes the same."""

from __future__ import annotations

from reengage.app.imports.presets.people import owner_row, person_row
from reengage.app.imports.presets.preset import Flag, Preset, Reading, plain
from reengage.app.imports.presets.tasks import WORDS, task_row
from reengage.intake.flags import read_flag
from reengage.model.words import Channel

_MAY_BE_SENT = frozenset({"subscribed", "pending_upgrade", "bounced"})
"""No stop in them: who bounced was subscribed before, and an address that is dead is not a no."""


def read_status(cell: str) -> bool | None:
    """A marketing status: unsubscribed is a stop; no consent, archived and the rest are for somebody to look at."""
    word = plain(cell)
    if word in _MAY_BE_SENT:
        return False
    return True if word == "unsubscribed" else read_flag(cell)


def _both(*labels: str) -> tuple[str, ...]:
    """Each label as an export with columns of several records writes it, and alone."""
    return tuple(f"Person - {label}" for label in labels) + labels


_ENTRY = "it says how consent came; whether it stands is in the marketing status"

CONTACTS = Reading(
    columns={
        "Person - ID": "crm_contact_id",
        "Pipedrive System ID - Person": "crm_contact_id",
        "ID": "crm_contact_id",
        "Person - First name": "first_name",
        "Person - Last name": "last_name",
        "Person - Name": "full_name",
        "Name": "full_name",
        **dict.fromkeys(_both("Email"), "email"),
        **dict.fromkeys(_both("Email - Work", "Email - Home", "Email - Other"), "other_emails"),
        **dict.fromkeys(_both("Phone", "Phone - Work", "Phone - Mobile", "Phone - Home", "Phone - Other"), "phone"),
        "Person - Job title": "title",
        "Job title": "title",
        "Person - LinkedIn": "linkedin_url",
        "Person - LinkedIn profile": "linkedin_url",
        "Person - Organization ID": "crm_account_id",
        "Organization - ID": "crm_account_id",
        "Person - Organization": "account_name",
        "Organization - Name": "account_name",
        "Organization": "account_name",
        "Organization - Website": "account_domain",
        "Person - Owner ID": "crm_owner_id",
        "Person - Owner": "owner_name",
        "Owner": "owner_name",
        "Person - Country of Postal address": "country",
    },
    flags={
        "Person - Marketing status": Flag(Channel.EMAIL, read_status),
        "Marketing status": Flag(Channel.EMAIL, read_status),
        "marketing_status": Flag(Channel.EMAIL, read_status),
    },
    quiet={"Person - Double opt-in": _ENTRY, "Double opt-in": _ENTRY},
    needs=(("crm_contact_id", "contact_id"),),
    shape=person_row("pipedrive"),
)

OWNERS = Reading(
    columns={
        "User - ID": "crm_owner_id",
        "User ID": "crm_owner_id",
        "ID": "crm_owner_id",
        "User - Email": "owner_email",
        "Email": "owner_email",
        "User - Name": "name",
        "Name": "name",
        "Active": "active",
        "Time zone": "time_zone",
    },
    needs=(("owner_email",),),
    shape=owner_row,
)

OUTCOMES = Reading(
    columns={
        "Activity - Note": "text",
        "Note": "text",
        "Activity - Public description": "text",
        "Activity - Done": "status",
        "Done": "status",
        "Status": "status",
        "Activity - Status": "status",
        "Activity - Marked as done time": "completed_at",
        "Marked as done time": "completed_at",
        "Activity - Update time": "modified_at",
        "Update time": "modified_at",
        "Activity - Deleted": "is_deleted",
        "is_deleted": "is_deleted",
        "Activity - Outcome": "outcome",
        "Activity - ID": "ignore",
        "Activity - Subject": "subject",
        "Activity - Due date": "ignore",
    },
    words=WORDS,
    needs=(("text", "task_key"), ("status", "is_done")),
    shape=task_row,
)

PIPEDRIVE = Preset("pipedrive", "Pipedrive", {"contacts": CONTACTS, "owners": OWNERS, "outcomes": OUTCOMES})
"""Headings of people as public programs read them from such exports; those of users and activities are from memory."""
