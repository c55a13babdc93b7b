"""What a text seems to say: a proposal with its evidence, for a person to confirm."""

from __future__ import annotations

from datetime import date

from reengage.model.base import Noun
from reengage.model.words import Channel, Response


class Evidence(Noun):
    """A piece of a text, quoted as it was written, and what it speaks for; `phrase` is the line that found it."""

    quote: str
    says: str
    phrase: str
    language: str


class Clues(Noun):
    """What a text mentions beside its answer; each waits for a person to confirm it.

    `call_back_on` is the first day on which they want to hear from us; `wake_on` what they want to see first;
    `referred_to` whom they named, as they wrote it; `channels` those to which they seem to limit a stop.
    """

    call_back_on: date | None = None
    vendor: str | None = None
    contract_ends: date | None = None
    referred_to: str | None = None
    wake_on: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()


class Reading(Noun):
    """What a text seems to say, and how sure that is, from 0 to 1.

    With `doubtful_stop` it may be a stop: that closes the person at once and asks a human. `response` is then the stop
    that it may be. `left_company` is whether somebody says that this person works there no more.
    """

    response: Response
    certainty: float
    doubtful_stop: bool = False
    left_company: bool = False
    evidence: tuple[Evidence, ...] = ()
    also: tuple[Response, ...] = ()
    clues: Clues = Clues()
    language: str = ""
