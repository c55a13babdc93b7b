"""What was said, and why a contact is not being worked."""

from __future__ import annotations

from datetime import date

from reengage.model.base import Moment, Noun
from reengage.model.words import Category, Channel, HoldKind, Response

READ = "/read"
"""What is added to the key of a conversation when a person has said what it means: the first one stays as it was."""


class Conversation(Noun):
    """An earlier exchange, with the contact's own words; `title` is the one they had then."""

    id: str
    at: Moment
    channel: Channel | None = None
    rep_email: str | None = None
    response: Response | None = None
    category: Category | None = None
    their_words: str | None = None
    topic: str | None = None
    vendor: str | None = None
    contract_ends: date | None = None
    call_back_on: date | None = None
    wake_on: tuple[str, ...] = ()
    referred_to: str | None = None
    recording_url: str | None = None
    notes: str | None = None
    title: str | None = None
    campaign: str | None = None
    script_variant: str | None = None


class Hold(Noun):
    """Why a contact rests: until a date (`promised`: one the contact named) or until a reason to think again.

    `wake_on` narrows what may wake it to the signal kinds, topics or vendors that the contact named.
    """

    id: int
    kind: HoldKind
    since: Moment
    until: date | None = None
    promised: bool = False
    response: Response
    category: Category | None = None
    wake_on: tuple[str, ...] = ()
