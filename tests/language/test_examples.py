from __future__ import annotations

from pathlib import Path

import pytest

from reengage.language.examples import Example, read_examples

STARTER = Path(__file__).parents[2] / "rules" / "reading"


def written(folder: Path, text: str | bytes) -> tuple[list[Example], list[tuple[int, str]]]:
    content = text.encode() if isinstance(text, str) else text
    (folder / "examples.csv").write_bytes(content)
    examples, problems = read_examples(folder, "rules/reading")
    assert all(one.help and one.position.file == "rules/reading/examples.csv" for one in problems)
    return list(examples), [(one.position.line, one.message) for one in problems]


def test_the_starter_file_has_thousands_and_nothing_is_wrong_with_them() -> None:
    examples, problems = read_examples(STARTER, "rules/reading")
    assert problems == ()
    assert len(examples) > 4_000
    assert len({one.words for one in examples}) == len(examples)


def test_a_project_may_do_without(tmp_path: Path) -> None:
    assert read_examples(tmp_path, "rules") == ((), ())


def test_good_rows_stay_and_bad_ones_are_told_by_line(tmp_path: Path) -> None:
    examples, problems = written(
        tmp_path, '\ufeffanswer,words\nhostile,"stop it,\nnow"\n\nnotnow,later\nother\nother,  \nleft_company,gone\n'
    )
    assert examples == [Example("hostile", "stop it,\nnow"), Example("left_company", "gone")]
    assert problems == [
        (5, 'unknown answer "notnow"'),
        (6, "1 cells stand here, not two"),
        (7, "the words are missing"),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("words,answer\n", "the heading is not answer,words"),
        ("", "the heading is not answer,words"),
        (b"answer,words\nother,\xff\n", "the file cannot be read: it is not UTF-8"),
        (b"answer,words\n" + b"other,x\n" * 600_000, "the file is too large"),
    ],
)
def test_a_file_that_is_none_is_told_in_one_sentence(tmp_path: Path, content: str | bytes, message: str) -> None:
    examples, problems = written(tmp_path, content)
    assert (examples, problems) == ([], [(1, message)])


def test_of_many_problems_the_first_are_told(tmp_path: Path) -> None:
    assert len(written(tmp_path, "answer,words\n" + "no,x\n" * 100)[1]) == 20
