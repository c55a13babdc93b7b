"""Is a request what its sender sent? Every scheme looks at raw bytes, in constant time, at a given moment."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from reengage.language.diagnostic import quoted
from reengage.language.values import NotUnderstood, advice
from reengage.model.errors import ReengageError
from reengage.sources.hooks.request import Place, Request
from reengage.sources.moments import moment_of
from reengage.sources.secrets import Secret

Algorithm = Literal["sha256", "sha1", "sha512"]
Encoding = Literal["hex", "base64"]
Unit = Literal["s", "ms", "iso"]

TOLERANCE = timedelta(seconds=300)
"""How far a request's moment may be from ours: five minutes, as Standard Webhooks and HubSpot have it."""

MOST_SIGNATURES = 8
"""Signatures of one request that are looked at; our choice: a sender that changes its secret sends two."""

HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
"""A header's name (RFC 9110, 5.6.2), at most 100 characters."""

_BRACES = re.compile(r"\{([^{}]*)\}")
_PARTS = ("body", "timestamp", "method", "url", "path")
_LONGEST_SIGNED = 200
_WHSEC = "whsec_"


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature covers, as texts and placeholders in turn: `{timestamp}.{body}`."""

    parts: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Signed:
        """Read such a template; raises NotUnderstood, also where it leaves out the body."""
        signed = cls(tuple(_BRACES.split(text[:_LONGEST_SIGNED])))
        if len(text) > _LONGEST_SIGNED or any("{" in part or "}" in part for part in signed.parts[::2]):
            raise NotUnderstood(f"{quoted(text)} has a brace without its other half", help="write {body}")
        for name in signed.names:
            _check_part(name)
        if "body" not in signed.names:
            raise NotUnderstood("a signature that leaves out the body protects nothing", help="write {body} into it")
        return signed

    @property
    def names(self) -> tuple[str, ...]:
        """The placeholders in order."""
        return self.parts[1::2]

    def content(self, request: Request, timestamp: str) -> bytes | None:
        """The bytes that were signed; None where a header that belongs to them is missing."""
        values = [_part(name, request, timestamp) for name in self.names]
        texts = [text.encode() for text in self.parts[::2]]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            return None
        return b"".join(piece for pair in zip(texts, [*known, b""], strict=True) for piece in pair)


@dataclass(frozen=True, slots=True)
class Timestamp:
    """Where the moment of sending stands, how it is written, and how far from ours it may be."""

    place: Place
    unit: Unit = "s"
    tolerance: timedelta = TOLERANCE

    def is_fresh(self, text: str, now: datetime) -> bool:
        """Whether it is within the tolerance, before or after; what cannot be read is not."""
        try:
            return abs(_moment(text, self.unit) - now) <= self.tolerance
        except (ValueError, OverflowError):
            return False


@dataclass(frozen=True, slots=True)
class Hmac:
    """A keyed digest of what was sent, under one of several secrets.

    `keys_are_base64` is for the secrets of Standard Webhooks, which are written as `whsec_…`.
    """

    secrets: tuple[Secret, ...]
    signature: Place
    signed: Signed
    algorithm: Algorithm = "sha256"
    encoding: Encoding = "hex"
    prefix: str = ""
    timestamp: Timestamp | None = None
    keys_are_base64: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """One of several shared secrets, sent along as it is."""

    secrets: tuple[Secret, ...]
    place: Place
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class PathOnly:
    """Nothing but the random part of the address, which every scheme has."""

    secrets: tuple[Secret, ...] = ()


Verify = Hmac | Token | PathOnly


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not believed: `forged`, or `stale`, which is genuine and comes at the wrong time."""

    kind: Literal["forged", "stale"]
    reason: str
    status: int = 401


def standard_webhooks(secrets: tuple[Secret, ...], tolerance: timedelta = TOLERANCE) -> Hmac:
    """The scheme of standardwebhooks.com: an id, a moment and the body, signed in base64, several versions at once."""
    return Hmac(
        secrets=secrets,
        signature=Place("header", "webhook-signature"),
        signed=Signed.parse("{header.webhook-id}.{timestamp}.{body}"),
        encoding="base64",
        prefix="v1,",
        timestamp=Timestamp(Place("header", "webhook-timestamp"), "s", tolerance),
        keys_are_base64=True,
    )


def needs_base(verify: Verify) -> bool:
    """Whether it cannot be checked without our address as the sender knows it."""
    return isinstance(verify, Hmac) and "url" in verify.signed.names


def reveal_keys(verify: Verify, environ: Mapping[str, str], folder: Path) -> tuple[bytes, ...]:
    """The secrets of a scheme, looked up; raises ReengageError naming one that is missing or cannot be used."""
    in_base64 = isinstance(verify, Hmac) and verify.keys_are_base64
    return tuple(_key(secret, secret.reveal(environ, folder), in_base64) for secret in verify.secrets)


def refusal(verify: Verify, keys: Sequence[bytes], request: Request, now: datetime) -> Refusal | None:
    """Why this request is not believed at this moment, or None; `keys` are those of `reveal_keys`."""
    match verify:
        case Hmac():
            return _refused_signature(verify, keys, request, now)
        case Token():
            return _refused_token(verify, keys, request)
        case PathOnly():
            return None


def _refused_token(verify: Token, keys: Sequence[bytes], request: Request) -> Refusal | None:
    given = request.find(verify.place)
    if given is None:
        return _missing(verify.place)
    is_prefixed = given.startswith(verify.prefix)
    matches = _any_equal(keys, [given[len(verify.prefix) :].encode("utf-8", "replace")])
    return None if matches and is_prefixed else Refusal("forged", "the token is another one")


def _refused_signature(verify: Hmac, keys: Sequence[bytes], request: Request, now: datetime) -> Refusal | None:
    """Genuine first, timely second: what is forged is never called stale."""
    given = request.find(verify.signature)
    if given is None:
        return _missing(verify.signature)
    timestamp = request.find(verify.timestamp.place) if verify.timestamp else ""
    content = None if timestamp is None else verify.signed.content(request, timestamp)
    if timestamp is None or content is None:
        return Refusal("forged", "something that was signed is missing, or stands twice")
    expected = [_written(verify, hmac.digest(key, content, verify.algorithm)) for key in keys]
    if not _any_equal(expected, _signatures(verify, given)):
        return Refusal("forged", "the signature does not fit what was sent")
    if verify.timestamp and not verify.timestamp.is_fresh(timestamp, now):
        return Refusal("stale", "the request was signed too long ago, or its moment cannot be read")
    return None


def _missing(place: Place) -> Refusal:
    return Refusal("forged", f"{place} is missing, or stands twice")


def _signatures(verify: Hmac, given: str) -> list[bytes]:
    """The signatures sent, in the spelling that `_written` has."""
    if verify.encoding == "base64" and verify.signature.kind == "query":
        given = given.replace(" ", "+")  # some senders leave a plus as it is, and a query makes a space of it
    found = [one[len(verify.prefix) :] for one in given.split() if one.startswith(verify.prefix)]
    return [_spelled(verify, one).encode("utf-8", "replace") for one in found[:MOST_SIGNATURES]]


def _written(verify: Hmac, digest: bytes) -> bytes:
    text = digest.hex() if verify.encoding == "hex" else base64.b64encode(digest).decode()
    return _spelled(verify, text).encode()


def _spelled(verify: Hmac, signature: str) -> str:
    return signature.lower() if verify.encoding == "hex" else signature.rstrip("=")


def _any_equal(expected: Sequence[bytes], given: Sequence[bytes]) -> bool:
    """Whether any of these is one of those; takes as long wherever the first difference is."""
    return sum(hmac.compare_digest(one, other) for one in expected for other in given) > 0


def _moment(text: str, unit: Unit) -> datetime:
    """Raises ValueError for what is not written in this unit, OverflowError for years out of reach."""
    if unit == "iso":
        return moment_of(text)
    if not (text.isascii() and text.isdigit() and len(text) <= 16):
        raise ValueError("not a number of seconds")
    return datetime.fromtimestamp(0, UTC) + timedelta(**{"milliseconds" if unit == "ms" else "seconds": int(text)})


_OF_REQUEST: Mapping[str, Callable[[Request], bytes]] = {
    "body": lambda request: request.body,
    "method": lambda request: request.method.encode(),
    "url": lambda request: request.url.encode(),
    "path": lambda request: request.path.encode(),
}


def _part(name: str, request: Request, timestamp: str) -> bytes | None:
    if name == "timestamp":
        return timestamp.encode("latin-1", "replace")
    if name.startswith("header."):
        value = request.header(name.removeprefix("header."))
        return None if value is None else value.encode("latin-1", "replace")
    return _OF_REQUEST[name](request)


def _check_part(name: str) -> None:
    is_header = name.startswith("header.") and HEADER_NAME.fullmatch(name.removeprefix("header."))
    if name not in _PARTS and not is_header:
        known = tuple(_listed())
        raise NotUnderstood(f"unknown placeholder {quoted('{' + name + '}')}", help=advice("{" + name + "}", known))


def _listed() -> Iterator[str]:
    yield from (f"{{{part}}}" for part in _PARTS)
    yield "{header.NAME}"


def _key(secret: Secret, text: str, in_base64: bool) -> bytes:
    if not in_base64:
        return text.encode()
    bare = text.removeprefix(_WHSEC).rstrip("=")
    try:
        key = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise ReengageError(f"{secret.name} is no secret of Standard Webhooks", help="it reads whsec_ and base64")
    return key
