"""What the user sees for each mistake: bad/*.yaml with the expected text beside it; ok/*.yaml must be silent.

REWRITE_GOLDEN=1 writes the texts anew; read the difference before committing it.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from reengage.language.across import Made
from reengage.language.checks import explanations
from reengage.language.diagnostic import Diagnostic, render
from reengage.language.ruleset import TABLES, RuleSet, load_rules
from tests.engine.chance import OWN

HERE = Path(__file__).parent
STARTER = HERE.parents[1] / "rules"
BAD = sorted((HERE / "bad").glob("*.yaml"))
ABOUT_TESTS = ("untested-rule", "no-quiet-test")
OK = sorted((HERE / "ok").glob("*.yaml"))


MADE = Made(
    {kind: None for kind in OWN.kinds if kind != "left_company"}
    | {"team_expansion": frozenset({"open_roles", "headcount_growth"})},
    frozenset({"crm review"}),
)
"""What the connectors of that project bring: nobody says who left, nor in which department a team grows."""


def load_alone(file: Path, folder: Path) -> RuleSet:
    """The file in a project of its own, with the starter tables it does not bring itself."""
    rules = folder / "rules"
    rules.mkdir()
    shutil.copy(file, rules / file.name)
    for table in TABLES:
        if not file.read_bytes().startswith(table.encode()):
            shutil.copy(STARTER / f"{table}.yaml", rules / f"{table}.yaml")
    return load_rules(rules, OWN, MADE)


def doubts(ruleset: RuleSet, stem: str) -> tuple[Diagnostic, ...]:
    """The warnings, without those about missing tests, which every short example would get."""
    return tuple(one for one in ruleset.diagnostics if one.check == stem or one.check not in ABOUT_TESTS)


@pytest.mark.parametrize("file", BAD, ids=lambda file: file.stem)
def test_a_mistake_is_explained_as_written_beside_it(file: Path, tmp_path: Path) -> None:
    ruleset = load_alone(file, tmp_path)
    text = render(ruleset.errors or doubts(ruleset, file.stem)) + "\n"
    expected = file.with_suffix(".txt")
    if os.environ.get("REWRITE_GOLDEN"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("file", OK, ids=lambda file: file.stem)
def test_a_good_file_is_silent(file: Path, tmp_path: Path) -> None:
    ruleset = load_alone(file, tmp_path)
    assert render(ruleset.diagnostics) == ""
    assert ruleset.rules


def test_the_starter_rules_are_silent() -> None:
    assert render(load_rules(STARTER).diagnostics) == ""


OF_CONNECTORS = ("duplicate-name", "no-key")
"""What only a connector file can get wrong; `tests/sources/test_connectors.py` has those."""


def test_every_name_in_brackets_is_explained_and_shown_by_an_example() -> None:
    texts = [file.with_suffix(".txt").read_text(encoding="utf-8") for file in BAD]
    shown = {name for text in texts for name in re.findall(r"^rules/.* \[([a-z-]+)\]$", text, re.M)}
    assert shown | {"missing-file", *OF_CONNECTORS} == set(explanations())
