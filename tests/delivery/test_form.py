from __future__ import annotations

import csv
import io
import json
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from reengage.delivery.form import Csv, JsonLines, cell
from tests.delivery.samples import hostile

TRIGGERS = "=+-@\t\r\n \uff1d\uff0b\uff0d\uff20"


@settings(deadline=None)
@given(hostile)
def test_no_cell_begins_like_a_formula_or_holds_a_control_character(text: str) -> None:
    made = cell(text)
    assert not made or made[0] not in TRIGGERS
    assert not [letter for letter in made if letter != "\n" and unicodedata.category(letter) in ("Cc", "Cf", "Cs")]
    assert cell(made) == made


def test_a_cell_keeps_its_words_and_lines() -> None:
    assert cell("Why now: budget = 3 + 4\n- a dash may open a later line") == (
        "Why now: budget = 3 + 4\n- a dash may open a later line"
    )
    assert cell(" =HYPERLINK(1)") == "HYPERLINK(1)"
    assert cell("\uff1d =\uff0b1") == "1"
    assert cell("a\tb\r\nc") == "a b\nc"
    assert cell(None) == ""


forms = st.builds(Csv, delimiter=st.sampled_from(",;\t"), newline=st.sampled_from(["\n", "\r\n"]), bom=st.booleans())


@settings(deadline=None)
@given(forms, st.lists(st.fixed_dictionaries({"a": hostile, "b": hostile}), max_size=5))
def test_what_is_written_is_read_back_cell_by_cell(form: Csv, rows: list[dict[str, str]]) -> None:
    written = b"".join(form.write(("a", "b"), rows))
    assert written.startswith(b"\xef\xbb\xbf") == form.bom
    text = io.StringIO(written.decode("utf-8-sig"), newline="")
    read = list(csv.reader(text, delimiter=form.delimiter, strict=True))
    assert read == [["a", "b"], *([cell(row["a"]), cell(row["b"])] for row in rows)]


def test_a_line_ends_as_the_target_wants_and_a_cell_always_with_lf() -> None:
    written = b"".join(Csv(newline="\r\n").write(("a",), [{"a": "x\r\ny"}]))
    assert written == b'a\r\n"x\ny"\r\n'


@settings(deadline=None)
@given(st.lists(st.fixed_dictionaries({"a": hostile}), max_size=5))
def test_json_has_one_object_per_line_with_the_values_whole(rows: list[dict[str, str]]) -> None:
    lines = b"".join(JsonLines().write(("a", "b"), rows)).split(b"\n")
    assert [json.loads(line) for line in lines[:-1]] == rows
    assert lines[-1] == b""
