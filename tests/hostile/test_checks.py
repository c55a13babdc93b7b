"""The checks can fail: an answer that is slow, greedy, talkative or leaves something behind does not pass."""

from __future__ import annotations

import logging
import os
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hostile.case import Case
from tests.hostile.checks import MOST_MEMORY, costs_little, is_clear, is_unchanged, names_nobody
from tests.hostile.child import Answer, Work, as_console_script
from tests.hostile.conftest import Place
from tests.hostile.people import KNOWN_BY

CHECK = Case("check", ("check",))
Check = Callable[[Answer], None]


def slow(command: tuple[str, ...]) -> None:
    until = time.process_time() + 1.1
    while time.process_time() < until:
        pass


def slow_in_a_child(command: tuple[str, ...]) -> None:
    if not (child := os.fork()):
        slow(command)
        os._exit(0)
    os.waitpid(child, 0)


def greedy(command: tuple[str, ...]) -> None:
    assert b"x" * (MOST_MEMORY + (10 << 20))


def killed(command: tuple[str, ...]) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def broken(command: tuple[str, ...]) -> None:
    raise ZeroDivisionError


def apologetic(command: tuple[str, ...]) -> None:
    print("error: something went wrong that should not have (KeyError)", file=sys.stderr)


def wordless(command: tuple[str, ...]) -> None:
    sys.exit(3)


def garrulous(command: tuple[str, ...]) -> None:
    print("error: " + "a" * 3000, file=sys.stderr)


def colourful(command: tuple[str, ...]) -> None:
    print("\x1b[2J")


def backwards(command: tuple[str, ...]) -> None:
    print("\u202egnp.exe")


def logging_someone(command: tuple[str, ...]) -> None:
    logging.getLogger("reengage.quiet").debug("looked at %s", "zelda1@veiled.example")


def warning_of_someone(command: tuple[str, ...]) -> None:
    logging.getLogger("sqlalchemy.engine").warning("[parameters: ('Quiverdale',)]")


def telling_of_someone(command: tuple[str, ...]) -> None:
    os.write(2, b"Quiverdale")


def showing_someone(command: tuple[str, ...]) -> None:
    print("+44 20 7946 0101")


def _nobody(answer: Answer) -> None:
    names_nobody(answer, KNOWN_BY)


@pytest.mark.parametrize(
    ("work", "check"),
    [
        *((work, costs_little) for work in (slow, slow_in_a_child, greedy, killed)),
        *((work, is_clear) for work in (broken, apologetic, wordless, garrulous, colourful, backwards)),
        *((work, _nobody) for work in (logging_someone, warning_of_someone, telling_of_someone, showing_someone)),
    ],
    ids=lambda value: value.__name__,
)
def test_what_is_wrong_is_found(place: Place, work: Work, check: Check) -> None:
    check(place.meets(CHECK))
    with pytest.raises(AssertionError):
        check(place.meets(CHECK, work))


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM conversation WHERE id = (SELECT max(id) FROM conversation)",
        "UPDATE profile SET last_name = 'Nobody'",
        "INSERT INTO account (name, name_key, recorded_at) VALUES ('x', 'x', '2025-01-01')",
    ],
)
def test_a_change_of_the_book_is_found(place: Place, change: str) -> None:
    before = place.state()
    is_unchanged(before, place.state())
    with sqlite3.connect(place.folder / "reengage.db") as connection:
        assert connection.execute(change).rowcount
    connection.close()
    with pytest.raises(AssertionError):
        is_unchanged(before, place.state())


def test_a_traceback_under_debug_shows_no_parameters_of_statements(place: Place, tmp_path: Path) -> None:
    file = Case("x", ("--debug", "import", "contacts", "in.csv", "--at", "2025-03-04"), {"in.csv": _PERSON})
    answer = place.meets(file, as_console_script_without_a_table)
    assert "Traceback" in answer.err
    assert "hide_parameters" in answer.err
    _nobody(answer)


_PERSON = "contact_id,last_name,email\nC-9,Quiverdale,zelda9@veiled.example\n"


def as_console_script_without_a_table(command: tuple[str, ...]) -> None:
    """The same after somebody has taken a column away from the database."""
    with sqlite3.connect("reengage.db") as connection:
        connection.execute("ALTER TABLE profile RENAME COLUMN last_name TO surname")
    connection.close()
    as_console_script(command)
