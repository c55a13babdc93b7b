"""Reads the `rest:` block of a connector file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import TypeVar

from reengage.language.diagnostic import Diagnostic
from reengage.language.nodes import Node, Scalar
from reengage.language.reader import (
    Fields,
    Found,
    Read,
    attempt,
    fields_of,
    mapping_of,
    note_missing,
    one,
    word_of,
)
from reengage.language.values import choice, flag, line_of_text, whole_number
from reengage.sources.expression import parse_expression
from reengage.sources.rest.request import (
    TIMEOUT,
    Auth,
    AuthType,
    Method,
    Paginator,
    PaginatorType,
    RateLimit,
    RestRequest,
    Text,
    Value,
)
from reengage.sources.rest.restvalues import (
    address,
    at_least_one,
    body_path,
    filled_text,
    header_name,
    headers_of,
    json_of,
    json_path,
    params_of,
    path,
    seconds,
)

T = TypeVar("T")
W = TypeVar("W", bound=str)

KEYS = (
    *("base_url", "path", "method", "params", "json", "headers"),
    *("auth", "paginator", "rate_limit", "timeout"),
)
"""Every key of `rest`."""

NEEDED = ("base_url", "paginator")
METHODS: tuple[Method, ...] = ("GET", "POST")

AUTH_KEYS: dict[AuthType, tuple[str, ...]] = {
    "bearer": ("type", "token"),
    "api_key": ("type", "api_key", "name", "location"),
    "http_basic": ("type", "username", "password"),
    "oauth2_client_credentials": (
        *("type", "access_token_url", "client_id", "client_secret"),
        "access_token_request_data",
    ),
}
"""The keys of `auth`, by its type; names and meanings are dlt's."""

AUTH_NEEDED: dict[AuthType, tuple[str, ...]] = {
    "bearer": ("token",),
    "api_key": ("api_key",),
    "http_basic": ("username", "password"),
    "oauth2_client_credentials": ("access_token_url", "client_id", "client_secret"),
}
LOCATIONS = ("header", "query")

_ENDS = ("total_path", "has_more_path", "stop_after_empty_page")
PAGINATOR_KEYS: dict[PaginatorType, tuple[str, ...]] = {
    "single_page": ("type",),
    "json_link": ("type", "next_url_path"),
    "header_link": ("type", "links_next_key"),
    "cursor": ("type", "cursor_path", "cursor_param", "cursor_body_path", "has_more_path", "stop_after_empty_page"),
    "offset": (
        *("type", "limit", "offset", "offset_param", "offset_body_path", "limit_param", "limit_body_path"),
        *_ENDS,
    ),
    "page_number": ("type", "base_page", "page", "page_param", "page_body_path", *_ENDS),
}
"""The keys of `paginator`, by its type; names and meanings are dlt's, but `total_path` is not looked for unasked.

There is no `auto`, which guesses, and no `maximum_page`, which ends a pull that is not at its end.
"""

PAGINATOR_NEEDED: dict[PaginatorType, tuple[str, ...]] = {
    **dict.fromkeys(PAGINATOR_KEYS, ()),
    "offset": ("limit",),
    "cursor": ("cursor_path",),
}
RATE_LIMIT_KEYS = ("header", "wait_s", "wait_ms")
"""Where a vendor says how long to wait: a header of its own, or an expression over the body."""


def read_rest(node: Node, found: Found) -> RestRequest:
    """What a `rest` block says; what is wrong with it is noted."""
    fields = fields_of(node, KEYS, "rest", found, NEEDED)
    request = RestRequest(
        base_url=fields.read("base_url", one(address), ""),
        path=fields.read("path", one(path), Text("")),
        method=fields.read("method", word_of(METHODS), "GET"),
        params=fields.read("params", partial(params_of, "params"), {}),
        json=fields.read("json", json_of, None),
        headers=fields.read("headers", headers_of, {}),
        auth=fields.read("auth", _auth, None),
        paginator=fields.read("paginator", _paginator, Paginator("single_page")),
        timeout=fields.read("timeout", one(seconds), TIMEOUT),
        rate_limit=fields.read("rate_limit", _rate_limit, RateLimit()),
    )
    in_body = [key for key in request.paginator.options if key.endswith("_body_path")]
    if request.method == "GET" and (request.json is not None or in_body):
        help = "write method: POST, or params instead of json"
        found.append(Diagnostic(fields.node.at, "a GET has no body", "wrong-shape", help))
    return request


def _auth(node: Node, found: Found) -> Auth | None:
    kind = _type_of(node, AUTH_KEYS, "auth", found)
    if kind is None:
        return None
    what = f"auth of type {kind}"
    fields = fields_of(node, AUTH_KEYS[kind], what, found, ("type", *AUTH_NEEDED[kind]))
    return Auth(kind, _options(fields, AUTH_KEYS[kind], _auth_option))


def _auth_option(key: str) -> Read[Value]:
    match key:
        case "access_token_url":
            return one(lambda text: Text(address(text)))
        case "name":
            return one(lambda text: Text(header_name(text)))
        case "location":
            return one(lambda text: Text(choice(text, LOCATIONS)))
        case "access_token_request_data":
            return partial(params_of, key)
    return one(partial(filled_text, key))


def _paginator(node: Node, found: Found) -> Paginator:
    kind = _type_of(node, PAGINATOR_KEYS, "paginator", found)
    if kind is None:
        return Paginator("single_page")
    what = f"paginator of type {kind}"
    fields = fields_of(node, PAGINATOR_KEYS[kind], what, found, ("type", *PAGINATOR_NEEDED[kind]))
    read = _options(fields, PAGINATOR_KEYS[kind], _paginator_option)
    options = {key: value for key, value in read.items() if value is not None}
    found.extend(
        Diagnostic(fields.node.at, message, "wrong-shape", help) for message, help in _conflicts(kind, options)
    )
    return Paginator(kind, options)


def _paginator_option(key: str) -> Read[str | int | bool | None]:
    if key == "total_path":
        return _path_or_nothing
    if key.endswith("_body_path"):
        return one(body_path)
    if key.endswith("_path"):
        return one(json_path)
    if key == "stop_after_empty_page":
        return one(flag)
    if key == "limit":
        return one(at_least_one)
    return one(whole_number if key in ("offset", "base_page", "page") else line_of_text)


def _path_or_nothing(node: Node, found: Found) -> str | None:
    """A path; dlt's examples write null for none."""
    return None if isinstance(node, Scalar) and node.text is None else one(json_path)(node, found)


def _conflicts(kind: PaginatorType, options: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """What is wrong with options taken together, and how to mend it."""
    for name in ("cursor", "offset", "limit", "page"):
        param, body = f"{name}_param", f"{name}_body_path"
        if param in options and body in options:
            yield f'"{param}" and "{body}" exclude each other', "keep the one that the vendor asks for"
    counted, ends = kind in ("offset", "page_number"), {"total_path", "has_more_path"} & options.keys()
    if counted and not ends and options.get("stop_after_empty_page") is False:
        yield "nothing says which page is the last", "add total_path or has_more_path"


def _rate_limit(node: Node, found: Found) -> RateLimit:
    fields = fields_of(node, RATE_LIMIT_KEYS, "rate_limit", found)
    return RateLimit(
        header=fields.read("header", one(header_name), None),
        wait_s=fields.read("wait_s", one(parse_expression), None),
        wait_ms=fields.read("wait_ms", one(parse_expression), None),
    )


def _type_of(node: Node, types: Iterable[W], what: str, found: Found) -> W | None:
    """The word under `type`; None where it is missing or unknown, which is noted."""
    block = mapping_of(node, what)
    note_missing(block, ("type",), what, found)
    return Fields(block, found).read("type", word_of(types), None)


def _options(fields: Fields, known: Collection[str], read: Callable[[str], Read[T]]) -> dict[str, T]:
    """The values under all known keys but `type`."""
    pairs = [pair for pair in fields.node.pairs if pair.key in known and pair.key != "type"]
    return {pair.key: value for pair in pairs for value in attempt(read(pair.key), pair.value, fields.found)}
