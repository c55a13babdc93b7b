"""One call of the desk: what a project says about answers, and the moment at which they are recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from reengage.app.desk.owed import Case, Office, Owed
from reengage.app.project import Project
from reengage.intake.reading.reader import Reader
from reengage.intake.reading.understand import When
from reengage.language.ruleset import RuleSet
from reengage.model.base import in_utc
from reengage.model.conversation import READ, Conversation
from reengage.model.desk import SlaKind, SlaState
from reengage.model.errors import UsageError
from reengage.model.reading import Reading
from reengage.model.reply import Reply
from reengage.model.words import Channel
from reengage.store import handled, optouts, people, sla
from reengage.store.database import Database
from reengage.store.persons import Person


@dataclass(frozen=True, slots=True)
class Handling:
    """One call: what a project says about answers, and the moment at which they are recorded."""

    database: Database
    project: Project
    rules: RuleSet
    at: datetime

    def closed(self, connection: Connection, contact: int, channel: Channel | None) -> bool:
        """Whether this contact has said stop on a channel; e-mail where nobody said by which."""
        standing = optouts.standings(connection, [contact])[contact]
        return not standing.readable or (channel or Channel.EMAIL) in standing.closed

    def owe(
        self, connection: Connection, note: int, person: Person, talk: Conversation, language: str, *, closed: bool
    ) -> tuple[Owed, ...]:
        """Write down what acknowledges the answer with this number; somebody `closed` gets the one confirmation alone.

        Asking for an introduction takes the place of asking who the right person is.
        """
        policy = self.rules.responses.get(talk.response) if talk.response else None
        if policy is None or (closed and not policy.opt_out):
            return ()
        office = Office(self.project, self.rules.replies, people.read_owners(connection, self.at))
        company = person.account.name if person.account else ""
        case = Case(talk.id.removesuffix(READ), person.contact, company, talk, policy, language)
        confirmed = closed and handled.has_confirmation(connection, person.contact.id)
        owed = office.owes(case, confirmed=confirmed, at=self.at)
        if owed is None:
            return ()
        if owed.kind is SlaKind.INTRODUCTION:
            for key in sla.open_of(connection, note):
                sla.close(connection, key, SlaState.CANCELLED, self.at, "asks to be introduced instead")
        sla.add(connection, [_row(owed, case, note, self.at)])
        return (owed,)


@dataclass(frozen=True, slots=True)
class Listening(Handling):
    """A call that reads answers, too."""

    reader: Reader

    @classmethod
    def begin(cls, database: Database, project: Project, at: datetime) -> Listening:
        """Begin with the rules and the wording of the project; raises ReengageError where they have errors."""
        return cls(database, project, project.usable_rules(), in_utc(at), reader_of(project))

    def read(self, reply: Reply) -> Reading:
        """What the words of an answer seem to say."""
        return read(reply, self.project, self.reader)


def reader_of(project: Project) -> Reader:
    """What reads answers in a project; raises ReengageError where it has no phrases, or some with errors."""
    wording = project.usable_wording()
    if not wording.phrases.lines:
        raise UsageError(
            "this project has no phrases, so nobody would be heard who says stop",
            help='copy rules/reading/ from a new project made by "reengage init"',
        )
    return Reader.of(wording)


def read(reply: Reply, project: Project, reader: Reader) -> Reading:
    """What the words of an answer seem to say; dates are reckoned from the day there on which it came."""
    when = When(reply.at.astimezone(ZoneInfo(project.settings.zone)).date(), project.desk.fiscal_year_starts)
    return reader.read(reply.words, when, reply.channel)


def _row(owed: Owed, case: Case, note: int, at: datetime) -> dict[str, object]:
    names = ("key", "kind", "channel", "owner", "action", "text", "language", "sla")
    return {
        **{name: getattr(owed, name) for name in names},
        "handling_id": note,
        "contact_id": case.contact.id,
        "response": case.policy.response,
        "due_at": owed.due.moment,
        "arithmetic": owed.due.arithmetic,
        "state": SlaState.OPEN,
        "created_at": at,
    }
