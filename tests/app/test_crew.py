"""However many judge, and however much each takes at a time: what comes of a run is the same."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from reengage.app.judge import Judge, Judged
from reengage.app.run import Order, run
from reengage.engine.durable import ChildProcess, InProcess
from reengage.model.errors import RunFailed
from reengage.store import columns as t
from tests.app.story import LATER, World


def outcome(world: World, **how: Any) -> str:
    order = Order(LATER, dry_run=True)
    summary = run(world.database, world.project, order, rules=world.rules, **how)
    assert summary.tasks
    return summary.model_dump_json()


@pytest.mark.parametrize(
    ("workers", "page"), [(1, 1), (2, 3), pytest.param(8, 1, marks=pytest.mark.lab), pytest.param(2, 1)]
)
def test_every_crew_and_every_size_of_page_decides_alike(world: World, workers: int, page: int) -> None:
    alone = outcome(world, start=InProcess)
    assert outcome(world, start=ChildProcess, workers=workers, page=page) == alone


def die(_: Sequence[dict[str, Any]], *, parent: int) -> InProcess:
    """An engine whose making kills its process, unless it is the one that runs the tests."""
    if os.getpid() != parent:
        os._exit(9)
    return InProcess(_)


def test_a_worker_that_dies_ends_the_run_and_nothing_is_written(world: World) -> None:
    start = partial(die, parent=os.getpid())
    with pytest.raises(RunFailed, match="nothing of this run was written"):
        run(world.database, world.project, Order(LATER), rules=world.rules, start=start, workers=2, page=3)
    with world.database.reading() as connection:
        assert connection.execute(t.RunRow.__table__.select()).all() == []
    assert world.tasks() == []
    assert run(world.database, world.project, Order(LATER), rules=world.rules, start=InProcess).tasks


def test_a_contact_with_two_outcomes_ends_the_run_and_nothing_is_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Judge.take

    def twice(self: Judge) -> Judged:
        judged = real(self)
        return Judged(judged.proposals * 2, judged.decisions * 2, judged.notices)

    monkeypatch.setattr(Judge, "take", twice)
    with pytest.raises(RunFailed, match="do not add up"):
        run(world.database, world.project, Order(LATER), rules=world.rules, start=InProcess)
    assert not world.tasks()
