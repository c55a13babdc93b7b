"""What the pages tell a reader to type works, and shows what they say it shows."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from bench.__main__ import app as bench
from reengage.cli import app
from tests.cli.conftest import Reengage
from tests.docs.pages import PAGES, README, all_blocks, blocks, in_code, tables, text_of, words_in_code
from tests.docs.walk import Walk, first_missing
from tests.examples.play import ROOT

WALKED = [page for page in PAGES if any(block.language == "console" for block in blocks(page))]


@pytest.mark.parametrize("page", WALKED, ids=lambda page: page.name)
def test_every_command_does_what_the_page_shows(
    tmp_path: Path, reengage: Reengage, monkeypatch: pytest.MonkeyPatch, page: Path
) -> None:
    walk = Walk(reengage, monkeypatch, tmp_path)
    walk.through(page)
    assert walk.commands > 3


def test_an_excerpt_that_is_not_there_is_found_out() -> None:
    assert first_missing(["one …", "three"], "one and two\n\nthree  \n") is None
    assert first_missing(["one", "three"], "one and two\nthree\n") == "one"
    assert first_missing(["three", "one …"], "one and two\nthree\n") == "one …"


def scheduled() -> Iterator[str]:
    """The commands in the lines for cron, systemd and Kubernetes."""
    jobs = [*all_blocks("cron"), *all_blocks("ini"), *(one for one in all_blocks("yaml") if "CronJob" in one.text)]
    assert len(jobs) == 3
    for job in jobs:
        yield from (found.strip() for found in re.findall(r"reengage ((?:[a-z-]+ ?)+[^&;\n\"]*)", _commands(job.text)))


def _commands(text: str) -> str:
    """The lines that call something."""
    return "\n".join(line for line in text.splitlines() if "reengage run" in line or "ExecStart" in line)


def test_the_lines_for_schedulers_work_in_a_new_project(project: Path, reengage: Reengage) -> None:
    commands = list(scheduled())
    assert commands.count("run --if-due") == 3
    assert len(commands) == 9
    for command in commands:
        ran = reengage(*shlex.split(command))
        assert ran.code == 0, f"{command}\n{ran.err}"


def verbs(command: Any, name: str = "reengage") -> Iterator[tuple[str, Any]]:
    """Every command under this one by what is typed for it."""
    if not hasattr(command, "commands") or (command.invoke_without_command and name != "reengage"):
        yield name, command
    for word, below in getattr(command, "commands", {}).items():
        yield from verbs(below, f"{name} {word}")


def every_verb() -> dict[str, Any]:
    return dict(verbs(typer.main.get_command(app)))


def test_the_readme_names_every_verb_and_no_other() -> None:
    named = {word for row in tables(README, "verb") for word in in_code(row[0])}
    assert named == every_verb().keys()


def test_every_verb_but_three_speaks_json() -> None:
    silent = {verb for verb, command in every_verb().items() if not any("--format" in p.opts for p in command.params)}
    assert silent == {"reengage init", "reengage schema", "reengage serve"}
    assert "All but `init`, `schema` and `serve` take `--format json`" in text_of(README)


def test_every_option_that_a_page_names_exists() -> None:
    known = {option for command in every_verb().values() for part in command.params for option in part.opts}
    known |= {"--debug", "--install-completion", "--help", "--version"}
    benchmarks: Any = typer.main.get_command(bench)
    known |= {option for command in benchmarks.commands.values() for part in command.params for option in part.opts}
    for page in PAGES:
        words = [word for code in words_in_code(page) for word in re.findall(r"(?<![\w-])--[a-z][a-z-]*", code)]
        assert set(words) <= known, page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_exists(page: Path) -> None:
    makefile = text_of(ROOT / "Makefile")
    code = [*words_in_code(page), *(line for block in blocks(page) for line in block.text.splitlines())]
    for target in (found[1] for word in code if (found := re.match(r"make ([a-z]+)", word))):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{page}: make {target}"
