"""Rows of contacts as what they say: names and addresses in canonical form, an employer, a job."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from reengage.app.imports.names import identifier_of
from reengage.app.imports.reps import Reps
from reengage.app.imports.sheet import Report, Row, Unusable, read_cell, read_word
from reengage.app.project import Project
from reengage.intake.salvage import mentions
from reengage.language.titles import Titles
from reengage.model.facts import Fact
from reengage.model.people import IdentifierKind
from reengage.model.signal import FactValue, typed_fact
from reengage.model.words import AccountStatus, Seniority
from reengage.people.identifiers import canonical_domain, canonical_email, canonical_linkedin, is_freemail, registrable
from reengage.people.phones import canonical_phone

WHOLE_NUMBER = 7
"""Fewer digits than this between two separators are part of a phone number, not one of several."""


_STATUSES, _SENIORITIES = tuple(AccountStatus), tuple(Seniority)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A row that can be taken in."""

    row: Row
    key: str
    identifiers: tuple[tuple[str, str], ...]
    account: dict[str, Any]
    job: dict[str, str | None]
    profile: dict[str, str | None]
    own_fields: dict[str, FactValue]
    remarks: tuple[str, ...]


def read_persons(
    rows: Sequence[Row], project: Project, titles: Titles, reps: Reps, report: Report
) -> tuple[list[Parsed], list[Row]]:
    """The rows that can be taken in, and those that cannot or are about nobody we could hold."""
    parsed, refused = [], []
    for row in rows:
        if reason := row.get("aside"):
            report.leave_out(reason)
            refused.append(row)
            continue
        try:
            one = _parse(row, project, titles, reps)
        except Unusable as error:
            report.bad.append((row.line, str(error)))
            refused.append(row)
            continue
        report.remarks += [f"line {row.line}: {remark}" for remark in one.remarks]
        parsed.append(one)
    return parsed, refused


def _parse(row: Row, project: Project, titles: Titles, reps: Reps) -> Parsed:
    key = row.get("contact_id")
    if key is None:
        raise Unusable("contact_id is empty")
    remarks: list[str] = []
    identifiers = tuple(dict.fromkeys(_identifiers(row, project, remarks)))
    if not identifiers:
        raise Unusable("no e-mail, phone, LinkedIn profile or CRM id that can be read")
    status = _status(row, remarks)
    domain = canonical_domain(row.get("account_domain") or "") or _work_domain(identifiers)
    return Parsed(
        row=row,
        key=key,
        identifiers=identifiers,
        account={
            "name": row.get("account_name"),
            "domain": domain,
            "status": status,
            "crm_id": row.get("crm_account_id"),
        },
        job=_job(row, titles, remarks),
        profile={
            "first_name": row.get("first_name"),
            "last_name": row.get("last_name"),
            "country": row.get("country"),
            "owner_email": reps.email_of(row),
            "crm_system": row.get("crm_system"),
            "crm_id": row.get("crm_contact_id"),
        },
        own_fields=dict(_own_fields(row, project.settings.own_fields, remarks)),
        remarks=tuple(remarks),
    )


def _own_fields(row: Row, declared: Mapping[str, Fact], remarks: list[str]) -> Iterator[tuple[str, FactValue]]:
    """The fields of the project's own, as JSON has them; what cannot be read is left empty."""
    for name, fact in declared.items():
        try:
            value = typed_fact(fact, row.get(name))
        except ValueError as error:
            remarks.append(f"{error}; left empty")
            continue
        if value is not None:
            yield name, value.isoformat() if isinstance(value, date) else value


def _identifiers(row: Row, project: Project, remarks: list[str]) -> Iterator[tuple[str, str]]:
    addresses = filter(None, (row.get("email"), row.get("other_emails")))
    for email in read_cell(";".join(addresses), canonical_email):
        if email:
            yield IdentifierKind.EMAIL, email
        else:
            remarks.append("an e-mail address cannot be read and was left out")
    for text in _numbers(row.get("phone") or ""):
        phone = canonical_phone(text, regions_of(row.get("country"), project))
        if phone:
            yield IdentifierKind.PHONE, phone
        else:
            remarks.append("the phone number cannot be read and was left out")
    profile = row.get("linkedin_url")
    if profile:
        found = canonical_linkedin(profile)
        if found:
            yield found
        else:
            remarks.append("the LinkedIn address cannot be read and was left out")
    if row.get("crm_contact_id"):
        yield f"crm:{(row.get('crm_system') or 'crm').casefold()}", str(row.get("crm_contact_id"))


def _numbers(cell: str) -> list[str]:
    """The phone numbers of a cell; a slash may also stand after an area code."""
    parts = [part for part in re.split(r"[;,/|\n]", cell) if sum(map(str.isdigit, part)) >= WHOLE_NUMBER]
    return parts if len(parts) > 1 else [cell] if cell else []


def regions_of(country: str | None, project: Project) -> list[str]:
    """The countries in which a national phone number is read, the most likely first."""
    return [region.upper() for region in (country, project.default_region) if region and len(region) == 2]


def _work_domain(identifiers: Sequence[tuple[str, str]]) -> str | None:
    domains = (value.rpartition("@")[2] for kind, value in identifiers if kind == IdentifierKind.EMAIL)
    return next((registrable(domain) or domain for domain in domains if not is_freemail(domain)), None)


def _status(row: Row, remarks: list[str]) -> str | None:
    try:
        return read_word(row, "account_status", _STATUSES)
    except Unusable as error:
        remarks.append(f"{error}; left empty")
        return None


def _job(row: Row, titles: Titles, remarks: list[str]) -> dict[str, str | None]:
    title = row.get("title")
    role = titles.read(title) if title else None
    try:
        seniority = read_word(row, "seniority", _SENIORITIES)
    except Unusable as error:
        remarks.append(f"{error}; read from the title instead")
        seniority = None
    return {
        "title": title,
        "seniority": seniority or (role.seniority.value if role and role.seniority else None),
        "department": (row.get("department") or (role.department if role else None) or "").casefold() or None,
    }


def names_in(row: Row, project: Project) -> Iterator[tuple[str, str]]:
    """Every name of a row that can be read, and whatever looks like one in cells that cannot."""
    if row.get("contact_id"):
        yield IdentifierKind.IMPORT, str(row.get("contact_id"))
    yield from _identifiers(row, project, [])
    cells = (row.get(column) or "" for column in ("email", "other_emails", "phone", "linkedin_url"))
    found = (identifier_of(text, project) for cell in cells for text in mentions(cell))
    yield from (key for key in found if key and key[0] != "domain")
