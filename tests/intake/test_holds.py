"""From everything a contact said to the one hold that stands."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reengage.intake.flags import looks_like_stop, read_flag
from reengage.intake.holds import fold_holds
from reengage.language.ruleset import load_rules
from reengage.model.conversation import Conversation
from reengage.model.words import STOPS, HoldKind, Response

POLICIES = load_rules(Path(__file__).parents[2] / "rules").responses
FIRST = datetime(2026, 1, 5, 9, tzinfo=UTC)


def talk(number: int, response: Response | None, *, named: date | None = None) -> Conversation:
    return Conversation(id=f"K{number}", at=FIRST + timedelta(days=number), response=response, call_back_on=named)


talks = st.lists(
    st.builds(
        lambda number, response, named: talk(number, response, named=named),
        st.integers(0, 300),
        st.none() | st.sampled_from(Response),
        st.none() | st.dates(date(2026, 1, 1), date(2027, 6, 1)),
    ),
    max_size=6,
    unique_by=lambda one: one.id,
)


@given(talks, st.randoms(use_true_random=False))
def test_the_order_in_which_they_are_told_does_not_matter(told: list[Conversation], dice: object) -> None:
    shuffled = list(told)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fold_holds(shuffled, POLICIES) == fold_holds(told, POLICIES)


@given(talks)
def test_a_named_date_that_has_not_passed_survives_every_later_answer(told: list[Conversation]) -> None:
    stand = fold_holds(told, POLICIES)
    ordered = sorted(told, key=lambda one: (one.at, one.id))
    holding = [one for one in ordered if one.response and POLICIES[one.response].hold in ("snooze", "suppressed")]
    if stand and holding and holding[-1].call_back_on is None and stand.promised:
        assert stand.until in {one.call_back_on for one in holding}


@pytest.mark.parametrize("response", Response)
def test_every_response_holds_as_its_policy_says(response: Response) -> None:
    stand = fold_holds([talk(1, response)], POLICIES)
    policy = POLICIES[response]
    if response in STOPS or policy.hold in ("none", "ends"):
        assert stand is None
    else:
        assert stand is not None
        assert stand.kind == (HoldKind.SUPPRESSED if policy.hold == "suppressed" else HoldKind.SNOOZE)


def test_a_trivial_answer_keeps_the_hold_and_a_positive_one_ends_it() -> None:
    no = talk(1, Response.NOT_NOW)
    assert fold_holds([no, talk(2, Response.OUT_OF_OFFICE, named=date(2027, 1, 1))], POLICIES) == fold_holds(
        [no], POLICIES
    )
    assert fold_holds([no, talk(2, Response.POSITIVE)], POLICIES) is None
    assert fold_holds([no, talk(2, Response.POSITIVE), talk(3, Response.NO_BUDGET)], POLICIES) is not None


@given(st.text(max_size=30))
def test_a_flag_is_yes_no_or_doubt(text: str) -> None:
    assert read_flag(text) in (True, False, None)


@pytest.mark.parametrize("heading", ["title", "email", "account_status", "country", "notes", "Lead Source", "stage"])
def test_ordinary_headings_are_not_taken_for_stops(heading: str) -> None:
    assert not looks_like_stop(heading)
