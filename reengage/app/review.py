"""What waits for a person: doubtful moves, provisional stops and unclear answers, listed and answered with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from reengage.app.desk.answer import answer_message
from reengage.app.desk.handling import Handling
from reengage.app.following import follow
from reengage.app.project import Project
from reengage.language.responses import Policy
from reengage.model.base import in_utc
from reengage.model.errors import UsageError
from reengage.model.words import Response
from reengage.store import handled, optouts, reviews
from reengage.store.database import Database
from reengage.store.news import news


@dataclass(frozen=True, slots=True)
class Question:
    """One open question; its `id` is what an answer names: `move-3`, `stop-7`, `reply-2`."""

    id: str
    contact: str
    question: str
    since: datetime


def open_questions(database: Database) -> list[Question]:
    """Everything that waits, the oldest first; people who may have said stop are named by contact_id alone."""
    with database.reading() as connection:
        moves = [
            Question(f"move-{row.id}", row.key, row.question, row.recorded_at) for row in reviews.open_moves(connection)
        ]
        messages = handled.open_questions(connection)
        asked = {row.opt_out_id for row in messages}
        stops = [
            Question(f"stop-{row.id}", row.key or "(not in the book)", _stop_question(row), row.recorded_at)
            for row in reviews.open_stops(connection)
            if row.id not in asked
        ]
        replies = [Question(f"reply-{row.id}", row.key or "", row.question, row.recorded_at) for row in messages]
    return sorted((*moves, *stops, *replies), key=lambda one: (one.since, one.id))


def _stop_question(row: reviews.Row) -> str:
    words = f": {row.their_words}" if row.their_words else ""
    return f"a stop that could not be read for sure ({row.source}{words}); is it one?"


def answer(
    database: Database,
    project: Project,
    id: str,
    verdict: Literal["confirm", "reject"],
    reason: str,
    at: datetime,
    said: Response | None = None,
) -> str:
    """Confirm or reject one open question, or state what a reply `said`.

    Raises UsageError where there is none of this id or no reason.
    """
    if not reason.strip():
        raise UsageError("an answer needs a reason", help='add --because "…"')
    kind, _, number = id.partition("-")
    if kind not in ("move", "stop", "reply") or not number.isdecimal() or len(number) > 18:
        raise UsageError(f'"{id}" is no question', help="reengage review lists them")
    if said is not None and kind != "reply":
        raise UsageError("--as goes with a reply", help="say --confirm or --reject")
    handling = Handling(database, project, project.usable_rules(), in_utc(at))
    policies = handling.rules.responses
    with database.deciding() as connection:
        database.in_order_of_arrival(connection)
        if kind == "move":
            return _answer_move(connection, int(number), verdict == "confirm", reason, policies, at)
        if kind == "reply":
            return answer_message(connection, handling, int(number), verdict, said, reason)
        return _answer_stop(connection, int(number), verdict == "confirm", reason, at)


def _answer_move(
    connection: Connection,
    id: int,
    confirmed: bool,
    reason: str,
    policies: Mapping[Response, Policy],
    at: datetime,
) -> str:
    row = reviews.answer_move(connection, id, confirmed, reason, at)
    if row is None:
        raise UsageError(f"move-{id} is not open", help="reengage review lists what is")
    follow(connection, [row.contact_id], policies, at)
    news(connection, [row.contact_id], (), at)
    return "the move counts from now on" if confirmed else "the move is left out from now on"


def _answer_stop(connection: Connection, id: int, confirmed: bool, reason: str, at: datetime) -> str:
    message = next((row.id for row in handled.open_questions(connection) if row.opt_out_id == id), None)
    if message is not None:
        raise UsageError(f"stop-{id} is about a reply", help=f"answer reply-{message}")
    if not any(row.id == id for row in reviews.open_stops(connection)):
        raise UsageError(f"stop-{id} is not open", help="only provisional stops can be answered, once")
    reached = optouts.resolve(connection, id, confirmed, reason, at)
    news(connection, reached, (), at)
    return "the stop stands" if confirmed else "the stop is lifted: it was none"
