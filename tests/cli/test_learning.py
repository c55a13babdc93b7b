"""`reengage report` as a person reads it, and as a program does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reengage.app.imports.activities import import_activities
from reengage.app.imports.contacts import import_contacts
from reengage.app.imports.conversations import import_conversations
from reengage.app.imports.sheet import Report
from reengage.app.opening import open_prepared
from reengage.app.project import read_project
from reengage.cli.learning import MOST_SHOWN, WIDTH
from reengage.store.learning import By
from tests.cli.conftest import ROOT, Ran, Reengage
from tests.docs.pages import in_code, tables

TALKS = "conversation_id,contact_id,at,channel,rep_email,response,their_words,script_variant,title\n"
CONTACTS = "contact_id,first_name,email,account_name\nC1,Dana,dana@initech.example,Initech\n"


DONE = """rep_email,day,dials,sends,complaints
tom@us.example,2026-09-01,81,1000,1
tom@us.example,2026-09-02,79,1000,0
"""


def talks(response: str, number: int, script: str = "question", begin: int = 0) -> str:
    row = "K{0},C1,2026-09-{1:02}T10:00:00Z,phone,tom@us.example,{2},Dana said so,{3},CFO\n"
    return "".join(row.format(begin + one, one % 28 + 1, response, script) for one in range(number))


@pytest.fixture(scope="module")
def filled(starter_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with 40 answers of one contact, and activities of two days."""
    folder = tmp_path_factory.mktemp("heard") / "project"
    shutil.copytree(starter_project, folder)
    project, at = read_project(folder), datetime(2026, 10, 1, tzinfo=UTC)
    database = open_prepared(project)
    answers = (
        TALKS + talks("send_email", 28) + talks("not_now", 6, "statement", 100) + talks("positive", 6, "joke", 200)
    )
    files: list[tuple[Callable[..., Report], str]]
    files = [(import_contacts, CONTACTS), (import_conversations, answers), (import_activities, DONE)]
    for take, text in files:
        (folder / "import.csv").write_text(text, encoding="utf-8")
        assert take(database, project, folder / "import.csv", at).bad == []
    database.close()
    return folder


@pytest.fixture
def heard(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reengage: Reengage) -> Reengage:
    """Runs a command in a copy of that project."""
    shutil.copytree(filled, tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    return reengage


def line_of(ran: Ran, begins: str) -> str:
    return next(line for line in ran.out.splitlines() if line.strip().startswith(begins))


def test_an_empty_book_is_one_sentence(project: Path, reengage: Reengage) -> None:
    ran = reengage("report")
    assert (ran.code, len(ran.out.splitlines()), ran.err) == (0, 1, "")
    assert ran.out.startswith("nothing to learn from yet")
    assert reengage("report", "--format", "json").json()["conversations"] == 0


def test_the_report_has_bars_intervals_and_advice(heard: Reengage) -> None:
    ran = heard("report")
    assert ran.code == 0
    assert ran.out.splitlines()[0] == "until 2026-10-05: 40 conversations, 40 answers, 0 stops"
    delivery = line_of(ran, "delivery ")
    assert delivery.split()[:2] == ["delivery", "28"]
    assert delivery.count("█") == round(WIDTH * 28 / 34)
    assert "82 % (65 to 93)" in delivery
    assert "cannot be told yet; " in ran.out
    assert "conversations per dial: " in ran.out
    assert "0.05 % (0.00 to 0.32)" in ran.out


def test_a_pipe_and_no_color_get_plain_letters_that_fit(heard: Reengage) -> None:
    ran = heard("report", "--by", "script")
    assert "\x1b" not in ran.out
    assert all(len(line) <= 140 for line in ran.out.splitlines())


def test_parts_are_compared(heard: Reengage) -> None:
    ran = heard("report", "--by", "script")
    shown = [line.split("│")[1].strip() for line in ran.out.splitlines() if line.startswith("│")]
    assert shown[:3] == ["question", "joke", "statement"]
    assert line_of(ran, "│ joke").split("│")[2].strip() == "6"
    assert "6 of 6" in line_of(ran, "│ joke")


def test_the_page_lists_all_parts() -> None:
    assert {word for row in tables(ROOT / "docs" / "learning.md", "`--by`") for word in in_code(row[0])} >= set(By)


def test_more_than_fit_are_counted(heard: Reengage) -> None:
    rows = "".join(talks("not_now", 1, f"script {number}", 300 + number) for number in range(MOST_SHOWN))
    Path("more.csv").write_text(TALKS + rows, encoding="utf-8")
    assert heard("import", "conversations", "more.csv").code == 0
    assert "  and 3 more with 3 conversations (--format json has all)" in heard("report", "--by", "script").out
    assert len(heard("report", "--by", "script", "--format", "json").json()["groups"]) == MOST_SHOWN + 3


def test_json_is_the_same_for_programs(heard: Reengage) -> None:
    ran = heard("report", "--by", "hour", "--from", "2026-09-01", "--until", "2026-09-30", "--format", "json")
    found = ran.json()
    assert (found["first"], found["last"], found["conversations"]) == ("2026-09-01", "2026-09-30", 40)
    assert [(one["name"], one["conversations"]) for one in found["groups"]] == [("11:00", 40)]
    assert found["categories"][2]["share"]["count"] == 28
    (complaints,) = (one for one in found["benchmarks"] if one["what"] == "complaint_rate")
    assert (complaints["source"], complaints["rows"], complaints["verdict"]) == (
        "article on handling negative responses, 2025",
        ["A47"],
        "unclear",
    )
    assert "Dana" not in json.dumps(found)


def test_a_period_or_a_rep_without_anything_is_one_sentence(heard: Reengage) -> None:
    assert heard("report", "--until", "2025-01-01").out.startswith("nothing to learn from")
    assert heard("report", "--rep", "zoe@us.example").out.startswith("nothing to learn from")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--from", "yesterday"), '--from "yesterday" is not a day'),
        (("--until", "2026-13-01"), '--until "2026-13-01" is not a day'),
        (("--from", "2026-10-02", "--until", "2026-10-01"), "2026-10-02 is later than 2026-10-01"),
        (("--rep", "tom"), '"tom" is no e-mail'),
        (("--by", "industry"), "this project has no field called industry"),
    ],
)
def test_what_cannot_be_asked_is_said(heard: Reengage, arguments: tuple[str, ...], message: str) -> None:
    ran = heard("report", *arguments)
    assert ran.code == 2
    assert f"error: {message}" in ran.err
    assert "help: " in ran.err


def test_a_row_that_cannot_be_is_kept_back(heard: Reengage) -> None:
    Path("bad.csv").write_text("rep_email,day,dials\ntom@us.example,2026-09-03,-4\n", encoding="utf-8")
    ran = heard("import", "activities", "bad.csv")
    assert ran.code == 1
    assert 'bad.csv:2: dials "-4" is less than nothing' in ran.out
