"""A stop: who may not be reached, by what channel and for what purpose, and who says so."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field

from reengage.model.base import Moment, Noun
from reengage.model.words import Channel

SHARING = "sharing"
"""What stands beside the channels as closed where nothing about a person may be passed on to a vendor."""


class EntryKind(StrEnum):
    """Entries of the append-only ledger; only a provisional opt-out can be rejected, only evidence lifts another."""

    OPT_OUT = "opt_out"
    PROVISIONAL = "provisional"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    RE_CONSENT = "re_consent"


class Purpose(StrEnum):
    """What a stop is about: being approached, or being passed on to others (CCPA, 11 CCR 7026)."""

    MARKETING = "marketing"
    SALE_SHARE = "sale_share"


class StatedBy(StrEnum):
    """Whose statement an entry is: the person's own, or a mark that somebody made about them."""

    PERSON = "person"
    STAFF = "staff"


class OptOut(Noun):
    """One ledger entry: a subject (a contact, or an identifier of someone we may not know yet) × channels × purpose.

    No channels means all of them. `domain` and `company` subjects cover a company and its newcomers. `only_this`
    leaves a stop at the address it names, where it would else reach the whole person. `details` is further evidence.
    """

    kind: EntryKind = EntryKind.OPT_OUT
    contact_id: int | None = None
    identifier_kind: str | None = None
    identifier_value: str | None = None
    channels: tuple[Channel, ...] = ()
    purpose: Purpose = Purpose.MARKETING
    stated_by: StatedBy = StatedBy.PERSON
    only_this: bool = False
    source: str
    their_words: str | None = None
    received_at: Moment | None = None
    effective_at: Moment | None = None
    refers_to: int | None = None
    details: dict[str, Any] = Field(default_factory=dict)


class Standing(Noun):
    """What the ledger says of one contact: the channels that are closed, and how.

    `readable` is False where the answer could not be had: then nothing is admitted. `may_share` is False where nothing
    about this person may be passed on.
    """

    readable: bool = True
    everywhere: bool = False
    excluded: bool = False
    provisional: bool = False
    closed: frozenset[Channel] = frozenset()
    may_share: bool = True
    since: Moment | None = None
    source: str | None = None
