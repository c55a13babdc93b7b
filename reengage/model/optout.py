"""A stop: who may not be reached, by what channel, and who says so."""

from __future__ import annotations

from enum import StrEnum

from reengage.model.base import Moment, Noun
from reengage.model.words import Channel


class EntryKind(StrEnum):
    """Entries of the append-only ledger; only a provisional opt-out can be rejected."""

    OPT_OUT = "opt_out"
    PROVISIONAL = "provisional"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class OptOut(Noun):
    """One ledger entry: a subject (a contact, or an identifier of someone we may not know yet) × channels.

    No channels means all of them. `domain` subjects cover a company and its newcomers.
    """

    kind: EntryKind = EntryKind.OPT_OUT
    contact_id: int | None = None
    identifier_kind: str | None = None
    identifier_value: str | None = None
    channels: tuple[Channel, ...] = ()
    source: str
    their_words: str | None = None
    effective_at: Moment | None = None


class Standing(Noun):
    """What the ledger says of one contact: the channels that are closed, and how.

    `readable` is False where the answer could not be had: then nothing is admitted.
    """

    readable: bool = True
    everywhere: bool = False
    excluded: bool = False
    provisional: bool = False
    closed: frozenset[Channel] = frozenset()
    since: Moment | None = None
    source: str | None = None
