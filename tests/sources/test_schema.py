"""The schema of connector files offers what the reader accepts, calls everything by its name and says what it is for."""

from __future__ import annotations

import json
from itertools import chain
from typing import Any

from reengage.model.facts import KINDS, STANDARD, Fact, FactType, Vocabulary
from reengage.sources.connector import KEY_TARGETS
from reengage.sources.connectorfile import CSV_KEYS, KEYS, NEEDED, NEEDED_WITH_A_MAP
from reengage.sources.schema import OF_CONNECTORS, OF_CSV, OF_TARGETS, connector_schema
from tests.language.test_schema import parts

SCHEMA = connector_schema()
BRANCHES: dict[str, dict[str, Any]] = {one["if"]["properties"]["kind"]["const"]: one["then"] for one in SCHEMA["allOf"]}


def test_it_is_plain_json() -> None:
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def test_each_kind_has_the_keys_that_the_reader_knows() -> None:
    assert BRANCHES.keys() == KEYS.keys()
    for kind, branch in BRANCHES.items():
        assert tuple(branch["properties"]) == KEYS[kind]
        assert {*branch["required"]} >= {"kind", *NEEDED[kind]}
    assert {*BRANCHES["csv"]["required"]} >= {*NEEDED_WITH_A_MAP}
    assert not {*BRANCHES["jsonl"]["required"]} & {*NEEDED_WITH_A_MAP}
    assert BRANCHES["jsonl"]["dependentRequired"]["id"] == [*NEEDED_WITH_A_MAP]


def test_what_a_file_declares_it_may_map() -> None:
    known, own = BRANCHES["csv"]["else"]["properties"], BRANCHES["csv"]["then"]["properties"]
    assert known["signal"]["enum"] == [*STANDARD.file_kinds]
    assert "signal" not in own
    assert {*KEY_TARGETS, "certainty", "facts.page"} <= known["map"]["properties"].keys()
    assert "facts.amount" in known["map"]["properties"] and "facts.due_in" not in known["map"]["properties"]
    assert len(own["map"]["patternProperties"]) == len(known["map"]["patternProperties"]) + 1 == 2


def test_it_knows_what_the_project_declares() -> None:
    own = Vocabulary({**KINDS, "usage": {"seats": Fact("seats", FactType.NUMBER)}})
    known = connector_schema(own)["allOf"][0]["then"]["else"]["properties"]
    assert "usage" in known["signal"]["enum"] and "facts.seats" in known["map"]["properties"]


def test_everything_has_a_name_and_every_key_a_sentence() -> None:
    for at, part in chain(parts(SCHEMA), *map(parts, BRANCHES.values())):
        assert "title" in part or "anyOf" in part, at
        for key, inner in part.get("properties", {}).items():
            assert inner["description"] and "`" not in inner["description"], f"{at}.{key}"
    assert OF_CONNECTORS.keys() == {key for keys in KEYS.values() for key in keys}
    assert OF_CSV.keys() == {*CSV_KEYS}
    assert OF_TARGETS.keys() == {*KEY_TARGETS, "certainty"}
