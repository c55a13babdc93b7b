"""Clocks that go back, leap ahead, or lie apart on two hosts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from reengage.app.moment import judging_moment, settle_moment
from reengage.model.errors import UsageError
from reengage.store.database import Database
from tests.app.story import START, Event, World, make_world

DAY = timedelta(days=1)


@pytest.fixture
def world(tmp_path: Path, database: Database) -> World:
    """Somebody who was imported at the start."""
    made = make_world(tmp_path / "project", database)
    made.live(Event(START, "contacts", ({"contact_id": "C-1", "email": "dana@a.example"},)))
    return made


def test_a_clock_that_runs_behind_refuses_nothing_but_a_stated_moment_may_not_lie_before_the_last_entry(
    world: World,
) -> None:
    assert settle_moment(world.database, START - 300 * DAY, stated=False) == START
    with pytest.raises(UsageError, match="before the last entry"):
        settle_moment(world.database, START - 300 * DAY, stated=True)


def test_a_clock_that_leaps_ten_years_ahead_is_asked_about_and_a_stop_is_recorded_all_the_same(world: World) -> None:
    ahead = START + 3650 * DAY
    with pytest.raises(UsageError, match="clock says 2036-02-28, more than a year after the last entry of 2026-03-02"):
        settle_moment(world.database, ahead, stated=False)
    assert settle_moment(world.database, ahead, stated=False, stop=True) == START
    assert settle_moment(world.database, ahead, stated=True) == ahead


def test_a_stop_may_be_stated_for_any_moment(world: World) -> None:
    assert settle_moment(world.database, START - 300 * DAY, stated=True, stop=True) == START - 300 * DAY
    assert settle_moment(world.database, START - 300 * DAY, stated=False, stop=True) == START


def test_two_hosts_whose_clocks_lie_hours_apart_take_turns(world: World) -> None:
    assert judging_moment(world.database, START - DAY / 2, stated=False) == START
    assert judging_moment(world.database, START + DAY / 2, stated=False) == START + DAY / 2


def test_a_run_is_not_judged_in_a_future_that_another_clock_made_up(world: World) -> None:
    with pytest.raises(UsageError, match="clock says 2026-02-28, but the last entry is of 2026-03-02"):
        judging_moment(world.database, START - 2 * DAY, stated=False)


def test_an_empty_database_takes_any_clock(database: Database) -> None:
    assert settle_moment(database, START, stated=False) == START
