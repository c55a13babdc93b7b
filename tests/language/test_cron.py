"""Schedules against a walk over every minute, whose only knowledge is the wall clock and the text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reengage.language.cron import Schedule
from reengage.language.values import NotUnderstood

MINUTE = timedelta(minutes=1)
CHANGES = [
    ("America/New_York", datetime(2026, 3, 7, 12)),
    ("America/New_York", datetime(2026, 10, 31, 12)),
    ("Europe/Paris", datetime(2026, 3, 28, 12)),
    ("Europe/Paris", datetime(2026, 10, 24, 12)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 3)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 3)),
    ("Pacific/Chatham", datetime(2026, 4, 4, 3)),
    ("Pacific/Chatham", datetime(2026, 9, 26, 3)),
    ("Pacific/Apia", datetime(2011, 12, 29, 12)),
    ("America/St_Johns", datetime(2006, 10, 28, 12)),
    ("Asia/Kolkata", datetime(2026, 6, 1)),
    ("UTC", datetime(2026, 2, 28)),
]
SHAPES = [
    "* * * * *",
    "*/15 * * * *",
    "0 * * * *",
    "30 1 * * *",
    "30 2 * * *",
    "15 2,3 * * *",
    "0 7 * * mon-fri",
    "0 0 1 * *",
    "45 1-3 * * sun",
    "*/7 */2 * * 0",
    "59 23 28-31 * *",
    "0 6 * jan,mar,oct *",
]


def matches(text: str, local: datetime) -> bool:
    minute, hour, day, month, weekday = text.split()
    months = ["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    parts = [
        (minute, local.minute, 0, []),
        (hour, local.hour, 0, []),
        (day, local.day, 1, []),
        (month, local.month, 1, months),
        (weekday, local.isoweekday() % 7, 0, days),
    ]
    return all(any(_part(piece, value, low, names) for piece in field.split(",")) for field, value, low, names in parts)


def _part(piece: str, value: int, low: int, names: list[str]) -> bool:
    body, _, step = piece.partition("/")
    ends = [names.index(end) if end in names else int(end) for end in body.split("-")] if body != "*" else [low, 99]
    return ends[0] <= value <= ends[-1] and (value - ends[0]) % int(step or 1) == 0


def walk(text: str, after: datetime, until: datetime, zone: str) -> list[datetime]:
    """Fires when the wall clock reaches, for the first time, one or more minutes that the text names."""
    there = ZoneInfo(zone)
    instant = after - timedelta(hours=3)  # so that an overlap just before the start is known
    reached = instant.astimezone(there).replace(tzinfo=None)
    fired = []
    while instant < until:
        instant += MINUTE
        local = instant.astimezone(there).replace(tzinfo=None)
        new = [reached + MINUTE * step for step in range(1, int((local - reached) / MINUTE) + 1)]
        reached = max(reached, local)
        if instant > after and any(matches(text, minute) for minute in new):
            fired.append(instant)
    return fired


@pytest.mark.parametrize(("zone", "start"), CHANGES, ids=lambda value: str(value)[:20])
def test_slots_are_those_of_a_walk_over_every_minute(zone: str, start: datetime) -> None:
    after = start.replace(tzinfo=UTC)
    until = after + timedelta(hours=30)
    for text in SHAPES:
        assert list(Schedule.parse(text).slots(after, until, zone)) == walk(text, after, until, zone), text


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(CHANGES), st.sampled_from(SHAPES[:6]), st.integers(0, 30 * 3600))
def test_starting_anywhere_loses_and_repeats_nothing(change: tuple[str, datetime], text: str, seconds: int) -> None:
    zone, start = change[0], change[1].replace(tzinfo=UTC)
    end, middle = start + timedelta(hours=36), start + timedelta(seconds=seconds)
    schedule = Schedule.parse(text)
    whole = list(schedule.slots(start, end, zone))
    assert whole == [*schedule.slots(start, middle, zone), *schedule.slots(middle, end, zone)]
    earlier = [slot for slot in whole if slot <= middle]
    latest = schedule.latest(middle, zone)
    assert latest is not None and latest <= middle
    assert not earlier or latest == earlier[-1]


def days_of(text: str, zone: str, start: datetime) -> list[str]:
    slots = Schedule.parse(text).slots(start.replace(tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC), zone)
    return [slot.astimezone(ZoneInfo(zone)).isoformat() for slot in islice(slots, 3)]


def test_in_a_gap_the_first_valid_instant() -> None:
    assert days_of("30 2 * * *", "America/New_York", datetime(2026, 3, 7, 12)) == [
        "2026-03-08T03:00:00-04:00",
        "2026-03-09T02:30:00-04:00",
        "2026-03-10T02:30:00-04:00",
    ]


def test_in_an_overlap_the_earlier_one_and_only_that() -> None:
    assert days_of("30 1 * * *", "America/New_York", datetime(2026, 10, 31, 12)) == [
        "2026-11-01T01:30:00-04:00",
        "2026-11-02T01:30:00-05:00",
        "2026-11-03T01:30:00-05:00",
    ]


def test_a_rare_day_is_found() -> None:
    assert days_of("0 0 29 2 *", "UTC", datetime(2096, 3, 1)) == []
    assert days_of("0 0 29 2 *", "UTC", datetime(2026, 1, 1))[0].startswith("2028-02-29")


def test_the_ends_of_the_calendar() -> None:
    schedule = Schedule.parse("0 0 1 1 *")
    assert list(schedule.slots(datetime(9999, 1, 2, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC), "UTC")) == []
    assert schedule.latest(datetime(1, 1, 1, tzinfo=UTC), "UTC") in (None, datetime(1, 1, 1, tzinfo=UTC))


REFUSED = [
    *("", "@reboot", "@daily", "* * * * * *", "* * * * * * *", "9" * 5000 + " * * * *", "0-59," * 3000 + "1 * * * *"),
    *("R R * * *", "H H * * *", "0 0 L * *", "0 0 1W * *", "0 0 * * 5#2", "? * * * *", "* * * * l", "0 0 * * mno"),
    *("59/15 * * * *", "5/15 * * * *", "*/0 * * * *", "5-5/0 * * * *", "*/99 * * * *", "1-2-3 * * * *", "1,,2 * * * *"),
    *("* * * * 8", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "-1 * * * *", "0 0 * jan-foo *"),
    *(
        "0 0 31 2 *",
        "0 0 30 feb *",
        "0 0 13 * 5",
        "0 0 */2 * mon",
        "0 0 * * fri-mon",
        "\u0663 * * * *",
        "\u00b2 * * * *",
    ),
]


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:20] or "empty")
def test_what_is_no_schedule(text: str) -> None:
    with pytest.raises(NotUnderstood) as problem:
        Schedule.parse(text)
    assert problem.value.help


@given(st.text(alphabet="0123456789*/-, LW#?RHadefmonu@\t", max_size=40))
def test_any_text_is_a_schedule_or_refused(text: str) -> None:
    try:
        schedule = Schedule.parse(text)
    except NotUnderstood:
        return
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert next(schedule.slots(start, datetime(2040, 1, 1, tzinfo=UTC), "UTC")) > start


def test_within_an_overlap_the_latest_is_the_first_pass_of_the_clock() -> None:
    second_pass = datetime(2026, 11, 1, 6, 20, tzinfo=UTC)  # 01:20 again in New York
    assert Schedule.parse("45 1 * * *").latest(second_pass, "America/New_York") == datetime(
        2026, 11, 1, 5, 45, tzinfo=UTC
    )
