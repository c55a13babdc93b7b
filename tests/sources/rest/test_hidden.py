"""A secret is in nothing that is shown, stored or logged, whatever the vendor does with it."""

from __future__ import annotations

import logging
import traceback
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import quote, quote_plus, unquote, unquote_plus

import pytest

from reengage.sources.rest import session
from reengage.sources.rest.client import Page, Pull
from reengage.sources.rest.hidden import Hidden
from tests.sources.rest.vendor import ENVIRON, Answer, Asked, Vendor, asking, pulled

SECRETS = (ENVIRON["TOKEN"], ENVIRON["KEY"], ENVIRON["SECRET"], "fresh-t0ken")
ECHO = " ".join((*SECRETS, *map(quote, SECRETS), *map(quote_plus, SECRETS)))
EVERYWHERE = """
    path: hook/${env:KEY}
    params: {user_key: "${env:KEY}", after: "${env:TOKEN}"}
    headers: {Authorization: "Token ${env:TOKEN}", X-Api-Token: "${env:SECRET}"}
    paginator: {type: json_link}
"""
SIGN_INS = (
    'auth: {type: bearer, token: "${env:TOKEN}"}',
    'auth: {type: api_key, name: user_key, location: query, api_key: "${env:KEY}"}',
    'auth: {type: http_basic, username: "${env:KEY}", password: "${env:SECRET}"}',
    'auth: {type: oauth2_client_credentials, access_token_url: "URL/token", client_id: "${env:KEY}", client_secret: "${env:SECRET}"}',
)
ENDS: dict[str, Callable[[Asked], Answer]] = {
    "done": lambda asked: Answer({"all": 1}),
    "linked": lambda asked: Answer(
        {"next": f"/v1/{quote(SECRETS[1])}?user_key={quote(SECRETS[1])}&token=fresh-t0ken&p={len(asked.params)}"}
    ),
    "refused": lambda asked: Answer({"why": ECHO}, 401, reason=ECHO),
    "failed": lambda asked: Answer({"why": ECHO}, 404, reason=ECHO),
    "down": lambda asked: Answer({"why": ECHO}, 500, reason=ECHO),
    "later": lambda asked: Answer({"why": ECHO}, 429, {"Retry-After": ECHO}),
    "elsewhere": lambda asked: Answer(b"", 302, {"Location": f"http://{SECRETS[0]}.example/?k={quote(SECRETS[1])}"}),
    "circles": lambda asked: Answer(b"", 302, {"Location": f"/v1?user_key={quote(SECRETS[1])}"}),
    "nowhere": lambda asked: Answer(b"", 302, {"Location": f"gopher://{SECRETS[0]}"}),
    "bad link": lambda asked: Answer({"next": {"to": ECHO}}),
    "not json": lambda asked: Answer(ECHO.encode()),
    "bad headers": lambda asked: Answer({"all": 1}, 200, {"X-Odd\r\n" + ECHO: "1"}),
    "cut": lambda asked: Answer(ECHO.encode(), cut=5),
    "bad packing": lambda asked: Answer(ECHO.encode(), headers={"Content-Encoding": "gzip"}),
    "bad coding": lambda asked: Answer(b"{}", headers={"Transfer-Encoding": ECHO.replace(" ", "")}),
    "hangs": lambda asked: Answer(stuck=True),
}


def shown(pull: Pull, pages: list[Page], caplog: pytest.LogCaptureFixture) -> str:
    """All that anybody may get to see of a pull, but the pages' own bytes."""
    records = [f"{record.getMessage()} {record.args} {record.exc_info} {record.exc_text}" for record in caplog.records]
    wheres = [page.where for page in pages]
    return "\n".join((repr(pull.outcome), repr(pull._extraction.request), caplog.text, *records, *wheres))


@pytest.mark.parametrize("sign_in", SIGN_INS)
@pytest.mark.parametrize("end", ENDS)
def test_no_secret_is_shown_or_logged(
    end: str,
    sign_in: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "_sleep", lambda seconds: None)

    def answer(asked: Asked) -> Answer:
        return Answer({"access_token": "fresh-t0ken"}) if asked.path == "/token" else ENDS[end](asked)

    with caplog.at_level(logging.DEBUG), Vendor(by=answer) as vendor:
        text = f"{sign_in.replace('URL', vendor.url)}\n"
        pages, pull = pulled(asking(vendor, EVERYWHERE.replace("\n    ", "\n") + text), budget=6)
    out = shown(pull, pages, caplog) + "".join(capfd.readouterr())
    assert "urllib3" in {record.name.partition(".")[0] for record in caplog.records}
    secret_here = SECRETS if "oauth2" in sign_in else SECRETS[:-1]
    for text in (out, unquote(out), unquote_plus(out), unquote_plus(unquote_plus(out))):
        for secret in secret_here:
            assert secret not in text and b64encode(secret.encode()).decode() not in text, text


def test_what_the_logs_say_is_hushed_only_meanwhile(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("urllib3.connectionpool")
    with caplog.at_level(logging.DEBUG):
        with Hidden(["s3cret"]).hushed():
            try:
                raise ValueError("s3cret")
            except ValueError:
                logger.exception("GET %s", "/a?key=s3cret")
        logger.debug("GET %s", "/b?s3cret")
    assert caplog.messages == ["GET /a?key=…", "GET /b?s3cret"]
    assert traceback.format_exc() == "NoneType: None\n" and "ValueError" not in caplog.text


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("https://a.example/x?user_key=1&page=2", "https://a.example/x?user_key=…&page=2"),
        ("https://a.example/x?API-Key=1&a%5Ftoken=3&b", "https://a.example/x?API-Key=…&a%5Ftoken=…&b"),
        ("https://dana:pw@a.example:8443/p%20q#access_token=9", "https://a.example:8443/p%20q"),
        ("https://a.example/s3cret/s%33cr%2ft+%c3%A9/s3cr/t%20%C3%A9", "https://a.example/…/…/…"),
    ],
)
def test_a_url_is_shown_without_what_is_secret(url: str, meant: str) -> None:
    assert Hidden(["s3cret", "s3cr/t é"]).hide_in_url(url) == meant
