from __future__ import annotations

from pathlib import Path

import pytest

from reengage.language.responses import Responses
from reengage.language.ruleset import load_rules
from reengage.language.tree import Span
from reengage.model.words import STOPS, Category, Channel, Response

STARTER = Path(__file__).parents[2] / "rules"


@pytest.fixture(scope="module")
def responses() -> Responses:
    return load_rules(STARTER).responses


def test_every_response_has_its_policy(responses: Responses) -> None:
    assert set(responses) == set(Response)


@pytest.mark.parametrize(
    ("response", "category", "hold", "review_after"),
    [
        (Response.NOT_NOW, Category.TIMING, "snooze", Span(90, "day")),
        (Response.NO_BUDGET, Category.TIMING, "snooze", Span(90, "day")),
        (Response.ALREADY_WITH_VENDOR, Category.TIMING, "snooze", Span(90, "day")),
        (Response.NOT_INTERESTED, Category.MOOD, "snooze", Span(30, "day")),
        (Response.SEND_EMAIL, Category.DELIVERY, "snooze", Span(45, "day")),
        (Response.WRONG_PERSON, Category.FIT, "suppressed", None),
        (Response.NOT_RELEVANT, Category.FIT, "suppressed", Span(180, "day")),
        (Response.HANG_UP, Category.DELIVERY, "none", None),
        (Response.POSITIVE, None, "ends", None),
        (Response.OUT_OF_OFFICE, None, "none", None),
    ],
)
def test_the_starter_table(
    responses: Responses, response: Response, category: Category | None, hold: str, review_after: Span | None
) -> None:
    policy = responses[response]
    assert (policy.category, policy.hold, policy.review_after) == (category, hold, review_after)


def test_stops_close_every_channel_and_nothing_else_opts_out(responses: Responses) -> None:
    assert {response for response, policy in responses.items() if policy.opt_out} == STOPS
    assert all(responses[stop].channels == () and responses[stop].hold == "none" for stop in STOPS)


def test_every_hold_can_be_spoken_of(responses: Responses) -> None:
    holds = [policy for policy in responses.values() if policy.hold in ("snooze", "suppressed")]
    assert all(policy.reason and policy.objection and policy.next_channels for policy in holds)
    assert Channel.PHONE is not responses[Response.NOT_NOW].next_channels[0]
