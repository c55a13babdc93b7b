"""What a cell or a word names: an e-mail, a phone number, a profile or a company's domain, in canonical form."""

from __future__ import annotations

from reengage.app.project import Project
from reengage.model.people import IdentifierKind
from reengage.people.companies import company_key
from reengage.people.identifiers import canonical_domain, canonical_email, canonical_linkedin, is_freemail
from reengage.people.phones import canonical_phone
from reengage.people.reach import COMPANY

_COUNTRY_BLIND = ("US", "GB", "DE", "FR")
"""Countries in which a national number is also read where the project names none; nine digits decide in the end."""


def identifier_of(text: str, project: Project) -> tuple[str, str] | None:
    """What a single identifier is (an e-mail, a profile, a phone number or a domain), in canonical form."""
    for column in ("email", "linkedin_url", "phone", "domain"):
        looks = {"email": "@" in text, "linkedin_url": "linkedin" in text.casefold(), "domain": "." in text}
        key = READERS[column](text, project) if looks.get(column, sum(map(str.isdigit, text)) >= 5) else None
        if key:
            return key
    return None


def _email(text: str, project: Project) -> tuple[str, str] | None:
    email = canonical_email(text)
    return (IdentifierKind.EMAIL, email) if email else None


def _phone(text: str, project: Project) -> tuple[str, str] | None:
    phone = canonical_phone(text, [region for region in (project.default_region, *_COUNTRY_BLIND) if region])
    return (IdentifierKind.PHONE, phone) if phone else None


def _linkedin(text: str, project: Project) -> tuple[str, str] | None:
    return canonical_linkedin(text)


def _domain(text: str, project: Project) -> tuple[str, str] | None:
    domain = canonical_domain(text)
    return ("domain", domain) if domain and not is_freemail(domain) else None


def company_of(text: str) -> tuple[str, str] | None:
    """What a company's name is filed under: without legal form and punctuation."""
    key = company_key(text)
    return (COMPANY, key) if key else None


def _company(text: str, project: Project) -> tuple[str, str] | None:
    return company_of(text)


READERS = {"email": _email, "phone": _phone, "linkedin_url": _linkedin, "domain": _domain, "company": _company}
"""How each column of names is read."""
