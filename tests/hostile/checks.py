"""What every answer to a hostile input has to be, each check by itself so that it can be shown to fail."""

from __future__ import annotations

import re
import sqlite3
from ast import literal_eval
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from typing import Any

import psycopg
from sqlmodel import SQLModel

from tests.hostile.child import Answer

MOST_CPU = 1.0
"""Seconds of CPU that an answer may take: issue and reference say one second; time on the wall depends on others."""

MOST_MEMORY = 100 * 1024 * 1024
"""Bytes that an answer may take above what the process has before it begins."""

LONGEST_ERROR = 2_000
"""Characters of what a user is told on standard error, and of one line of a report."""

Fact = tuple[tuple[str, str], ...]
State = dict[str, Counter[Fact]]
"""The rows of every table, each value as Python writes it."""

_TABLES = sorted(set(SQLModel.metadata.tables) - {"quarantine", "file", "received"})
"""Every table but those that say what came in and what was kept back: they are no state of the book."""


def costs_little(answer: Answer, most_cpu: float = MOST_CPU) -> None:
    """The answer came, within the bounds."""
    assert answer.code is not None, "no answer: it hung or was killed"
    assert answer.cpu <= most_cpu, f"{answer.cpu:.2f} s of CPU"
    assert answer.memory <= MOST_MEMORY, f"{answer.memory / 2**20:.0f} MiB"


def is_clear(answer: Answer) -> None:
    """No traceback, nothing that "should not have" happened, no sentence of a library; short, and printable."""
    said = answer.out + answer.err
    for sign in ("Traceback", "should not have", "pydantic", "sqlalchemy", "Errno", "[SQL:", "Error:", "0x7f"):
        assert sign not in said, f"{sign!r} in: {said[:2000]}"
    assert len(answer.err) <= LONGEST_ERROR, f"{len(answer.err)} characters on standard error"
    assert all(len(line) <= LONGEST_ERROR for line in answer.out.splitlines()), "an endless line"
    unprintable = re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", said)
    assert unprintable is None, f"{unprintable} would reach the terminal"
    if answer.code in (2, 3):
        assert answer.err.startswith(("error: ", "Usage: ")), answer.err


def names_nobody(answer: Answer, people: Iterable[str]) -> None:
    """Neither the log nor the streams hold anything by which a person is known."""
    for stream, text in (("log", answer.log), ("standard error", answer.err), ("standard output", answer.out)):
        for word in people:
            assert word.casefold() not in text.casefold(), f"{word!r} in the {stream}: {text[:2000]}"


def state_of(url: str) -> State:
    """All rows of a database but its reports, read past SQLAlchemy."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return {table: _facts(connection.execute(f"SELECT * FROM {table}")) for table in _TABLES}
    with psycopg.connect(url) as server:
        return {table: _facts(server.execute(f"SELECT * FROM {table}")) for table in _TABLES}  # type: ignore[arg-type]


def _facts(cursor: Any) -> Counter[Fact]:
    names = [column[0] for column in cursor.description]
    return Counter(tuple(zip(names, map(repr, row), strict=True)) for row in cursor)


def is_unchanged(before: State, after: State) -> None:
    """No row came, went or changed."""
    for name, rows in before.items():
        assert after[name] == rows, f"{name}: {after[name] - rows} instead of {rows - after[name]}"


def contacts_in(state: State) -> set[str]:
    """The contact_ids of the book."""
    return _named(state, "contact", "key")


def signals_in(state: State) -> set[str]:
    """The ids of the signals taken in."""
    return _named(state, "signal", "id")


def _named(state: State, table: str, column: str) -> set[str]:
    return {literal_eval(dict(row)[column]) for row in state[table]}
