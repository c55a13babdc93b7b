"""What follows when we learn something about people: who is one human, where they work, what holds and closes them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from reengage.language.responses import Policy
from reengage.model.words import Response
from reengage.store import closing, identity, keys, people, signals, talks
from reengage.store.news import news
from reengage.store.people import Link, Shared


@dataclass(frozen=True, slots=True)
class Followed:
    """What came of it: who has one of the links that is new, and who else got an identifier, which of these others have
    too, and the earlier signals about them."""

    given: frozenset[int]
    linked: frozenset[int]
    shared: tuple[Shared, ...]
    claimed: int


def follow(
    connection: Connection,
    contacts: Collection[int],
    policies: Mapping[Response, Policy],
    at: datetime,
    links: Collection[Link] = (),
) -> Followed:
    """Link these identifiers, and draw every conclusion from what is new about these contacts.

    The lock has to be held exclusively: a conclusion can close someone for whom a run is writing a task.
    """
    given, linked = set[int](), set[int]()
    changed, shared, claimed = set[int](), list[Shared](), 0
    while fresh := people.unknown_links(links, holding := people.holders_of(connection, links)):
        shared += people.link(connection, fresh, at, holding)
        holders = {one.contact_id for one in fresh}
        given = given or holders
        linked |= holders
        changed |= identity.settle(connection, holders, at)
        links, number = signals.claim(connection, fresh, at)
        claimed += number
    changed |= identity.settle(connection, set(contacts) - linked, at)
    everyone = set(contacts) | linked | changed
    talks.refold(connection, changed, policies, at)
    signals.fold_moves(connection, everyone, at)
    keys.rekey(connection, everyone)
    closing.settle(connection, everyone, at)
    news(connection, changed, (), at)
    return Followed(frozenset(given), frozenset(linked - set(contacts)), tuple(shared), claimed)
