from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reengage.engine.calendar import Calendar
from reengage.engine.hours import DueAt, Hours, read_hours

BERLIN, LONDON, DUBAI = Calendar("Europe/Berlin", "DE"), Calendar("Europe/London", "GB"), Calendar("Asia/Dubai", "AE")


def due(hours: Hours, span: timedelta, at: str) -> tuple[str, str]:
    found = hours.due_in(span, datetime.fromisoformat(at))
    return found.moment.astimezone(ZoneInfo(hours.calendar.zone)).isoformat(timespec="minutes"), found.arithmetic


@pytest.mark.parametrize(
    ("hours", "span", "at", "moment", "arithmetic"),
    [
        (
            Hours(BERLIN),
            60,
            "2026-06-01T10:15+02:00",
            "2026-06-01T11:15+02:00",
            "1 h of 09:00-17:00 Europe/Berlin from Mon 1 Jun 10:15: Mon 1 Jun 10:15 + 1 h = Mon 1 Jun 11:15",
        ),
        (Hours(BERLIN), 60, "2026-06-01T04:00+02:00", "2026-06-01T10:00+02:00", "Mon 1 Jun 09:00 + 1 h"),
        (
            Hours(BERLIN),
            240,
            "2026-06-05T16:30+02:00",
            "2026-06-08T12:30+02:00",
            "Fri 5 Jun 16:30 + 30 min, Mon 8 Jun 09:00 + 3 h 30 min = Mon 8 Jun 12:30 (Sat 6, Sun 7 no work)",
        ),
        (Hours(BERLIN), 240, "2027-03-25T16:00+01:00", "2027-03-30T12:00+02:00", "Good Friday"),
        (Hours(LONDON), 60, "2026-12-24T16:45Z", "2026-12-29T09:45+00:00", "Christmas Day"),
        (
            Hours(DUBAI, time(8), time(16)),
            15,
            "2026-06-05T18:00+04:00",
            "2026-06-08T08:15+04:00",
            "(Sat 6, Sun 7 no work)",
        ),
        (Hours(BERLIN), 60, "2026-06-01T16:00+02:00", "2026-06-01T17:00+02:00", "Mon 1 Jun 16:00 + 1 h"),
        (Hours(BERLIN), 60, "2026-06-01T17:00+02:00", "2026-06-02T10:00+02:00", "Tue 2 Jun 09:00 + 1 h"),
        (
            Hours(Calendar("UTC"), time(9), time(9, 30)),
            60,
            "2026-06-01T09:00Z",
            "2026-06-02T09:30+00:00",
            "30 min, Tue 2 Jun 09:00 + 30 min",
        ),
    ],
)
def test_business_time_is_counted_over_nights_weekends_and_holidays(
    hours: Hours, span: int, at: str, moment: str, arithmetic: str
) -> None:
    found, told = due(hours, timedelta(minutes=span), at)
    assert found == moment
    assert arithmetic in told


def test_an_hour_in_which_the_clocks_change_is_an_hour() -> None:
    night = Hours(Calendar("Africa/Cairo"), time(0), time(6))
    changed = datetime(2026, 4, 24, tzinfo=ZoneInfo("Africa/Cairo"))
    found = night.due_in(timedelta(hours=2), changed)
    assert found.moment - changed.astimezone(UTC) == timedelta(hours=2)


def test_seconds_are_given_to_nobody() -> None:
    assert due(Hours(BERLIN), timedelta(minutes=15), "2026-06-01T16:59:50+02:00")[0] == "2026-06-02T09:14+02:00"


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2034, 1, 1), timezones=st.just(UTC)),
    st.integers(1, 4_800),
    st.sampled_from([BERLIN, LONDON, DUBAI, Calendar("America/New_York", "US"), Calendar("Asia/Kolkata", "IN")]),
    st.sampled_from([(time(9), time(17)), (time(6, 30), time(22)), (time(0), time(23, 59))]),
)
def test_what_is_due_lies_in_business_hours_and_never_earlier_for_more(
    at: datetime, minutes: int, calendar: Calendar, clock: tuple[time, time]
) -> None:
    hours, span = Hours(calendar, *clock), timedelta(minutes=minutes)
    found = hours.due_in(span, at)
    local = found.moment.astimezone(ZoneInfo(calendar.zone))
    assert calendar.is_business_day(local.date())
    assert clock[0] <= local.time() <= clock[1]
    assert found.moment >= at.replace(second=0, microsecond=0) + span
    assert hours.due_in(span + timedelta(minutes=1), at).moment > found.moment
    assert isinstance(found, DueAt)


@pytest.mark.parametrize(
    "text", ["", "9-17", "17:00-09:00", "09:00", "09:00-09:00", "09:00-25:00", "09:00+01:00-17:00", "x"]
)
def test_what_are_no_business_hours_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="are no business hours"):
        read_hours(text)


def test_business_hours_are_read() -> None:
    assert read_hours(" 08:30 - 16:00 ") == (time(8, 30), time(16))
    with pytest.raises(ValueError, match="cannot end at"):
        Hours(BERLIN, time(17), time(9))


def test_a_moment_without_an_offset_and_a_country_without_work_are_refused() -> None:
    with pytest.raises(ValueError, match="needs an offset"):
        Hours(BERLIN).due_in(timedelta(hours=1), datetime(2026, 6, 1))
    assert Hours(BERLIN).calendar.local_day(datetime(2026, 6, 1, tzinfo=UTC)) == date(2026, 6, 1)
