"""The schema of editors offers what the reader accepts, calls everything by its name and says what it is for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from reengage.language import shapes
from reengage.language.meanings import OF_RULES
from reengage.language.schema import rule_schema
from reengage.model.facts import CONTACT_FIELDS, KINDS, RULE_KINDS, STOP_FIELDS, Fact, FactType, Vocabulary
from reengage.model.words import STOPS

SCHEMA = rule_schema()
RULE: dict[str, Any] = SCHEMA["properties"]["rules"]["items"]["properties"]
SIGNALS: dict[str, Any] = SCHEMA["$defs"]["signal"]["properties"]


def parts(schema: Any, at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema inside this one, with the way to it."""
    yield at, schema
    for key, inner in schema.get("properties", {}).items():
        yield from parts(inner, f"{at}.{key}")
    for key in ("items", "additionalProperties", "if", "then", "else"):
        if isinstance(schema.get(key), dict):
            yield from parts(schema[key], f"{at}/{key}")
    for key in ("$defs", "patternProperties"):
        for name, inner in schema.get(key, {}).items():
            yield from parts(inner, f"{at}.{name}")
    for number, inner in enumerate(schema.get("anyOf", ())):
        yield from parts(inner, f"{at}/{number}")


def test_it_is_plain_json() -> None:
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def test_an_editor_offers_what_the_reader_accepts() -> None:
    assert set(RULE["who"]["properties"]) == {*CONTACT_FIELDS, "any"}
    assert set(RULE["unless"]["properties"]) == {*STOP_FIELDS, *RULE_KINDS}
    assert set(RULE["unless"]["properties"]["visit"]["properties"]) == {*KINDS["visit"], "within"}
    assert set(SIGNALS) == set(RULE_KINDS)
    assert set(SIGNALS["intent"]["properties"]) == {*KINDS["intent"], "within", "count", "after_quiet"}


def test_under_when_stands_one_signal_or_one_list() -> None:
    word, signal, one, each = RULE["when"]["anyOf"]
    assert set(word["enum"]) == set(RULE_KINDS)
    assert signal == {"$ref": "#/$defs/signal"}
    (limit,) = SCHEMA["$defs"]["signal"]["allOf"]
    assert (SCHEMA["$defs"]["signal"]["minProperties"], limit["maxProperties"]) == (1, 1)
    assert (one["required"], set(one["properties"])) == (["any"], {"any"})
    assert (each["required"], set(each["properties"])) == (["all"], {"all", "apart"})
    assert one["properties"]["any"]["minItems"] == each["properties"]["all"]["minItems"] == 1


def test_an_editor_never_offers_an_opt_out() -> None:
    rules = json.dumps([SCHEMA["properties"]["rules"], SCHEMA["$defs"]])
    assert not any(f'"{stop}"' in rules for stop in STOPS)


def test_everything_has_a_name_and_every_key_a_sentence() -> None:
    own = Vocabulary(
        {**KINDS, "usage": {"seats": Fact("seats", FactType.NUMBER)}}, {"plan": Fact("plan", FactType.TEXT)}
    )
    for at, part in parts(rule_schema(own)):
        assert "title" in part or "anyOf" in part or "$ref" in part, at
        for key, inner in part.get("properties", {}).items():
            assert inner["description"] and "`" not in inner["description"], f"{at}.{key}"
    assert RULE["who"]["title"] == "who"
    assert RULE["who"]["description"] == OF_RULES["who"]


@pytest.mark.parametrize(
    ("words", "kept"), [(("gold", "2024_plan"), False), (("true", "gold"), False), (("gold", "tin"), True)]
)
def test_a_word_that_yaml_does_not_read_as_one_is_not_underlined(words: tuple[str, ...], kept: bool) -> None:
    assert ("enum" in shapes.word(words)) is kept
    assert ("number" in shapes.word(words)["type"]) is not kept


def test_a_key_without_a_sentence_is_no_schema() -> None:
    with pytest.raises(KeyError):
        shapes.told({"new": shapes.TEXT}, {})
    assert shapes.told({"new": shapes.TEXT}, {}, "a field")["new"]["description"] == "a field"
