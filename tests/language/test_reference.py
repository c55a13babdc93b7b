"""The reference is printed from the tables of the reader, and knows what each word is for."""

from __future__ import annotations

from pathlib import Path

from reengage.language import meanings
from reengage.language.conditions import BLOCK_KEYS
from reengage.language.reference import reference
from reengage.language.rulefile import RULE_KEYS, TASK_KEYS
from reengage.language.testfile import TASK_FIELDS, contact_keys
from reengage.model.facts import KINDS, STANDARD, Fact, FactType, Vocabulary

ROOT = Path(__file__).parents[2]


def test_the_page_of_the_repository_is_up_to_date() -> None:
    assert (ROOT / "docs" / "reference.md").read_text(encoding="utf-8") == reference(), "run: make reference"


def test_every_word_has_its_meaning_and_no_other_has_one() -> None:
    facts = {name for kind in STANDARD.kinds.values() for name in kind}
    assert meanings.OF_RULES.keys() == set(RULE_KEYS)
    assert meanings.OF_TASKS.keys() == set(TASK_KEYS)
    assert meanings.OF_CONTACTS.keys() == STANDARD.stop_fields.keys()
    assert meanings.OF_SIGNALS.keys() == set(STANDARD.rule_kinds)
    assert meanings.OF_BLOCKS.keys() == set(BLOCK_KEYS)
    assert meanings.OF_FACTS.keys() == facts
    assert meanings.OF_EXPECTED.keys() == set(TASK_FIELDS)
    assert {*meanings.OF_CONTACTS, *meanings.OF_GIVEN} >= set(contact_keys(STANDARD)) >= meanings.OF_GIVEN.keys()


def test_the_words_of_a_project_are_in_its_reference() -> None:
    renewal = {"seats": Fact("seats", FactType.NUMBER)}
    tier = {"tier": Fact("tier", FactType.CHOICE, ("gold", "silver"))}
    text = reference(Vocabulary({**KINDS, "licence_change": renewal}, tier))
    assert "| `licence_change` | declared by a connector | `seats` (a number) |" in text
    assert "| `tier` | `gold` `silver` | a field of this project |" in text
    assert "licence_change" not in reference()


def test_no_stop_is_offered() -> None:
    assert "stop_emailing" not in reference()
    assert "unsubscribe" not in reference()
