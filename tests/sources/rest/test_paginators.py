"""Every kind of paginator against a real server: all pages come, each once, as the bytes that were sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reengage.sources.rest.client import pull
from reengage.sources.rest.outcome import State
from tests.sources.rest.vendor import ENVIRON, NOW, Answer, Asked, Vendor, asking, pulled

ROWS = [{"id": number} for number in range(7)]


def items(answer: Any) -> Any:
    return answer["items"]


def slice_of(asked: Asked, values: Any) -> Answer:
    offset, limit = int(values["offset"]), int(values["limit"])
    return Answer({"items": ROWS[offset : offset + limit], "total": len(ROWS)})


def ids(pages: list[Any]) -> list[int]:
    return [row["id"] for page in pages for row in json.loads(page.body)["items"]]


def test_a_single_page_is_one_page_byte_for_byte() -> None:
    raw = b'  {"next": "/more",\n "n": 1.50} '
    with Vendor(Answer(raw)) as vendor:
        (page,), end = pulled(asking(vendor, "path: things\npaginator: {type: single_page}"))
    assert (page.body, page.where, page.number) == (raw, f"{vendor.url}/v1/things", 1)
    assert (end.outcome.state, end.calls, len(vendor.asked)) == (State.DONE, 1, 1)


@pytest.mark.parametrize("end", [None, "", False])
def test_links_in_the_body(end: Any) -> None:
    def answer(asked: Asked) -> Answer:
        page = int(asked.params.get("page", ["1"])[0])
        link = f"{vendor.url}/v1/things?page=2" if page == 1 else "/v1/things?page=3" if page == 2 else end
        return Answer({"items": [{"id": page}], "meta": {"@next": link}})

    with Vendor(by=answer) as vendor:
        text = """
            path: things
            params: {size: 1}
            paginator: {type: json_link, next_url_path: 'meta."@next"'}
        """
        pages, end = pulled(asking(vendor, text))
    assert (ids(pages), end.outcome.state) == ([1, 2, 3], State.DONE)
    assert [asked.params for asked in vendor.asked] == [{"size": ["1"]}, {"page": ["2"]}, {"page": ["3"]}]


def test_links_in_a_header() -> None:
    def answer(asked: Asked) -> Answer:
        page = int(asked.params.get("page", ["1"])[0])
        link = {"Link": f'<{vendor.url}/v1/things?page={page + 1}>; rel="more"'} if page < 3 else {}
        return Answer([], headers=link)

    with Vendor(by=answer) as vendor:
        text = "path: things\npaginator: {type: header_link, links_next_key: more}"
        pages, end = pulled(asking(vendor, text))
    assert ([page.body for page in pages], end.outcome.state) == ([b"[]"] * 3, State.DONE)


@pytest.mark.parametrize("where", ["cursor_param", "cursor_body_path"])
def test_a_cursor(where: str) -> None:
    def answer(asked: Asked) -> Answer:
        after = asked.json.get("page", {}).get("after") if asked.body else asked.params.get("page.after", [None])[0]
        page = {None: 1, "c1": 2, "c2": 3}[after]
        return Answer({"items": [{"id": page}], "paging": {"next": f"c{page}"} if page < 3 else {}})

    with Vendor(by=answer) as vendor:
        body = "json: {a: 1}" if where == "cursor_body_path" else ""
        text = f"""
            method: {"POST" if body else "GET"}
            {body}
            paginator: {{type: cursor, cursor_path: paging.next, {where}: page.after}}
        """
        pages, end = pulled(asking(vendor, text))
    assert (ids(pages), end.outcome.state) == ([1, 2, 3], State.DONE)


def test_a_cursor_may_end_with_a_flag() -> None:
    first = Answer({"items": [{"id": 1}], "next": "c1", "more": True})
    with Vendor(first, Answer({"items": [{"id": 2}], "next": "c2", "more": False})) as vendor:
        text = "paginator: {type: cursor, cursor_path: next, has_more_path: more}"
        pages, end = pulled(asking(vendor, text))
    assert (ids(pages), end.outcome.state) == ([1, 2], State.DONE)


@pytest.mark.parametrize("total", ["", ", total_path: total"])
def test_offsets_in_the_address(total: str) -> None:
    def answer(asked: Asked) -> Answer:
        return slice_of(asked, {key: value[0] for key, value in asked.params.items()})

    with Vendor(by=answer) as vendor:
        pages, end = pulled(asking(vendor, f"paginator: {{type: offset, limit: 3{total}}}"), records=items)
    assert (ids(pages), end.outcome.state) == ([*range(7)], State.DONE)
    assert len(vendor.asked) == (3 if total else 4)


def test_offsets_in_the_body() -> None:
    def answer(asked: Asked) -> Answer:
        return slice_of(asked, asked.json["page"])

    with Vendor(by=answer) as vendor:
        text = """
            method: POST
            json: {topic: crm}
            paginator: {type: offset, limit: 3, offset_body_path: page.offset, limit_body_path: page.limit}
        """
        pages, end = pulled(asking(vendor, text), records=items)
    assert (ids(pages), end.outcome.state) == ([*range(7)], State.DONE)
    assert vendor.asked[1].json == {"topic": "crm", "page": {"offset": 3, "limit": 3}}


def test_page_numbers() -> None:
    def answer(asked: Asked) -> Answer:
        page = int(asked.params["p"][0])
        return Answer({"items": ROWS[page * 3 - 3 : page * 3], "more": page < 3})

    with Vendor(by=answer) as vendor:
        text = "paginator: {type: page_number, base_page: 1, page_param: p, total_path: null, has_more_path: more}"
        pages, end = pulled(asking(vendor, text))
    assert (ids(pages), end.outcome.state, end.calls) == ([*range(7)], State.DONE, 3)


def test_the_records_of_an_answer_are_not_guessed() -> None:
    """The first page has an empty list beside its records: dlt alone would take it for the end."""

    def answer(asked: Asked) -> Answer:
        offset = int(asked.params["offset"][0])
        return Answer({"data": [], "items": ROWS[offset : offset + 3]})

    with Vendor(by=answer) as vendor:
        pages, end = pulled(asking(vendor, "paginator: {type: offset, limit: 3}"), records=items)
    assert (ids(pages), end.outcome.state) == ([*range(7)], State.DONE)


@pytest.mark.parametrize("body", [{"items": []}, {"items": ROWS}, 7])
def test_where_pages_are_only_counted_their_records_must_be_known(body: Any) -> None:
    with Vendor(Answer(body)) as vendor:
        pages, end = pulled(asking(vendor, "paginator: {type: page_number}"))
    assert (pages, end.outcome.state, end.calls) == ([], State.FAILED, 1)
    assert end.outcome.reason == "an answer is more than a list of records: say where in it they are"


def test_an_answer_may_be_its_records() -> None:
    with Vendor(Answer(ROWS), Answer(ROWS[:2]), Answer([])) as vendor:
        pages, end = pulled(asking(vendor, "paginator: {type: page_number}"))
    assert (len(pages), end.outcome.state) == (3, State.DONE)


def test_a_vendor_that_gives_the_same_page_again_is_left() -> None:
    with Vendor(Answer({"items": ROWS})) as vendor:
        pages, end = pulled(asking(vendor, "paginator: {type: page_number}"), records=items)
    assert (len(pages), end.outcome.state, end.calls) == (1, State.FAILED, 2)
    assert end.outcome.reason == "127.0.0.1 gives the same page again and again, page 2 as the one before"


def test_a_pull_has_so_many_pages_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reengage.sources.rest.client.MOST_PAGES", 3)
    with Vendor(by=lambda asked: Answer({"items": [asked.params["page"]]})) as vendor:
        pages, end = pulled(asking(vendor, "paginator: {type: page_number}"), records=items)
    assert (len(pages), end.outcome.state) == (3, State.FAILED)
    assert end.outcome.reason == "127.0.0.1 does not come to an end after 3 pages"


@pytest.mark.parametrize(
    ("paginator", "body"),
    [
        ("{type: json_link}", {"next": {"href": "/v1"}}),
        ("{type: json_link}", [[1]]),
        ("{type: cursor, cursor_path: next, has_more_path: more}", {"next": "c1"}),
        ("{type: page_number, total_path: total}", {"total": "many"}),
        ("{type: page_number, total_path: total}", b'{"total": 1e999}'),
        ("{type: offset, limit: 2, has_more_path: more}", {"items": [1], "more": 7}),
    ],
)
def test_an_answer_that_does_not_fit_the_paginator(paginator: str, body: Any) -> None:
    with Vendor(Answer(body)) as vendor:
        pages, end = pulled(asking(vendor, f"paginator: {paginator}"))
    if body == [[1]]:  # nothing is linked, so that was all
        assert (len(pages), end.outcome.state) == (1, State.DONE)
    else:
        assert (pages, end.outcome.state) == ([], State.FAILED)
        assert end.outcome.reason.startswith("page 1 of 127.0.0.1 does not fit the paginator ")


@pytest.mark.parametrize("body", [b"<html>busy</html>", b"", b'{"items": [', b"\xff\xfe\x00"])
def test_an_answer_that_is_not_json(body: bytes) -> None:
    with Vendor(Answer(body)) as vendor:
        pages, end = pulled(asking(vendor))
    assert (pages, end.outcome.state) == ([], State.FAILED)
    assert end.outcome.reason == "page 1 of 127.0.0.1 is not JSON"


def test_json_that_is_nested_without_end() -> None:
    with Vendor(Answer(b"[" * 200_000 + b"]" * 200_000)) as vendor:
        pages, end = pulled(asking(vendor))
    assert (pages, end.outcome.state) == ([], State.FAILED)


def test_no_content_is_no_page_and_no_failure() -> None:
    with Vendor(Answer(status=204)) as vendor:
        pages, end = pulled(asking(vendor))
    assert (pages, end.outcome.state) == ([], State.DONE)


def test_a_pull_that_is_left_is_not_done() -> None:
    with Vendor(by=lambda asked: Answer({"items": asked.params["page"]})) as vendor:
        _, end = pulled(asking(vendor, "paginator: {type: page_number}"), budget=1, records=items)
        assert (end.outcome.state, end.outcome.reason) == (State.UNFINISHED, "the budget of 1 call is used up")
        pages, end = pulled(asking(vendor, "paginator: {type: page_number}"), budget=0)
    assert (pages, end.outcome.state, len(vendor.asked)) == ([], State.UNFINISHED, 1)


def test_pages_are_asked_for_one_by_one() -> None:
    with Vendor(by=lambda asked: Answer({"items": asked.params["page"]})) as vendor:
        request = asking(vendor, "paginator: {type: page_number}")
        made = pull(request, since=None, now=NOW, environ=ENVIRON, folder=Path(), budget=9, records=items)
        assert vendor.asked == []
        assert next(made).number == 1 and len(vendor.asked) == 1
        assert next(made).number == 2 and len(vendor.asked) == 2
        made.close()
        assert list(made) == []
    assert (made.outcome.state, made.calls, vendor.connections) == (State.UNFINISHED, 2, 1)
