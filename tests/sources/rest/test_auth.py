"""Every way of saying who we are, as the vendor sees it, and what a request carries beside it."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reengage.model.errors import ReengageError
from reengage.sources.rest.client import pull
from reengage.sources.rest.outcome import State
from reengage.sources.rest.request import PLACEHOLDERS, moments
from tests.sources.rest.vendor import ENVIRON, NOW, Answer, Asked, Vendor, asking, pulled

GRANT = b"grant_type=client_credentials"


def sent(text: str, *, since: datetime | None = None) -> Asked:
    """What the vendor was asked by a block."""
    with Vendor(Answer([])) as vendor:
        _, end = pulled(asking(vendor, f"{text}\npaginator: {{type: single_page}}"), since=since)
    assert end.outcome.state is State.DONE
    return vendor.asked[-1]


def test_nothing_is_said_unasked() -> None:
    assert sent("path: things").headers.keys() == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}


def test_a_bearer_token() -> None:
    assert sent('auth: {type: bearer, token: "${env:TOKEN}"}').headers["Authorization"] == "Bearer t0ken-of-the-test"


def test_a_key_in_a_header() -> None:
    asked = sent('auth: {type: api_key, name: X-Api-Key, api_key: "${env:KEY}"}')
    assert asked.headers["X-Api-Key"] == ENVIRON["KEY"] and "Authorization" not in asked.headers


def test_a_key_in_the_address_stays_there_from_page_to_page() -> None:
    with Vendor(Answer({"next": "/v1?page=2"}), Answer({})) as vendor:
        text = """
            auth: {type: api_key, name: user_key, location: query, api_key: "${env:KEY}"}
            paginator: {type: json_link}
        """
        pages, _ = pulled(asking(vendor, text))
    assert [asked.params["user_key"] for asked in vendor.asked] == [[ENVIRON["KEY"]]] * 2
    assert [page.where for page in pages] == [f"{vendor.url}/v1?user_key=…", f"{vendor.url}/v1?page=2&user_key=…"]


def test_user_and_password() -> None:
    asked = sent('auth: {type: http_basic, username: dana, password: "${env:SECRET}"}')
    assert asked.headers["Authorization"] == "Basic " + b64encode(f"dana:{ENVIRON['SECRET']}".encode()).decode()


def oauth(token: Answer, *answers: Answer) -> tuple[Vendor, Vendor, State, str]:
    """A pull that must first ask another server for a token."""
    with Vendor(token) as door, Vendor(*answers) as vendor:
        text = f"""
            auth:
              type: oauth2_client_credentials
              access_token_url: {door.url}/token
              client_id: "${{env:ID}}"
              client_secret: "${{env:SECRET}}"
              access_token_request_data: {{scope: signals.read}}
            paginator: {{type: json_link}}
        """
        _, end = pulled(asking(vendor, text))
    return door, vendor, end.outcome.state, end.outcome.reason


def test_a_token_from_elsewhere_serves_for_all_pages() -> None:
    token = Answer({"access_token": "fre$h", "expires_in": 60})
    door, vendor, state, _ = oauth(token, Answer({"next": "/v1?page=2"}), Answer({}))
    assert (state, len(door.asked), door.asked[0].method) == (State.DONE, 1, "POST")
    assert GRANT in door.asked[0].body and b"scope=signals.read" in door.asked[0].body
    assert [asked.headers["Authorization"] for asked in vendor.asked] == ["Bearer fre$h"] * 2


@pytest.mark.parametrize(
    ("token", "state", "reason"),
    [
        (Answer(status=401), State.REFUSED, "127.0.0.1 answers 401 (Unauthorized): it does not let us in"),
        (
            Answer({"error": "invalid_client"}, 400),
            State.REFUSED,
            "127.0.0.1 answers 400 (Bad Request): it does not let us in",
        ),
        (Answer({}), State.FAILED, "127.0.0.1 answers without an access_token"),
        (Answer({"access_token": None}), State.FAILED, "127.0.0.1 answers without an access_token"),
        (Answer([1]), State.FAILED, "127.0.0.1 answers without an access_token"),
        (Answer(b"busy"), State.FAILED, "127.0.0.1 answers without an access_token"),
        (
            Answer(status=429, headers={"Retry-After": "60"}),
            State.LATER,
            "127.0.0.1 wants us to wait until 2026-10-06 06:01:00 UTC",
        ),
    ],
)
def test_no_token_no_question(token: Answer, state: State, reason: str) -> None:
    _, vendor, *end = oauth(token, Answer({}))
    assert (end, vendor.asked) == ([state, reason], [])


def test_an_address_for_tokens_that_sends_us_elsewhere_is_not_followed() -> None:
    with Vendor(Answer({"access_token": "x"})) as thief:
        aside = Answer(status=307, headers={"Location": f"{thief.url}/token"})
        _, vendor, state, reason = oauth(aside, Answer({}))
    assert (state, thief.asked, vendor.asked) == (State.FAILED, [], [])
    assert reason == "127.0.0.1 points to another address (127.0.0.1), which is not followed"


def test_headers_params_path_and_body_are_filled_in() -> None:
    asked = sent(
        """
path: accounts/${env:ID}/events
method: POST
params: {after: "{since}", "filter[until]": "{until_date}", fields: [a, b], user_key: "${env:KEY}"}
headers: {Authorization: "Klaviyo-API-Key ${env:TOKEN}", X-Version: 2026-01}
json: {query: "{ contacts { id } }", since: "{since_ms}", limit: 100, exact: true, share: 0.5, none: null, zip: "007", ids: [1, x]}
""",
        since=datetime(2026, 10, 1, 9, 30, 15, 250_000, tzinfo=UTC),
    )
    assert asked.path == "/v1/accounts/client-17/events"
    assert asked.params == {
        "after": ["2026-10-01T09:30:15Z"],
        "filter[until]": ["2026-10-06"],
        "fields": ["a", "b"],
        "user_key": [ENVIRON["KEY"]],
    }
    assert asked.headers["Authorization"] == "Klaviyo-API-Key t0ken-of-the-test"
    assert asked.headers["X-Version"] == "2026-01"
    assert asked.json == {
        "query": "{ contacts { id } }",
        "since": "1790847015250",
        "limit": 100,
        "exact": True,
        "share": 0.5,
        "none": None,
        "zip": "007",
        "ids": [1, "x"],
    }


def test_a_secret_is_never_read_for_placeholders() -> None:
    with Vendor(Answer([])) as vendor:
        request = asking(vendor, 'headers: {X-Token: "${env:ODD}"}\npaginator: {type: single_page}')
        environ = {"ODD": "a{since}b${env:TOKEN}"}
        list(pull(request, since=None, now=NOW, environ=environ, folder=Path(), budget=1))
    assert vendor.asked[0].headers["X-Token"] == environ["ODD"]


def test_a_secret_in_a_path_cannot_become_a_question() -> None:
    with Vendor(Answer([])) as vendor:
        request = asking(vendor, "path: hook/${env:ODD}/x\npaginator: {type: single_page}")
        list(pull(request, since=None, now=NOW, environ={"ODD": "a?b=c#d"}, folder=Path(), budget=1))
    assert (vendor.asked[0].path, vendor.asked[0].params) == ("/v1/hook/a%3Fb=c%23d/x", {})


def test_a_secret_that_is_not_there_is_told_before_anything_is_sent() -> None:
    with Vendor(Answer([])) as vendor:
        request = asking(vendor, 'auth: {type: bearer, token: "${env:NOBODY}"}\npaginator: {type: single_page}')
        with pytest.raises(ReengageError, match="the variable NOBODY is empty or not there"):
            pulled(request)
    assert vendor.asked == []


def test_what_placeholders_stand_for() -> None:
    meant = moments(datetime(2026, 10, 1, 23, 59, 59, 999_999, tzinfo=UTC), NOW)
    assert meant == {
        "since": "2026-10-01T23:59:59Z",
        "since_date": "2026-10-01",
        "since_s": "1790899199",
        "since_ms": "1790899199999",
        "until": "2026-10-06T06:00:00Z",
        "until_date": "2026-10-06",
        "until_s": "1791266400",
        "until_ms": "1791266400000",
    }
    assert tuple(meant) == PLACEHOLDERS
    assert moments(None, NOW)["since"] == "1970-01-01T00:00:00Z"
