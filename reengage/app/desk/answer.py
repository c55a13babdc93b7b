"""What a person says of a message that we could not read for sure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection

from reengage.app.desk.handling import Handling
from reengage.app.desk.respond import REPLIED, row_of
from reengage.intake.verdict import told
from reengage.model.conversation import READ, Conversation
from reengage.model.errors import UsageError
from reengage.model.optout import OptOut
from reengage.model.reading import Clues, Reading
from reengage.model.words import STOPS, Response
from reengage.store import handled, optouts, reviews, talks
from reengage.store.candidates import as_conversation
from reengage.store.news import news
from reengage.store.persons import read_person

Verdict = Literal["confirm", "reject"]


@dataclass(frozen=True, slots=True)
class _Open:
    """A message that waits, as it was read."""

    id: int
    contact: int
    opt_out: int | None
    reading: Reading
    offered: Clues
    response: Response | None
    talk: Conversation

    @property
    def guess(self) -> Response | None:
        """What it is, if whoever is asked says yes."""
        return self.response or (None if self.reading.response is Response.OTHER else self.reading.response)


def answer_message(
    connection: Connection,
    handling: Handling,
    id: int,
    verdict: Verdict,
    said: Response | None,
    because: str,
) -> str:
    """Confirm or reject what a message was read as, or say what it is; raises UsageError where none is open."""
    waiting = _open(connection, id)
    response = said or (waiting.guess if verdict == "confirm" else waiting.response)
    if verdict == "confirm" and response is None:
        raise UsageError(f"reply-{id} was read as nothing we know", help="say what it is: --as not_now")
    at = handling.at
    stop = response in STOPS
    reached = _settle_stop(connection, waiting, stop, because, at)
    accepted = waiting.offered if verdict == "confirm" else Clues()
    if response is not None and (response is not waiting.response or accepted != Clues()):
        _write(connection, handling, waiting, response, accepted)
    done = {"answered_at": at, "answered_why": because, "response": response}
    if stop:
        done["suppressed_at"] = at if waiting.opt_out is None else _closed_at(connection, id)
    handled.change(connection, id, done)
    news(connection, {waiting.contact, *reached}, (), at)
    return _said(response, accepted, stop)


def _open(connection: Connection, id: int) -> _Open:
    row = handled.find(connection, id)
    if row is None or row.question is None or row.answered_at is not None or row.contact_id is None:
        raise UsageError(f"reply-{id} is not open", help="reengage review lists what is")
    return _Open(
        id,
        row.contact_id,
        row.opt_out_id,
        Reading.model_validate(row.reading["read"]),
        Clues.model_validate(row.reading["offered"]),
        Response(row.response) if row.response else None,
        as_conversation(handled.conversation(connection, row.conversation_id)),
    )


def _closed_at(connection: Connection, id: int) -> datetime | None:
    row = handled.find(connection, id)
    return row.suppressed_at if row else None


def _settle_stop(connection: Connection, waiting: _Open, stop: bool, because: str, at: datetime) -> set[int]:
    """Confirm or lift what closed the person in doubt; a stop that nobody had suspected closes them now."""
    if waiting.opt_out is not None and any(row.id == waiting.opt_out for row in reviews.open_stops(connection)):
        return optouts.resolve(connection, waiting.opt_out, stop, because, at)
    if stop:
        entry = OptOut(
            contact_id=waiting.contact,
            source="review",
            their_words=waiting.talk.their_words,
            effective_at=waiting.talk.at,
            details={"because": because},
        )
        optouts.record(connection, [entry], at)
    return set()


def _write(connection: Connection, handling: Handling, waiting: _Open, response: Response, accepted: Clues) -> None:
    """Put beside the conversation what a person says of it, and what follows: the hold, the tags, what is owed."""
    policy = handling.rules.responses[response]
    found: Mapping[str, Any] = accepted.model_dump(exclude_defaults=True, exclude={"channels"})
    talk = waiting.talk.model_copy(update={"id": f"{waiting.talk.id}{READ}", "response": response, **found})
    row = row_of(talk) | {"contact_id": waiting.contact, "tags": list(policy.desk.tags)}
    talks.add(connection, [row], handling.at)
    talks.refold(connection, [waiting.contact], handling.rules.responses, handling.at)
    if policy.cancels and not policy.opt_out:
        handled.cancel_unseen(connection, waiting.contact, REPLIED, handling.at)
    if policy.desk.tags:
        handled.change(connection, waiting.id, {"improved_at": handling.at})
    person = read_person(connection, waiting.contact, handling.at)
    closed = handling.closed(connection, waiting.contact, talk.channel)
    handling.owe(connection, waiting.id, person, talk, waiting.reading.language, closed=closed)


def _said(response: Response | None, accepted: Clues, stop: bool) -> str:
    if stop:
        return "the stop stands"
    named = f"; noted: {'; '.join(told(accepted))}" if told(accepted) else ""
    return f"noted as {str(response).replace('_', ' ')}{named}" if response else "left as it is: it makes no hold"
