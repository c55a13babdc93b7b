"""What `verify` and `answer` may say, and what is said about the rest."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reengage.language import yamlfile
from reengage.language.diagnostic import Diagnostic
from reengage.language.reader import Found, Read, T, attempt
from reengage.sources.hooks import hookfile
from reengage.sources.hooks.answer import Answer, Handshake
from reengage.sources.hooks.hookfile import read_answer, read_verify
from reengage.sources.hooks.request import Place
from reengage.sources.hooks.signing import PathOnly, Token, Verify, standard_webhooks
from reengage.sources.secrets import Secret
from tests.sources.hooks import vendors

HMAC = "scheme: hmac\nsecret: ${env:SECRET}\nsignature: {header: X-S}\n"


def read(reader: Read[T], text: str) -> tuple[T | None, list[Diagnostic]]:
    document = yamlfile.read(text.encode(), "hook.yaml")
    assert document.root is not None
    found = Found()
    return next(iter(attempt(reader, document.root, found)), None), list(found)


def verify(text: str) -> Verify:
    scheme, problems = read(read_verify, text)
    assert problems == []
    assert scheme is not None
    return scheme


def answer(text: str) -> Answer:
    found, problems = read(read_answer, text)
    assert problems == []
    assert found is not None
    return found


KNOWN = {
    "lusha": """\
scheme: hmac
secret: ${env:SECRET}
signature: {header: X-Lusha-Signature}
signed: "{timestamp}.{body}"
timestamp: {header: X-Lusha-Timestamp, unit: s, tolerance: 300 seconds}
""",
    "hubspot": """\
scheme: hmac
secret: ${env:SECRET}
signature: {header: X-HubSpot-Signature-v3}
encoding: base64
algorithm: sha256
signed: "{method}{url}{body}{timestamp}"
timestamp: {header: X-HubSpot-Request-Timestamp, unit: ms}
""",
    "snitcher": """\
scheme: hmac
secret: ${env:SECRET}
signature: {header: X-Snitcher-Signature}
prefix: sha256=
""",
    "6sense": """\
scheme: hmac
secret: ${env:SECRET}
signature: {query: signature}
signed: "{timestamp}.{body}"
timestamp: {query: ts, tolerance: 5 minutes}
""",
    "standard": "scheme: standard\nsecret: ${env:SECRET}\n",
    "common room": "scheme: token\nsecret: ${env:SECRET}\nheader: x-commonroom-webhook-secret\n",
}


@pytest.mark.parametrize("name", KNOWN)
def test_the_schemes_of_known_senders(name: str) -> None:
    assert verify(KNOWN[name]) == vendors.VENDORS[name].verify


def test_the_other_schemes() -> None:
    assert verify("scheme: path") == PathOnly()
    secrets = (Secret("${env:OLD}"), Secret("${file:/run/secrets/new}"))
    several = 'secret: ["${env:OLD}", "${file:/run/secrets/new}"]\n'
    assert verify(f"scheme: token\n{several}query: key\nprefix: k-") == Token(secrets, Place("query", "key"), "k-")
    for text, tolerance in (("1 second", timedelta(seconds=1)), ("1 hour", timedelta(hours=1))):
        assert verify(f"scheme: standard\n{several}tolerance: {text}") == standard_webhooks(secrets, tolerance)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("scheme: magic", 'unknown word "magic"'),
        ("secret: ${env:A}", 'verify needs "scheme"'),
        ("- scheme", "verify must be a block"),
        ("scheme: path\nsecret: ${env:A}", 'unknown key "secret" in verify by path'),
        ("scheme: standard", 'verify by standard needs "secret"'),
        ("scheme: hmac\nsecret: letmein\nsignature: {header: X-S}", "a secret may not stand in a file"),
        ("scheme: hmac\nsecret: []\nsignature: {header: X-S}", "this list is empty"),
        ("scheme: hmac\nsecret: ${env:A}", 'verify by hmac needs "signature"'),
        ("scheme: token\nsecret: ${env:A}", "the token stands in one place"),
        ("scheme: token\nsecret: ${env:A}\nheader: A\nquery: b", "the token stands in one place"),
        (HMAC.replace("X-S", '"a b"'), "is no name of a header"),
        (HMAC.replace("header: X-S", ""), "the signature stands in one place"),
        (HMAC + "algorithm: md5", 'unknown word "md5"'),
        (HMAC + "encoding: base32", "unknown word"),
        (HMAC + 'signed: "{timestamp}"', "leaves out the body"),
        (HMAC + 'signed: "{timestamp}.{body}"', 'no "timestamp" says where'),
        (HMAC + "timestamp: {header: T}", "not part of what is signed"),
        (HMAC + 'signed: "{timestamp}{body}"\ntimestamp: {unit: s}', "the timestamp stands in one place"),
        (HMAC + 'signed: "{timestamp}{body}"\ntimestamp: {header: T, unit: h}', "unknown word"),
        ("scheme: standard\nsecret: ${env:A}\ntolerance: 300", "is no such time"),
        ("scheme: standard\nsecret: ${env:A}\ntolerance: 0 seconds", "is too short"),
        ("scheme: standard\nsecret: ${env:A}\ntolerance: 61 minutes", "is too long"),
        ("scheme: standard\nsecret: ${env:A}\ntolerance: 999999 minutes", "is too long"),
    ],
)
def test_what_is_wrong_with_a_scheme(text: str, message: str) -> None:
    _, problems = read(read_verify, text)
    assert [message in problem.message for problem in problems] == [True], problems
    assert all(problem.help for problem in problems)
    assert "letmein" not in str(problems)


def test_the_acknowledgement_of_lusha() -> None:
    text = (
        'status: 201\njson: {received: true, timestamp: "{now}", webhookId: "{body.id}", n: 7, s: "7", x: [null, 1.5]}'
    )
    template = {"received": True, "timestamp": "{now}", "webhookId": "{body.id}", "n": 7, "s": "7", "x": [None, "1.5"]}
    assert answer(text) == Answer(201, template)


def test_the_other_answers() -> None:
    assert answer("status: 200") == Answer()
    assert answer("text: ok {body.id}") == Answer(text="ok {body.id}")
    assert answer("status: 204") == Answer(204)
    assert answer("handshake: {method: HEAD, echo_header: X-DemandbaseAPI-ValidationCode}").handshakes == (
        Handshake("HEAD", "header", "X-DemandbaseAPI-ValidationCode"),
    )
    several = (
        "handshake:\n  - {method: GET, echo_query: hub.challenge}\n  - {method: POST, echo_body: event.challenge}\n"
    )
    assert answer(several).handshakes == (
        Handshake("GET", "query", "hub.challenge"),
        Handshake("POST", "body", "event.challenge"),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stat: 200", 'unknown key "stat" in answer'),
        ("status: 500", "tells a sender that something failed"),
        ("json: {a: b}\ntext: c", "an answer has one content"),
        ("status: 204\ntext: c", "an answer with status 204 has no content"),
        ('json: {id: "{header.Cookie}"}', "unknown placeholder"),
        ('json: ["{body}"]', "unknown placeholder"),
        ("text: '{body.a.__class__!r}'", "unknown placeholder"),
        ("handshake: {echo_query: a}", 'a handshake needs "method"'),
        ("handshake: {method: PUT, echo_query: a}", "unknown word"),
        ("handshake: {method: GET}", "a handshake sends back one value"),
        ("handshake: {method: GET, echo_query: a, echo_header: b}", "a handshake sends back one value"),
        ("handshake: {method: GET, echo_body: a}", "a GET request has no body"),
        ("handshake: {method: POST, echo_body: 'a[0]'}", "names nothing in a body"),
        ("handshake: {method: HEAD, echo_header: 'a: b'}", "is no name of a header"),
    ],
)
def test_what_is_wrong_with_an_answer(text: str, message: str) -> None:
    _, problems = read(read_answer, text)
    assert [message in problem.message for problem in problems] == [True], problems
    assert all(problem.help for problem in problems)


def test_the_tables_of_keys_are_whole() -> None:
    assert set(hookfile.VERIFY_NEEDED) == set(hookfile.VERIFY_KEYS)
    for scheme, needed in hookfile.VERIFY_NEEDED.items():
        assert set(needed) <= set(hookfile.VERIFY_KEYS[scheme])
