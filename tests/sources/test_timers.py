"""Slots of timers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from reengage.sources.timers import slots_of
from tests.sources.project import Project

TIMER = "name: review\nkind: timer\ncron: {cron}\ntimezone: {zone}\nfacts: {{name: monday review}}\n"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_one_signal_for_each_slot(project: Project) -> None:
    connector = project.connector(TIMER.format(cron="0 7 * * 1", zone="Europe/London"))
    first, second = slots_of(connector, moment("2026-10-19T06:00"), moment("2026-11-02T07:00"))
    assert (first.id, second.id) == ("review@2026-10-26T07:00", "review@2026-11-02T07:00")
    assert first.occurred_at == first.received_at == moment("2026-10-26T07:00")
    assert (first.source, first.kind, first.facts) == ("review", "timer", {"name": "monday review"})


def test_the_ends_of_the_range(project: Project) -> None:
    connector = project.connector(TIMER.format(cron="0 7 * * *", zone="UTC"))
    at = moment("2026-10-19T07:00")
    assert [slot.occurred_at for slot in slots_of(connector, at - timedelta(seconds=1), at)] == [at]
    assert list(slots_of(connector, at, at + timedelta(hours=23))) == []


@pytest.mark.parametrize("step", [1, 5, 48])
def test_however_often_we_look_each_slot_comes_once(project: Project, step: int) -> None:
    connector = project.connector(TIMER.format(cron='"30 * * * *"', zone="Europe/Berlin"))
    start = moment("2026-10-23T00:00")
    looks = [start + timedelta(hours=hours) for hours in range(0, 97, step)]
    ids = [slot.id for after, until in pairwise(looks) for slot in slots_of(connector, after, until)]
    whole = [slot.id for slot in slots_of(connector, looks[0], looks[-1])]
    assert ids == whole
    assert len(set(whole)) == len(whole)


def test_other_kinds_have_no_slots(project: Project) -> None:
    connector = project.connector("name: x\nkind: jsonl\npath: x\n")
    assert list(slots_of(connector, moment("2020-01-01"), moment("2030-01-01"))) == []
