"""The page on rules and connectors names every word there is, and no other."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from reengage.language.checks import explanations
from reengage.language.rulefile import CHANNELS, OWNERS, RULE_KEYS, TASK_KEYS
from reengage.language.testfile import contact_keys
from reengage.model.facts import CONTACT_FIELDS, KINDS, PLACEHOLDERS, RULE_KINDS, STANDARD, STOP_FIELDS
from reengage.model.words import STOPS, Response
from reengage.sources.connector import KEY_TARGETS
from reengage.sources.connectorfile import _KEYS
from reengage.sources.envelope import _FIELDS, signal_of_envelope
from tests.docs.pages import Block, blocks, in_code, tables, text_of, words_in_code
from tests.examples.play import ROOT

PAGE = ROOT / "docs" / "rules.md"


def named(heading: str) -> dict[str, str]:
    """The words of the first column, each with the text beside it."""
    return {word: row[1] for row in tables(PAGE, heading) for word in in_code(row[0])}


def test_every_key_of_a_rule_and_of_a_task_is_explained() -> None:
    assert tuple(named("key of a rule")) == RULE_KEYS
    task = named("key of create_task")
    assert tuple(task) == TASK_KEYS
    assert set(in_code(task["channel"])) == set(CHANNELS)
    assert tuple(in_code(task["owner"])) == OWNERS


def test_every_field_is_listed_with_its_words() -> None:
    fields = named("field")
    assert set(fields) == set(STOP_FIELDS)
    assert {name for name, told in fields.items() if "`unless` only" in told} == STOP_FIELDS.keys() - CONTACT_FIELDS
    for name in ("category", "held", "seniority", "account_status"):
        assert tuple(in_code(fields[name])) == CONTACT_FIELDS[name].choices
    answers = set(in_code(fields["said"]))
    assert answers < set(Response) - STOPS


def test_every_signal_is_listed_with_its_facts() -> None:
    assert {kind: in_code(facts) for kind, facts in named("signal").items()} == {
        kind: list(facts) for kind, facts in KINDS.items() if kind in RULE_KINDS
    }


def test_every_placeholder_and_every_word_of_a_tests_contact_is_listed() -> None:
    assert {group: tuple(in_code(names)) for group, names in named("group").items()} == PLACEHOLDERS
    text = text_of(PAGE)
    listed = text[text.index("Of the contact a test may say:") : text.index("What is not said has a default")]
    assert set(in_code(listed)) == set(contact_keys(STANDARD))


def test_every_check_is_explained_in_its_own_words() -> None:
    assert named("name in brackets") == explanations()


def test_every_key_of_a_connector_is_listed() -> None:
    kinds = named("kind")
    assert set(kinds) == set(_KEYS)
    assert in_code(kinds["csv"]) == list(_KEYS["csv"])
    assert in_code(kinds["timer"]) == list(_KEYS["timer"])
    assert set(_KEYS["csv"]) - {"csv"} == set(_KEYS["jsonl"])
    assert set(KEY_TARGETS) <= set(words_in_code(PAGE))


@pytest.mark.parametrize("block", [block for block in blocks(PAGE) if block.name == "envelope"], ids=str)
def test_the_envelope_is_one_that_is_taken_in(block: Block) -> None:
    record = json.loads(block.text)
    assert set(record) == set(_FIELDS)
    assert signal_of_envelope(record, datetime(2026, 10, 5, tzinfo=UTC)).keys.crm == {"espocrm": "6522ab"}
