"""What a `rest` block may say, and what is told about the rest."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent, indent
from typing import Any

import pytest

from reengage.language.diagnostic import Diagnostic
from reengage.language.reader import Found, attempt
from reengage.language.yamlfile import read
from reengage.sources.rest.request import Auth, Paginator, RateLimit, RestRequest, Text
from reengage.sources.rest.restfile import (
    AUTH_KEYS,
    AUTH_NEEDED,
    KEYS,
    NEEDED,
    PAGINATOR_KEYS,
    PAGINATOR_NEEDED,
    RATE_LIMIT_KEYS,
    read_rest,
)
from tests.sources.rest.vendor import request_of

BASE = "base_url: https://api.vendor.example/v1"
PAGE = "paginator: {type: single_page}"


def problems(text: str) -> list[Diagnostic]:
    document = read(dedent(text).encode(), "connectors/one.yaml")
    found = Found(document.diagnostics)
    assert document.root is not None, found
    attempt(read_rest, document.root, found)
    return list(found)


def test_everything_that_may_be_said() -> None:
    request = request_of(
        dedent(
            """
            base_url: https://api.vendor.example:8443/v1/
            path: things/search
            method: POST
            params: {after: "{since}", fields: [a, b]}
            json: {limit: 5, filters: [{name: x, value: "{since_ms}"}], token: "${env:TOKEN}"}
            headers: {X-Api-Key: "${file:/run/secrets/key}"}
            auth: {type: api_key, api_key: "${env:KEY}", name: user_key, location: query}
            paginator: {type: offset, limit: 50, total_path: meta.total, stop_after_empty_page: false}
            rate_limit: {header: X-Wait, wait_ms: rateLimit.waitMs}
            timeout: 20
            """
        )
    )
    assert (request.base_url, request.path, request.method) == (
        "https://api.vendor.example:8443/v1/",
        Text("things/search"),
        "POST",
    )
    assert request.params == {"after": Text("{since}"), "fields": (Text("a"), Text("b"))}
    assert request.json == {
        "limit": 5,
        "filters": ({"name": Text("x"), "value": Text("{since_ms}")},),
        "token": Text("${env:TOKEN}"),
    }
    assert request.headers == {"X-Api-Key": Text("${file:/run/secrets/key}")}
    assert request.auth == Auth(
        "api_key", {"api_key": Text("${env:KEY}"), "name": Text("user_key"), "location": Text("query")}
    )
    assert request.paginator == Paginator(
        "offset", {"limit": 50, "total_path": "meta.total", "stop_after_empty_page": False}
    )
    assert (request.rate_limit.header, request.timeout) == ("X-Wait", 20)
    assert request.rate_limit.wait_ms and request.rate_limit.wait_ms.text == "rateLimit.waitMs"


def test_little_needs_to_be_said() -> None:
    address = "https://api.vendor.example/v1"
    assert request_of(f"{BASE}\n{PAGE}") == RestRequest(address, Paginator("single_page"), rate_limit=RateLimit())


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8080",
        "http://localhost",
        "http://[::1]:1/v1",
        "https://API.vendor.example",
        "https://10.0.0.1",
    ],
)
def test_good_addresses(address: str) -> None:
    assert request_of(f'base_url: "{address}"\n{PAGE}').base_url == address


@pytest.mark.parametrize(
    "address",
    [
        *("http://api.vendor.example", "ftp://api.vendor.example", "api.vendor.example/v1", "https://", "https:///v1"),
        *(
            "https://dana:hunter2@api.vendor.example",
            "https://api.vendor.example?key=1",
            "https://api.vendor.example#x",
        ),
        *(
            "https://api.vendor.example:99999",
            "https://dana:hunter2@api.vendor.example:x",
            "https://bücher.example",
            "https://a b",
        ),
        *("https://${env:HOST}.example", "https://a.example/{since}", "https://a.example\\@b.example", "//a.example"),
        *("http://127.0.0.1.attacker.example", "http://localhost.attacker.example", "http://0.0.0.0", "https://[::1"),
    ],
)
@pytest.mark.parametrize("key", ["base_url", "access_token_url"])
def test_bad_addresses(key: str, address: str) -> None:
    oauth = (
        "auth: {{type: oauth2_client_credentials, client_id: a, client_secret: \"${{env:S}}\", access_token_url: '{}'}}"
    )
    block = f"base_url: '{address}'" if key == "base_url" else f"{BASE}\n{oauth.format(address)}"
    (problem,) = problems(f"{block}\n{PAGE}")
    assert problem.check == "wrong-value" and problem.help
    assert "hunter2" not in problem.message


BAD = {
    "auto": ("paginator: {type: auto}", 'unknown word "auto"'),
    "no paginator type": ("paginator: {cursor_path: a}", 'paginator needs "type"'),
    "no cursor path": ("paginator: {type: cursor}", 'paginator of type cursor needs "cursor_path"'),
    "maximum": ("paginator: {type: page_number, maximum_page: 5}", 'unknown key "maximum_page" in paginator of type page_number'),
    "no limit": ("paginator: {type: offset}", 'paginator of type offset needs "limit"'),
    "limit 0": ("paginator: {type: offset, limit: 0}", "0 is too few"),
    "endless": ("paginator: {type: page_number, stop_after_empty_page: false}", "nothing says which page is the last"),
    "two places": ("method: POST\npaginator: {type: cursor, cursor_path: a, cursor_param: b, cursor_body_path: c}", '"cursor_param" and "cursor_body_path" exclude each other'),
    "path": ("paginator: {type: json_link, next_url_path: '@odata.nextLink'}", '"@odata.nextLink" is not a path in an answer'),
    "filter": ("paginator: {type: json_link, next_url_path: 'a[?(@.b > 1)].c'}", '"a[?(@.b > 1)].c" is not a path in an answer'),
    "body path": ("method: POST\npaginator: {type: cursor, cursor_path: a, cursor_body_path: 'a[0]'}", '"a[0]" is not a path in json'),
    "get body path": ("paginator: {type: cursor, cursor_path: a, cursor_body_path: b}", "a GET has no body"),
    "get json": (f"{PAGE}\njson: {{a: 1}}", "a GET has no body"),
    "auth type": (f"{PAGE}\nauth: {{type: digest}}", 'unknown word "digest"'),
    "auth token": (f"{PAGE}\nauth: {{type: bearer}}", 'auth of type bearer needs "token"'),
    "literal token": (f"{PAGE}\nauth: {{type: bearer, token: hunter2}}", "a secret may not stand in a file"),
    "literal password": (f"{PAGE}\nauth: {{type: http_basic, username: dana, password: hunter2}}", "a secret may not stand in a file"),
    "cookie auth": (f'{PAGE}\nauth: {{type: api_key, location: cookie, api_key: "${{env:K}}"}}', 'unknown word "cookie"'),
    "literal param": (f"{PAGE}\nparams: {{user_key: hunter2}}", "a secret may not stand in a file"),
    "literal in a list": (f'{PAGE}\nparams: {{api_key: ["${{env:K}}", hunter2]}}', "a secret may not stand in a file"),
    "literal header": (f"{PAGE}\nheaders: {{X-API-Key: hunter2}}", "a secret may not stand in a file"),
    "literal in json": (f"{PAGE}\nmethod: POST\njson: {{a: [{{credentials: {{name: 7}}}}]}}", "a secret may not stand in a file"),
    "literal for a token": (f'{PAGE}\nauth: {{type: oauth2_client_credentials, client_id: a, client_secret: "${{env:S}}", access_token_url: "https://a.example/t", access_token_request_data: {{refresh_token: hunter2}}}}', "a secret may not stand in a file"),
    "odd reference": (f'{PAGE}\nparams: {{a: "${{vault:x}}"}}', "a secret may not stand in a file"),
    "placeholder": (f'{PAGE}\nparams: {{a: "{{sicne}}"}}', '"{sicne}" is no placeholder'),
    "placeholder in json": (f'{PAGE}\nmethod: POST\njson: {{a: {{b: "contacts{{id}}"}}}}', '"{id}" is no placeholder'),
    "host header": (f"{PAGE}\nheaders: {{Host: inside.example}}", '"Host" is not a header that can be set'),
    "header name": (f'{PAGE}\nheaders: {{"X Y": a}}', '"X Y" is not a header that can be set'),
    "header of two lines": (f'{PAGE}\nheaders: {{X-Y: "a\\r\\nHost: b"}}', "this text must be one line, without control characters"),
    "question in path": (f"{PAGE}\npath: things?user_key=hunter2", "this is not the path of an API"),
    "absolute path": (f"{PAGE}\npath: https://b.example/x", "this is not the path of an API"),
    "path upwards": (f"{PAGE}\npath: ../admin", "this is not the path of an API"),
    "method": (f"{PAGE}\nmethod: DELETE", 'unknown word "DELETE"'),
    "timeout": (f"{PAGE}\ntimeout: 0", "0 seconds are out of range"),
    "key": (f"{PAGE}\nresources: []", 'unknown key "resources" in rest'),
    "params": (f"{PAGE}\nparams: [a]", "params must be a block of key: value lines"),
    "null param": (f"{PAGE}\nparams: {{a: null}}", "a value is missing here"),
    "wait": (f"{PAGE}\nrate_limit: {{wait_ms: 'a..b'}}", '"a..b" is not a JMESPath expression'),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_told(case: str) -> None:
    text, message = BAD[case]
    (problem,) = problems(f"{BASE}\n{text}")
    assert problem.message == message
    assert problem.help and problem.position.line >= 1
    assert "hunter2" not in problem.message + problem.help


def test_all_that_is_wrong_is_told_at_once() -> None:
    found = problems("base_url: http://a.example\npath: a?b\nauth: {type: bearer, token: x}\npaginator: {type: auto}")
    assert [problem.position.line for problem in found] == [1, 2, 3, 4]
    assert [problem.message for problem in problems("{}")] == ['rest needs "base_url", "paginator"']


@pytest.mark.parametrize(
    "path", ["next", "$.paging.next.link", "meta.pages[0].next", '"@odata.nextLink"', "a.'b c'.d-e"]
)
def test_paths_in_an_answer(path: str) -> None:
    quoted = path.replace("'", "''")
    request = request_of(f"{BASE}\npaginator: {{type: json_link, next_url_path: '{quoted}'}}")
    assert request.paginator.options == {"next_url_path": path}


def test_a_body_keeps_its_types_and_long_texts() -> None:
    body = indent(
        'query: |\n  { contacts {\n    id } }\nyes: true\nno: "true"\nsmall: -0.5\nzip: 007\nbig: 1e5\nnone: ~', "  "
    )
    request = request_of(f"{BASE}\n{PAGE}\nmethod: POST\njson:\n{body}")
    assert request.json == {
        "query": Text("{ contacts {\n  id } }\n"),
        "yes": True,
        "no": Text("true"),
        "small": -0.5,
        "zip": Text("007"),
        "big": Text("1e5"),
        "none": None,
    }


def test_counted_pages_need_to_know_their_records() -> None:
    assert Paginator("offset", {"limit": 5}).needs_records
    assert Paginator("cursor", {"cursor_path": "a", "stop_after_empty_page": True}).needs_records
    assert not Paginator("page_number", {"total_path": "a"}).needs_records
    assert not Paginator("json_link").needs_records


def test_the_tables_of_keys_fit_each_other() -> None:
    assert {*NEEDED} <= {*KEYS} and len({*KEYS}) == len(KEYS)
    tables: list[tuple[Mapping[Any, tuple[str, ...]], Mapping[Any, tuple[str, ...]]]]
    tables = [(AUTH_KEYS, AUTH_NEEDED), (PAGINATOR_KEYS, PAGINATOR_NEEDED)]
    for keys, needed in tables:
        assert keys.keys() == needed.keys()
        assert all({*needed[kind]} <= {*names} and names[0] == "type" for kind, names in keys.items())
    assert len(RATE_LIMIT_KEYS) == 3


def test_the_options_are_those_of_dlt() -> None:
    import inspect

    from dlt.sources.rest_api.config_setup import AUTH_MAP, PAGINATOR_MAP

    for kind, keys in PAGINATOR_KEYS.items():
        assert {*keys[1:]} <= inspect.signature(PAGINATOR_MAP[kind]).parameters.keys(), kind
    for way, keys in AUTH_KEYS.items():
        assert {*keys[1:]} <= inspect.signature(AUTH_MAP[way]).parameters.keys(), way
