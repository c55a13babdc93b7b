"""The columns of a file of contacts, by our own names."""

CONTACT_COLUMNS = (
    *("contact_id", "first_name", "last_name", "email", "other_emails", "phone", "linkedin_url"),
    *("title", "seniority", "department", "account_name", "account_domain", "account_status"),
    *("owner_email", "country", "opted_out"),
    *("crm_system", "crm_contact_id", "crm_account_id", "crm_owner_id", "merged_contact_ids"),
)
"""What every project has; `[fields]` in `reengage.toml` adds to it."""
