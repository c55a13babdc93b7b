"""Everything that goes in and out is counted; the times that it takes are never asserted."""

from __future__ import annotations

import pytest

from bench.book import Book
from bench.place import Kind
from bench.throughput import STEPS, measure, show


def test_every_row_goes_in_and_out(capsys: pytest.CaptureFixture[str]) -> None:
    told: list[str] = []
    found = measure(150, 1_000, Kind.SQLITE, told.append)
    closed = sum(one.opted_out for one in Book(150, 0).people())

    assert len(told) == STEPS
    done = {name: cost.done for name, cost in found.costs.items()}
    assert closed and done.pop("export tasks") == 150 - closed
    assert set(done.values()) == {150}
    assert [(what, one.entries) for what, one in found.look_ups.items()] == [("address", 1_000), ("contact", 1_000)]
    assert all(one.first > 0 and one.slow >= one.median > 0 for one in found.look_ups.values())

    show(found, "a toy")
    assert "contact" in capsys.readouterr().out
