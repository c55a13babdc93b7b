"""Every clock change of every zone from 2020 to 2035, under twelve shapes of schedules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo, available_timezones

import pytest

from reengage.language.cron import Schedule
from tests.figures import record
from tests.language.test_cron import SHAPES, walk

FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
AROUND = timedelta(hours=15)

Change = tuple[datetime, timedelta, timedelta]
"""The instant of a clock change, and what the clock there says ahead of UTC before and after it."""


def changes(zones: Iterable[str]) -> dict[Change, str]:
    """Every clock change of these, with one of the zones that make it: what their clocks show around it is the same."""
    found: dict[Change, str] = {}
    for name in zones:
        for change in _changes_of(ZoneInfo(name)):
            found.setdefault(change, name)
    return found


def _changes_of(zone: ZoneInfo) -> Iterator[Change]:
    instant = FIRST
    while instant < LAST:
        later = instant + timedelta(days=1)
        if _ahead(instant, zone) != _ahead(later, zone):
            at = _found(instant, later, zone)
            yield at, _ahead(at - timedelta(seconds=1), zone), _ahead(at, zone)
        instant = later


def _found(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first second of the new time."""
    old = _ahead(before, zone)
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        before, after = (middle, after) if _ahead(middle, zone) == old else (before, middle)
    return after


def _ahead(instant: datetime, zone: ZoneInfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


ZONES = sorted(available_timezones())
KNOWN = ("Europe/London", "Australia/Lord_Howe", "Africa/Casablanca", "America/New_York")


@pytest.mark.parametrize("zones", [KNOWN, pytest.param(ZONES, marks=pytest.mark.lab)], ids=["some", "all"])
def test_around_a_clock_change_each_local_occurrence_comes_once(zones: Sequence[str]) -> None:
    found = sorted((change[0], zone) for change, zone in changes(zones).items())
    some, slots = found if zones is ZONES else Random(2026).sample(found, 20), 0
    for at, zone in some:
        for text in SHAPES:
            came = list(Schedule.parse(text).slots(at - AROUND, at + AROUND, zone))
            assert came == walk(text, at - AROUND, at + AROUND, zone), (zone, at, text)
            slots += len(came)
    record(
        f"clock changes 2020 to 2035 of {len(zones)} zones, {len(SHAPES)} shapes of schedules, against a walk by minutes",
        f"{len(some)} different changes, {slots} occurrences: none lost, none twice",
    )


def test_the_changes_of_a_zone_are_found() -> None:
    in_london = sorted(at for at, _, _ in changes(["Europe/London"]))
    assert len(in_london) == 32
    assert in_london[:2] == [datetime(2020, 3, 29, 1, tzinfo=UTC), datetime(2020, 10, 25, 1, tzinfo=UTC)]
    assert {abs(after - before) for _, before, after in changes(["Australia/Lord_Howe"])} == {timedelta(minutes=30)}
