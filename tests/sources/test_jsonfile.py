"""JSON as programs and attackers really write it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reengage.model.errors import ReengageError
from reengage.sources.jsonfile import Record, read_objects
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
