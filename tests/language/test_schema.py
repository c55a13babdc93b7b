from __future__ import annotations

import json
from typing import Any

from reengage.language.schema import rule_schema
from reengage.model.facts import CONTACT_FIELDS, KINDS, RULE_KINDS, STOP_FIELDS
from reengage.model.words import STOPS

RULE: dict[str, Any] = rule_schema()["properties"]["rules"]["items"]["properties"]


def test_it_is_plain_json() -> None:
    assert json.loads(json.dumps(rule_schema())) == rule_schema()


def test_an_editor_offers_what_the_reader_accepts() -> None:
    assert set(RULE["who"]["properties"]) == {*CONTACT_FIELDS, "any"}
    assert set(RULE["unless"]["properties"]) == {*STOP_FIELDS, *RULE_KINDS}
    assert set(RULE["unless"]["properties"]["visit"]["properties"]) == {*KINDS["visit"], "within"}
    signals = RULE["when"]["anyOf"][1]["properties"]
    assert set(signals) == {*RULE_KINDS, "any", "all", "apart"}
    assert set(signals["intent"]["properties"]) == {*KINDS["intent"], "within", "count", "after_quiet"}


def test_an_editor_never_offers_an_opt_out() -> None:
    assert not any(f'"{stop}"' in json.dumps(rule_schema()["properties"]["rules"]) for stop in STOPS)
