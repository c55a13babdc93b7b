"""Everything that goes in and out is counted; the times that it takes are never asserted."""

from __future__ import annotations

import pytest

from bench.place import Kind
from bench.throughput import STEPS, measure, show


def test_every_row_goes_in_and_out(capsys: pytest.CaptureFixture[str]) -> None:
    told: list[str] = []
    found = measure(120, 1_000, Kind.SQLITE, told.append)

    assert len(told) == STEPS
    done = {name: cost.done for name, cost in found.costs.items()}
    assert done.pop("export tasks") == pytest.approx(120, abs=6), "all but those who have said stop"
    assert set(done.values()) == {120}
    assert [(what, one.entries) for what, one in found.look_ups.items()] == [("address", 1_000), ("contact", 1_000)]
    assert all(one.first > 0 and one.slow >= one.median > 0 for one in found.look_ups.values())

    show(found, "a toy")
    assert "contact" in capsys.readouterr().out
