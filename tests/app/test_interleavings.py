"""Stops, answers, links and merges against runs and exports: every order of their steps, with the lock and with worse ones."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reengage.store.database import open_database
from reengage.store.schema import REFUSAL
from tests.app.broken_locks import Broken, lock_in_one_mode, lock_per_contact, no_lock, no_second_look, no_transaction
from tests.app.interleaving import schedules
from tests.app.scenes import (
    ANSWER_EVALUATE,
    ANSWER_EXPORT,
    LINK_EVALUATE,
    LINK_EXPORT,
    MERGE_EVALUATE,
    MERGE_EXPORT,
    OPT_OUT_EVALUATE,
    OPT_OUT_EXPORT,
    OPT_OUT_LINK,
    SCENES,
    Scene,
)
from tests.app.theatre import Theatre, made
from tests.conftest import KEYS, hasty
from tests.figures import record

FEW, ALL = 3, 6
"""Steps of each operation: 20 orders, and 924."""

RUNS = (OPT_OUT_EVALUATE, LINK_EVALUATE, MERGE_EVALUATE, ANSWER_EVALUATE)
EXPORTS = (OPT_OUT_EXPORT, LINK_EXPORT, MERGE_EXPORT, ANSWER_EXPORT)

CAUGHT = {
    ("sqlite", no_transaction): EXPORTS,
    ("sqlite", no_second_look): RUNS,
    ("postgresql", no_lock): SCENES,
    ("postgresql", lock_per_contact): (OPT_OUT_LINK,),
    ("postgresql", no_second_look): RUNS,
    ("postgresql", lock_in_one_mode): (*RUNS, *EXPORTS),
}
"""Which pairs show that a lock is not good enough.

The other pairs it keeps apart: SQLite has one writer whatever we do, and a run is that one before it looks for the
second time, since it writes that there is a run first; what a stop cancels is not there for an export
that only looks under the lock, and the order of arrival lets one of those that learn something in at a time.
"""

EVERY_SCENE = pytest.mark.parametrize("scene", SCENES, ids=str)
EVERY_BROKEN = pytest.mark.parametrize(
    ("theatre", "broken", "scenes"),
    [pytest.param(kind, broken, scenes, id=f"{kind}-{broken.__name__}") for (kind, broken), scenes in CAUGHT.items()],
    indirect=["theatre"],
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def theatre(
    request: pytest.FixtureRequest, new_database: Callable[[str, Path], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Theatre]:
    """A stage on each kind of database, where nothing has to survive a power cut."""
    folder = tmp_path_factory.mktemp("theatre")
    database = hasty(open_database(new_database(request.param, folder), KEYS))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield Theatre.build(folder / "project", database)
    database.close()


def test_every_order_is_there() -> None:
    assert len(set(schedules(FEW, FEW))) == 20
    assert len(set(schedules(ALL, ALL))) == 924
    assert all(sum(schedule) == ALL for schedule in schedules(ALL, ALL))


@EVERY_SCENE
def test_no_order_of_a_few_steps_overlooks_a_stop(theatre: Theatre, scene: Scene) -> None:
    alone = theatre.rehearse(scene)
    assert [player.missed for player in alone.players] == [[], []]
    assert made(alone.players[1].result) == (0 if scene.second.closing else 1)
    tally = theatre.explore(scene, FEW)
    assert (tally.schedules, tally.wrong, tally.refused) == (20, [], [])


@EVERY_BROKEN
def test_a_lock_that_is_not_good_enough_is_seen(theatre: Theatre, broken: Broken, scenes: tuple[Scene, ...]) -> None:
    with broken(theatre.database):
        assert theatre.explore(scenes[0], FEW, triggers=False, until_first=True).wrong


def test_where_the_lock_fails_the_trigger_refuses_the_task(theatre: Theatre) -> None:
    with no_second_look(theatre.database):
        tally = theatre.explore(OPT_OUT_EVALUATE, FEW, until_first=True)
    assert not tally.wrong
    assert tally.refused
    assert REFUSAL in tally.refused[0]


@pytest.mark.parametrize("theatre", ["sqlite"], indirect=True)
def test_a_deferred_transaction_of_sqlite_fails_rather_than_overlook(theatre: Theatre) -> None:
    with no_lock(theatre.database):
        tally = theatre.explore(OPT_OUT_EVALUATE, FEW, triggers=False)
    assert not tally.wrong
    assert tally.refused
    assert all("database is locked" in refused for refused in tally.refused)


@pytest.mark.lab
@EVERY_SCENE
def test_no_order_of_six_steps_overlooks_a_stop(theatre: Theatre, scene: Scene) -> None:
    tally = theatre.explore(scene, ALL)
    record(f"{scene} in every order, {theatre.database.engine.dialect.name}", str(tally))
    assert (tally.schedules, tally.wrong, tally.refused) == (924, [], [])


@pytest.mark.lab
@EVERY_BROKEN
def test_how_many_orders_show_a_broken_lock(theatre: Theatre, broken: Broken, scenes: tuple[Scene, ...]) -> None:
    with broken(theatre.database):
        tally = theatre.explore(scenes[0], ALL, triggers=False)
    record(f"{scenes[0]} with {broken.__name__}, {theatre.database.engine.dialect.name}", str(tally))
    assert tally.wrong


@pytest.mark.lab
@pytest.mark.parametrize("triggers", [True, False], ids=["triggers", "no triggers"])
def test_which_pair_shows_which_broken_lock(theatre: Theatre, triggers: bool) -> None:
    kind = theatre.database.engine.dialect.name
    for broken, shown in ((broken, shown) for (one, broken), shown in CAUGHT.items() if one == kind):
        with broken(theatre.database):
            seen = {scene: len(theatre.explore(scene, FEW, triggers=triggers).wrong) for scene in SCENES}
        told = ", ".join(f"{scene} {number}" for scene, number in seen.items())
        record(
            f"{broken.__name__}, {kind}, {'with' if triggers else 'without'} triggers: orders of 20 gone wrong", told
        )
        assert triggers or {scene for scene, number in seen.items() if number} == set(shown)
