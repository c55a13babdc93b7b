from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reengage.language import yamlfile
from reengage.language.nodes import Scalar, find, place, plain
from reengage.language.tree import Position


def read(text: str) -> yamlfile.Document:
    return yamlfile.read(text.encode(), "f.yaml")


def problem_of(content: bytes) -> str:
    document = yamlfile.read(content, "f.yaml")
    assert document.root is None
    return document.diagnostics[0].message


def test_every_value_is_text_as_it_was_written() -> None:
    written = "a: NO\nb: 12:30\nc: 0441234567\nd: 1.10\ne: 2025-13-45\nf: on\ng: .inf\nh: '~'\ni: ~\nj:\nk: [1, true]\n"
    root = read(written).root
    assert root is not None
    assert plain(root) == {
        "a": "NO",
        "b": "12:30",
        "c": "0441234567",
        "d": "1.10",
        "e": "2025-13-45",
        "f": "on",
        "g": ".inf",
        "h": "~",
        "i": None,
        "j": None,
        "k": ["1", "true"],
    }


def test_positions_count_lines_and_characters_from_one() -> None:
    root = read("ä: 1\nb:\n  - ü: {c: x}\n").root
    assert root is not None
    assert place(root, "b") == Position("f.yaml", 2, 1)
    pair = find(root, "ä")
    assert pair and pair.value.at == Position("f.yaml", 1, 4)


def test_a_part_of_a_text_has_its_own_position() -> None:
    root = read('a: "one {two}"\nb: |\n  one\n  and {two}\n').root
    assert root is not None
    places = [
        pair.value.place("{two}")
        for pair in (find(root, "a"), find(root, "b"))
        if pair and isinstance(pair.value, Scalar)
    ]
    assert places == [Position("f.yaml", 1, 9), Position("f.yaml", 4, 7)]


def test_the_nearest_written_key_stands_for_a_missing_one() -> None:
    root = read("then:\n  create_task: {subject: x}\n").root
    assert root is not None
    assert place(root, "then", "create_task", "priority") == Position("f.yaml", 2, 3)


def test_byte_order_mark_and_line_ends() -> None:
    document = yamlfile.read(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", "f.yaml")
    assert document.root is not None and plain(document.root) == {"a": "1", "b": "2"}
    assert document.lines == ("a: 1", "b: 2", "")


def test_nothing_written_is_no_problem() -> None:
    assert read("# only a comment\n") == yamlfile.Document("f.yaml", ("# only a comment", ""), None)


BOMB = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (BOMB.encode(), "the anchor &a cannot be used"),
        (b"a: &x [*x]", "the anchor &x cannot be used"),
        (b'a: !!python/object/apply:os.system ["id"]', "a tag (!) cannot be used"),
        (b"a: ! x", "a tag (!) cannot be used"),
        (b"a: {<<: {b: c}}", "the merge key << cannot be used"),
        (b"a: 1\na: 2", 'the key "a" stands twice in this block, first in line 1'),
        (b"[" * 3000, "the file is nested more than 32 levels deep"),
        (b"{" * 2000, "the file is nested more than 32 levels deep"),
        (b"- " * 5000, "the file is nested more than 32 levels deep"),
        (b"a: b\n---\nc: d", "the file holds more than one document"),
        (b"%TAG ! tag:x,2000:\n---\na: b", "a % line cannot be used"),
        (b"a: \xff", "the file is not UTF-8 text"),
        (b"a: \0", "the file holds a NUL character"),
        (b"a: \x07", "the file holds a control character"),
        (b"a: " + b"x" * 10_000_000, "the file is larger than 256 KiB"),
        ("a: b".encode("utf-16"), "the file is not UTF-8 text"),
        (b"? [a]\n: b", "a key must be a word"),
        (b"a: 'b", "a quote is opened and never closed"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_is_refused(content: bytes, message: str) -> None:
    assert problem_of(content) == message


def test_many_problems_end_the_reading() -> None:
    document = read("- *a\n" * 5000)
    assert len(document.diagnostics) == yamlfile.MAX_PROBLEMS + 1
    assert "not read" in document.diagnostics[-1].message


@given(st.binary(max_size=200) | st.text(alphabet="ab:-[]{}&*!|>'\"#%@`,? \n\t<~\0\x85é", max_size=80).map(str.encode))
def test_any_bytes_are_a_tree_or_diagnostics(content: bytes) -> None:
    document = yamlfile.read(content, "f.yaml")
    assert document.root is None or not document.diagnostics
    assert all(problem.position.line >= 1 and problem.position.column >= 1 for problem in document.diagnostics)
