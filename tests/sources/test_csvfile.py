"""CSV as people and programs really write it."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reengage.model.errors import ReengageError
from reengage.sources import csvfile
from reengage.sources.csvfile import BadCells, Cells, open_table
from reengage.sources.opening import Stored
from reengage.sources.rows import CLIP


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


def values(path: Path) -> list[dict[str, str]]:
    return [row.values for row in open_table(path).rows() if isinstance(row, Cells)]


def bad(path: Path) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in open_table(path).rows() if isinstance(row, BadCells)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_way_to_write_a_table(file: Path, encoding: str, delimiter: str, ending: str) -> None:
    lines = [delimiter.join(cells) for cells in ((" name ", "e-mail"), (" José ", "jose@acme.example"), ("", ""))]
    file.write_bytes(ending.join(lines).encode(encoding))
    table = open_table(file)
    assert (table.headings, table.delimiter, table.size) == (("name", "e-mail"), delimiter, file.stat().st_size)
    assert values(file) == [{"name": "José", "e-mail": "jose@acme.example"}]


def test_line_numbers_count_lines_not_rows(file: Path) -> None:
    file.write_text('\na,b\n1,"two\nlines"\n\n3,4\n')
    rows = list(open_table(file).rows())
    assert [(row.line, row.raw) for row in rows] == [(3, '1,"two\nlines"\n'), (6, "3,4\n")]
    assert rows[-1].offset == file.stat().st_size


def test_one_broken_byte_spoils_one_row_only(file: Path) -> None:
    file.write_bytes("name\nJosé\nZo\n".encode() + b"Zo\xeb\nok\n")
    assert values(file) == [{"name": "José"}, {"name": "Zo"}, {"name": "ok"}]
    assert bad(file) == [(4, "the row holds bytes that are no text")]


def test_a_byte_that_cp1252_does_not_have(file: Path) -> None:
    file.write_bytes(b"name\nJos\xe9\nZo\xeb\n\x81\n")
    assert values(file) == [{"name": "José"}, {"name": "Zoë"}]
    assert [line for line, _ in bad(file)] == [4]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1", "1 cell where 2 are expected"),
        ("1,2,3", "3 cells where 2 are expected"),
        ("a\0b,2", "the row holds a NUL character"),
        ('"a"b,2', "text follows a closing quote"),
        ('1,"never closed', "a quote is opened and never closed"),
        ("x" * 1_000_000 + ",2", "a cell is longer than 131,072 characters, or a quote is never closed"),
        ("1," * 1_000_000, "the line is longer than 1,048,576 characters"),
    ],
)
def test_a_bad_row_is_kept_and_its_neighbours_stay_good(file: Path, row: str, reason: str) -> None:
    file.write_text(f"a,b\n1,2\n{row}\n3,4\n")
    assert values(file) == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]
    assert bad(file) == [(3, reason)]


def test_the_raw_text_of_a_bad_row_is_clipped_and_can_be_shown(file: Path) -> None:
    file.write_bytes(b"a\n" + b"\x81\0" + b"x" * 200_000 + b"\n")
    (row,) = open_table(file).rows()
    assert len(row.raw) == CLIP + 1
    assert row.raw.isprintable()
    assert row.raw.encode("utf-8")


def test_a_quote_in_the_middle_of_a_cell_is_only_a_quote(file: Path) -> None:
    file.write_text('size,name\n5" pipe,"Acme ""Best"", Inc"\n')
    assert values(file) == [{"size": '5" pipe', "name": 'Acme "Best", Inc'}]


def test_columns_name_the_cells_of_a_file_without_headings(file: Path) -> None:
    file.write_text("Acme,acme.example\n")
    table = open_table(file, columns=("name", "domain"))
    assert [row.values for row in table.rows() if isinstance(row, Cells)] == [
        {"name": "Acme", "domain": "acme.example"}
    ]


def test_a_cell_without_a_heading_is_dropped(file: Path) -> None:
    file.write_text("a,,b,\n1,,2,\n")
    assert values(file) == [{"a": "1", "b": "2"}]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\n \n", "the file is empty"),
        (b",,\n", "the file has no headings"),
        (b"a, a ,b\n", 'the heading "a" stands twice'),
        (b"a\0,b\n", "the headings cannot be read: the row holds a NUL character"),
        (b'"a,b\n', "the headings cannot be read: a quote is opened and never closed"),
        (b"x" * 500_000, "the headings cannot be read: a cell is longer"),
        ("a,b\n".encode("utf-16"), "the file is UTF-16"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_words(file: Path, content: bytes, words: str) -> None:
    file.write_bytes(content)
    with pytest.raises(ReengageError, match=words) as refused:
        open_table(file)
    assert str(file) in str(refused.value.where)


@pytest.mark.parametrize("name", ["missing.csv", ".", "a\0b"])
def test_a_file_that_cannot_be_opened_is_refused_in_words(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReengageError, match="the file cannot be opened"):
        open_table(tmp_path / name)


def test_memory_stays_flat(file: Path) -> None:
    with file.open("w") as out:
        out.write("a,b\n")
        out.writelines(f"{number},{'x' * 600}\n" for number in range(15_000))
    tracemalloc.start()
    count = sum(1 for _ in open_table(file).rows())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 15_000
    assert peak < 3_000_000 < file.stat().st_size


@given(st.binary(max_size=300))
def test_no_bytes_bring_a_traceback(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(content)
    try:
        rows = list(open_table(path).rows())
    except ReengageError:
        return
    assert [row.line for row in rows] == sorted({row.line for row in rows})


CELL = st.text(st.characters(exclude_characters="\r\n\0", codec="utf-8"), max_size=8)


@given(st.lists(st.tuples(CELL, CELL), max_size=8))
def test_what_was_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]) -> None:
    path = tmp_path_factory.getbasetemp() / "round.csv"
    quoted = ['"' + '","'.join(cell.replace('"', '""') for cell in row) + '"' for row in [("a", "b"), *rows]]
    path.write_bytes("\n".join(quoted).encode("utf-8-sig"))
    expected = [{"a": a.strip(), "b": b.strip()} for a, b in rows if a.strip() or b.strip()]
    assert values(path) == expected


CELLS = st.sampled_from(["a", " b ", "", '"c"', '"d,\ne"', '"f', 'g"', '"h"i', "é", "\0", "j" * 30, "\u2028", "\x0b"])


@given(
    st.lists(st.lists(CELLS, max_size=4).map(",".join), max_size=8),
    st.sampled_from(["\n", "\r\n", "\r", "\n\r", "\r\r\n"]),
    st.sampled_from([0, 1, 5, 10_000]),
)
def test_plain_lines_are_read_as_the_library_reads_them(written: list[str], ending: str, short: int) -> None:
    content = Stored("x.csv", f"one,two\r\n{ending.join(written)}".encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csvfile, "_SHORT", short)
        quickly = list(open_table(content).rows())
        patch.setattr(csvfile._Lines, "plain", lambda _: None)
        assert quickly == list(open_table(content).rows())
