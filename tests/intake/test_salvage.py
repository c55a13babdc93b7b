"""What is saved of rows that cannot be read: whether they may be stops, and whom they mention."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reengage.intake.salvage import looks_like_stop_row, may_hold_stop_row, mentions


@pytest.mark.parametrize(
    "raw",
    [
        '{"type": "opt_out"}',
        '{"signal":"OptOut"}',
        '{"tipe": "opt-out", "id": "1"',
        "{'type': 'opt out'}",
        '{"type": "opt_ot"}',
        '{"type": "unsubscribed"}',
        '{"event": ["do_not_contact"]}',
        '{"type": "opt\\u005fout"}',
    ],
)
def test_what_may_be_a_stop_is_taken_for_one(raw: str) -> None:
    assert looks_like_stop_row(raw)
    assert may_hold_stop_row(f'{{"type"\n{raw}\n{{}}')


@pytest.mark.parametrize(
    "raw", ['{"type": "visit"}', '{"type": "earthquake", "facts": {"page": "/shop"}}', "{not json", ""]
)
def test_other_rows_are_no_stops(raw: str) -> None:
    assert not looks_like_stop_row(raw)
    assert not may_hold_stop_row(f"{raw}\n{raw}\n")


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ('{"keys": {"email": "Dana <dana@x.example>"', ["dana@x.example"]),
        ('{"email": "j\\u00fcrgen@x.example", "words": "stop\\nnow@y.example"}', ["jürgen@x.example", "now@y.example"]),
        ('{"email": "o\'brien@x.example"}', ["o'brien@x.example"]),
        ('{"u": "https:\\/\\/www.linkedin.com\\/in\\/dana?x=1"}', ["linkedin.com/in/dana?x=1"]),
        ('{"Mobile Phone": "020 7946 0018", "id": 442079460018, "fax": 12345}', ["020 7946 0018"]),
        ('{"phones": ["+44 20 7946 0018", "+442079460019"]}', ["+44 20 7946 0018", "+442079460019"]),
        (
            "dana@x.example,+44 20 7946 0018,2026-05-30 10:00:00,30/05/2026 10:00",
            ["dana@x.example", "+44 20 7946 0018"],
        ),
        ('{"time": "2026-05-30T10:00:00Z", "domain": "x.example"}', []),
    ],
)
def test_whom_a_row_mentions(raw: str, found: list[str]) -> None:
    assert list(mentions(raw)) == found


@given(st.text(max_size=300), st.text(max_size=300))
def test_no_text_around_an_address_hides_it(before: str, after: str) -> None:
    assert "dana@x.example" in mentions(json.dumps([before, "dana@x.example", after]))


def test_a_very_long_row_is_read_in_little_time() -> None:
    assert list(mentions("a" * 1_000_000 + "@" * 1_000)) == []


@pytest.mark.parametrize(
    "line",
    [
        '{"type":"opt_out"}',
        '\ufeff{"type" \t:              "opt_out"}',
        '{"\\u0074ype":"\\u006fpt_\\u006Fut","id":"x"}',
        '{"keys":{"email":"a@x.example"},"type":"  opt_out "}',
    ],
)
def test_a_stop_in_our_envelope_looks_like_one_however_it_is_written(line: str) -> None:
    """`ingest` looks for stops only in lines that look like one."""
    assert json.loads(line.removeprefix("\ufeff"))["type"].strip() == "opt_out"
    assert looks_like_stop_row(line)
