"""A held contact with everything a rule may ask about it, as known at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import SkipValidation

from reengage.model.base import Moment, Noun
from reengage.model.conversation import Conversation, Hold
from reengage.model.people import Account, Contact, Employment, Owner
from reengage.model.signal import Heard
from reengage.model.words import Channel, TaskState


class PastTask(Noun):
    """An earlier task of this contact, as far as rules and caps look at it."""

    key: str
    rule: str
    created_at: Moment
    due: date
    channel: Channel
    state: TaskState
    closed_at: Moment | None = None
    owner: str = ""


class Touch(Noun):
    """One time at which a contact and one of us were in touch."""

    at: Moment
    channel: Channel | None = None
    rep: str | None = None


class Candidate(Noun):
    """One held contact: who, what was said, what was heard since, and what became of it before.

    `heard` is in order of arrival; `used` holds the keys of signals that went into a task. `waiting` maps the key
    of a signal that an earlier run kept back to the rule that wanted it. `owners` is the directory of reps by e-mail,
    one and the same for everybody, and so not checked once more for each.
    `touches` are all conversations with any of us.
    """

    contact: Contact
    hold: Hold
    employment: Employment | None = None
    conversation: Conversation | None = None
    last_contacted: Moment | None = None
    touches: tuple[Touch, ...] = ()
    reachable: frozenset[Channel] = frozenset()
    heard: tuple[Heard, ...] = ()
    used: frozenset[str] = frozenset()
    tasks: tuple[PastTask, ...] = ()
    waiting: Mapping[str, str] = {}
    owners: Annotated[Mapping[str, Owner], SkipValidation] = {}

    @property
    def account(self) -> Account | None:
        """The present employer, if known."""
        return self.employment.account if self.employment else None
