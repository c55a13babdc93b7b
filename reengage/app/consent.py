"""Taking someone's word that they want to hear from us again: one person, with evidence, later than their stop."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from reengage.model.base import in_utc
from reengage.model.errors import UsageError
from reengage.model.optout import EntryKind, OptOut, StatedBy
from reengage.model.people import IdentifierKind
from reengage.model.words import Channel
from reengage.store import identity, optouts, people
from reengage.store.database import Database
from reengage.store.news import news


@dataclass(frozen=True, slots=True)
class Evidence:
    """What proves a consent: their words, the wording they agreed to, where, when, the proof, and two people of ours.

    A flag that turned false in a CRM is none of this, so nothing reads it from a file.
    """

    words: str
    wording: str
    where: str
    when: datetime
    proof: str
    recorded_by: str
    approved_by: str


def allow_again(
    database: Database, contact: str, evidence: Evidence, at: datetime, channels: tuple[Channel, ...] = ()
) -> int:
    """Lift what one person had said, by appending; returns how many stops it lifts, 0 where none was theirs.

    Raises UsageError for incomplete evidence, for a moment in the future, for a consent that is not later than every
    stop of theirs, and where nothing of theirs stands. What their company said stays.
    """
    missing = [name.replace("_", "-") for name, value in asdict(evidence).items() if not str(value).strip()]
    if missing:
        raise UsageError(f"the evidence lacks: {', '.join(missing)}", help="a consent without proof is none")
    if evidence.recorded_by.strip().casefold() == evidence.approved_by.strip().casefold():
        raise UsageError("the same person recorded and approved it", help="a second person has to approve")
    said, now = in_utc(evidence.when), in_utc(at)
    if said > now:
        raise UsageError(f"the consent of {said.isoformat()} lies in the future")
    with database.deciding() as connection:
        database.in_order_of_arrival(connection)
        found = people.find_contacts(connection, [(IdentifierKind.IMPORT, contact)])
        if not found:
            raise UsageError(f'no contact has the contact_id "{contact}"', help="one person at a time, by contact_id")
        (group,) = identity.members(connection, found.values()).values()
        last = optouts.last_stop(connection, group)
        if last is None:
            raise UsageError(f'nothing that "{contact}" said themselves is closed', help=f"reengage explain {contact}")
        if said <= last:
            raise UsageError(
                f"the consent of {said.isoformat()} is not later than their stop of {last.isoformat()}",
                help="only what they said afterwards lifts it",
            )
        lifted = set()
        for one in group:
            details = {name: str(value) for name, value in asdict(evidence).items()}
            entry = OptOut(
                kind=EntryKind.RE_CONSENT,
                contact_id=one,
                channels=channels,
                stated_by=StatedBy.PERSON,
                source="re-consent",
                their_words=evidence.words,
                effective_at=said,
                details=details,
            )
            lifted |= optouts.allow_again(connection, entry, now)
        news(connection, group, (), now)
        return len(lifted)
