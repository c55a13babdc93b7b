"""Kill -9 at any moment: what was acknowledged is there, nothing is there twice, and no file is half there."""

from __future__ import annotations

from random import Random
from time import sleep

import pytest

from tests.crash.book import COMMANDS, LENGTH, Book, perform
from tests.crash.child import PATIENCE, die_at, go_on, heard, start
from tests.crash.conftest import Twins
from tests.figures import record

KILLS = 50
KILLED = -9
THIRD_WEEK = 2 * len(COMMANDS)
MOST = 2_000
"""More statements and file operations than any of these commands has."""

KINDS = pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
SEEDS = pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.lab) for seed in range(1, 11))])
STEPS = pytest.mark.parametrize("step", [31, pytest.param(1, marks=pytest.mark.lab)])


@KINDS
@SEEDS
def test_killed_at_random_moments_nothing_acknowledged_is_lost_and_nothing_is_doubled(
    twins: Twins, book: Book, kind: str, seed: int
) -> None:
    twin, dice = twins(kind), Random(seed)
    done, kills, patience = 0, 0, twin.seconds
    while done < LENGTH:
        process, pipe = start(go_on, book, done)
        assert pipe.poll(PATIENCE)
        assert pipe.recv() == "ready"
        if kills < KILLS:
            sleep(dice.uniform(0, patience))
            process.kill()
        process.join(PATIENCE)
        acknowledged = heard(pipe)
        patience = twin.seconds if acknowledged else 1.2 * patience
        done = acknowledged[-1] + 1 if acknowledged else done
        kills += process.exitcode == KILLED
        assert process.exitcode in (0, KILLED)
        twin.check(book, done)
    twin.check_the_end(book)
    record(f"kill -9 at random moments, {kind}, seed {seed}", f"{kills} kills: nothing lost, doubled or half there")
    assert kills >= KILLS // 2


@KINDS
@STEPS
@pytest.mark.parametrize("command", COMMANDS)
def test_killed_before_each_statement_and_file_operation_a_command_is_done_once(
    twins: Twins, book: Book, kind: str, command: str, step: int
) -> None:
    number, twin = THIRD_WEEK + COMMANDS.index(command), twins(kind)
    database = book.open()
    for earlier in range(number):
        perform(book, database, earlier)
    database.close()
    kills = 0
    for nth in range(1, MOST, step):
        process, pipe = start(die_at, book, number, nth)
        process.join(PATIENCE)
        twin.check(book, number)
        if process.exitcode == 0:
            break
        assert process.exitcode == KILLED
        kills += 1
    assert heard(pipe)[0] < nth
    twin.check_the_end(book, number + 1)
    record(f"`{command}` killed before each statement and file operation, {kind}", f"{kills} kills, done once")
    assert kills


@pytest.mark.parametrize("kind", ["sqlite"])
def test_what_is_lost_doubled_or_half_there_is_noticed(twins: Twins, book: Book) -> None:
    twin, database = twins("sqlite"), book.open()
    for number in range(len(COMMANDS)):
        perform(book, database, number)
    database.close()
    twin.check_the_end(book, len(COMMANDS))
    with pytest.raises(AssertionError):
        twin.check(book, len(COMMANDS) + 1)
    with pytest.raises(AssertionError):
        twin.check(book, len(COMMANDS) - 2)
    (file,) = book.folder.glob("exports/*.csv")
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(AssertionError):
        twin.check(book, len(COMMANDS))
