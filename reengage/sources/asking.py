"""The JSON Schema of how an API is asked and how a webhook is called, made from the same tables as the readers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from reengage.language.shapes import TEXT, Schema, block, some, told, word
from reengage.sources.hooks import hookfile
from reengage.sources.rest import restfile

OF_REST: Mapping[str, str] = {
    "base_url": "the address that all others begin with; https, or http on this machine",
    "path": "what follows it",
    "method": "GET, or POST with json",
    "params": "the query by name; {since}, {since_date}, {until} and their like stand for moments",
    "json": "the body of a POST",
    "headers": "headers by name; secrets as ${env:NAME}",
    "auth": "how we sign in",
    "paginator": "how one page leads to the next",
    "rate_limit": "where else than in the usual headers the vendor says how long to wait",
    "timeout": "seconds to wait for an answer",
}
"""What each key of `rest` is for."""

OF_VERIFY: Mapping[str, str] = {
    "scheme": "hmac for a signature, token for a shared word, standard for Standard Webhooks, path for neither",
    "secret": "what only the sender and we know, as ${env:NAME}; several while it is changed",
    "signature": "the header or the query in which the signature stands",
    "signed": "what is signed: {body}, {timestamp}, {method}, {url}, {path} and {header.NAME}",
    "algorithm": "the hash of the signature; sha256 where it is missing",
    "encoding": "how the signature is written; hex where it is missing",
    "prefix": "what stands before it, for example sha256=",
    "timestamp": "where the moment of sending stands, how it is written, and how old it may be",
    "header": "the header in which the token stands",
    "query": "the part of the query in which the token stands",
    "tolerance": "how old a delivery may be, for example 5 minutes",
}
"""What each key of `verify` is for."""

OF_ANSWER: Mapping[str, str] = {
    "status": "the status of the answer",
    "json": "its content as JSON; {now} and {body.NAME} are filled in",
    "text": "its content as text",
    "handshake": "how the vendor asks whether we are there, and what goes back",
}
"""What each key of `answer` is for."""


def rest() -> Schema:
    """How an API is asked."""
    auth = _typed("auth", "type", restfile.AUTH_KEYS)
    paginator = _typed("paginator", "type", restfile.PAGINATOR_KEYS)
    limit = block("rate_limit", dict.fromkeys(restfile.RATE_LIMIT_KEYS, TEXT))
    known = {"method": word(restfile.METHODS), "auth": auth, "paginator": paginator, "rate_limit": limit}
    tables = dict.fromkeys(("params", "json", "headers"), _table())
    keys = {key: (known | tables).get(key, TEXT) for key in restfile.KEYS}
    return block("rest", told(keys, OF_REST), restfile.NEEDED)


def verify() -> Schema:
    """How a webhook is verified."""
    place = block("place", dict.fromkeys(hookfile.PLACE_KEYS, TEXT))
    moment = block("timestamp", dict.fromkeys(hookfile.TIMESTAMP_KEYS, TEXT))
    known = {
        "scheme": word(hookfile.VERIFY_KEYS),
        "secret": some(TEXT),
        "signature": place,
        "timestamp": moment,
        "algorithm": word(hookfile.ALGORITHMS),
        "encoding": word(hookfile.ENCODINGS),
    }
    names = dict.fromkeys(key for keys in hookfile.VERIFY_KEYS.values() for key in keys)
    return block("verify", told({name: known.get(name, TEXT) for name in names}, OF_VERIFY), ("scheme",))


def answer() -> Schema:
    """What a webhook is answered."""
    shake = block("handshake", {**dict.fromkeys(hookfile.HANDSHAKE_KEYS, TEXT), "method": word(hookfile.METHODS)})
    known: dict[str, Schema] = {"status": TEXT, "json": {"title": "content"}, "text": TEXT, "handshake": some(shake)}
    return block("answer", told({key: known[key] for key in hookfile.ANSWER_KEYS}, OF_ANSWER))


def _typed(title: str, key: str, keys: Mapping[Any, Iterable[str]]) -> Schema:
    """A block whose other keys depend on one of them: all of them are offered."""
    names = dict.fromkeys(name for some in keys.values() for name in some)
    found = {name: {"title": name} for name in names}
    return block(title, {**found, key: word(keys)}, (key,))


def _table() -> Schema:
    return {"title": "table", "type": "object"}
