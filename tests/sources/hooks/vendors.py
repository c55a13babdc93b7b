"""The schemes of known senders, each with a request that `openssl dgst -hmac` signed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from reengage.sources.hooks.request import Place, Request
from reengage.sources.hooks.signing import Hmac, Signed, Timestamp, Token, Verify, standard_webhooks
from reengage.sources.secrets import Secret

SECRETS = (Secret("${env:SECRET}"),)
AT = datetime(2026, 10, 1, tzinfo=UTC)
HOOK = "/hooks/crm/TOKEN"


class Vendor(NamedTuple):
    """A scheme, its keys, a genuine request, and the moment at which it was signed."""

    verify: Verify
    keys: tuple[bytes, ...]
    request: Request
    at: datetime = AT


LUSHA = Vendor(
    Hmac(
        SECRETS,
        Place("header", "X-Lusha-Signature"),
        Signed.parse("{timestamp}.{body}"),
        timestamp=Timestamp(Place("header", "X-Lusha-Timestamp")),
    ),
    (b"lusha-secret",),
    Request(
        "POST",
        HOOK,
        (
            ("x-lusha-signature", "3783c4240586675190abad0959081003ffce65010428785fdf6ba74ad5c3ca51"),
            ("x-lusha-timestamp", "1790812800"),
        ),
        b'{"id":"f3b87e05","type":"companyChange"}',
    ),
)

HUBSPOT = Vendor(
    Hmac(
        SECRETS,
        Place("header", "X-HubSpot-Signature-v3"),
        Signed.parse("{method}{url}{body}{timestamp}"),
        encoding="base64",
        timestamp=Timestamp(Place("header", "X-HubSpot-Request-Timestamp"), "ms"),
    ),
    (b"hubspot-secret",),
    Request(
        "POST",
        f"{HOOK}?portal=1",
        (
            ("X-HubSpot-Signature-V3", "Xfx3MO35H671Ic0vrDLGeEZr5Y91p903W3Jb6BPiWys="),
            ("X-HubSpot-Request-Timestamp", "1790812800000"),
        ),
        b'[{"eventId":100}]',
        "https://hooks.ourapp.example",
    ),
)

SNITCHER = Vendor(
    Hmac(SECRETS, Place("header", "X-Snitcher-Signature"), Signed.parse("{body}"), prefix="sha256="),
    (b"snitcher-secret",),
    Request(
        "POST",
        HOOK,
        (("X-Snitcher-Signature", "sha256=df726ba6ff83980e97ddeb0b972c1afd7e175df69d352018d6eb3f2960f13d7e"),),
        b'{"event":"visit"}',
    ),
)

SIXSENSE = Vendor(
    Hmac(
        SECRETS,
        Place("query", "signature"),
        Signed.parse("{timestamp}.{body}"),
        timestamp=Timestamp(Place("query", "ts")),
    ),
    (b"sense-secret",),
    Request(
        "POST",
        f"{HOOK}?ts=1790812800&signature=859b1bc186ced0bbc5e4e0aa90167e98491f000836adac36eda48d9e957ba6b5",
        (),
        b'{"n":1}',
    ),
)

STANDARD = Vendor(
    standard_webhooks(SECRETS),
    (b"1\xf2\x90\xf6\xbf\x06)\x8a\xabO\x08\xd4<?\x08,\xf6H\xa3b\xda-\xa4\xb0",),
    Request(
        "POST",
        HOOK,
        (
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ),
        b'{"test": 2432232314}',
    ),
    datetime.fromtimestamp(1614265330, UTC),
)
"""The example that the libraries of Standard Webhooks are tested with; openssl agrees."""

COMMON_ROOM = Vendor(
    Token(SECRETS, Place("header", "x-commonroom-webhook-secret")),
    (b"common-secret",),
    Request("POST", HOOK, (("X-CommonRoom-Webhook-Secret", "common-secret"),), b"{}"),
)

SIGNED = {"lusha": LUSHA, "hubspot": HUBSPOT, "snitcher": SNITCHER, "6sense": SIXSENSE, "standard": STANDARD}
VENDORS = {**SIGNED, "common room": COMMON_ROOM}
