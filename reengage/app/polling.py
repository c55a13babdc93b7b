"""Asking APIs: every page is kept before the next one is asked for, and the cursor moves after a whole good poll."""

from __future__ import annotations

import hashlib
import os
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from reengage.app import elsewhere
from reengage.app.project import Project
from reengage.model.errors import ReengageError
from reengage.sources import program
from reengage.sources.connector import Connector, Polling
from reengage.sources.opening import Stored
from reengage.sources.program import Program, Pulled
from reengage.sources.rest import client
from reengage.sources.rest.client import Page, Pull
from reengage.sources.rest.outcome import Outcome, State
from reengage.sources.signals import newest_in
from reengage.store import pollings, received
from reengage.store.database import Database
from reengage.store.pollings import Standing
from reengage.store.received import Arrival

AHEAD = timedelta(minutes=5)
"""How far ahead of now a cursor may be: one record dated 2099 must not blind us to the rest."""


@dataclass(frozen=True, slots=True)
class Polled:
    """What came of asking one source: how many pages, and what is to be said about it."""

    connector: Connector
    before: Standing
    pages: int = 0
    hashes: frozenset[str] = frozenset()
    cursor: datetime | None = None
    is_whole: bool = False
    waits: str = ""
    problem: str = ""


def poll(
    database: Database, project: Project, connector: Connector, at: datetime, now: datetime, *, insist: bool
) -> Polled:
    """Ask a source for what is new and keep its pages; with `insist` also one that is resting or disabled.

    `now` is the machine's clock, by which the source is asked; nobody is asked before the moment it named itself.
    """
    polling = connector.polling
    if polling is None:
        raise ReengageError(f"{connector.name} is not polled")
    with database.reading() as connection:
        before = pollings.standing(connection, connector.name, origin_of(connector))
    if resting := _resting(connector, polling, before, now, insist):
        return resting
    try:
        polled, outcome = _ask(database, project, connector, before, at, now)
    except ReengageError as error:
        return Polled(connector, before, problem=f"{connector.name}: {error.message}; {error.help or ''}".rstrip("; "))
    after = _after(before, outcome, now)
    with database.writing() as connection:
        pollings.put(connection, connector.name, after)
    return replace(polled, before=after, problem=_problem(connector, outcome), is_whole=outcome.state is State.DONE)


def settle(database: Database, polled: Polled, at: datetime) -> int:
    """After a whole poll of which all was taken in: its source was heard, and its cursor moves.

    Returns how many pages were not taken in.
    """
    name = polled.connector.name
    with database.reading() as connection:
        left = [one for one in polled.hashes if not received.is_taken(connection, name, one)]
    if polled.is_whole and not left:
        with database.writing() as connection:
            pollings.put(connection, name, replace(polled.before, cursor=polled.cursor))
            elsewhere.note_file(connection, name, "a poll", round(at.timestamp() * 1e9), "", at)
    return len(left)


def origin_of(connector: Connector) -> str:
    """The hash of what a cursor belongs to: the address, and where in a record the cursor stands."""
    polling = connector.polling
    parts = (polling.reads, polling.cursor and polling.cursor.text) if polling else ()
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _resting(connector: Connector, polling: Polling, before: Standing, now: datetime, insist: bool) -> Polled | None:
    """Why a source is not asked, or None."""
    if before.not_before and before.not_before > now:
        return Polled(connector, before, waits=f"{connector.name} asks us to wait until {_utc(before.not_before)}")
    if before.disabled_why and not insist:
        return Polled(connector, before, problem=_disabled(connector, before.disabled_why))
    if before.polled_at and before.polled_at + polling.every > now and not insist:
        return Polled(connector, before, waits=f"{connector.name} was asked at {_utc(before.polled_at)}")
    return None


def _ask(
    database: Database, project: Project, connector: Connector, before: Standing, at: datetime, now: datetime
) -> tuple[Polled, Outcome]:
    polling = connector.polling
    assert polling is not None  # noqa: S101, the caller looked
    since = before.cursor - polling.overlap if before.cursor else polling.start
    pages = _begin(project, connector, polling, since, now)
    hashes, newest = set(), before.cursor
    with closing(pages):
        for page in pages:
            arrival = _arrival(connector, page, at)
            hashes.add(arrival.sha256)
            with database.keeping() as connection:
                received.keep(connection, [arrival], at)
            found = newest_in(connector, Stored(page.where, page.body))
            newest = max(filter(None, (newest, found)), default=None)
    newest = newest if polling.cursor else now
    cursor = min(newest, now + AHEAD) if newest else None
    return Polled(connector, before, len(hashes), frozenset(hashes), cursor), pages.outcome


def _begin(
    project: Project, connector: Connector, polling: Polling, since: datetime | None, now: datetime
) -> Pull | Pulled:
    if isinstance(polling.request, Program):
        return program.pull(polling.request, since=since, now=now, environ=os.environ, folder=project.folder)
    return client.pull(
        polling.request,
        since=since,
        now=now,
        environ=os.environ,
        folder=project.folder,
        budget=polling.max_calls,
        allowed_hosts=project.private_hosts,
        records=connector.records.of if connector.records else None,
    )


def _arrival(connector: Connector, page: Page, at: datetime) -> Arrival:
    digest = hashlib.sha256(page.body).hexdigest()
    return Arrival(connector.name, page.where, digest, len(page.body), page.body, at)


def _after(before: Standing, outcome: Outcome, now: datetime) -> Standing:
    """Where we stand after a poll, but for the cursor."""
    refused = outcome.reason if outcome.state is State.REFUSED else None
    return replace(before, polled_at=now, not_before=outcome.not_before, disabled_why=refused)


def _problem(connector: Connector, outcome: Outcome) -> str:
    if outcome.state is State.DONE:
        return ""
    if outcome.not_before:
        return f"{connector.name} asks us to wait until {_utc(outcome.not_before)}"
    if outcome.state is State.REFUSED:
        return _disabled(connector, outcome.reason)
    return f"{connector.name}: {outcome.reason}; the next ingest begins where the last whole one ended"


def _disabled(connector: Connector, why: str) -> str:
    return f"{connector.name} is disabled: {why}; mend it, then: reengage ingest {connector.name}"


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
