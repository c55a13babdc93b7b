"""EspoCRM: its CSV export has the names of attributes as headings, a yes as 1 and a no as an empty cell."""

from __future__ import annotations

from reengage.app.imports.presets.people import opted_out_in, owner_row, person_row
from reengage.app.imports.presets.preset import Flag, Preset, Reading
from reengage.app.imports.presets.tasks import WORDS, task_row
from reengage.model.words import AccountStatus, Channel

_DEAD = "an address or number that does not work is not a no"
_TYPES = {
    "customer": AccountStatus.CUSTOMER.value,
    "partner": AccountStatus.PARTNER.value,
    "reseller": AccountStatus.PARTNER.value,
    "investor": "",
}

CONTACTS = Reading(
    columns={
        "id": "crm_contact_id",
        "firstName": "first_name",
        "lastName": "last_name",
        "name": "full_name",
        "emailAddress": "email",
        "emailAddressData": "email_data",
        "phoneNumber": "phone",
        "phoneNumberData": "phone_data",
        "title": "title",
        "accountId": "crm_account_id",
        "accountName": "account_name",
        "accountWebsite": "account_domain",
        "accountType": "account_status",
        "assignedUserId": "crm_owner_id",
        "assignedUserName": "owner_name",
        "addressCountry": "country",
        "deleted": "is_deleted",
    },
    flags={
        "emailAddressIsOptedOut": Flag(Channel.EMAIL),
        "emailAddressData": Flag(Channel.EMAIL, opted_out_in),
        "phoneNumberIsOptedOut": Flag(Channel.PHONE),
        "phoneNumberData": Flag(Channel.PHONE, opted_out_in),
        "doNotCall": Flag(Channel.PHONE),
        "targetListIsOptedOut": Flag(Channel.EMAIL),
    },
    quiet={"emailAddressIsInvalid": _DEAD, "phoneNumberIsInvalid": _DEAD},
    words={"account_status": _TYPES},
    needs=(("crm_contact_id", "contact_id"),),
    shape=person_row("espocrm"),
)

OWNERS = Reading(
    columns={
        "id": "crm_owner_id",
        "emailAddress": "owner_email",
        "name": "name",
        "firstName": "first_name",
        "lastName": "last_name",
        "isActive": "active",
        "userName": "ignore",
    },
    needs=(("owner_email",),),
    shape=owner_row,
)

OUTCOMES = Reading(
    columns={
        "cReengageKey": "task_key",
        "id": "record_id",
        "status": "status",
        "deleted": "is_deleted",
        "dateCompleted": "completed_at",
        "modifiedAt": "modified_at",
        "cReengageOutcome": "outcome",
        "name": "subject",
        "description": "text",
        "dateEndDate": "ignore",
        "assignedUserId": "ignore",
    },
    words=WORDS,
    needs=(("record_id", "task_key"), ("status", "is_done")),
    shape=task_row,
)

ESPOCRM = Preset("espocrm", "EspoCRM", {"contacts": CONTACTS, "owners": OWNERS, "outcomes": OUTCOMES})
"""As in the vendor's source, July 2026."""
