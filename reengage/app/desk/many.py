"""Many answers at once: whoever says stop first, and what cannot be read looked through for stops."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from reengage.app.desk.handling import Listening
from reengage.app.desk.replyfile import BadReply
from reengage.app.desk.respond import SOURCE, Handled, handle, key_of, keys_of
from reengage.app.imports.names import identifier_of
from reengage.intake.salvage import looks_like_stop_row, mentions
from reengage.intake.verdict import decide
from reengage.model.optout import EntryKind, OptOut
from reengage.model.reply import Reply
from reengage.model.words import STOPS
from reengage.store import optouts, stated


def respond_all(handling: Listening, replies: Callable[[], Iterable[Reply | BadReply]]) -> Iterator[Handled | BadReply]:
    """Handle many answers, each in a transaction of its own; `replies` reads them anew at each call.

    Whatever closes somebody is handled in a first pass over all of them. What cannot be read is handed back, and where
    it may be a stop whomever it names is closed until a person has looked.
    """
    closing: set[str] = set()
    for reply in replies():
        if isinstance(reply, Reply) and _closes(handling, reply) and key_of(reply) not in closing:
            closing.add(key_of(reply))
            yield handle(handling, _not_ahead(reply, handling.at), key_of(reply))
    for reply in replies():
        if not isinstance(reply, Reply):
            yield salvage(handling, reply)
        elif key_of(reply) not in closing:
            yield handle(handling, _not_ahead(reply, handling.at), key_of(reply))


def _not_ahead(reply: Reply, at: datetime) -> Reply:
    """The answer, as of now where its date lies in the future: a wrong clock keeps no stop from counting."""
    if reply.at <= at:
        return reply
    remark = f"its date {reply.at:%Y-%m-%d %H:%M} lies in the future; it counts as of now"
    return reply.model_copy(update={"at": at, "remarks": (*reply.remarks, remark)})


def salvage(handling: Listening, bad: BadReply) -> BadReply:
    """Close whom an answer names that cannot be read, where it may be a stop; says so in its reason."""
    text = bad.raw.decode("utf-8", "replace")
    reading = handling.read(Reply(who="", at=handling.at, words=text))
    if not (reading.doubtful_stop or reading.response in STOPS or looks_like_stop_row(text)):
        return bad
    found = {identifier_of(name, handling.project) for name in mentions(text)}
    mentioned = {key for key in found if key is not None and key[0] != "domain"}
    names = sorted(mentioned.union(keys_of(bad.names, handling.project)))
    told: dict[str, Any] = {
        "kind": EntryKind.PROVISIONAL,
        "source": SOURCE,
        "their_words": f"{bad.where}: {bad.reason}",
    }
    stops = [OptOut(identifier_kind=kind, identifier_value=value, **told) for kind, value in names]
    with handling.database.deciding() as connection:
        handling.database.in_order_of_arrival(connection)
        optouts.record(connection, stated.unstated(connection, stops), handling.at)
    closed = "whom it names is closed until somebody answers in `reengage review`" if names else "and names nobody"
    return replace(bad, reason=f"{bad.reason}; it may be a stop, {closed}")


def _closes(handling: Listening, reply: Reply) -> bool:
    return decide(reply, handling.read(reply), handling.project.desk.act_from).stop is not None
