"""JSON as programs and attackers really write it."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reengage.intake.salvage import looks_like_stop_row, may_hold_stop_row
from reengage.model.errors import ReengageError
from reengage.sources import jsonfile
from reengage.sources.jsonfile import Record, read_objects
from reengage.sources.opening import Stored
from reengage.sources.rows import Bad


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"nonsense", "the line is not JSON: it breaks off at character 1"),
        (b'{"a":1,}', "the line is not JSON: it breaks off at character 8"),
        (b'{"a":1} {"b":2}', "the line is not JSON: it breaks off at character 9"),
        (b"[1]", "the line is not a JSON object"),
        (b'"text"', "the line is not a JSON object"),
        (b'{"a":1,"a":2}', 'the key "a" stands twice'),
        (b'{"a":{"b":1,"b":2}}', 'the key "b" stands twice'),
        (b'{"a":NaN}', "NaN is not a JSON number"),
        (b'{"a":-Infinity}', "-Infinity is not a JSON number"),
        (b'{"a":1e999}', "1e999 is too large a number"),
        (b'{"a":' + b"9" * 5_000 + b"}", "99999999999999999999… is too large a number"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "the line is nested more than 32 levels deep"),
        (b'{"a":' + b"[" * 40 + b"]" * 40 + b"}", "the line is nested more than 32 levels deep"),
        (b'{"a":"\\u0000"}', "a text holds a NUL character"),
        (b'{"a\\u0000":1}', "a text holds a NUL character"),
        (b'{"a":"\\ud800"}', "a text holds half a character"),
        (b'{"a":"\xff"}', "the line is not UTF-8 text"),
        (b'{"a":"' + b"x" * 1_100_000 + b'"}', "the line is longer than 1,048,576 bytes"),
    ],
)
def test_a_bad_line_is_kept_and_its_neighbours_stay_good(tmp_path: Path, line: bytes, reason: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"a":1}\n' + line + b"\n\n" + b'{"a":"\xc3\xa9"}')
    first, bad, last = read_objects(path)
    assert isinstance(first, Record) and isinstance(bad, Bad) and isinstance(last, Record)
    assert (first.value, last.value) == ({"a": 1}, {"a": "é"})
    assert (first.line, bad.line, last.line) == (1, 2, 4)
    assert bad.reason == reason


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(ReengageError, match="the file cannot be opened"):
        list(read_objects(tmp_path / "none.jsonl"))


@given(st.binary(max_size=200))
def test_no_bytes_bring_a_traceback(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    path.write_bytes(content)
    for found in read_objects(path):
        assert isinstance(found, Bad) or isinstance(found.value, dict)


def plainly(content: bytes) -> list[Record | Bad]:
    """What `read_objects` gives, read line by line and each line thoroughly."""
    found, number, file = [], 0, BytesIO(content)
    while line := file.readline(jsonfile.LONGEST_LINE + 1):
        number += 1
        rest = line
        while len(rest) > jsonfile.LONGEST_LINE and not rest.endswith(b"\n"):
            rest = file.readline(jsonfile.LONGEST_LINE + 1)
        found += [jsonfile._thorough(number, line)] if line.strip() else []
    return found


WORDS = st.sampled_from(["a", "b", "type", "é", ":", '":', " :", "opt_out", "\\", '"', "\x7f", "", "\u2028"])
VALUES = st.recursive(
    WORDS | st.none() | st.booleans() | st.integers(-(10**22), 10**22) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)
SPACED = st.sampled_from([(", ", ": "), (",", ":"), (" ,", " :"), (",\t", "\t:"), (",", "\r:")])


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    """An object as somebody may write it, often with a name that stands twice, or with something out of place."""
    objects = [draw(st.dictionaries(WORDS, VALUES, max_size=4)) for _ in range(draw(st.integers(1, 2)))]
    written = [
        json.dumps(one, ensure_ascii=draw(st.booleans()), separators=draw(SPACED)).strip("{}") for one in objects
    ]
    text = "{" + ",".join(filter(None, written)) + "}"
    place = draw(st.integers(0, len(text)))
    odd = draw(
        st.sampled_from([*[b""] * 5, b"\0", b"\xff", b" ", b"\t", b"\r", b'"', b"1", b"\xed\xa0\x80", b"\xef\xbb\xbf"])
    )
    return text[:place].encode() + odd + text[place:].encode()


@given(st.lists(lines() | st.binary(max_size=20), max_size=8), st.sampled_from([b"\n", b"\r\n", b"\n\n"]))
@example([b'{"a":1,"a":2}', b'{"a" :1,"a":2}', b'{"a":":x","b":1,"b":2}', b'{"a":"x":","a":2}'], b"\n")
@example([b'{"a"\t:1,"a":2}', b'{"a"\r:1,"a":2}'], b"\n")
@example([b'{"a":' + b'{"a":' * 9 + b"1.50" + b"}" * 10, b'{"a":-0}', b'{"a":1e400}', b'{"a":1e-400}'], b"\n")
def test_what_is_read_quickly_is_what_is_read_thoroughly(written: list[bytes], ending: bytes) -> None:
    content = ending.join(written)
    quickly, thoroughly = list(read_objects(Stored("x.jsonl", content))), plainly(content)
    assert quickly == thoroughly
    assert list(map(repr, quickly)) == list(map(repr, thoroughly)), "-0.0 is 0.0, and 1 is 1.0 and True"


@given(st.lists(st.binary(max_size=12) | st.just(b'{"a":1}'), max_size=12), st.integers(1, 9), st.integers(1, 9))
def test_pages_and_cut_lines_end_anywhere(written: list[bytes], page: int, longest: int) -> None:
    content = b"\n".join(written)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonfile, "_PAGE", page)
        patch.setattr(jsonfile, "LONGEST_LINE", page + longest)
        assert list(read_objects(Stored("x.jsonl", content))) == plainly(content)


STOPS = st.sampled_from(
    [
        b'{"type": "opt_out"}',
        b'{"kind"',
        b'{"TYPE":"Unsubscribed","email":"\xc3\xa9"}',
        b'{"type": "opt\\u005fout"}',
        b'{"type": "visit"}',
        b'{"type": "intent", "facts": {"topic": "opt"}}',
        b'xtype: signal: "opt ot"',
        b"opt-",
        b"out",
        b"\xff\\",
        b"typevent: dnc",
        b"kind\rstop",
    ]
)


@given(st.lists(STOPS | st.binary(max_size=10), max_size=20), st.integers(1, 60))
def test_no_line_that_may_be_a_stop_is_passed_over(written: list[bytes], page: int) -> None:
    content = b"\n".join(written)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonfile, "_PAGE", page)
        found = [row.line for row in read_objects(Stored("x.jsonl", content), may_hold_stop_row)]
    texts = [line.decode("utf-8", "replace") for line in content.split(b"\n")]
    assert set(found) >= {number for number, text in enumerate(texts, 1) if looks_like_stop_row(text)}


def test_lines_that_are_not_worth_reading_are_left_out() -> None:
    written = [b'{"type": "visit"}'] * 300
    written[200] = b'{"type": "opt_out"}'
    found = list(read_objects(Stored("x.jsonl", b"\n".join(written)), may_hold_stop_row))
    assert [(row.line, row.raw) for row in found] == [(201, '{"type": "opt_out"}\n')]
