from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reengage.language import yamlfile
from reengage.language.diagnostic import render
from reengage.language.ruleset import RuleSet, assemble, load_rules
from reengage.model.errors import ReengageError

STARTER = Path(__file__).parents[2] / "rules"
RULE = "rules:\n  - id: {}\n    when: intent\n    then: {{create_task: {{subject: x}}}}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the starter tables and no rules."""
    rules = tmp_path / "rules"
    rules.mkdir()
    for table in ("responses", "titles", "assets"):
        shutil.copy(STARTER / f"{table}.yaml", rules)
    return rules


def test_rules_come_by_file_name_and_place(project: Path) -> None:
    (project / "b.yaml").write_text(RULE.format("first-of-b"))
    (project / "a.yml").write_text(RULE.format("first-of-a") + RULE.format("second-of-a").removeprefix("rules:\n"))
    rules = load_rules(project).rules
    assert [(rule.id, rule.order) for rule in rules] == [("first-of-a", 0), ("second-of-a", 1), ("first-of-b", 2)]
    assert str(rules[2].at) == "rules/b.yaml:2:5"


def test_hidden_files_folders_and_others_are_passed_over(project: Path) -> None:
    (project / ".hidden.yaml").write_text("nonsense: [")
    (project / "notes.md").write_text("nonsense: [")
    (project / "folder").mkdir()
    assert load_rules(project).diagnostics == ()


def test_what_has_the_name_of_a_rule_file_and_is_none_is_an_error(project: Path) -> None:
    (project / "folder.yaml").mkdir()
    errors = load_rules(project).errors
    assert [(str(error.position), error.check) for error in errors] == [("rules/folder.yaml:1:1", "missing-file")]
    assert errors[0].message == "the file cannot be read: it is no plain file"


@pytest.mark.parametrize("table", ["responses", "titles", "assets"])
def test_a_missing_table_is_named_with_what_to_do(project: Path, table: str) -> None:
    (project / f"{table}.yaml").unlink()
    errors = load_rules(project).errors
    assert [(error.check, error.position.file) for error in errors] == [("missing-file", f"rules/{table}.yaml")]
    assert "reengage init" in (errors[0].help or "")


def test_a_second_table_is_refused(project: Path) -> None:
    shutil.copy(project / "titles.yaml", project / "titles2.yaml")
    assert [error.check for error in load_rules(project).errors] == ["duplicate-key"]


def test_problems_of_all_files_come_in_one_run(project: Path) -> None:
    (project / "a.yaml").write_text("rules: [")
    (project / "b.yaml").write_text(RULE.format("Bad Id"))
    (project / "c.yaml").write_text(RULE.format("c").replace("intent", "intnet"))
    assert [error.position.file for error in load_rules(project).errors] == [
        "rules/a.yaml",
        "rules/b.yaml",
        "rules/c.yaml",
    ]


def test_an_id_is_taken_across_files(project: Path) -> None:
    (project / "a.yaml").write_text(RULE.format("same"))
    (project / "b.yaml").write_text(RULE.format("same"))
    assert "see rules/a.yaml:2:5" in load_rules(project).errors[0].message


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ReengageError, match="cannot be read") as problem:
        load_rules(tmp_path / "nowhere")
    assert problem.value.where == str(tmp_path / "nowhere")
    assert "reengage init" in (problem.value.help or "")


def test_a_folder_that_leads_back_to_itself(tmp_path: Path) -> None:
    (tmp_path / "rules").symlink_to(tmp_path / "rules")
    with pytest.raises(ReengageError, match="cannot be read"):
        load_rules(tmp_path / "rules")


def test_the_digest_changes_with_a_rule_only(project: Path) -> None:
    (project / "a.yaml").write_text(RULE.format("one"))
    before = load_rules(project).digest
    (project / "a.yaml").write_text("# a comment\n" + RULE.format("one"))
    assert load_rules(project).digest == before
    (project / "a.yaml").write_text(RULE.format("two"))
    assert load_rules(project).digest != before


def test_the_starter_rules_show_every_kind_of_signal() -> None:
    ruleset = load_rules(STARTER)
    assert not ruleset.diagnostics
    assert {block.kind for rule in ruleset.rules for block in rule.when.blocks} == {
        "job_change", "promotion", "left_company", "team_expansion", "intent", "visit", "funding", "timer",
        "snooze_ended", "contract_renewal",
    }  # fmt: skip
    assert {rule.then.bring for rule in ruleset.rules} - {None} <= set(ruleset.assets)


def test_every_enabled_starter_rule_is_silent_for_someone_who_said_stop() -> None:
    ruleset = load_rules(STARTER)
    stories = [test for test in ruleset.tests if test.contact.opted_out_on]
    assert all(not expected.tasks for test in stories for expected in test.expect)
    assert {test.at.file for test in stories} == {rule.at.file for rule in ruleset.rules}


def read(content: bytes) -> RuleSet:
    return assemble([yamlfile.read(content, "rules/a.yaml")], "rules")


STARTER_BYTES = [path.read_bytes() for path in sorted(STARTER.glob("*.yaml"))]
WORDS = [
    "any:",
    "all:",
    "when:",
    "then:",
    "[",
    "]",
    "{",
    "}",
    "- ",
    "&a",
    "*a",
    "~",
    "\n",
    "\0",
    "{{",
    "9" * 30,
    "said",
    "\xff",
]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_mangled_file_never_raises(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(STARTER_BYTES))[:4000])
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 60))
        content[start : start + length] = data.draw(st.sampled_from(WORDS)).encode("latin-1")
    render(read(bytes(content)).diagnostics)


KEYS = [
    *("id", "who", "when", "unless", "then", "create_task", "subject", "any", "all", "apart", "intent", "job_change"),
    *("at_least", "at_most", "within", "count", "said", "held_for", "name", "contact", "signals", "expect", "day"),
    *("tasks", "because", "rule", "seniority", "vp", "side_roles", "not_now", "hold", "url", "for"),
]
LEAVES = st.none() | st.sampled_from(["intent", "all", "not_now", "14 days", "true", "70", "{signal.topic}", "x"])
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["rules", "tests", "responses", "titles", "assets"]), TREES)
def test_a_tree_of_any_shape_never_raises(section: str, tree: object) -> None:
    content = json.dumps({section: [tree] if section in ("rules", "tests", "assets") else tree}).encode()
    assert isinstance(read(content), RuleSet)
