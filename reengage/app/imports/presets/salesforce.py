"""Salesforce: the field names of Data Loader and `sf data export`, and the labels of a report."""

from __future__ import annotations

from functools import partial

from reengage.app.imports.presets.people import owner_row, person_row
from reengage.app.imports.presets.preset import Flag, Preset, Reading, doubted
from reengage.app.imports.presets.tasks import WORDS, task_row
from reengage.model.words import AccountStatus, Channel

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

_TYPES = {
    **dict.fromkeys(("customer_direct", "customer_channel", "customer"), AccountStatus.CUSTOMER.value),
    **dict.fromkeys(("installation_partner", "technology_partner", "partner"), AccountStatus.PARTNER.value),
    "channel_partner_reseller": AccountStatus.PARTNER.value,
    "prospect": AccountStatus.PROSPECT.value,
    "competitor": AccountStatus.COMPETITOR.value,
}


def long_id(id: str) -> str:
    """The 18 characters of an id of which a report shows the first 15: three more say which of them are capitals."""
    short = id.strip()
    if len(short) != 15 or not (short.isascii() and short.isalnum()):
        return short
    fives = (short[start : start + 5] for start in (0, 5, 10))
    return short + "".join(_LETTERS[sum(one.isupper() << place for place, one in enumerate(five))] for five in fives)


CONTACTS = Reading(
    columns={
        "Id": "crm_contact_id",
        "Contact ID": "crm_contact_id",
        "Lead ID": "crm_contact_id",
        "FirstName": "first_name",
        "First Name": "first_name",
        "LastName": "last_name",
        "Last Name": "last_name",
        "Name": "full_name",
        "Full Name": "full_name",
        "Email": "email",
        "Phone": "phone",
        "MobilePhone": "phone",
        "Mobile": "phone",
        "HomePhone": "phone",
        "Home Phone": "phone",
        "OtherPhone": "phone",
        "Other Phone": "phone",
        "Title": "title",
        "Department": "department",
        "AccountId": "crm_account_id",
        "Account ID": "crm_account_id",
        "Account.Name": "account_name",
        "Account Name": "account_name",
        "Company": "account_name",
        "Company / Account": "account_name",
        "Account.Website": "account_domain",
        "Account Website": "account_domain",
        "Account.Type": "account_status",
        "Account Type": "account_status",
        "OwnerId": "crm_owner_id",
        "Contact Owner ID": "crm_owner_id",
        "Owner.Email": "owner_email",
        "Contact Owner Email": "owner_email",
        "Owner.Name": "owner_name",
        "Contact Owner": "owner_name",
        "Lead Owner": "owner_name",
        "MailingCountryCode": "country",
        "MailingCountry": "country",
        "Mailing Country": "country",
        "IsDeleted": "is_deleted",
        "Deleted": "is_deleted",
        "MasterRecordId": "merged_into",
        "ConvertedContactId": "merged_into",
    },
    flags={
        "HasOptedOutOfEmail": Flag(Channel.EMAIL),
        "PersonHasOptedOutOfEmail": Flag(Channel.EMAIL),
        "Email Opt Out": Flag(Channel.EMAIL),
        "DoNotCall": Flag(Channel.PHONE),
        "PersonDoNotCall": Flag(Channel.PHONE),
        "Do Not Call": Flag(Channel.PHONE),
        "HasOptedOutOfFax": Flag(Channel.PHONE, doubted),
        "PersonHasOptedOutOfFax": Flag(Channel.PHONE, doubted),
        "Fax Opt Out": Flag(Channel.PHONE, doubted),
        "et4ae5__HasOptedOutOfMobile__c": Flag(Channel.SMS),
        "Mobile Opt Out": Flag(Channel.SMS),
        **{
            f"{before}{name}": Flag()
            for before in ("", "Individual.")
            for name in (
                *("HasOptedOutSolicit", "HasOptedOutProcessing", "HasOptedOutProfiling", "HasOptedOutTracking"),
                *("HasOptedOutGeoTracking", "ShouldForget"),
            )
        },
        "Don't Market": Flag(),
        "Don't Process": Flag(),
        "Don't Profile": Flag(),
        "Don't Track": Flag(),
        "Don't Track Geolocation": Flag(),
        "Forget this Individual": Flag(),
    },
    words={"account_status": _TYPES},
    needs=(("crm_contact_id", "contact_id"),),
    shape=person_row("salesforce", long_id),
)

OWNERS = Reading(
    columns={
        "Id": "crm_owner_id",
        "User ID": "crm_owner_id",
        "Email": "owner_email",
        "Name": "name",
        "Full Name": "name",
        "FirstName": "first_name",
        "First Name": "first_name",
        "LastName": "last_name",
        "Last Name": "last_name",
        "TimeZoneSidKey": "time_zone",
        "CountryCode": "country",
        "Country": "country",
        "Manager.Email": "manager_email",
        "IsActive": "active",
        "Active": "active",
        "Username": "ignore",
    },
    needs=(("owner_email",),),
    shape=partial(owner_row, id=long_id),
)

OUTCOMES = Reading(
    columns={
        "Reengage_Key__c": "task_key",
        "Reengage Key": "task_key",
        "Id": "ignore",
        "Status": "status",
        "IsClosed": "is_done",
        "Closed": "is_done",
        "IsDeleted": "is_deleted",
        "CompletedDateTime": "completed_at",
        "Completed Date/Time": "completed_at",
        "Completed Date": "completed_at",
        "LastModifiedDate": "modified_at",
        "Last Modified Date": "modified_at",
        "Reengage_Outcome__c": "outcome",
        "Reengage Outcome": "outcome",
        "CallDisposition": "outcome",
        "Call Result": "outcome",
        "Description": "text",
        "Comments": "text",
        "Full Comments": "text",
        "ActivityDate": "ignore",
        "Subject": "subject",
    },
    words=WORDS,
    needs=(("task_key", "text"), ("status", "is_done")),
    shape=task_row,
)

SALESFORCE = Preset("salesforce", "Salesforce", {"contacts": CONTACTS, "owners": OWNERS, "outcomes": OUTCOMES})
"""Field names as in the vendor's object reference; labels of reports and of the Individual are from memory."""
