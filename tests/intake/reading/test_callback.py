from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reengage.intake.reading.callback import Relation, When, dates_in
from reengage.intake.reading.tokens import tokenize
from reengage.intake.reading.understand import understand
from tests.intake.reading.conftest import PHRASES

TODAY = When(date(2026, 11, 22), fiscal_year_starts=4)


def call_back_on(text: str, when: When = TODAY) -> date | None:
    return understand(text, PHRASES, when).clues.call_back_on


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Reach out in Q3", "2027-07-01"),
        ("Q1 next year would be better", "2027-01-01"),
        ("Call me next quarter", "2027-01-01"),
        ("next fiscal year please", "2027-04-01"),
        ("Try me in 6 weeks", "2027-01-03"),
        ("follow up in a couple of months", "2027-01-22"),
        ("in 2 to 3 months", "2027-01-22"),
        ("give me another two weeks", "2026-12-06"),
        ("6 months from now", "2027-05-22"),
        ("in half a year", "2027-05-22"),
        ("in a year", "2027-11-22"),
        ("after the summer please", "2027-09-01"),
        ("after Easter", "2027-03-30"),
        ("after the holidays", "2027-01-02"),
        ("nach Weihnachten", "2026-12-27"),
        ("come back in the new year", "2027-01-01"),
        ("Anfang März gerne wieder", "2027-03-01"),
        ("Get back to me mid May", "2027-05-15"),
        ("end of October works", "2027-10-25"),
        ("not until the end of October", "2027-11-01"),
        ("nach den Sommerferien", "2027-09-15"),
        ("im Frühjahr", "2027-03-01"),
        ("im Herbst", "2027-09-01"),
        ("nächste Woche", "2026-11-23"),
        ("next Monday", "2026-11-23"),
        ("kommenden Dienstag", "2026-11-24"),
        ("Call me on 3 March 2027", "2027-03-03"),
        ("on March 3rd", "2027-03-03"),
        ("am 3. März", "2027-03-03"),
        ("am 3.3.2027", "2027-03-03"),
        ("2027-03-15", "2027-03-15"),
        ("on 03/03/2027", "2027-03-03"),
        ("on 25/03/2027", "2027-03-25"),
        ("on 03/25/2027", "2027-03-25"),
        ("try March 2027", "2027-03-01"),
        ("Circle back in January", "2027-01-01"),
        ("ab April", "2027-04-01"),
        ("we're swamped until December", "2026-12-01"),
        ("Mitte nächsten Jahres", "2027-07-01"),
        ("übernächstes Jahr", "2028-01-01"),
        ("the week after next", "2026-11-30"),
        ("nothing before Q2", "2027-04-01"),
        ("do not contact me until Q3", "2027-07-01"),
        ("Ende des Jahres", "2026-12-01"),
        ("in the second half of 2027", "2027-07-01"),
        ("Rufen Sie morgen an", "2026-11-23"),
    ],
)
def test_the_first_day_on_which_they_want_to_hear_from_us(text: str, day: str) -> None:
    assert call_back_on(text) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("I'm out of office, back on 14 Aug", "2027-08-14"),
        ("I'm on leave from 3 August to 14 August", "2027-08-15"),
        ("Ich bin vom 3.8. bis 17.8. im Urlaub", "2027-08-18"),
        ("Ich bin ab dem 17.8. wieder erreichbar", "2027-08-17"),
        ("out of the office through 14 August", "2027-08-15"),
    ],
)
def test_who_is_away_is_back_on_a_day(text: str, day: str) -> None:
    assert call_back_on(text) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "text",
    [
        "on 04/05/2027", "in November", "reach out in October 2026", "in 2035", "since last March we use HubSpot", "I may march on",
        "We signed in March 2024", "Guten Morgen", "on 31 February 2027", "on 45/45/2027", "version 3.2", "at 10:30", "in 0 weeks", "later",
    ],
)  # fmt: skip
def test_doubt_about_a_date_is_no_date(text: str) -> None:
    assert call_back_on(text) is None


def test_a_season_that_is_nearly_over_means_the_next_one() -> None:
    assert call_back_on("im Herbst", When(date(2026, 9, 10))) is None
    assert call_back_on("im Herbst", When(date(2026, 11, 20))) == date(2027, 9, 1)


def test_the_fiscal_year_begins_when_the_project_says() -> None:
    assert call_back_on("next fiscal year", When(date(2026, 11, 22))) == date(2027, 1, 1)
    assert call_back_on("next fiscal year", When(date(2026, 11, 22), 10)) == date(2027, 10, 1)


@pytest.mark.parametrize(
    ("text", "relation"),
    [("after March", "after"), ("until March", "until"), ("since March", "past"), ("in March", "in")],
)
def test_how_a_date_is_mentioned(text: str, relation: str) -> None:
    (named,) = dates_in(text, tokenize(text), PHRASES, TODAY)
    assert named.relation == Relation(relation)


def test_a_month_without_a_word_before_it_is_bare() -> None:
    text = "you may call"
    (named,) = dates_in(text, tokenize(text), PHRASES, TODAY)
    assert named.bare


@given(
    st.dates(date(2000, 1, 1), date(2090, 12, 31)),
    st.integers(1, 12),
    st.sampled_from([
        "in Q3", "next quarter", "after Easter", "after the summer", "in 6 weeks", "Anfang März", "end of the year", "on Friday",
        "29 February", "31.12.", "next fiscal year", "until the end of January", "im Winter", "in 999 years", "in 30 months", "2028",
    ]),
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_a_date_lies_ahead_and_not_too_far(day: date, month: int, text: str) -> None:
    found = call_back_on(f"call me {text}", When(day, month))
    assert found is None or day < found <= day + timedelta(days=5 * 366 + 31)


@given(st.integers(1, 51))
def test_weeks_are_counted(weeks: int) -> None:
    assert call_back_on(f"call me in {weeks} weeks") == TODAY.day + timedelta(weeks=weeks)
