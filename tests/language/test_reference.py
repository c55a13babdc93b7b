"""The reference is printed from the tables of the reader, and knows what each word is for."""

from __future__ import annotations

from pathlib import Path

from reengage.language import reference as page
from reengage.language.conditions import BLOCK_KEYS
from reengage.language.reference import reference
from reengage.language.rulefile import RULE_KEYS, TASK_KEYS
from reengage.model.facts import KINDS, STANDARD, Fact, FactType, Vocabulary

ROOT = Path(__file__).parents[2]


def test_the_page_of_the_repository_is_up_to_date() -> None:
    assert (ROOT / "docs" / "reference.md").read_text(encoding="utf-8") == reference(), "run: make reference"


def test_every_word_has_its_meaning_and_no_other_has_one() -> None:
    assert page.OF_RULES.keys() == set(RULE_KEYS)
    assert page.OF_TASKS.keys() == set(TASK_KEYS)
    assert page.OF_CONTACTS.keys() == STANDARD.stop_fields.keys()
    assert page.OF_SIGNALS.keys() == set(STANDARD.rule_kinds)
    assert page.OF_BLOCKS.keys() == set(BLOCK_KEYS)


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
