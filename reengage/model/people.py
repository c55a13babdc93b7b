"""Who: contacts, their identifiers and employers, the companies, and the reps."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from reengage.model.base import Moment, Noun
from reengage.model.words import AccountStatus


class IdentifierKind(StrEnum):
    """What names a person; `crm:` and `vendor:` kinds carry the system's name behind the colon."""

    EMAIL = "email"
    PHONE = "phone"
    LINKEDIN = "linkedin"
    LINKEDIN_SALES = "linkedin_sales"
    IMPORT = "import"


class Identifier(Noun):
    """One canonical name of a person; `shared` ones (info@, a switchboard) name nobody in particular."""

    kind: str
    value: str
    shared: bool = False


class Account(Noun):
    """A company; `id` is None where our book does not have it."""

    id: int | None = None
    name: str = ""
    domain: str | None = None
    status: AccountStatus = AccountStatus.UNKNOWN
    crm_id: str | None = None


class Employment(Noun):
    """A contact's place at a company from a moment on."""

    account: Account
    title: str | None = None
    seniority: str | None = None
    department: str | None = None
    since: Moment | None = None


class Owner(Noun):
    """A rep: whose calendar and `business_hours` (09:00-17:00) count, and who stands in when inactive."""

    email: str
    name: str = ""
    crm_id: str | None = None
    time_zone: str | None = None
    country: str | None = None
    manager_email: str | None = None
    territory: str | None = None
    business_hours: str | None = None
    active: bool = True


class Contact(Noun):
    """One human; `key` is the contact_id of the import and what people see, `own_fields` what the project declares."""

    id: int
    key: str
    first_name: str = ""
    last_name: str = ""
    country: str | None = None
    owner_email: str | None = None
    crm_system: str | None = None
    crm_id: str | None = None
    own_fields: dict[str, bool | str | int | float | date] = Field(default_factory=dict)
