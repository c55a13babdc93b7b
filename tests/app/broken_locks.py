"""Locks that are not good enough, which the explorer of interleavings has to see through."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from reengage.app import export as exporting
from reengage.app import run as running
from reengage.delivery.outgoing import Outgoing
from reengage.model.decision import Decision
from reengage.model.optout import OptOut
from reengage.people.identifiers import stored_keys
from reengage.store import closing, identity, optouts, people, tasks
from reengage.store.database import Database
from tests.app.interleaving import UNLOCKED

Broken = Callable[[Database], AbstractContextManager[None]]


@contextmanager
def no_lock(database: Database) -> Iterator[None]:
    """Every writing transaction is an ordinary one: in SQLite deferred, in PostgreSQL read committed."""

    @contextmanager
    def unlocked(self: Database, function: str, number: int) -> Iterator[Connection]:
        with self.engine.execution_options(**{UNLOCKED: True}).connect() as connection, connection.begin():
            yield connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "_locked", unlocked)
        patch.setattr(Database, "in_order_of_arrival", lambda self, connection: None)
        yield


@contextmanager
def no_transaction(database: Database) -> Iterator[None]:
    """Python's driver of SQLite begins transactions as it does by itself: before a write, so that reads are outside."""

    def as_by_default(connection: Any, _: object) -> None:
        connection.isolation_level = ""

    def begin_nothing(_: Connection, cursor: Any, statement: str, parameters: Any, *more: object) -> tuple[str, Any]:
        return ("SELECT 1" if statement == "BEGIN" else statement), parameters

    engine = database.engine
    event.listen(engine, "connect", as_by_default)
    event.listen(engine, "before_cursor_execute", begin_nothing, retval=True)
    engine.dispose()
    with no_lock(database):
        yield
    event.remove(engine, "connect", as_by_default)
    event.remove(engine, "before_cursor_execute", begin_nothing)
    engine.dispose()


@contextmanager
def lock_per_contact(database: Database) -> Iterator[None]:
    """Each operation locks the contacts it finds, before it asks or writes anything about them, and nothing else.

    In PostgreSQL only: a row of SQLite can be locked only together with the whole file.
    """
    record, link, say = optouts.record, people.link, identity.say
    run_asks, export_asks = running._ask_again, exporting._ask_again

    def locked_record(connection: Connection, entries: Sequence[OptOut], at: datetime) -> list[int]:
        names = [(one.identifier_kind, one.identifier_value) for one in entries]
        keys = [key for kind, value in names if kind and value for key in stored_keys(kind, value)]
        _lock(connection, closing.holders(connection, keys) | {one.contact_id or 0 for one in entries})
        return record(connection, entries, at)

    def locked_link(
        connection: Connection, links: Collection[people.Link], at: datetime, _: people.Holders | None = None
    ) -> list[people.Shared]:
        _lock(connection, {one.contact_id for one in links})
        return link(connection, links, at)

    def locked_say(connection: Connection, told: Collection[identity.Said], at: datetime) -> None:
        _lock(connection, {id for one in told for id in (one.keep, one.other)})
        say(connection, told, at)

    def locked_run(connection: Connection, decisions: Sequence[Decision]) -> list[Decision]:
        _lock(connection, {one.contact_id for one in decisions})
        return run_asks(connection, decisions)

    def locked_export(
        connection: Connection, waiting: Sequence[Outgoing], shelf: exporting.Shelf
    ) -> tuple[list[Outgoing], dict[str, str]]:
        _lock(connection, set(tasks.contacts_of(connection, [one.key for one in waiting]).values()))
        return export_asks(connection, waiting, shelf)

    with no_lock(database), pytest.MonkeyPatch.context() as patch:
        patch.setattr(optouts, "record", locked_record)
        patch.setattr(people, "link", locked_link)
        patch.setattr(identity, "say", locked_say)
        patch.setattr(running, "_ask_again", locked_run)
        patch.setattr(exporting, "_ask_again", locked_export)
        yield


def _lock(connection: Connection, contacts: Collection[int]) -> None:
    for contact in sorted(contacts):
        connection.execute(text(f"SELECT pg_advisory_xact_lock({contact})"))


@contextmanager
def no_second_look(database: Database) -> Iterator[None]:
    """The run has the lock, but believes what it read before it had it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "_ask_again", lambda connection, decisions: list(decisions))
        yield


@contextmanager
def lock_in_one_mode(database: Database) -> Iterator[None]:
    """Stops, links and merges have the lock together with runs and exports, not to themselves.

    In PostgreSQL only: the lock of SQLite has no other mode.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "deciding", lambda self, journaled=True: self.writing())
        yield
