from __future__ import annotations

from datetime import date

import pytest

from reengage.intake.reading.understand import When, understand
from reengage.model.reading import Clues
from reengage.model.words import Channel
from tests.intake.reading.conftest import PHRASES

TODAY = When(date(2026, 11, 22))


def clues(text: str) -> Clues:
    return understand(text, PHRASES, TODAY).clues


@pytest.mark.parametrize(
    ("text", "vendor"),
    [
        ("We use Salesforce.", "Salesforce"),
        ("we are using salesforce for that", "salesforce"),
        ("We're happy with HubSpot, thanks", "HubSpot"),
        ("just signed with Acme Revenue Cloud", "Acme Revenue Cloud"),
        ("Wir arbeiten bereits mit Personio", "Personio"),
        ("Wir haben uns für Odoo entschieden", "Odoo"),
        ("WE USE SALESFORCE", "SALESFORCE"),
        ("We are happy with our current provider", None),
        ("Wir arbeiten mit einem Partner", None),
        ("WE USE SOMETHING ELSE", None),
    ],
)
def test_a_vendor(text: str, vendor: str | None) -> None:
    assert clues(text).vendor == vendor


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Our contract runs until March 2027", "2027-03-31"),
        ("Vertrag läuft bis Ende 2027", "2027-12-31"),
        ("We're locked in with Zendesk until June 2027", "2027-06-30"),
        ("Our licence expires in 6 months", "2027-05-22"),
        ("our contract ends on 15 April 2027", "2027-04-15"),
    ],
)
def test_the_end_of_a_contract_is_no_date_to_call_back(text: str, day: str) -> None:
    found = clues(text)
    assert found.contract_ends == date.fromisoformat(day)
    assert found.call_back_on is None


def test_a_contract_and_a_day_to_call_back_are_two_dates() -> None:
    found = clues("Our contract runs until March 2027, call me in January 2027")
    assert (found.contract_ends, found.call_back_on) == (date(2027, 3, 31), date(2027, 1, 1))


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("Talk to Jane Doe, our COO.", "Jane Doe, our COO"),
        ("Bitte wenden Sie sich an Frau Müller", "Frau Müller"),
        ("please contact jane@x.example", "jane@x.example"),
        ("jane@x.example is responsible for this", "jane@x.example"),
        ("You should speak to our head of procurement", "our head of procurement"),
        ("Please contact our IT department.", "our IT department"),
        ("I am on leave. In urgent cases contact Peter Smith at peter@x.example", "Peter Smith"),
        ("Zuständig ist Herr Weber", "Herr Weber"),
        ("Mail me at tom@x.example", None),
        ("please contact me later", None),
    ],
)
def test_someone_else_to_talk_to(text: str, person: str | None) -> None:
    assert clues(text).referred_to == person


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("Call me when you support SAP", "sap"),
        ("once you integrate with Zoho let me know", "zoho"),
        ("If you ever add SSO, call me", "sso"),
        ("Sobald ihr SSO könnt, gerne wieder", "sso"),
    ],
)
def test_what_they_wait_for(text: str, thing: str) -> None:
    assert clues(text).wake_on == (thing,)


def test_channels_are_told_of_stops_only() -> None:
    assert clues("Stop calling me and no more emails").channels == (Channel.EMAIL, Channel.PHONE)
    assert clues("Don't message me on LinkedIn any more").channels == (Channel.LINKEDIN,)
    assert clues("Call me next week").channels == ()


def test_a_clue_is_one_short_line_that_is_no_formula() -> None:
    long = clues("Please contact =Jane" + "n" * 300)
    assert long.referred_to is None or (len(long.referred_to) <= 80 and long.referred_to[0] not in "=+-@")
