"""Every name that `reengage check` can print in brackets has a page whose examples are as it says.

A page is `docs/checks/NAME.md` with the headings Avoid, Prefer and Why. Its blocks are files of a project: `rules/page.yaml`,
or the one named behind the fence; a line of a `sh` block is `mv FROM TO`. That the rules of a short example have no
tests is passed over, except on the two pages about that.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from reengage.language.checks import CHECKS, explanations
from tests.cli.conftest import Reengage
from tests.docs.pages import Block, blocks, text_of
from tests.examples.play import ROOT

FOLDER = ROOT / "docs" / "checks"
PAGES = {page.stem: page for page in sorted(FOLDER.glob("*.md"))}
TABLES = {"responses.yaml", "titles.yaml", "assets.yaml"}
ABOUT_TESTS = {"untested-rule", "no-quiet-test"}
HEADINGS = ["## Avoid", "## Prefer", "## Why"]


@pytest.fixture
def bare(project: Path) -> Path:
    """A new project without the starter rules."""
    for file in (project / "rules").glob("*.yaml"):
        if file.name not in TABLES:
            file.unlink()
    return project


def under(page: Path, heading: str) -> list[Block]:
    """The blocks between this heading and the next."""
    lines = text_of(page).splitlines()
    start = lines.index(heading)
    end = next((number for number in range(start + 1, len(lines)) if lines[number].startswith("## ")), len(lines))
    return [block for block in blocks(page) if start < block.line <= end]


def do(block: Block, project: Path) -> None:
    """What the block says, done in the project."""
    if block.language == "sh":
        for line in block.text.splitlines():
            verb, source, target = line.split()
            assert verb == "mv", line
            shutil.move(project / source, project / target)
    else:
        (project / (block.name or "rules/page.yaml")).write_text(block.text, encoding="utf-8")


def found(reengage: Reengage, name: str) -> set[tuple[str, str]]:
    """Names and severities of what `check` shows, as far as the page is about it."""
    ran = reengage("check", "--format", "json")
    return {(one["check"], one["severity"]) for one in ran.json() if one["check"] not in ABOUT_TESTS - {name}}


def test_every_check_has_a_page_and_every_page_a_check() -> None:
    assert sorted(PAGES) == sorted(explanations())


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_its_parts_and_says_what_the_check_says(name: str) -> None:
    title, what, *_ = text_of(PAGES[name]).split("\n\n")
    severity = next((check.severity for check in CHECKS if check.name == name), "error")
    assert title == f"# {name}"
    assert what.split() == f"**{severity.capitalize()}.** {explanations()[name]}".split()
    assert re.findall(r"^## .*$", text_of(PAGES[name]), re.MULTILINE) == HEADINGS
    assert len(text_of(PAGES[name]).partition("## Why")[2]) > 80


@pytest.mark.parametrize("name", PAGES)
def test_what_to_avoid_is_found_and_what_to_prefer_is_not(name: str, bare: Path, reengage: Reengage) -> None:
    severity = next((check.severity for check in CHECKS if check.name == name), "error")
    for heading, wanted in (("## Avoid", {(name, severity)}), ("## Prefer", set())):
        examples = under(PAGES[name], heading)
        assert examples
        for block in examples:
            do(block, bare)
        assert found(reengage, name) == wanted, heading
    assert reengage("test").code == 0
