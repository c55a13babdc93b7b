"""Rules and inline tests written as text, beside the tables of the starter project."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from reengage.app.ruletests import Report, run_tests
from reengage.language import yamlfile
from reengage.language.ruleset import RuleSet, assemble
from reengage.model.facts import STANDARD, Vocabulary
from reengage.model.settings import Settings

ROOT = Path(__file__).parents[2]


def read(text: str, file: str = "rules/own.yaml", vocabulary: Vocabulary = STANDARD) -> RuleSet:
    """The rules of a text; no test may be built on one that has errors."""
    tables = [ROOT / "rules" / f"{name}.yaml" for name in ("responses", "titles", "assets")]
    documents = [yamlfile.read(path.read_bytes(), f"rules/{path.name}") for path in tables]
    rules = assemble([yamlfile.read(dedent(text).encode(), file), *documents], "rules", vocabulary)
    assert not rules.errors, rules.errors
    return rules


def play(rules: RuleSet) -> Report:
    """Run the inline tests."""
    return run_tests(rules, Settings())
