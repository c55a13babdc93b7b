"""Every starter rule has a story with its task and the silence around it, one with a stop, and names what it serves."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from reengage.app.ruletests import run_tests
from reengage.language.ruleset import RuleSet, load_rules
from reengage.language.testfile import Expectation, ExpectedTask, InlineTest
from reengage.model.settings import Settings
from tests.docs.pages import in_code, tables
from tests.examples.play import ROOT

RULES = ROOT / "rules"
THEMES = {path.name for path in RULES.glob("*.yaml") if "\nrules:" in path.read_text(encoding="utf-8")}
TABLES = {path.name for path in RULES.glob("*.yaml")} - THEMES

_ROW = r"(?:A\d\d|B\d\d|Q\d\d?)"
_SERVES = re.compile(rf"^  - id: (?P<id>\S+)  # serves: (?P<rows>{_ROW}(?:, {_ROW})*)$", re.MULTILINE)


def text_of(theme: str) -> str:
    return (RULES / theme).read_text(encoding="utf-8")


def served() -> dict[str, list[str]]:
    """The rows of the two sources that each rule names."""
    found = [match for theme in THEMES for match in _SERVES.finditer(text_of(theme))]
    return {match["id"]: match["rows"].split(", ") for match in found}


def switched_on(theme: str, folder: Path) -> RuleSet:
    """One file with every rule in it switched on, and the tests that wait behind a # for that."""
    for name in TABLES:
        shutil.copy(RULES / name, folder)
    text = re.sub(r"^    enabled: false\n", "", text_of(theme), flags=re.MULTILINE)
    (folder / theme).write_text(re.sub(r"^#(?=  |$)", "", text, flags=re.MULTILINE), encoding="utf-8")
    return load_rules(folder)


@pytest.fixture(params=sorted(THEMES), ids=lambda name: name.removesuffix(".yaml"))
def theme(request: pytest.FixtureRequest, tmp_path: Path) -> RuleSet:
    return switched_on(request.param, tmp_path)


def days_with(test: InlineTest, rule: str) -> list[Expectation]:
    return [day for day in test.expect if any(task.values.get("rule") == rule for task in day.tasks)]


def is_silent_around(test: InlineTest, rule: str) -> bool:
    """Whether a test has a day without a task before the one with it, and a day without one after."""
    days, tasks = sorted(test.expect, key=lambda one: one.day), days_with(test, rule)
    silent = [one.day for one in days if not one.tasks]
    return bool(tasks and silent) and silent[0] < tasks[0].day and silent[-1] > tasks[-1].day


def had_they_not_said_stop(test: InlineTest, rule: str) -> InlineTest:
    """The same story without the stop, expecting the task."""
    expected = [replace(one, tasks=(ExpectedTask(one.at, {"rule": rule}),), because=None) for one in test.expect[-1:]]
    return replace(test, contact=replace(test.contact, opted_out_on=None), expect=tuple(expected))


def is_stopped(test: InlineTest) -> bool:
    return test.contact.opted_out_on is not None and {one.because for one in test.expect} == {"opted_out"}


def test_they_pass_as_they_are_shipped() -> None:
    rules = load_rules(RULES)
    assert rules.diagnostics == ()
    assert run_tests(rules, Settings()).passed == len(rules.tests)
    assert len(rules.rules) == len(served()) == 18


def test_they_pass_when_all_are_switched_on(theme: RuleSet) -> None:
    assert theme.diagnostics == ()
    assert all(rule.enabled for rule in theme.rules)
    told = [test for test in theme.tests if test.name != "a review date of our own is no reason"]
    assert run_tests(replace(theme, tests=tuple(told)), Settings()).passed == len(told)


def test_each_has_its_task_and_silence_before_and_after_in_one_story(theme: RuleSet) -> None:
    for rule in theme.rules:
        assert any(is_silent_around(test, rule.id) for test in theme.tests), rule.id


def test_each_would_have_fired_for_someone_who_said_stop(theme: RuleSet) -> None:
    stopped = [test for test in theme.tests if is_stopped(test)]
    for rule in theme.rules:
        retold = (replace(theme, tests=(had_they_not_said_stop(test, rule.id),)) for test in stopped)
        assert any(run_tests(story, Settings()).passed for story in retold), rule.id


def test_every_file_tells_an_editor_its_schema() -> None:
    for name in THEMES:
        assert text_of(name).splitlines()[0] == "# yaml-language-server: $schema=../schema/rules.json"
        assert (RULES / "../schema/rules.json").is_file()


def test_what_each_serves_is_said_on_the_page() -> None:
    told = {row[0].strip("`"): in_code(row[2]) for row in tables(ROOT / "docs" / "starter-rules.md", "row")}
    wanted: dict[str, list[str]] = {}
    for rule, rows in served().items():
        for row in rows:
            wanted.setdefault(row, []).append(rule)
    assert {row: set(rules) for row, rules in told.items()} == {row: set(rules) for row, rules in wanted.items()}
