"""Every rule and connector on a page is sound, and does what the test beside it says.

Not looked at here are the examples of what to avoid (tests/docs/test_check_pages.py) and drafts: a file that comes again
further down its page. What is wrong with a draft, the page shows, and tests/docs/test_commands.py compares.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from reengage.app.ruletests import run_tests
from reengage.language.ruleset import RuleSet, load_rules
from reengage.model.settings import Settings
from reengage.sources.connectors import load_connectors
from tests.docs.pages import Block, all_blocks, blocks
from tests.examples.play import ROOT


def is_rules(block: Block) -> bool:
    return any(line.startswith(("rules:", "tests:")) for line in block.text.splitlines())


def is_connector(block: Block) -> bool:
    return block.text.startswith("name:") and "\nkind:" in block.text


def is_draft(block: Block) -> bool:
    later = [other.name for other in blocks(block.page) if other.line > block.line]
    return bool(block.name) and block.name in later


def is_signals(block: Block) -> bool:
    """Whether these are signals for `reengage explain --with-signal`, which its page is walked with."""
    return block.text.startswith("- {day:")


SOUND = [block for block in all_blocks("yaml") if block.page.parent.name != "checks" and not is_draft(block)]
RULES = [block for block in SOUND if is_rules(block)]
CONNECTORS = [block for block in SOUND if is_connector(block)]


def rules_of(block: Block, folder: Path) -> RuleSet:
    for table in ("responses", "titles", "assets"):
        shutil.copy(ROOT / "rules" / f"{table}.yaml", folder)
    (folder / "page.yaml").write_text(block.text, encoding="utf-8")
    return load_rules(folder)


def test_every_block_is_a_rule_a_connector_or_a_job() -> None:
    others = [block for block in SOUND if block not in RULES and block not in CONNECTORS]
    assert RULES
    assert CONNECTORS
    assert all("kind: CronJob" in block.text or is_signals(block) for block in others), others


@pytest.mark.parametrize("block", RULES, ids=str)
def test_rules_load_without_a_word_and_their_tests_pass(tmp_path: Path, block: Block) -> None:
    rules = rules_of(block, tmp_path)
    assert rules.diagnostics == ()
    assert run_tests(rules, Settings()).passed == len(rules.tests) > 0


@pytest.mark.parametrize("block", RULES, ids=str)
def test_a_rule_under_a_starter_rules_name_means_the_same(tmp_path: Path, block: Block) -> None:
    starters = {rule.id: rule.revision for rule in load_rules(ROOT / "rules").rules}
    for rule in rules_of(block, tmp_path).rules:
        assert starters.get(rule.id, rule.revision) == rule.revision


@pytest.mark.parametrize("block", CONNECTORS, ids=str)
def test_connectors_load_without_a_word(tmp_path: Path, block: Block) -> None:
    (tmp_path / "page.yaml").write_text(block.text, encoding="utf-8")
    connectors, problems = load_connectors(tmp_path)
    assert problems == ()
    assert len(connectors) == 1
