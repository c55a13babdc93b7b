"""However a vendor says how long to wait, it becomes a moment, at most a day away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reengage.sources.expression import parse_expression
from reengage.sources.rest.outcome import State
from reengage.sources.rest.request import RateLimit
from reengage.sources.rest.waiting import LONGEST, UNSAID, moment_said, not_before
from tests.sources.rest.vendor import NOW, Answer, Vendor, asking, pulled

IN_AN_HOUR = NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    "text",
    [
        "3600",
        " 3600.0 ",
        "Tue, 06 Oct 2026 07:00:00 GMT",
        "Tue, 06 Oct 2026 09:00:00 +0200",
        "2026-10-06T07:00:00.000Z",
        "2026-10-06T07:00:00",
        "2026-10-06T09:00:00+02:00",
        str(int(IN_AN_HOUR.timestamp())),
        str(int(IN_AN_HOUR.timestamp()) * 1000),
    ],
)
@pytest.mark.parametrize("header", ["Retry-After", "x-ratelimit-reset", "RateLimit-Reset"])
@pytest.mark.parametrize("status", [429])
def test_a_wait_in_a_header(header: str, text: str, status: int) -> None:
    with Vendor(Answer(status=status, headers={header: text})) as vendor:
        pages, end = pulled(asking(vendor))
    assert (pages, end.outcome.state, end.outcome.not_before) == ([], State.LATER, IN_AN_HOUR)
    assert end.outcome.reason == "127.0.0.1 wants us to wait until 2026-10-06 07:00:00 UTC"
    assert len(vendor.asked) == 1


def test_a_vendor_that_is_busy_may_say_until_when() -> None:
    with Vendor(Answer(status=503, headers={"Retry-After": "3600"})) as vendor:
        _, end = pulled(asking(vendor))
    assert (end.outcome.state, end.outcome.not_before, end.calls) == (State.LATER, IN_AN_HOUR, 1)


@pytest.mark.parametrize(
    ("rate_limit", "headers", "body"),
    [
        ("{wait_ms: rateLimit.waitMs}", {"Retry-After": "7"}, {"rateLimit": {"waitMs": 3_600_000}}),
        ("{wait_s: wait}", {}, {"wait": 3600}),
        ("{header: X-Come-Back}", {"X-Come-Back": "3600", "Retry-After": "7"}, {}),
        ("{header: X-Come-Back}", {"Retry-After": "3600"}, {}),
        ("{wait_ms: rateLimit.waitMs}", {"Retry-After": "3600"}, b"busy"),
        ("{wait_ms: rateLimit.waitMs}", {"Retry-After": "3600"}, [1]),
        ("{wait_ms: rateLimit.waitMs}", {"Retry-After": "3600"}, {"rateLimit": {"waitMs": "long"}}),
        ("{wait_ms: rateLimit.waitMs}", {"Retry-After": "3600"}, {"rateLimit": {"waitMs": -1}}),
    ],
)
def test_where_the_user_says_to_look_is_looked_at_first(rate_limit: str, headers: dict[str, str], body: Any) -> None:
    with Vendor(Answer(body, 429, headers)) as vendor:
        _, end = pulled(asking(vendor, f"paginator: {{type: single_page}}\nrate_limit: {rate_limit}"))
    assert end.outcome.not_before == IN_AN_HOUR


def test_pages_before_a_wait_are_given() -> None:
    with Vendor(Answer({"next": "/v1?page=2"}), Answer(status=429)) as vendor:
        pages, end = pulled(asking(vendor, "paginator: {type: json_link}"))
    assert (len(pages), end.outcome.state, end.outcome.not_before) == (1, State.LATER, NOW + UNSAID)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("0", NOW),
        ("Tue, 06 Oct 2020 07:00:00 GMT", NOW),
        ("2099-01-01T00:00:00Z", NOW + LONGEST),
        ("999999999", NOW + LONGEST),
        ("9999999999999999", NOW + LONGEST),
        ("-5", NOW + UNSAID),
        ("soon", NOW + UNSAID),
        ("", NOW + UNSAID),
        ("9" * 4000, NOW + UNSAID),
        ("0001-01-01T00:00:00+14:00", NOW),
        ("9999-12-31T23:59:59-14:00", NOW + LONGEST),
    ],
)
def test_no_wait_is_longer_than_a_day_or_in_the_past(said: str, meant: datetime) -> None:
    assert not_before({"Retry-After": said}, b"", RateLimit(), NOW) == meant


@given(
    st.one_of(
        st.text(), st.from_regex(r"[A-Z][a-z]{2}, [0-9]{1,3} [A-Z][a-z]{2} [0-9]{1,6} [0-9:]{1,9} [A-Z+0-9-]{1,6}")
    )
)
def test_whatever_is_said_is_a_moment_within_a_day(said: str) -> None:
    moment = moment_said(said, NOW)
    assert moment is None or moment.tzinfo
    assert NOW <= not_before({"Retry-After": said}, b"", RateLimit(), NOW) <= NOW + LONGEST


@given(st.one_of(st.floats(), st.integers(), st.text(), st.booleans(), st.none()))
def test_whatever_the_body_says_is_a_moment_within_a_day(wait: Any) -> None:
    import json

    limit = RateLimit(wait_s=parse_expression("wait"))
    moment = not_before({}, json.dumps({"wait": wait}).encode(), limit, NOW)
    assert NOW <= moment <= NOW + LONGEST and moment.tzinfo is UTC
