"""HubSpot: the labels of its properties, as an export of a view has them, and their internal names."""

from __future__ import annotations

from reengage.app.imports.presets.people import owner_row, person_row
from reengage.app.imports.presets.preset import Flag, Preset, Reading, doubted
from reengage.app.imports.presets.tasks import WORDS, task_row
from reengage.model.words import AccountStatus, Channel

_LEAD = ("subscriber", "lead", "marketing_qualified_lead", "sales_qualified_lead", "opportunity")
_STAGES = {
    **dict.fromkeys((*_LEAD, "marketingqualifiedlead", "salesqualifiedlead"), AccountStatus.PROSPECT.value),
    **dict.fromkeys(("customer", "evangelist"), AccountStatus.CUSTOMER.value),
}

_BILLING = "it says whom HubSpot bills for marketing, not what the person wants"
_ENTRY = "it says how consent came, not that it was taken back"

CONTACTS = Reading(
    columns={
        "Record ID": "crm_contact_id",
        "hs_object_id": "crm_contact_id",
        "Contact ID": "crm_contact_id",
        "First Name": "first_name",
        "firstname": "first_name",
        "Last Name": "last_name",
        "lastname": "last_name",
        "Email": "email",
        "Additional email addresses": "other_emails",
        "hs_additional_emails": "other_emails",
        "Work email": "other_emails",
        "work_email": "other_emails",
        "Phone Number": "phone",
        "phone": "phone",
        "Mobile Phone Number": "phone",
        "mobilephone": "phone",
        "Job Title": "title",
        "jobtitle": "title",
        "LinkedIn URL": "linkedin_url",
        "hs_linkedin_url": "linkedin_url",
        "Company Name": "account_name",
        "company": "account_name",
        "Associated Company (Primary)": "account_name",
        "Associated Company Names (Primary)": "account_name",
        "Associated Company IDs (Primary)": "crm_account_id",
        "Primary Associated Company ID": "crm_account_id",
        "associatedcompanyid": "crm_account_id",
        "Website URL": "account_domain",
        "website": "account_domain",
        "Lifecycle Stage": "account_status",
        "lifecyclestage": "account_status",
        "Contact owner": "owner_name",
        "hubspot_owner_id": "crm_owner_id",
        "Country/Region Code": "country",
        "hs_country_region_code": "country",
        "Country/Region": "country",
        "country": "country",
        "Merged Contact IDs": "merged_contact_ids",
        "Merged record IDs": "merged_contact_ids",
        "hs_merged_object_ids": "merged_contact_ids",
        "Merged vids with timestamps of a contact": "merged_contact_ids",
        "hs_calculated_merged_vids": "merged_contact_ids",
    },
    flags={
        "Unsubscribed from all email": Flag(Channel.EMAIL),
        "Reason for opting out of email": Flag(Channel.EMAIL),
        "hs_email_optout_survey_reason": Flag(Channel.EMAIL),
        "Opted out of email: *": Flag(Channel.EMAIL),
        "hs_email_optout*": Flag(Channel.EMAIL),
        "Is globally ineligible": Flag(Channel.EMAIL, doubted),
        "hs_email_is_ineligible": Flag(Channel.EMAIL, doubted),
        "Email Address Quarantined": Flag(Channel.EMAIL, doubted),
        "hs_email_quarantined": Flag(Channel.EMAIL, doubted),
        "Do Not Call": Flag(Channel.PHONE),
        "Enrichment opt out": Flag(None, doubted),
        "hs_enrichment_opt_out": Flag(None, doubted),
        "hs_gdpr_deleted": Flag(None),
    },
    quiet={
        "Marketing contact status": _BILLING,
        "hs_marketable_status": _BILLING,
        "Marketing email confirmation status": _ENTRY,
        "hs_emailconfirmationstatus": _ENTRY,
        "Enrichment opt out timestamp": "the flag beside it counts",
        "hs_enrichment_opt_out_timestamp": "the flag beside it counts",
    },
    words={"account_status": _STAGES},
    needs=(("crm_contact_id", "contact_id"),),
    shape=person_row("hubspot"),
)

OWNERS = Reading(
    columns={
        "Email": "owner_email",
        "User email": "owner_email",
        "First name": "first_name",
        "Last name": "last_name",
        "Name": "name",
        "Owner ID": "crm_owner_id",
        "hubspot_owner_id": "crm_owner_id",
        "Time zone": "time_zone",
    },
    needs=(("owner_email",),),
    shape=owner_row,
)

OUTCOMES = Reading(
    columns={
        "reengage_key": "task_key",
        "Reengage key": "task_key",
        "Task Notes": "text",
        "Notes": "text",
        "hs_task_body": "text",
        "Task Status": "status",
        "hs_task_status": "status",
        "Status": "status",
        "Completed at": "completed_at",
        "Completed date": "completed_at",
        "hs_task_completion_date": "completed_at",
        "Last modified date": "modified_at",
        "hs_lastmodifieddate": "modified_at",
        "archived": "is_deleted",
        "Reengage outcome": "outcome",
        "reengage_outcome": "outcome",
        "Task Title": "subject",
        "hs_task_subject": "subject",
        "Due Date": "ignore",
        "hs_timestamp": "ignore",
    },
    words=WORDS,
    needs=(("task_key", "text"), ("status", "is_done")),
    shape=task_row,
)

HUBSPOT = Preset("hubspot", "HubSpot", {"contacts": CONTACTS, "owners": OWNERS, "outcomes": OUTCOMES})
"""Contacts as read in public lists of HubSpot's properties; headings of users and tasks are from memory."""
