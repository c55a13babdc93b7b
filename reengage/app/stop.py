"""Opting one person or company out, at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reengage.app.imports.names import company_of, identifier_of
from reengage.app.imports.sheet import LONGEST_ID
from reengage.app.project import Project
from reengage.model.base import in_utc
from reengage.model.errors import UsageError
from reengage.model.optout import OptOut, Purpose, StatedBy
from reengage.model.people import IdentifierKind
from reengage.model.words import Channel
from reengage.store import optouts, people
from reengage.store.database import Database


@dataclass(frozen=True, slots=True)
class Stopped:
    """What a stop did: how many contacts it reaches and how many open tasks it cancelled."""

    kind: str
    contacts: int
    cancelled: int


def opt_out(
    database: Database,
    project: Project,
    identifier: str,
    at: datetime,
    *,
    channels: tuple[Channel, ...] = (),
    words: str | None = None,
    source: str = "opt-out",
    purpose: Purpose = Purpose.MARKETING,
    only_this: bool = False,
    company: bool = False,
) -> Stopped:
    """Opt out a contact_id, an e-mail, a phone number, a LinkedIn profile, a domain or (by name) a company.

    `only_this` leaves the stop at that address or number and its own channels. Raises UsageError for a text that is
    none of these, and for a person as a whole with `only_this`.
    """
    with database.deciding() as connection:
        database.in_order_of_arrival(connection)
        if len(identifier) > LONGEST_ID:
            raise UsageError(f"this is longer than {LONGEST_ID} characters", help="write it as it stands in your CRM")
        named = people.find_contacts(connection, [(IdentifierKind.IMPORT, identifier)])
        contact = None if company else next(iter(named.values()), None)
        key = _key(identifier, project, company) if contact is None or company else None
        if contact is None and key is None:
            raise UsageError(
                f'"{identifier}" is no contact_id, e-mail, phone number, LinkedIn profile or domain',
                help="write it as it stands in your CRM",
            )
        told: dict[str, Any] = {
            "channels": channels,
            "source": source,
            "their_words": words,
            "effective_at": in_utc(at),
            "purpose": purpose,
            "stated_by": StatedBy.PERSON if words else StatedBy.STAFF,
        }
        if only_this:
            told |= {"only_this": True, "channels": channels or _alone(identifier, key)}
        names = list(_names(identifier, key)) if key else []
        entries = [OptOut(identifier_kind=kind, identifier_value=value, **told) for kind, value in names]
        entries += [OptOut(contact_id=contact, **told)] if contact is not None else []
        before = optouts.cancelled(connection)
        ids = optouts.record(connection, entries, in_utc(at))
        reached = optouts.reached_by(connection, ids)
        return Stopped(key[0] if key else "contact", len(reached), optouts.cancelled(connection) - before)


def _key(identifier: str, project: Project, company: bool) -> tuple[str, str] | None:
    return company_of(identifier) if company else identifier_of(identifier, project)


_CHANNELS = {
    "email": (Channel.EMAIL,),
    "phone": (Channel.PHONE, Channel.SMS),
    "linkedin": (Channel.LINKEDIN,),
    "linkedin_sales": (Channel.LINKEDIN,),
}


def _alone(identifier: str, key: tuple[str, str] | None) -> tuple[Channel, ...]:
    """The channels by which an address or a number alone is reached."""
    if key is None or key[0] not in _CHANNELS:
        raise UsageError(f'"{identifier}" is no single address or number', help="leave --only-this out")
    return _CHANNELS[key[0]]


def _names(identifier: str, key: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """What the text names: digits may be a phone number or the contact_id of someone who is not imported yet."""
    yield key
    if key[0] == IdentifierKind.PHONE:
        yield IdentifierKind.IMPORT, identifier.strip()
