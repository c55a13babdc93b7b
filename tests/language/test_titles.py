from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reengage.language.ruleset import load_rules
from reengage.language.titles import Titles
from reengage.model.words import Seniority

TITLES = load_rules(Path(__file__).parents[2] / "rules").titles


@pytest.mark.parametrize(
    ("title", "seniority", "department"),
    [
        ("VP Operations", "vp", "operations"),
        ("V.P. of Sales", "vp", "sales"),
        ("Senior Vice President, Global Sales", "vp", "sales"),
        ("Assistant Vice President", "director", None),
        ("CRO", "c_level", "sales"),
        ("Chief Marketing Officer", "c_level", "marketing"),
        ("President", "c_level", None),
        ("Co-Founder & CEO", "owner", None),
        ("Director of Sales Operations", "director", "revenue operations"),
        ("Head of R&D", "head", "engineering"),
        ("Sr. Manager, Demand Gen", "manager", "marketing"),
        ("Account Manager", "senior", "sales"),
        ("Product Owner", "senior", "product"),
        ("Chief of Staff to the CEO", "director", None),
        ("Geschäftsführer:in", "c_level", None),
        ("GESCHAEFTSFUEHRERIN", "c_level", None),
        ("Mitglied des Vorstands", "c_level", None),
        ("Leiter Vertrieb DACH", "head", "sales"),
        ("Vertriebsleiterin", "head", "sales"),
        ("IT-Leiter", "head", "information technology"),
        ("Werkstudentin Marketing", "entry", "marketing"),
        ("Head of Onboarding", "head", "customer success"),
        ("Dashboards", None, None),
        ("", None, None),
        ("🙂 x", None, None),
    ],
)
def test_a_title_is_read(title: str, seniority: str | None, department: str | None) -> None:
    assert TITLES.read(title) == (seniority, department)


@pytest.mark.parametrize(
    "title",
    ["Assistant to the VP", "Executive Assistant to the CEO", "PA to the Board of Directors", "Vorstandsassistentin"],
)
def test_the_rank_of_someone_else_is_not_taken(title: str) -> None:
    assert TITLES.read(title) == (Seniority.ENTRY, None)
    assert not TITLES.is_side_role(title)


@pytest.mark.parametrize(
    "title",
    ["Strategic Advisor", "Advisor to the CEO", "Board Member", "Non-Executive Director", "Mitglied des Aufsichtsrats",
     "Angel Investor", "Ex-CEO", "Member of the Board", "Beirätin"],
)  # fmt: skip
def test_a_seat_beside_a_job_is_no_role(title: str) -> None:
    assert TITLES.is_side_role(title)
    assert TITLES.read(title) == (None, None)


@pytest.mark.parametrize(
    "title", ["Mitglied der Geschäftsleitung", "Member of the Executive Board", "Onboarding Lead", "VP"]
)
def test_a_job_is_no_side_role(title: str) -> None:
    assert not TITLES.is_side_role(title)


@given(st.text(max_size=200))
def test_any_text_is_read_the_same_twice(title: str) -> None:
    assert TITLES.read(title) == TITLES.read(f" {title} ")


def test_an_empty_table_reads_nothing() -> None:
    assert Titles().read("CEO") == (None, None)
