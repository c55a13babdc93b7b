"""Opting one person or company out, at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reengage.app.imports.names import identifier_of
from reengage.app.project import Project
from reengage.model.base import in_utc
from reengage.model.errors import UsageError
from reengage.model.optout import OptOut
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
) -> Stopped:
    """Opt out a contact_id, an e-mail, a phone number, a LinkedIn profile or a whole domain, known or not.

    Raises UsageError for a text that is none of these.
    """
    with database.deciding() as connection:
        database.in_order_of_arrival(connection)
        named = people.find_contacts(connection, [(IdentifierKind.IMPORT, identifier)])
        contact = next(iter(named.values()), None)
        key = None if contact is not None else identifier_of(identifier, project)
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
        }
        names = list(_names(identifier, key)) if key else []
        entries = [OptOut(identifier_kind=kind, identifier_value=value, **told) for kind, value in names]
        entries += [OptOut(contact_id=contact, **told)] if contact is not None else []
        before = optouts.cancelled(connection)
        ids = optouts.record(connection, entries, in_utc(at))
        reached = optouts.reached_by(connection, ids)
        return Stopped(key[0] if key else "contact", len(reached), optouts.cancelled(connection) - before)


def _names(identifier: str, key: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """What the text names: digits may be a phone number or the contact_id of someone who is not imported yet."""
    yield key
    if key[0] == IdentifierKind.PHONE:
        yield IdentifierKind.IMPORT, identifier.strip()
