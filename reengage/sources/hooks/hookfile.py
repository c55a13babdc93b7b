"""Reads the blocks `verify` and `answer` of a webhook's connector file."""

from __future__ import annotations

import re
from collections.abc import Mapping as Table
from datetime import timedelta
from typing import Literal

from reengage.language.diagnostic import Diagnostic, quoted
from reengage.language.nodes import Mapping, Node, Scalar, Sequence, place
from reengage.language.reader import (
    Fields,
    Found,
    Read,
    attempt,
    fields_of,
    mapping_of,
    note_missing,
    one,
    some,
    word_of,
)
from reengage.language.values import NotUnderstood, any_text, line_of_text
from reengage.sources.elapsed import elapsed
from reengage.sources.hooks.answer import STATUSES, Answer, Handshake, Json, Method, check_placeholders
from reengage.sources.hooks.request import Place
from reengage.sources.hooks.signing import (
    HEADER_NAME,
    TOLERANCE,
    Algorithm,
    Encoding,
    Hmac,
    PathOnly,
    Signed,
    Timestamp,
    Token,
    Unit,
    Verify,
    standard_webhooks,
)
from reengage.sources.secrets import Secret, parse_secret

Scheme = Literal["hmac", "token", "standard", "path"]

PLACE_KEYS = ("header", "query")
"""Where in a request something stands: one of these."""

VERIFY_KEYS: dict[Scheme, tuple[str, ...]] = {
    "hmac": ("scheme", "secret", "signature", "signed", "algorithm", "encoding", "prefix", "timestamp"),
    "token": ("scheme", "secret", *PLACE_KEYS, "prefix"),
    "standard": ("scheme", "secret", "tolerance"),
    "path": ("scheme",),
}
"""Every key of `verify`, by its scheme."""

VERIFY_NEEDED: dict[Scheme, tuple[str, ...]] = {
    "hmac": ("scheme", "secret", "signature"),
    "token": ("scheme", "secret"),
    "standard": ("scheme", "secret"),
    "path": ("scheme",),
}
"""The keys that a scheme cannot be without."""

TIMESTAMP_KEYS = (*PLACE_KEYS, "unit", "tolerance")
"""Where the moment of sending stands, how it is written, and how far from ours it may be."""

ANSWER_KEYS = ("status", "json", "text", "handshake")
"""What a delivery is answered."""

ECHO_KEYS = ("echo_header", "echo_query", "echo_body")
"""What of a handshake goes back: one of these."""

HANDSHAKE_KEYS = ("method", *ECHO_KEYS)
"""What a handshake looks like."""

ALGORITHMS: tuple[Algorithm, ...] = ("sha256", "sha1", "sha512")
ENCODINGS: tuple[Encoding, ...] = ("hex", "base64")
UNITS: tuple[Unit, ...] = ("s", "ms", "iso")
METHODS: tuple[Method, ...] = ("HEAD", "GET", "POST")
LONGEST_TOLERANCE = timedelta(hours=1)
"""Our choice: what was signed longer ago may have been caught and sent again by somebody else."""

_ECHOES: Table[str, Literal["header", "query", "body"]] = dict(zip(ECHO_KEYS, ("header", "query", "body"), strict=True))
_DOTTED = re.compile(r"[A-Za-z0-9_-]{1,60}(\.[A-Za-z0-9_-]{1,60}){0,7}")
_JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})")
_JSON_WORDS: Table[str, Json] = {"true": True, "false": False, "null": None}


def read_verify(node: Node, found: Found) -> Verify:
    """How a request is verified; what is wrong is noted. Raises Unreadable where it is no block."""
    block = mapping_of(node, "verify")
    note_missing(block, ("scheme",), "verify", found)
    scheme = Fields(block, found).read("scheme", word_of(VERIFY_KEYS), None)
    if scheme is None:
        return PathOnly()
    fields = fields_of(block, VERIFY_KEYS[scheme], f"verify by {scheme}", found, VERIFY_NEEDED[scheme])
    secrets: tuple[Secret, ...] = fields.read("secret", some(one(parse_secret)), ())
    match scheme:
        case "hmac":
            return _hmac(fields, secrets)
        case "token":
            return Token(secrets, _place(fields, "the token"), fields.read("prefix", one(line_of_text), ""))
        case "standard":
            return standard_webhooks(secrets, fields.read("tolerance", one(tolerance), TOLERANCE))
        case "path":
            return PathOnly()


def read_answer(node: Node, found: Found) -> Answer:
    """What a delivery is answered; what is wrong is noted. Raises Unreadable where it is no block."""
    fields = fields_of(node, ANSWER_KEYS, "answer", found)
    told = [key for key in ("json", "text") if fields.node.pair(key)]
    status = fields.read("status", one(_status), 200)
    if len(told) > 1 or (told and status == 204):
        message = "an answer has one content" if len(told) > 1 else "an answer with status 204 has no content"
        _note(fields, told[-1], message, f'remove "{told[-1]}"')
    return Answer(
        status=status,
        json=fields.read("json", _json, {"received": True}),
        text=fields.read("text", one(_text), None),
        handshakes=fields.read("handshake", some(_handshake), ()),
    )


tolerance = elapsed(LONGEST_TOLERANCE, "5 minutes", least=timedelta(seconds=1))
"""Reads how old a delivery may be; raises NotUnderstood."""


def _hmac(fields: Fields, secrets: tuple[Secret, ...]) -> Hmac:
    scheme = Hmac(
        secrets=secrets,
        signature=fields.read("signature", _place_of("signature"), Place("header", "")),
        signed=fields.read("signed", one(Signed.parse), Signed.parse("{body}")),
        algorithm=fields.read("algorithm", word_of(ALGORITHMS), "sha256"),
        encoding=fields.read("encoding", word_of(ENCODINGS), "hex"),
        prefix=fields.read("prefix", one(line_of_text), ""),
        timestamp=fields.read("timestamp", _timestamp, None),
    )
    _check_timestamp(fields, scheme)
    return scheme


def _check_timestamp(fields: Fields, scheme: Hmac) -> None:
    """A moment that is not signed can be set anew by whoever caught a request, and so protects nothing."""
    is_signed, is_found = "timestamp" in scheme.signed.names, fields.node.pair("timestamp") is not None
    if is_signed and not is_found:
        _note(fields, "signed", 'it names {timestamp}, and no "timestamp" says where that is', "add timestamp: …")
    if is_found and not is_signed:
        help = 'write {timestamp} into "signed" where the sender has it, or remove "timestamp"'
        _note(fields, "timestamp", "this moment is not part of what is signed", help)


def _timestamp(node: Node, found: Found) -> Timestamp:
    fields = fields_of(node, TIMESTAMP_KEYS, "timestamp", found)
    unit: Unit = fields.read("unit", word_of(UNITS), "s")
    return Timestamp(_place(fields, "the timestamp"), unit, fields.read("tolerance", one(tolerance), TOLERANCE))


def _place_of(what: str) -> Read[Place]:
    return lambda node, found: _place(fields_of(node, PLACE_KEYS, what, found), f"the {what}")


def _place(fields: Fields, what: str) -> Place:
    """The one place that is named; another number of them is noted."""
    named = [key for key in PLACE_KEYS if fields.node.pair(key)]
    if len(named) != 1:
        _note(fields, "", f"{what} stands in one place", "write either header: NAME or query: NAME")
    if "query" in named:
        return Place("query", fields.read("query", one(line_of_text), ""))
    return Place("header", fields.read("header", one(_header), ""))


def _handshake(node: Node, found: Found) -> Handshake:
    fields = fields_of(node, HANDSHAKE_KEYS, "a handshake", found, ("method",))
    echoes = [key for key in ECHO_KEYS if fields.node.pair(key)]
    if len(echoes) != 1:
        _note(fields, "", "a handshake sends back one value", f"write one of {', '.join(ECHO_KEYS)}")
    method: Method = fields.read("method", word_of(METHODS), "GET")
    if method != "POST" and fields.node.pair("echo_body"):
        _note(fields, "echo_body", f"a {method} request has no body", "write method: POST, or another echo")
    key = echoes[0] if echoes else "echo_query"
    parse = {"echo_header": _header, "echo_query": line_of_text, "echo_body": _dotted}[key]
    return Handshake(method, _ECHOES[key], fields.read(key, one(parse), ""))


def _json(node: Node, found: Found) -> Json:
    """A template as JSON values: what is quoted is a text, and so is what is no number and no word of JSON."""
    match node:
        case Mapping(pairs=pairs):
            return {pair.key: value for pair in pairs for value in attempt(_json, pair.value, found)}
        case Sequence(items=items):
            return [value for item in items for value in attempt(_json, item, found)]
        case Scalar(text=text, quoted=is_text):
            if text is None or (not is_text and text in _JSON_WORDS):
                return _JSON_WORDS[text or "null"]
            if not is_text and _JSON_NUMBER.fullmatch(text):
                return int(text)
            return one(_text)(node, found)


def _text(text: str) -> str:
    return check_placeholders(any_text(text))


def _status(text: str) -> int:
    if text not in map(str, STATUSES):
        known = ", ".join(map(str, STATUSES))
        raise NotUnderstood(f"{quoted(text)} tells a sender that something failed", help=f"one of {known}")
    return int(text)


def _header(text: str) -> str:
    if not HEADER_NAME.fullmatch(text):
        raise NotUnderstood(f"{quoted(text)} is no name of a header", help="for example X-Signature")
    return text


def _dotted(text: str) -> str:
    if not _DOTTED.fullmatch(text):
        raise NotUnderstood(f"{quoted(text)} names nothing in a body", help="for example challenge or data.challenge")
    return text


def _note(fields: Fields, key: str, message: str, help: str) -> None:
    at = place(fields.node, key) if key else fields.node.at
    fields.found.append(Diagnostic(at, message, "wrong-value", help))
