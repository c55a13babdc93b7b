"""What is owed for an answer: by whom, by when, by what channel, in which words."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from reengage.app.desk.settings import DeskSettings
from reengage.app.project import Project
from reengage.engine.calendar import Calendar
from reengage.engine.hours import DueAt, Hours, read_hours
from reengage.language.replies import PREFERENCE_CENTRE, Replies
from reengage.language.responses import Desk, Policy
from reengage.language.sla import IMMEDIATE
from reengage.model.conversation import Conversation
from reengage.model.desk import SlaKind
from reengage.model.people import Contact, Owner
from reengage.model.words import Channel

TOO_LATE = timedelta(days=30)
"""After so long nobody waits for an answer any more: an old mailbox that is taken in owes none. Our choice."""

AGAIN = "They have said stop before: find out how they came to be approached again, and say nothing to them"

INTRODUCTION = "introduction"
"""The template with which a contact who named somebody is asked to introduce us."""


@dataclass(frozen=True, slots=True)
class Owed:
    """One thing that is owed, with the arithmetic of its due time."""

    key: str
    kind: SlaKind
    channel: Channel
    owner: str
    action: str
    text: str
    language: str
    sla: str
    due: DueAt


@dataclass(frozen=True, slots=True)
class Case:
    """An answer of somebody we know, as far as it matters for what we say; `company` is where they work."""

    name: str
    contact: Contact
    company: str
    talk: Conversation
    policy: Policy
    language: str = ""

    @property
    def channel(self) -> Channel:
        """The channel to answer by: the one it came by, e-mail where nobody said."""
        return self.talk.channel or Channel.EMAIL


@dataclass(frozen=True, slots=True)
class Office:
    """Who works here and when, and what we say."""

    project: Project
    replies: Replies
    owners: Mapping[str, Owner]

    @property
    def settings(self) -> DeskSettings:
        """What `[replies]` sets."""
        return self.project.desk

    def owes(self, case: Case, *, confirmed: bool, at: datetime) -> Owed | None:
        """What is owed for this answer, if anything.

        A stop that was `confirmed` before is not confirmed again: the manager finds out why they had to repeat it.
        """
        desk = case.policy.desk
        if at - case.talk.at > TOO_LATE:
            return None
        kind = SlaKind.ESCALATION if case.policy.opt_out and confirmed else _kind(case)
        if kind is SlaKind.ESCALATION:
            desk = replace(desk, action=AGAIN, by="manager", reply=None, sla=IMMEDIATE)
        elif kind is SlaKind.INTRODUCTION:
            desk = replace(desk, action=f"Ask to be introduced to {case.talk.referred_to}", reply=INTRODUCTION)
        if desk.sla is None or desk.sla.within is None:
            return None
        owner = self._owner(case, desk)
        text, language = self._words(case, owner, desk.reply)
        due = self._hours(owner).due_in(desk.sla.within, case.talk.at)
        name = hashlib.sha256(f"{case.name} {kind}".encode()).hexdigest()[:12]
        return Owed(f"sla-{name}", kind, case.channel, owner.email, desk.action, text, language, str(desk.sla), due)

    def _owner(self, case: Case, desk: Desk) -> Owner:
        """The rep of the conversation, of the contact, or who stands in; for a manager's matter the manager."""
        named = (case.talk.rep_email, case.contact.owner_email, self.project.settings.default_owner)
        rep = next((owner for email in named if (owner := self._active(email))), None) or Owner(email="")
        above = self._active(rep.manager_email or self.project.settings.default_owner) if desk.by == "manager" else None
        return above or rep

    def _active(self, email: str | None) -> Owner | None:
        """The rep of this address, or the nearest active manager above; a rep we have no row for counts as active."""
        seen: set[str] = set()
        while email and email not in seen:
            seen.add(email)
            owner = self.owners.get(email, Owner(email=email))
            if owner.active:
                return owner
            email = owner.manager_email
        return None

    def _hours(self, owner: Owner) -> Hours:
        settings = self.project.settings
        calendar = Calendar(owner.time_zone or settings.zone, owner.country or settings.country)
        own = read_hours(owner.business_hours) if owner.business_hours else (self.settings.opens, self.settings.closes)
        return Hours(calendar, *own)

    def _words(self, case: Case, owner: Owner, name: str | None) -> tuple[str, str]:
        """What to say, and in which language; nothing where there is no template."""
        if name is None or name not in self.replies.templates:
            return "", ""
        language = self.replies.language_of(name, case.language)
        values = self._values(case, owner, language)
        text = self.replies.write(name, language, values)
        offers = case.policy.preference_centre and self.settings.is_marketing(case.talk.campaign)
        if offers and self.settings.preference_centre and PREFERENCE_CENTRE in self.replies.templates:
            text = f"{text.rstrip()}\n\n{self.replies.write(PREFERENCE_CENTRE, language, values)}"
        return text.strip(), language

    def _values(self, case: Case, owner: Owner, language: str) -> dict[str, str]:
        talk = case.talk
        return {
            "contact.first_name": case.contact.first_name,
            "contact.last_name": case.contact.last_name,
            "account.name": case.company,
            "owner.name": owner.name,
            "conversation.topic": talk.topic or "",
            "conversation.vendor": talk.vendor or "",
            "conversation.referred_to": talk.referred_to or "",
            "conversation.call_back_on": _day(talk.call_back_on, language),
            "preference_centre.link": self.settings.preference_centre,
        }


def _day(day: date | None, language: str) -> str:
    if day is None:
        return ""
    return {"en": f"on {day.day} {day:%B %Y}", "de": f"am {day.day}.{day.month}.{day.year}"}.get(language, f"{day}")


def _kind(case: Case) -> SlaKind:
    if case.policy.opt_out:
        return SlaKind.CONFIRMATION
    return SlaKind.INTRODUCTION if case.talk.referred_to else SlaKind.REPLY
