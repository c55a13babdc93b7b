"""Handling an answer, in one transaction: suppress, log, improve, and note what is owed for it.

The steps of the sources are acknowledge, suppress, log, improve. The machine does all but the first in the same moment;
what acknowledges is owed by a person, and nothing waits for it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection

from reengage.app.desk.handling import Listening
from reengage.app.desk.owed import Owed
from reengage.app.following import follow
from reengage.app.imports.names import identifier_of
from reengage.app.imports.sheet import LONGEST_ID
from reengage.app.incidents import incidents
from reengage.app.project import Project
from reengage.intake.verdict import Verdict, decide
from reengage.language.responses import Policy
from reengage.model.base import in_utc
from reengage.model.conversation import Conversation
from reengage.model.errors import UsageError
from reengage.model.optout import EntryKind, OptOut, StatedBy
from reengage.model.people import IdentifierKind
from reengage.model.reading import Reading
from reengage.model.reply import Reply
from reengage.model.signal import Signal
from reengage.model.words import Response
from reengage.people.identifiers import canonical_email
from reengage.people.reach import Key
from reengage.store import handled, identity, optouts, received, signals, talks
from reengage.store.database import Database
from reengage.store.news import news
from reengage.store.persons import Person, read_person
from reengage.store.signals import Linked

SOURCE = "respond"
"""Where the ledger and the signals have it from."""

MESSAGES = "(messages)"
"""What stands for a connector where messages are kept; no connector can be called so."""

REPLIED = "replied"
"""The outcome of a task that an answer made needless before anybody had been given it."""

_UNKEPT = re.compile("[\x00\ud800-\udfff]")

MOST_WORDS = 20_000
"""Characters of an answer that are kept; our choice. More of it is searched for a stop."""

State = Literal["handled", "known", "asked", "stranger"]
"""Handled; known from before; handled as far as can be, the rest asked about; from nobody we know."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of one answer: who and what, the question that waits, and what is owed."""

    where: str
    who: str
    contact: str | None
    state: State
    response: Response | None = None
    certainty: float | None = None
    closed: Literal["sure", "doubt"] | None = None
    question: str | None = None
    asks: str | None = None
    owed: tuple[Owed, ...] = ()
    cancelled: int = 0
    kept: int = 0
    remarks: tuple[str, ...] = ()
    reading: Reading | None = None


def handle(handling: Listening, reply: Reply, key: str | None = None) -> Handled:
    """Handle one answer in one transaction; the same one twice changes nothing. `key` names it, if it has a name."""
    if reply.at > handling.at:
        raise UsageError(
            f"{reply.where or 'the answer'} is of {reply.at.isoformat()}, which lies in the future",
            help="give the moment at which it came",
        )
    key = key or key_of(reply)
    reply = _storable(reply)
    reading = handling.read(reply)
    verdict = decide(reply, reading, handling.project.desk.act_from)
    with handling.database.deciding() as connection:
        handling.database.in_order_of_arrival(connection)
        if handled.is_known(connection, key):
            return Handled(reply.where, reply.who, None, "known", remarks=("it was handled before",))
        return _Step(handling, connection, reply, reading, verdict, key).take()


def _storable(reply: Reply) -> Reply:
    """The answer without characters that no database keeps."""
    told = {name: _UNKEPT.sub(" ", value) for name, value in reply if isinstance(value, str) and _UNKEPT.search(value)}
    return reply.model_copy(update=told) if told else reply


def respond(database: Database, project: Project, reply: Reply, at: datetime) -> Handled:
    """Handle one answer; raises ReengageError where the rules have errors, UsageError for one from the future."""
    return handle(Listening.begin(database, project, at), reply)


def key_of(reply: Reply) -> str:
    """What names a message: a hash of it, or of what was said of it, behind the id that its sender gave it.

    An id alone is not enough: mail programs that use one twice would have the second message overlooked.
    """
    said = [reply.who.casefold(), reply.words, reply.said]
    if reply.id and len(reply.id) <= LONGEST_ID and reply.id.isprintable():
        return f"{reply.id}#{_digest(said)[:8]}"
    if reply.raw is not None:
        return f"reply-{hashlib.sha256(reply.raw).hexdigest()[:32]}"
    return f"reply-{_digest([*said, reply.id, in_utc(reply.at).isoformat(), reply.channel])[:32]}"


def _digest(told: Sequence[str | None]) -> str:
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@dataclass(slots=True)
class _Step:
    """One answer on its way through the steps."""

    handling: Listening
    connection: Connection
    reply: Reply
    reading: Reading
    verdict: Verdict
    key: str

    def take(self) -> Handled:
        """Go through the steps; somebody we do not know is closed, and that is all."""
        names = keys_of((self.reply.who, *self.reply.others), self.handling.project)
        contact = _only(identity.whom(self.connection, names).values(), self.connection)
        closed = contact is not None and self.handling.closed(self.connection, contact, self.reply.channel)
        stop = self._suppress(contact, names)
        if contact is None:
            return self._leave(stop, names)
        person = read_person(self.connection, contact, self.at)
        talk = self._talk(person)
        self._log(contact, talk)
        self._improve(contact, person)
        cancelled, kept = self._clear(contact)
        note = self._note(contact, stop)
        owed = self.handling.owe(self.connection, note, person, talk, self.reading.language, closed=closed)
        news(self.connection, [contact], (), self.at)
        return Handled(
            where=self.reply.where,
            who=self.reply.who,
            contact=person.contact.key,
            state="asked" if self.verdict.question else "handled",
            response=self.verdict.response,
            certainty=None if self.reply.said else self.reading.certainty,
            closed=self.verdict.stop,
            question=f"reply-{note}" if self.verdict.question else None,
            asks=self.verdict.question,
            owed=owed,
            cancelled=cancelled,
            kept=kept,
            remarks=(*self.reply.remarks, *incidents(self.connection, {contact: in_utc(self.reply.at)})),
            reading=self.reading,
        )

    @property
    def at(self) -> datetime:
        """The moment at which all this is recorded."""
        return self.handling.at

    @property
    def policy(self) -> Policy | None:
        """What follows from the answer, where we know which it is."""
        return self.handling.rules.responses[self.verdict.response] if self.verdict.response else None

    def _suppress(self, contact: int | None, names: Sequence[Key]) -> int | None:
        """Close the person, at once; returns the number of the entry, None where there is none."""
        if self.verdict.stop is None or (contact is None and not names):
            return None
        sure = self.verdict.stop == "sure"
        told: dict[str, Any] = {
            "kind": EntryKind.OPT_OUT if sure else EntryKind.PROVISIONAL,
            "contact_id": contact,
            "channels": self.policy.channels if sure and self.policy else (),
            "stated_by": StatedBy.PERSON,
            "source": SOURCE,
            "their_words": (self.reply.words or self.reply.subject or "")[:MOST_WORDS] or None,
            "effective_at": in_utc(self.reply.at),
            "details": {"message": self.key},
        }
        addresses = [key for key in names if key[0] != IdentifierKind.IMPORT]
        named = addresses or (names if contact is None else [])
        named = named if sure or contact is None else named[:1]  # a doubt about somebody we know is one question
        entries = [OptOut(identifier_kind=kind, identifier_value=value, **told) for kind, value in named]
        return optouts.record(self.connection, entries or [OptOut(**told)], self.at)[0]

    def _leave(self, stop: int | None, names: Sequence[Key]) -> Handled:
        """What becomes of an answer by nobody we know: its stop stands, of the rest nothing is kept."""
        remark = "names no single contact of ours; import the contact first"
        if stop is not None:
            remark = "names no single contact of ours; the stop stands for whoever has this name"
            handled.add(self.connection, self._row(None, stop) | {"suppressed_at": self.at})
        elif self.verdict.stop:
            remark = "may be a stop, and nobody can be told from its sender: look at it yourself"
        told = (*self.reply.remarks, remark)
        return Handled(
            where=self.reply.where,
            who=self.reply.who,
            contact=None,
            state="stranger",
            response=self.verdict.response,
            closed=self.verdict.stop if stop is not None else None,
            remarks=told,
        )

    def _talk(self, person: Person) -> Conversation:
        """The answer as a conversation; a stop in doubt has no response until somebody has looked."""
        reply, clues = self.reply, self.verdict.clues
        return Conversation(
            id=self.key,
            at=in_utc(reply.at),
            channel=reply.channel,
            rep_email=canonical_email(reply.rep or ""),
            response=self.verdict.response,
            their_words=reply.words[:MOST_WORDS] or None,
            topic=reply.topic,
            vendor=clues.vendor,
            contract_ends=clues.contract_ends,
            call_back_on=clues.call_back_on,
            wake_on=clues.wake_on,
            referred_to=clues.referred_to,
            recording_url=reply.recording_url,
            notes=reply.notes,
            title=reply.title or person.title,
            campaign=reply.campaign,
            script_variant=reply.script_variant,
        )

    def _log(self, contact: int, talk: Conversation) -> None:
        tags = list(self.policy.desk.tags) if self.policy else []
        talks.add(self.connection, [row_of(talk) | {"contact_id": contact, "tags": tags}], self.at)
        talks.refold(self.connection, [contact], self.handling.rules.responses, self.at)

    def _improve(self, contact: int, person: Person) -> None:
        """Whoever works there no more is news about where they work, and no stop."""
        if not self.reading.left_company or self.reading.certainty < self.handling.project.desk.act_from:
            return
        left = person.account
        facts = {"previous_company": left.name, "previous_domain": left.domain} if left else {}
        signal = Signal(
            id=self.key,
            source=SOURCE,
            kind="left_company",
            occurred_at=in_utc(self.reply.at),
            received_at=in_utc(self.reply.at),
            facts={name: value for name, value in facts.items() if value},
        )
        linked = Linked(signal, (), contact=contact, about=left.id if left else None)
        signals.store(self.connection, [linked], self.at)
        follow(self.connection, [contact], self.handling.rules.responses, self.at)

    def _clear(self, contact: int) -> tuple[int, int]:
        """Take back tasks that the answer makes needless, those that no rep has yet; returns them and the others."""
        if self.policy is None or not self.policy.cancels or self.policy.opt_out:
            return 0, 0
        return handled.cancel_unseen(self.connection, contact, REPLIED, self.at)

    def _note(self, contact: int, stop: int | None) -> int:
        told = {
            "conversation_id": handled.conversation_of(self.connection, self.key),
            "received_id": self._keep() if self.verdict.stop != "sure" else None,
            "reading": {
                "read": self.reading.model_dump(mode="json"),
                "offered": self.verdict.offered.model_dump(mode="json"),
            },
            "question": self.verdict.question,
            "suppressed_at": self.at if stop is not None else None,
            "logged_at": self.at,
            "improved_at": self.at if self.policy and self.policy.desk.tags else None,
        }
        return handled.add(self.connection, self._row(contact, stop) | told)

    def _row(self, contact: int | None, stop: int | None) -> dict[str, Any]:
        return {
            "key": self.key,
            "contact_id": contact,
            "opt_out_id": stop,
            "sent_at": in_utc(self.reply.at),
            "channel": self.reply.channel,
            "response": self.verdict.response,
            "recorded_at": self.at,
        }

    def _keep(self) -> int | None:
        """Keep the message as it came, until it is as old as other things that sources sent."""
        raw = self.reply.raw
        return received.keep_one(self.connection, MESSAGES, self.reply.where, raw, self.at) if raw else None


def row_of(talk: Conversation) -> dict[str, Any]:
    """A conversation as its row."""
    told = talk.model_dump()
    return {"key": told.pop("id"), **told, "wake_on": [word.casefold() for word in talk.wake_on], "category": None}


def keys_of(names: Iterable[str], project: Project) -> list[Key]:
    """What the sender is called by: addresses, numbers, profiles, or the contact_id of the import."""
    found: list[Key] = []
    for name in filter(None, map(str.strip, names)):
        key = identifier_of(name, project)
        found += [key] if key and key[0] != "domain" else []
        found.append((IdentifierKind.IMPORT.value, name))
    return found


def _only(contacts: Iterable[int], connection: Connection) -> int | None:
    """The contact that all these are, None where they are none or several humans."""
    found = set(contacts)
    return min(found) if len(set(identity.keepers(connection, found).values())) == 1 else None
