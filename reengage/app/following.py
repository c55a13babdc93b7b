"""What follows when we learn something about people: who is one human, where they work, what holds and closes them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection

from reengage.language.responses import Policy
from reengage.model.words import Response
from reengage.store import identity, keys, optouts, signals, talks
from reengage.store.news import news


def follow(
    connection: Connection, contacts: Collection[int], policies: Mapping[Response, Policy], at: datetime
) -> set[int]:
    """Draw every conclusion from what is new about these contacts; returns those who became, or ceased to be, one.

    The lock has to be held exclusively: a conclusion can close someone for whom a run is writing a task.
    """
    changed = identity.settle(connection, contacts, at)
    everyone = {*contacts, *changed}
    talks.refold(connection, changed, policies, at)
    signals.fold_moves(connection, everyone, at)
    keys.rekey(connection, everyone)
    optouts.settle(connection, everyone, at)
    news(connection, changed, (), at)
    return changed
