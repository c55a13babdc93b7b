"""The projects of the benchmark are sound, and no two of their rules are one."""

from __future__ import annotations

from pathlib import Path

from bench.language import TESTED, project
from reengage.app.ruletests import run_tests
from reengage.language.ruleset import load_rules
from reengage.model.settings import Settings


def test_a_project_of_the_benchmark_has_what_it_says(tmp_path: Path) -> None:
    rules = load_rules(project(tmp_path / "rules", TESTED, 30))
    assert (len(rules.rules), len(rules.tests), rules.errors) == (TESTED, 30, ())
    assert len({rule.revision for rule in rules.rules}) == TESTED
    assert {problem.check for problem in rules.diagnostics} == {"untested-rule", "no-quiet-test"}
    assert run_tests(rules, Settings()).passed == 30
