"""Killed while an answer is handled: all four steps are there, or none, and the next try does them once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from reengage.app.desk.handling import Listening, reader_of
from reengage.app.desk.respond import handle
from reengage.app.imports.contacts import import_contacts
from reengage.app.project import read_project
from reengage.language.ruleset import load_rules
from reengage.model.reply import Reply
from reengage.model.words import Channel
from reengage.store import columns as t
from tests.app.story import ROOT, START, write_csv
from tests.crash.book import Book
from tests.crash.child import PATIENCE, heard, start
from tests.crash.doom import Doom
from tests.figures import record

MOST, KILLED = 1_000, -9
WORDS = "Stop emailing me, this is not relevant to me."
STEPS = (t.OptOutRow, t.ConversationRow, t.HandlingRow, t.SlaReplyRow, t.OptedOutRow)
"""Where the steps leave their rows."""


def answer_and_die(book: Book, nth: int, told: Connection) -> None:
    """Handle one answer, but be killed as the n-th statement, commit or file operation is about to happen."""
    database = book.open()
    project = read_project(ROOT)
    handling = Listening(database, read_project(book.folder), load_rules(ROOT / "rules"), START, reader_of(project))
    with Doom(nth, lambda: os.kill(os.getpid(), signal.SIGKILL)).over(database.engine) as doom:
        handle(handling, Reply(who="C-1", at=START, words=WORDS, channel=Channel.EMAIL, raw=b"From: dana"))
    told.send(doom.count)


def rows(book: Book) -> dict[str, int]:
    database = book.open()
    with database.reading() as connection:
        found: dict[str, int] = {}
        for table in STEPS:
            listed: list[Any] = list(connection.execute(select(table.__table__)))
            found[table.__tablename__] = len(listed)
    database.close()
    return found


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("step", [47, pytest.param(1, marks=pytest.mark.lab)])
def test_killed_before_each_statement_an_answer_is_handled_whole_and_once(
    book: Book, kind: str, step: int, new_database: Callable[[str, Path], str]
) -> None:
    database = book.open()
    person = {"contact_id": "C-1", "email": "dana@a.example", "owner_email": "tom@us.example"}
    import_contacts(database, read_project(book.folder), write_csv(book.folder, (person,)), START)
    database.close()
    nothing, everything = dict.fromkeys(rows(book), 0), {**dict.fromkeys(rows(book), 1), "opted_out": len(Channel) + 1}
    kills = 0
    for nth in range(1, MOST, step):
        process, pipe = start(answer_and_die, book, nth)
        process.join(PATIENCE)
        if process.exitcode == 0:
            break
        assert process.exitcode == KILLED
        assert rows(book) in (nothing, everything)
        kills += 1
    assert heard(pipe)[0] < nth
    assert rows(book) == everything
    record(f"`respond` killed before each statement and file operation, {kind}", f"{kills} kills, done whole and once")
    assert kills
