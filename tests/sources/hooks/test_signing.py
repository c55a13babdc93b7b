"""What is believed, and what is not."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from reengage.language.values import NotUnderstood
from reengage.model.errors import ReengageError
from reengage.sources.hooks.request import Place, Request
from reengage.sources.hooks.signing import (
    Hmac,
    PathOnly,
    Signed,
    Timestamp,
    Token,
    needs_base,
    refusal,
    reveal_keys,
    standard_webhooks,
)
from tests.sources.hooks.vendors import (
    AT,
    COMMON_ROOM,
    HUBSPOT,
    LUSHA,
    SECRETS,
    SIGNED,
    SIXSENSE,
    SNITCHER,
    STANDARD,
    VENDORS,
    Vendor,
)


def kind(vendor: Vendor, at: datetime | None = None) -> str | None:
    refused = refusal(vendor.verify, vendor.keys, vendor.request, at or vendor.at)
    assert refused is None or refused.status == 401
    return refused.kind if refused else None


def with_header(vendor: Vendor, name: str, value: str) -> Vendor:
    others = tuple(pair for pair in vendor.request.headers if pair[0].lower() != name.lower())
    return vendor._replace(request=replace(vendor.request, headers=(*others, (name, value))))


@pytest.mark.parametrize("name", VENDORS)
def test_what_the_sender_signed_is_believed(name: str) -> None:
    assert kind(VENDORS[name]) is None


@pytest.mark.parametrize("name", VENDORS)
def test_another_secret_is_not(name: str) -> None:
    assert kind(VENDORS[name]._replace(keys=(b"another",))) == "forged"
    assert kind(VENDORS[name]._replace(keys=())) == "forged"


@pytest.mark.parametrize("name", VENDORS)
def test_while_secrets_change_both_are_good(name: str) -> None:
    vendor = VENDORS[name]
    assert kind(vendor._replace(keys=(b"the next one", *vendor.keys))) is None


@pytest.mark.parametrize("name", VENDORS)
def test_nothing_sent_along_is_refused(name: str) -> None:
    vendor = VENDORS[name]
    assert kind(vendor._replace(request=replace(vendor.request, headers=(), target="/hooks/crm/TOKEN"))) == "forged"


@pytest.mark.parametrize("name", ["lusha", "hubspot", "snitcher", "standard", "common room"])
def test_a_header_that_stands_twice_is_refused(name: str) -> None:
    request = VENDORS[name].request
    for pair in request.headers:
        doubled = replace(request, headers=(*request.headers, pair))
        assert kind(VENDORS[name]._replace(request=doubled)) == "forged"


@pytest.mark.parametrize("digest", ["sha1", "sha512"])
def test_other_digests(digest: str) -> None:
    sha1 = "ec4b03ec0ae090c83b0c5f36519c71c41795036c"
    sha512 = "84bQdtjJtN4ZQxpuGTE5pRaSxpovg/xvbfY2HVjujqGqdMNekQ3o7Lzw1gqgZPiDKMi1hVW+LsWRp47tMm+59A=="
    scheme = Hmac(SECRETS, Place("header", "S"), Signed.parse("{body}"), "sha1")
    if digest == "sha512":
        scheme = replace(scheme, algorithm="sha512", encoding="base64")
    request = Request("POST", "/", (("s", sha1 if digest == "sha1" else sha512),), b"what")
    assert refusal(scheme, (b"k",), request, AT) is None
    assert refusal(scheme, (b"k",), replace(request, body=b"whaT"), AT) is not None


@pytest.mark.parametrize("name", ["lusha", "hubspot", "6sense", "standard"])
def test_what_is_genuine_and_too_old_or_too_new_is_stale(name: str) -> None:
    vendor = VENDORS[name]
    for seconds, expected in ((300, None), (-300, None), (301, "stale"), (-301, "stale"), (10**8, "stale")):
        assert kind(vendor, vendor.at + timedelta(seconds=seconds)) == expected


@pytest.mark.parametrize("name", ["lusha", "hubspot", "6sense", "standard"])
def test_what_is_forged_is_never_called_stale(name: str) -> None:
    vendor = VENDORS[name]
    assert kind(vendor._replace(keys=(b"another",)), vendor.at + timedelta(days=9)) == "forged"


def test_a_moment_that_cannot_be_read_is_stale() -> None:
    assert isinstance(LUSHA.verify, Hmac)
    scheme = replace(LUSHA.verify, timestamp=Timestamp(Place("header", "X-Lusha-Timestamp"), "iso"))
    assert kind(LUSHA._replace(verify=scheme)) == "stale"


@pytest.mark.parametrize("text", ["", "-5", "1e9", "١٢", "9" * 16, "9" * 17, " 1790812800", "1790812800.0"])
def test_odd_moments_are_not_fresh(text: str) -> None:
    place = Place("header", "T")
    assert not Timestamp(place).is_fresh(text, AT)
    assert not Timestamp(place, "iso").is_fresh(text, AT)


def test_moments_in_words() -> None:
    stamp = Timestamp(Place("header", "T"), "iso")
    assert stamp.is_fresh("2026-10-01T02:00:00+02:00", AT)
    assert not stamp.is_fresh("2026-10-01T00:00:00", AT)


def test_the_spelling_of_a_signature() -> None:
    upper = LUSHA.request.headers[0][1].upper()
    assert kind(with_header(LUSHA, "X-Lusha-Signature", upper)) is None
    unpadded = HUBSPOT.request.headers[0][1].rstrip("=")
    assert kind(with_header(HUBSPOT, "X-HubSpot-Signature-v3", unpadded)) is None
    slack = unpadded[:-1] + "t"
    assert base64.b64decode(slack + "=") == base64.b64decode(unpadded + "=")
    assert kind(with_header(HUBSPOT, "X-HubSpot-Signature-v3", slack)) == "forged"


def test_a_prefix_belongs_to_the_signature() -> None:
    bare = SNITCHER.request.headers[0][1].removeprefix("sha256=")
    assert kind(with_header(SNITCHER, "X-Snitcher-Signature", bare)) == "forged"
    bearer = Token(SECRETS, Place("header", "Authorization"), "Bearer ")
    request = Request("POST", "/", (("authorization", "Bearer letmein"),))
    assert refusal(bearer, (b"letmein",), request, AT) is None
    for other in ("letmein", "Digest letmein", "bearer letmein", "Bearer  letmein"):
        sent = replace(request, headers=(("authorization", other),))
        assert refusal(bearer, (b"letmein",), sent, AT) is not None


def test_one_of_several_signatures_is_enough_and_only_a_few_are_tried() -> None:
    good = STANDARD.request.headers[2][1]
    assert kind(with_header(STANDARD, "webhook-signature", f"v1,bm8= v2,x {good}")) is None
    assert kind(with_header(STANDARD, "webhook-signature", "v1,bm8= " * 8 + good)) == "forged"
    assert kind(with_header(STANDARD, "webhook-signature", good.replace("v1,", "v1a,"))) == "forged"


def test_a_plus_in_a_query_that_the_sender_left_as_it_is() -> None:
    scheme = Hmac(SECRETS, Place("query", "s"), Signed.parse("{body}"), "sha512", "base64")
    signature = "84bQdtjJtN4ZQxpuGTE5pRaSxpovg/xvbfY2HVjujqGqdMNekQ3o7Lzw1gqgZPiDKMi1hVW+LsWRp47tMm+59A=="
    for written in (signature, signature.replace("+", "%2B")):
        assert refusal(scheme, (b"k",), Request("POST", f"/?s={written}", (), b"what"), AT) is None


def test_signed_headers_and_the_path() -> None:
    scheme = Hmac(SECRETS, Place("header", "S"), Signed.parse("{path}|{header.X-Id}|{body}"))
    content = scheme.signed.content(Request("POST", "/a?b=1", (("x-id", "\xff7"),), b"\0\xfe"), "")
    assert content == b"/a|\xff7|\0\xfe"
    assert scheme.signed.content(Request("POST", "/a", (), b""), "") is None


def test_the_address_counts_and_has_to_be_known() -> None:
    assert kind(HUBSPOT._replace(request=replace(HUBSPOT.request, base="https://elsewhere.example"))) == "forged"
    assert [name for name, vendor in VENDORS.items() if needs_base(vendor.verify)] == ["hubspot"]


def test_the_path_alone_verifies_nothing_more() -> None:
    assert refusal(PathOnly(), (), Request("POST", "/"), AT) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{timestamp}", "leaves out the body"),
        ("{body", "without its other half"),
        ("{body}}", "without its other half"),
        ("{bodi}", 'unknown placeholder "{bodi}"'),
        ("{body}{header.}", 'unknown placeholder "{header.}"'),
        ("{body}{0.__class__}", "unknown placeholder"),
        ("{body}" + "." * 200, "without its other half"),
    ],
)
def test_templates_that_are_none(text: str, message: str) -> None:
    with pytest.raises(NotUnderstood, match=message) as caught:
        Signed.parse(text)
    assert caught.value.help


@given(st.sampled_from(sorted(SIGNED)), st.data())
def test_any_changed_byte_of_the_body_is_refused(name: str, data: st.DataObject) -> None:
    vendor = SIGNED[name]
    body = changed(vendor.request.body, data)
    assert kind(vendor._replace(request=replace(vendor.request, body=body))) == "forged"


@given(st.sampled_from([LUSHA, HUBSPOT, SNITCHER, STANDARD, COMMON_ROOM]), st.data())
def test_any_changed_byte_of_a_header_is_refused(vendor: Vendor, data: st.DataObject) -> None:
    name, value = data.draw(st.sampled_from(vendor.request.headers))
    other = changed(value.encode(), data).decode("latin-1")
    if other.lower() != value.lower():  # hex is hex in either case
        assert kind(with_header(vendor, name, other)) == "forged"


@given(st.data())
def test_any_changed_byte_of_a_signed_query_is_refused(data: st.DataObject) -> None:
    path, _, query = SIXSENSE.request.target.partition("?")
    other = changed(query.encode(), data).decode("latin-1")
    if other.lower() != query.lower():
        assert kind(SIXSENSE._replace(request=replace(SIXSENSE.request, target=f"{path}?{other}"))) == "forged"


@given(st.binary(), st.lists(st.tuples(st.text(), st.text())), st.text())
def test_no_request_is_too_odd_to_be_refused(body: bytes, headers: list[tuple[str, str]], query: str) -> None:
    request = Request("POST", f"/?{query}", tuple(headers), body)
    for vendor in SIGNED.values():
        refused = refusal(vendor.verify, vendor.keys, request, AT)
        assert refused is not None
        assert refused.kind == "forged"


def changed(content: bytes, data: st.DataObject) -> bytes:
    place = data.draw(st.integers(0, len(content) - 1))
    flips = data.draw(st.integers(1, 255))
    return content[:place] + bytes([content[place] ^ flips]) + content[place + 1 :]


@given(st.text(), st.binary(min_size=1, max_size=64), st.integers(0, 4 * 10**9))
def test_the_library_of_standard_webhooks_agrees(body: str, key: bytes, seconds: int) -> None:
    """Time is an argument here, so the library, which reads the clock, signs and does not verify."""
    at = datetime.fromtimestamp(seconds, UTC)
    content = body.encode(errors="replace")
    secret = base64.b64encode(key).decode()
    signature = Webhook(secret).sign("msg_1", at, content.decode())
    headers = (("Webhook-Id", "msg_1"), ("Webhook-Timestamp", str(seconds)), ("Webhook-Signature", signature))
    request = Request("POST", "/", headers, content)
    keys = reveal_keys(standard_webhooks(SECRETS), {"SECRET": f"whsec_{secret}"}, Path())
    assert keys == (key,)
    assert refusal(standard_webhooks(SECRETS), keys, request, at) is None


def test_secrets_are_looked_up(tmp_path: Path) -> None:
    assert reveal_keys(LUSHA.verify, {"SECRET": "schlüssel"}, tmp_path) == ("schlüssel".encode(),)
    with pytest.raises(ReengageError, match="SECRET"):
        reveal_keys(LUSHA.verify, {}, tmp_path)
    assert reveal_keys(STANDARD.verify, {"SECRET": "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, tmp_path) == STANDARD.keys


@pytest.mark.parametrize("secret", ["whsec_", "whsec_not base64!", "schlüssel"])
def test_a_secret_that_is_none_of_standard_webhooks_is_not_shown(secret: str) -> None:
    with pytest.raises(ReengageError, match="no secret of Standard Webhooks") as caught:
        reveal_keys(STANDARD.verify, {"SECRET": secret}, Path())
    assert secret.removeprefix("whsec_") not in str(caught.value) or secret == "whsec_"
