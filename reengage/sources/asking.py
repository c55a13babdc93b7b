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


_INNER: Mapping[str, str] = {
    "type": "which kind",
    "token": "the token, as ${env:NAME}",
    "api_key": "the key, as ${env:NAME}",
    "name": "the header or parameter in which it stands",
    "location": "header or query",
    "username": "who we are, as ${env:NAME}",
    "password": "the word for it, as ${env:NAME}",
    "access_token_url": "where a token is asked for",
    "client_id": "who we are, as ${env:NAME}",
    "client_secret": "the word for it, as ${env:NAME}",
    "access_token_request_data": "what else is sent there, by name",
    "next_url_path": "where in the answer the next address stands",
    "links_next_key": "its name in the Link header; next where it is missing",
    "cursor_path": "where in the answer the vendor's own cursor stands",
    "cursor_param": "the parameter in which it goes back",
    "cursor_body_path": "where in the body it goes back",
    "has_more_path": "where in the answer it stands whether there is more",
    "stop_after_empty_page": "whether a page without records is the last one",
    "limit": "how many records a page has",
    "offset": "the first record; 0 where it is missing",
    "offset_param": "the parameter of the offset",
    "offset_body_path": "where in the body the offset goes",
    "limit_param": "the parameter of the limit",
    "limit_body_path": "where in the body the limit goes",
    "total_path": "where in the answer the number of all stands",
    "base_page": "the number of the first page; 0 where it is missing",
    "page": "the page to begin with",
    "page_param": "the parameter of the page",
    "page_body_path": "where in the body the page goes",
    "header": "the name of a header",
    "query": "the name of a parameter",
    "wait_s": "an expression for the seconds to wait",
    "wait_ms": "an expression for the milliseconds to wait",
    "unit": "how the moment is written: s or ms since 1970, or iso",
    "tolerance": "how old a delivery may be, for example 5 minutes",
    "method": "how the vendor asks",
    "echo_header": "the header that goes back",
    "echo_query": "the parameter that goes back",
    "echo_body": "what of the body goes back",
}
"""What each key within these blocks is for; those of auth and paginator are dlt's."""


def rest() -> Schema:
    """How an API is asked."""
    auth = _typed("auth", "type", restfile.AUTH_KEYS)
    paginator = _typed("paginator", "type", restfile.PAGINATOR_KEYS)
    limit = _inner("rate_limit", dict.fromkeys(restfile.RATE_LIMIT_KEYS, TEXT))
    known = {"method": word(restfile.METHODS), "auth": auth, "paginator": paginator, "rate_limit": limit}
    tables = dict.fromkeys(("params", "json", "headers"), _table())
    keys = {key: (known | tables).get(key, TEXT) for key in restfile.KEYS}
    return block("rest", told(keys, OF_REST), restfile.NEEDED)


def verify() -> Schema:
    """How a webhook is verified."""
    place = _inner("place", dict.fromkeys(hookfile.PLACE_KEYS, TEXT))
    moment = _inner("timestamp", dict.fromkeys(hookfile.TIMESTAMP_KEYS, TEXT))
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
    shake = _inner("handshake", {**dict.fromkeys(hookfile.HANDSHAKE_KEYS, TEXT), "method": word(hookfile.METHODS)})
    known: dict[str, Schema] = {"status": TEXT, "json": {"title": "content"}, "text": TEXT, "handshake": some(shake)}
    return block("answer", told({key: known[key] for key in hookfile.ANSWER_KEYS}, OF_ANSWER))


def _typed(title: str, key: str, keys: Mapping[Any, Iterable[str]]) -> Schema:
    """A block whose other keys depend on one of them: all of them are offered."""
    names = dict.fromkeys(name for some in keys.values() for name in some)
    found: dict[str, Schema] = {name: {"title": name} for name in names}
    return _inner(title, {**found, key: word(keys)}, (key,))


def _inner(title: str, properties: Mapping[str, Schema], needed: Iterable[str] = ()) -> Schema:
    return block(title, told(properties, _INNER), needed)


def _table() -> Schema:
    return {"title": "table", "type": "object"}
