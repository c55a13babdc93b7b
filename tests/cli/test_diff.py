"""`reengage diff` as a person types it in the folder of a repository, and as a job of a pull request does."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from reengage.cli import output
from tests.cli.conftest import Reengage
from tests.cli.test_commands import CONTACTS, TALKS

HIRING = """rules:
  - id: hiring
    who: {said: not_now}
    when: {team_expansion: {within: 1 month, open_roles: {at_least: 8}}}
    then: {create_task: {subject: "{account.name} has {signal.open_roles} open roles"}}
"""
ROLES = """{"id": "h-1", "source": "jobs", "type": "team_expansion", "time": "2026-09-27T00:00:00Z", \
"received_at": "2026-09-27T00:00:00Z", "keys": {"domain": "initech.example"}, \
"facts": {"department": "Sales", "open_roles": 9}}
"""
Edit = Callable[[str, str], None]


def git(folder: Path, *arguments: str) -> None:
    told = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"]}
    names = ("-c", "user.name=Pat", "-c", "user.email=pat@us.example", "-c", "init.defaultBranch=main")
    subprocess.run(["git", "-C", str(folder), *names, *arguments], check=True, capture_output=True, env=told)


@pytest.fixture
def book(project: Path, reengage: Reengage) -> Path:
    """A committed project with two contacts who said "not now", one of whom said stop; their company is hiring."""
    for file in (project / "rules").glob("*.yaml"):
        if file.stem not in ("responses", "titles", "assets"):
            file.unlink()
    (project / "rules" / "hiring.yaml").write_text(HIRING, encoding="utf-8")
    for name, text in (("contacts", CONTACTS), ("conversations", TALKS)):
        (project / f"{name}.csv").write_text(text, encoding="utf-8")
        assert reengage("import", name, f"{name}.csv", "--at", "2026-09-01").code == 0
    (project / "signals" / "news.jsonl").write_text(ROLES, encoding="utf-8")
    assert reengage("ingest", "--at", "2026-09-28").code == 0
    git(project, "init")
    git(project, "add", "rules", "reengage.toml")
    git(project, "commit", "-m", "rules")
    return project


@pytest.fixture
def edit(book: Path) -> Edit:
    """Changes words in the rule."""

    def change(old: str, new: str) -> None:
        file = book / "rules" / "hiring.yaml"
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")

    return change


def test_without_a_change_nothing_differs(book: Path, reengage: Reengage) -> None:
    ran = reengage("diff", "--at", "2026-10-05")
    assert ran.code == 0
    assert ran.out.splitlines()[0] == (
        "HEAD → rules/ at 2026-10-05: tasks 1 → 1: 0 added, 0 removed, 0 changed, 0 newly held back"
    )
    assert "2 contacts judged, 1 of them opted out and in no line" in ran.out
    assert "added:" not in ran.out


def test_a_threshold_that_is_raised_says_which_condition_fails_now(book: Path, edit: Edit, reengage: Reengage) -> None:
    edit("at_least: 8", "at_least: 12")
    found = reengage("diff", "--at", "2026-10-05", "--format", "json").json()
    (gone,) = found["removed"]
    assert gone["contact_id"] == "C1"
    assert gone["why"] == "when team_expansion open_roles: at least 12 (it is 9)"
    assert gone["before"]["task"]["subject"] == "Initech has 9 open roles"
    assert gone["after"] == {
        "outcome": "no_match",
        "rule": None,
        "reason": "no rule describes this contact and its news",
        "task": None,
    }
    assert found["tasks"] == {"before": 1, "after": 0}
    assert found["rules"] == [{"name": "hiring", "before": 1, "after": 0, "change": "changed"}]
    assert found["owners"] == [{"name": "pat@us.example", "before": 1, "after": 0}]
    assert "C2" not in json.dumps(found)


def test_the_run_that_has_been_hides_the_difference_only_where_the_past_counts(
    book: Path, edit: Edit, reengage: Reengage
) -> None:
    assert reengage("run", "--at", "2026-10-05").code == 0
    edit("{signal.open_roles} open roles", "{signal.open_roles} jobs to fill")
    (changed,) = reengage("diff", "--format", "json").json()["changed"]
    assert [one["what"] for one in changed["changes"]] == ["subject"]
    assert reengage("diff", "--format", "json", "--with-past").json()["tasks"] == {"before": 0, "after": 0}


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("  - id: hiring", "  - id: hiring\n    enabled: false", "the rule is switched off"),
        ("hiring\n", "other\n", "when team_expansion open_roles: at least 99 (it is 9)"),
        (
            "    then:",
            "    unless: {account_status: prospect}\n    then:",
            "stopped by unless account_status: prospect",
        ),
        ("    then:", "    unless: {country: DE}\n    then:", "unknown: unless country is unknown"),
    ],
)
def test_each_way_to_lose_a_task_is_told(
    book: Path, edit: Edit, reengage: Reengage, old: str, new: str, why: str
) -> None:
    if "other" in new:
        edit("at_least: 8", "at_least: 99")
        new += "    formerly: [hiring]\n"
    edit(old, new)
    found = reengage("diff", "--at", "2026-10-05", "--format", "json").json()
    assert found["removed"][0]["why"].startswith(why)


def test_a_rule_that_is_renamed_makes_the_same_task(book: Path, edit: Edit, reengage: Reengage) -> None:
    edit("  - id: hiring", "  - id: open-roles\n    formerly: [hiring]")
    found = reengage("diff", "--at", "2026-10-05", "--format", "json").json()
    assert [found[name] for name in ("added", "removed", "changed")] == [[], [], []]
    assert found["rules"] == [{"name": "open-roles", "before": 1, "after": 1, "change": "was hiring"}]
    edit("\n    formerly: [hiring]", "")
    found = reengage("diff", "--at", "2026-10-05", "--format", "json").json()
    assert found["changed"][0]["changes"][0] == {"what": "rule", "before": "hiring", "after": "open-roles"}
    assert {one["name"]: one["change"] for one in found["rules"]} == {"hiring": "gone", "open-roles": "new"}


def test_a_folder_a_revision_and_a_subject_for_people(book: Path, edit: Edit, reengage: Reengage) -> None:
    edit("at_least: 8", "at_least: 12")
    git(book, "commit", "-am", "stricter")
    assert reengage("diff", "--at", "2026-10-05").out.startswith("HEAD → rules/ at 2026-10-05: tasks 0 → 0")
    ran = reengage("diff", "--rules-from", "rules", "--rules-to", "HEAD~1", "--at", "2026-10-05")
    assert ran.out.startswith("rules → HEAD~1 at 2026-10-05: tasks 0 → 1: 1 added")
    assert "Initech has 9 open roles" in ran.out
    assert "Dana Reyes" in ran.out
    assert "Wed 07 Oct" in ran.out


def test_more_added_tasks_than_allowed_exit_1(book: Path, edit: Edit, reengage: Reengage) -> None:
    edit("at_least: 8", "at_least: 12")
    back = ("diff", "--rules-from", "rules", "--rules-to", "HEAD", "--at", "2026-10-05")
    assert reengage(*back, "--max-added", 1).code == 0
    refused = reengage(*back, "--max-added", 0)
    assert refused.code == 1
    assert refused.out.rstrip().endswith("1 task added, more than --max-added 0")
    told = reengage(*back, "--max-added", 0, "--format", "json")
    assert (told.code, told.json()["too_many"]) == (1, True)


def test_markdown_names_no_contact_and_lets_no_word_be_markup(book: Path, edit: Edit, reengage: Reengage) -> None:
    with closing(sqlite3.connect(book / "reengage.db")) as database, database:
        assert database.execute("UPDATE account SET name = 'In|i`<b>tech'").rowcount == 1
    edit("at_least: 8", "at_least: 12")
    ran = reengage("diff", "--at", "2026-10-05", "--format", "markdown", "--max-added", 3)
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0] == (
        "### What these rules would change: tasks 1 → 0: 0 added, 1 removed, 0 changed, 0 newly held back"
    )
    assert "#### Removed: 1" in lines
    assert (
        "| `C1` | `In\\|i'<b>tech` | `hiring` | normal, email | 2026-10-07 | `pat@us.example` "
        "| `when team_expansion open_roles: at least 12 (it is 9)` |"
    ) in lines
    assert "| `hiring` | changed | 1 | 0 |" in lines
    assert "Dana" not in ran.out
    assert "after the summer" not in ran.out


def test_rows_are_cut_and_counted(book: Path, edit: Edit, reengage: Reengage) -> None:
    edit("at_least: 8", "at_least: 12")
    for form in ("human", "markdown"):
        ran = reengage("diff", "--at", "2026-10-05", "--format", form, "--limit", 0)
        assert "and 1 more" in ran.out
        assert "C1" not in ran.out
    assert len(reengage("diff", "--at", "2026-10-05", "--format", "json", "--limit", 0).json()["removed"]) == 1


def test_a_table_fits_a_hundred_columns(
    book: Path, edit: Edit, reengage: Reengage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "WIDTH_OF_A_FILE", 100)
    edit("{signal.open_roles} open roles", "{signal.open_roles} jobs to fill")
    for arguments in ((), ("--rules-to", "HEAD"), ("--rules-from", "rules", "--rules-to", "HEAD")):
        ran = reengage("diff", "--at", "2026-10-05", *arguments)
        assert ran.code == 0
        assert max(map(len, ran.out.splitlines()[3:]), default=0) <= 100
    assert "subject: Initech has 9 jobs to fill → Initech has 9 open roles" in ran.out


def test_rules_with_errors_are_shown_as_check_shows_them(book: Path, edit: Edit, reengage: Reengage) -> None:
    edit("open_roles: {", "open_rolls: {")
    ran = reengage("diff")
    assert ran.code == 1
    assert "rules/hiring.yaml:4:" in ran.out
    assert "[unknown-key]" in ran.out
    assert "the rules of rules/: 1 error" in ran.out
    told = reengage("diff", "--format", "json")
    assert told.code == 1
    assert [one["check"] for one in told.json()["rules/"]] == ["unknown-key"]
    git(book, "commit", "-am", "broken")
    assert "the rules of HEAD: 1 error" in reengage("diff", "--rules-to", "HEAD").out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--rules-from", "no-such"), '"no-such" is neither a folder nor a revision that git knows'),
        (("--rules-from", ""), '"" is neither a folder nor a revision'),
        (("--rules-from=--output=/dev/null",), "is neither a folder nor a revision"),
        (("--rules-to", "HEAD:rules"), '"HEAD:rules" is neither'),
        (("--limit", "-1"), "invalid value for '--limit'"),
    ],
)
def test_what_is_neither_a_folder_nor_a_revision(
    book: Path, reengage: Reengage, arguments: tuple[str, ...], says: str
) -> None:
    ran = reengage("diff", *arguments)
    assert ran.code == 2
    assert says in ran.err


def test_a_project_without_git_or_without_its_repository_needs_a_folder(
    project: Path, reengage: Reengage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
    ran = reengage("diff")
    assert ran.code == 2
    assert '"HEAD" is no folder, and the project is in no git repository' in ran.err
    assert "name a folder of rules" in ran.err
    git(project, "init")
    (project / "README").write_text("no rules yet", encoding="utf-8")
    git(project, "add", "README")
    git(project, "commit", "-m", "empty")
    assert 'at "HEAD" the project has no folder rules/' in reengage("diff").err
    monkeypatch.setenv("PATH", str(project))
    ran = reengage("diff")
    assert ran.code == 2
    assert "git, which may know it as a revision, cannot be started" in ran.err


def test_a_project_deep_in_a_repository_finds_its_own_rules(book: Path, reengage: Reengage) -> None:
    (book / ".git").rename(book.parent / ".git")
    git(book.parent, "add", "project/rules", "project/reengage.toml")
    git(book.parent, "rm", "-r", "--cached", "-q", "--ignore-unmatch", "rules", "reengage.toml")
    git(book.parent, "commit", "-m", "a level down")
    assert reengage("diff", "--at", "2026-10-05").out.startswith("HEAD → rules/ at 2026-10-05: tasks 1 → 1")


def test_nothing_is_written_into_the_project(book: Path, edit: Edit, reengage: Reengage) -> None:
    edit("at_least: 8", "at_least: 5")
    kept = {path: path.read_bytes() for path in book.rglob("*") if path.is_file() and ".git" not in path.parts}
    assert reengage("diff").code == 0
    assert {path: path.read_bytes() for path in book.rglob("*") if path.is_file() and ".git" not in path.parts} == kept
