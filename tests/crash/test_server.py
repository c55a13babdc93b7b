"""PostgreSQL stopped at once, as when its host loses power: whoever waits is told, and goes on where they were."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from time import sleep

import pytest

from tests.conftest import prepared
from tests.crash.book import LENGTH, write
from tests.crash.child import PATIENCE, go_on, heard, start
from tests.crash.conftest import Twins
from tests.figures import record
from tests.servers import Server

STOPS = pytest.mark.parametrize("stops", [4, pytest.param(200, marks=pytest.mark.lab)])


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of its own, that waits for the disk as one of a user does."""
    with tempfile.TemporaryDirectory(prefix="reengage-pg-") as folder, Server(Path(folder), lasts=True) as server:
        yield server


@STOPS
def test_a_server_that_stops_at_once_loses_and_doubles_nothing(
    twins: Twins, server: Server, tmp_path: Path, stops: int
) -> None:
    twin, dice, done, stopped, books = twins("postgresql"), Random(stops), LENGTH, 0, 0
    while stopped < stops or done < LENGTH:
        if done == LENGTH:
            books += 1
            book, done, patience = write(tmp_path / f"project{books}", prepared(server.create())), 0, twin.seconds
        process, pipe = start(go_on, book, done)
        assert pipe.poll(PATIENCE)
        assert pipe.recv() == "ready"
        if stopped < stops:
            sleep(dice.uniform(0, 2 * patience))
            server.stop_at_once()
            stopped += 1
            process.join(PATIENCE)
            server.start_again()
        process.join(PATIENCE)
        acknowledged = heard(pipe)
        patience = twin.seconds if acknowledged else 1.2 * patience
        done = acknowledged[-1] + 1 if acknowledged else done
        assert process.exitcode in (0, 1)
        twin.check(book, done)
    twin.check_the_end(book)
    record(
        "PostgreSQL stopped with `immediate` while commands ran", f"{stopped} stops: nothing lost, doubled, half there"
    )
