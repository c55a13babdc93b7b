"""The page on rules and connectors names every word of connectors, and no other; docs/reference.md has those of rules."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from reengage.sources.connector import KEY_TARGETS
from reengage.sources.connectorfile import KEYS
from reengage.sources.envelope import _FIELDS, signal_of_envelope
from tests.docs.pages import Block, blocks, in_code, tables, words_in_code
from tests.examples.play import ROOT

PAGE = ROOT / "docs" / "rules.md"


def test_every_key_of_a_connector_is_listed() -> None:
    kinds = {word: row[1] for row in tables(PAGE, "kind") for word in in_code(row[0])}
    assert set(kinds) == set(KEYS)
    assert in_code(kinds["csv"]) == list(KEYS["csv"])
    assert in_code(kinds["timer"]) == list(KEYS["timer"])
    assert set(KEYS["csv"]) - {"csv"} == set(KEYS["jsonl"])
    assert set(KEY_TARGETS) <= set(words_in_code(PAGE))


@pytest.mark.parametrize("block", [block for block in blocks(PAGE) if block.name == "envelope"], ids=str)
def test_the_envelope_is_one_that_is_taken_in(block: Block) -> None:
    record = json.loads(block.text)
    assert set(record) == set(_FIELDS)
    assert signal_of_envelope(record, datetime(2026, 10, 5, tzinfo=UTC)).keys.crm == {"espocrm": "6522ab"}
