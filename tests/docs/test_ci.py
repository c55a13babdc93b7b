"""What a customer's repository of rules is offered for its pull requests works, as far as it is ours."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import Reengage
from tests.examples.play import ROOT

WORKFLOW = ROOT / "examples" / "ci" / "github-actions.yml"
HOOKS = ROOT / ".pre-commit-hooks.yaml"
CONTACTS = "contact_id,first_name,email,account_name\nC-1,Dana,dana@initech.example,Initech\n"


def loaded(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def steps() -> Iterator[dict[str, Any]]:
    for job in loaded(WORKFLOW)["jobs"].values():
        yield from job["steps"]


def commands() -> list[str]:
    """What the workflow calls reengage with."""
    return [step["run"].removeprefix("reengage ") for step in steps() if step.get("run", "").startswith("reengage ")]


def git(folder: Path, *arguments: str) -> None:
    name = ["-c", "user.name=Dana", "-c", "user.email=dana@initech.example", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *name, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def pull_request(project: Path, reengage: Reengage) -> Path:
    """A project with a book, in a git repository whose origin/main is the commit before."""
    git(project, "init", "-q")
    git(project, "add", "rules", "connectors", "reengage.toml")
    git(project, "commit", "-q", "-m", "rules")
    git(project, "update-ref", "refs/remotes/origin/main", "HEAD")
    (project / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
    assert reengage("import", "contacts", "contacts.csv").code == 0
    return project


def test_every_command_of_the_workflow_works_in_a_pull_request(pull_request: Path, reengage: Reengage) -> None:
    assert [command.split()[0] for command in commands()] == ["check", "test", "diff"]
    for command in commands():
        words = shlex.split(command.partition(">")[0].replace("$BASE", "main"))
        ran = reengage(*words)
        assert ran.code == 0, f"{command}\n{ran.out}{ran.err}"
    assert "0 added, 0 removed" in ran.out
    written = [step["with"]["path"] for step in steps() if "upload-artifact" in step.get("uses", "")]
    assert all((pull_request / path).is_file() for path in written)


def test_an_error_fails_the_workflow_at_its_line(pull_request: Path, reengage: Reengage) -> None:
    file = pull_request / "rules" / "funding.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("held_for:", "heldfor:"), encoding="utf-8")
    ran = reengage(*shlex.split(commands()[0]))
    assert ran.code == 1
    assert re.search(r"^::error file=rules/funding\.yaml,line=\d+,", ran.out, re.MULTILINE)


def test_values_that_others_can_set_reach_no_shell_as_text() -> None:
    assert not any("${{" in step.get("run", "") for step in steps())


def test_every_hook_is_a_command_that_works(project: Path, reengage: Reengage) -> None:
    hooks = {hook["id"]: hook for hook in loaded(HOOKS)}
    assert set(hooks) == {"reengage-check", "reengage-test"}
    for hook in hooks.values():
        assert hook["language"] == "python"
        assert hook["pass_filenames"] is False
        program, *words = shlex.split(hook["entry"])
        assert program == "reengage"
        assert reengage(*words).code == 0


@pytest.mark.parametrize(
    ("file", "hooks"),
    [
        ("rules/funding.yaml", {"reengage-check", "reengage-test"}),
        ("rules/spring/funding.yaml", {"reengage-check", "reengage-test"}),
        ("connectors/hiring.yaml", {"reengage-check"}),
        ("reengage.toml", {"reengage-check", "reengage-test"}),
        ("notes/rules/funding.yaml", set()),
        ("rules/funding.yaml.bak", set()),
    ],
)
def test_a_hook_runs_for_the_files_it_reads(file: str, hooks: set[str]) -> None:
    assert {hook["id"] for hook in loaded(HOOKS) if re.search(hook["files"], file)} == hooks
