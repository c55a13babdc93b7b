"""The page on the architecture names every module and every layer, and no other; every decision has its line."""

from __future__ import annotations

import re
import tomllib

from tests.docs.pages import blocks, text_of
from tests.examples.play import ROOT

PAGE = ROOT / "docs" / "architecture.md"
PACKAGE = ROOT / "reengage"
DECISIONS = ROOT / "docs" / "decisions"


def test_every_module_is_named_once_and_every_module_named_exists() -> None:
    named = re.findall(r"^\| `([\w/]+\.py)` \| \S", text_of(PAGE), re.MULTILINE)
    modules = {str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py") if path.name != "__init__.py"}
    modules = {module for module in modules if not module.startswith("_starter/")}
    assert sorted(named) == sorted(modules)


def test_the_layers_are_those_that_are_checked() -> None:
    (drawn,) = (block for block in blocks(PAGE) if block.name == "layers")
    contracts = tomllib.loads(text_of(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    assert [set(re.findall(r"[\w.]+", line)) for line in drawn.text.splitlines()] == [
        set(re.findall(r"[\w.]+", layer)) for layer in layers
    ]


def test_every_decision_is_listed_numbered_and_has_its_three_parts() -> None:
    files = sorted(path.name for path in DECISIONS.glob("[0-9]*.md"))
    assert [int(name[:4]) for name in files] == list(range(1, len(files) + 1))
    assert re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", text_of(DECISIONS / "README.md")) == files
    for name in files:
        headings = re.findall(r"^#+ (.+)$", text_of(DECISIONS / name), re.MULTILINE)
        assert headings[0].startswith(name[:4])
        assert headings[1:] == ["Why", "What follows"], name
