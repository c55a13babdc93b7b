"""What goes back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reengage.sources.hooks.answer import LONGEST_ECHO, Answer, Handshake, acknowledge, shake
from reengage.sources.hooks.request import Request

NOW = datetime(2026, 10, 1, 9, 30, tzinfo=UTC)
LUSHA = Answer(201, {"received": True, "timestamp": "{now}", "webhookId": "{body.id}"})


def said(answer: Answer, body: bytes) -> Any:
    return json.loads(acknowledge(answer, Request("POST", "/", (), body), NOW).content)


def test_the_acknowledgement_of_lusha() -> None:
    reply = acknowledge(LUSHA, Request("POST", "/", (), b'{"id": "f3b8", "data": {}}'), NOW)
    assert (reply.status, reply.media_type) == (201, "application/json")
    assert json.loads(reply.content) == {
        "received": True,
        "timestamp": "2026-10-01T09:30:00.000Z",
        "webhookId": "f3b8",
    }


def test_without_an_answer_of_its_own() -> None:
    assert said(Answer(), b"anything") == {"received": True}
    assert acknowledge(Answer(204), Request("POST", "/"), NOW).content == b""


def test_placeholders_alone_keep_their_type_and_within_a_text_are_text() -> None:
    answer = Answer(json=["{body.n}", "{body.ok}", "no {body.n}, {body.ok}, {body.none}!", {"deep": "{body.a.b}"}])
    body = b'{"n": 7, "ok": true, "a": {"b": "c"}}'
    assert said(answer, body) == [7, True, "no 7, true, !", {"deep": "c"}]


def test_a_text() -> None:
    reply = acknowledge(Answer(text="ok {body.id}"), Request("POST", "/", (), b'{"id": "\\ud800"}'), NOW)
    assert (reply.content, reply.media_type) == (b"ok ?", "text/plain")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"\xff",
        b"[" * 100_000,
        b"7",
        b'{"id": [1]}',
        b'{"id": {"a": 1}}',
        b'{"id": ' + b"9" * 5000 + b"}",
    ]
    + [b'{"id": NaN}', b'{"id": 1e999}', b'{"id": 99999999999999999999}', b"[]", b"null"],
)
def test_a_body_that_has_no_such_value(body: bytes) -> None:
    assert said(LUSHA, body)["webhookId"] is None


def test_of_a_key_that_stands_twice_one_is_sent_back() -> None:
    assert said(LUSHA, b'{"id": "a", "id": "b"}')["webhookId"] == "b"


def test_no_more_than_500_characters_are_sent_back() -> None:
    assert said(LUSHA, json.dumps({"id": "x" * 501}).encode())["webhookId"] == "x" * LONGEST_ECHO


@given(st.binary())
def test_there_is_an_answer_to_everything(body: bytes) -> None:
    assert said(LUSHA, body)["received"] is True


DEMANDBASE = Answer(handshakes=(Handshake("HEAD", "header", "X-DemandbaseAPI-ValidationCode"),))
CHALLENGES = Answer(
    handshakes=(Handshake("GET", "query", "hub.challenge"), Handshake("POST", "body", "event.challenge"))
)


def test_the_handshake_of_demandbase() -> None:
    reply = shake(DEMANDBASE, Request("HEAD", "/", (("x-demandbaseapi-validationcode", "abc-123"),)))
    assert reply is not None
    assert (reply.status, reply.content, reply.headers) == (200, b"", {"X-DemandbaseAPI-ValidationCode": "abc-123"})
    assert shake(DEMANDBASE, Request("HEAD", "/")) is None
    assert shake(DEMANDBASE, Request("GET", "/", (("x-demandbaseapi-validationcode", "abc"),))) is None


def test_challenges_come_back_as_text_that_no_browser_runs() -> None:
    reply = shake(CHALLENGES, Request("GET", "/?hub.challenge=%3Cb%3E+1"))
    assert reply is not None
    assert (reply.status, reply.content, reply.media_type) == (200, b"<b> 1", "text/plain")
    assert reply.headers == {"X-Content-Type-Options": "nosniff"}
    reply = shake(CHALLENGES, Request("POST", "/", (), b'{"event": {"challenge": "xyz"}}'))
    assert reply is not None
    assert reply.content == b"xyz"


@pytest.mark.parametrize("body", [b"{}", b"no json", b'{"event": {"challenge": 7}}', b'{"challenge": "x"}'])
def test_a_delivery_is_no_handshake(body: bytes) -> None:
    assert shake(CHALLENGES, Request("POST", "/", (), body)) is None


@pytest.mark.parametrize("value", ["x" * 501, "a%0d%0aSet-Cookie:b", "%00"])
def test_challenges_that_are_not_sent_back(value: str) -> None:
    reply = shake(CHALLENGES, Request("GET", f"/?hub.challenge={value}"))
    assert reply is not None
    assert reply.status == 400
    assert b"Cookie" not in reply.content


def test_a_header_is_sent_back_only_where_it_can_be_one() -> None:
    for value in ("é", "a\r\nb: c", "x" * 501):
        reply = shake(DEMANDBASE, Request("HEAD", "/", (("X-DemandbaseAPI-ValidationCode", value),)))
        assert reply is not None
        assert (reply.status, reply.headers) == (400, {})
