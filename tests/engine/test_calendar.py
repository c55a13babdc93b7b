"""Business days, and the arithmetic a rep reads."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reengage.engine.calendar import Calendar, is_known
from reengage.language.tree import Span, Unit
from tests.figures import record

NEW_YORK = Calendar("America/New_York", "US")
FRIDAY = date(2026, 10, 9)


def test_the_arithmetic_names_what_was_passed_over() -> None:
    due = NEW_YORK.add_business_days(FRIDAY, 2)
    assert due.day == date(2026, 10, 14)
    assert due.arithmetic == (
        "2 business days after Fri 9 Oct 2026: Wed 14 Oct 2026 (Sat 10, Sun 11 no work; Mon 12 Oct Columbus Day)"
    )


def test_nothing_passed_over_leaves_no_remark() -> None:
    due = NEW_YORK.add_business_days(date(2026, 10, 13), 1)
    assert due.arithmetic == "1 business day after Tue 13 Oct 2026: Wed 14 Oct 2026"


def test_many_weekends_are_counted_not_listed() -> None:
    due = NEW_YORK.add_business_days(date(2026, 12, 18), 15)
    assert due.day == date(2027, 1, 12)
    assert "(8 weekend days; Fri 25 Dec Christmas Day; Fri 1 Jan New Year's Day)" in due.arithmetic


@pytest.mark.parametrize(("start", "day"), [(FRIDAY, FRIDAY), (date(2026, 10, 10), date(2026, 10, 13))])
def test_no_days_mean_the_same_or_the_next_business_day(start: date, day: date) -> None:
    assert NEW_YORK.add_business_days(start, 0).day == day


@pytest.mark.parametrize(
    ("country", "remark"), [("ZZ", "holidays of ZZ are not known"), ("../x", "not known"), (None, "no country")]
)
def test_an_unknown_country_has_weekends_only_and_says_so(country: str | None, remark: str) -> None:
    due = Calendar("America/New_York", country).add_business_days(FRIDAY, 1)
    assert due.day == date(2026, 10, 12)
    assert remark in due.arithmetic
    assert not is_known(country)


def test_other_weekends_and_days_worked_instead() -> None:
    assert Calendar("Asia/Riyadh", "SA").add_business_days(date(2026, 10, 8), 1).day == date(2026, 10, 11)
    assert Calendar("Asia/Shanghai", "cn").add_business_days(date(2026, 2, 27), 1).day == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("count", "unit", "day"),
    [
        (2, "business day", date(2026, 10, 14)),
        (1, "day", date(2026, 10, 13)),
        (6, "day", date(2026, 10, 15)),
        (2, "week", date(2026, 10, 23)),
        (1, "month", date(2026, 11, 9)),
        (1, "year", date(2027, 10, 12)),
    ],
)
def test_every_unit_ends_on_a_business_day(count: int, unit: Unit, day: date) -> None:
    due = NEW_YORK.due_on(Span(count, unit), datetime(2026, 10, 9, 12, tzinfo=UTC))
    assert due.day == day
    assert due.arithmetic.startswith(f"{Span(count, unit)} after Fri 9 Oct 2026: ")


def test_the_day_is_that_of_the_zone() -> None:
    moment = datetime(2026, 10, 9, 2, tzinfo=UTC)
    assert NEW_YORK.local_day(moment) == date(2026, 10, 8)
    assert Calendar("Asia/Tokyo").local_day(moment) == FRIDAY


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "Etc/../passwd", "/etc/passwd", "America", "A\0b", "x" * 5_000])
def test_a_zone_that_does_not_exist_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="is not a time zone; write it as in Europe/London"):
        Calendar(zone)


def test_bad_moments_and_far_days_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="needs an offset"):
        NEW_YORK.local_day(datetime.fromisoformat("2026-10-09T12:00"))
    with pytest.raises(ValueError, match="outside the years"):
        NEW_YORK.local_day(datetime.min.replace(tzinfo=UTC))
    with pytest.raises(ValueError, match="lie in the past"):
        NEW_YORK.add_business_days(FRIDAY, -1)


@pytest.mark.parametrize("span", [Span(9_000, "year"), Span(10**12, "day"), Span(10**9, "business day")])
def test_a_day_past_the_calendar_is_refused_in_words(span: Span) -> None:
    with pytest.raises(ValueError, match="past the year 9999"):
        NEW_YORK.due_on(span, datetime(9990, 1, 1, tzinfo=UTC))


DAYS = st.dates(date(1990, 1, 1), date(2060, 1, 1))


@given(DAYS, st.integers(0, 25), st.sampled_from(["US", "DE", "JP", "SA", "CN", None]))
def test_counting_on_is_counting_one_by_one(start: date, n: int, country: str | None) -> None:
    calendar = Calendar("UTC", country)
    step = calendar.add_business_days(start, 0).day
    if n and step != start:
        n -= 1
    walked = step
    for _ in range(n):
        walked = calendar.add_business_days(walked, 1).day
    assert calendar.add_business_days(step, n).day == walked
    assert calendar.add_business_days(walked, 0).day == walked
    assert walked - start >= timedelta(n)


COUNTRIES = ("AU", "BR", "CN", "DE", "FR", "GB", "IN", "JP", "SA", "US")


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize(
    "years", [(2026,), pytest.param(tuple(range(2020, 2036)), marks=pytest.mark.lab)], ids=["one year", "all years"]
)
def test_business_days_are_those_of_a_walk_over_every_day(country: str, years: tuple[int, ...]) -> None:
    table = holidays.country_holidays(country, years=years)
    first, last = date(years[0], 1, 1), date(years[-1], 12, 31)
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    walked = [day for day in days if not (day in table or day.weekday() in table.weekend) or _worked(table, day)]
    calendar, starts = Calendar("UTC", country), days[:-40]
    for start in starts:
        following = walked[(ahead := bisect_right(walked, start)) : ahead + 10]
        assert [calendar.add_business_days(start, n).day for n in (1, 3, 10)] == [following[n - 1] for n in (1, 3, 10)]
    record(
        f"business days of {country} from {years[0]} to {years[-1]}, 1, 3 and 10 ahead, against a walk over every day",
        f"{len(starts)} starts, 0 differences",
    )


def _worked(table: holidays.HolidayBase, day: date) -> bool:
    """A weekend day that is worked in place of another."""
    return day in table.weekend_workdays
