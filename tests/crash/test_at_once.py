"""Eight processes begin the same slot at the same moment: each task is there once."""

from __future__ import annotations

import pytest

from tests.crash.book import COMMANDS, Book, perform
from tests.crash.child import PATIENCE, all_at_once, barrier, heard, start
from tests.crash.conftest import Twins

PROCESSES = 8


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("command", ["run", "export"])
def test_eight_processes_at_once_do_it_once(twins: Twins, book: Book, kind: str, command: str) -> None:
    number, twin = len(COMMANDS) + COMMANDS.index(command), twins(kind)
    database = book.open()
    for earlier in range(number):
        perform(book, database, earlier)
    database.close()
    gate = barrier(PROCESSES)
    children = [start(all_at_once, book, number, gate) for _ in range(PROCESSES)]
    for process, _ in children:
        process.join(PATIENCE)
    told = [heard(pipe) for _, pipe in children]
    assert all(len(said) == 1 for said in told)
    twin.check_the_end(book, number + 1)
