"""Kill -9 at any moment: what was acknowledged is there, nothing is there twice, and no file is half there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from time import perf_counter, sleep

import pytest

from tests.crash.book import LENGTH, Book, Facts, grown, perform, write
from tests.crash.child import PATIENCE, go_on, heard, start
from tests.figures import record

Maker = Callable[[str, Path], str]
KILLS = 50
SEEDS = pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.lab) for seed in range(1, 11))])
KINDS = pytest.mark.parametrize("kind", ["sqlite", "postgresql"])


class Twin:
    """The same book, whose writer nobody kills: what it holds after each command."""

    def __init__(self, folder: Path, url: str) -> None:
        self.book = write(folder, url)
        self.facts: list[Facts] = [self.book.facts()]
        database, begun = self.book.open(), perf_counter()
        for number in range(LENGTH):
            perform(self.book, database, number)
            self.facts.append(self.book.facts())
        self.seconds = (perf_counter() - begun) / LENGTH
        database.close()


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory, new_database: Maker) -> Callable[[str], Twin]:
    made: dict[str, Twin] = {}

    def twin(kind: str) -> Twin:
        if kind not in made:
            folder = tmp_path_factory.mktemp("twin")
            made[kind] = Twin(folder / "project", new_database(kind, folder))
        return made[kind]

    return twin


def check_what_is_there(book: Book, twin: Twin, done: int) -> None:
    """Everything acknowledged, at most what the next command does, and only whole files."""
    there = grown(book.facts())
    assert grown(twin.facts[done]) - there == {}
    assert there - grown(twin.facts[min(done + 1, LENGTH)]) == {}
    whole = twin.book.exports()
    assert all(whole[name] == content for name, content in book.exports().items())


@KINDS
@SEEDS
def test_whenever_the_writer_is_killed_nothing_acknowledged_is_lost_and_nothing_is_doubled(
    twins: Callable[[str], Twin], new_database: Maker, tmp_path: Path, kind: str, seed: int
) -> None:
    twin, dice = twins(kind), Random(seed)
    book = write(tmp_path / "project", new_database(kind, tmp_path))
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
        kills += process.exitcode == -9
        assert process.exitcode in (0, -9)
        print(done, kills, acknowledged, flush=True)
        check_what_is_there(book, twin, done)
    record(f"kill -9 at random moments, {kind}, seed {seed}", f"{kills} kills, nothing lost, doubled or half-written")
    assert book.facts() == twin.facts[LENGTH]
    assert book.exports() == twin.book.exports()
    assert not list(book.folder.glob("exports/.*"))
    assert kills >= KILLS // 2
