"""`reengage schema`: what it prints and writes knows the words that the project declares."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reengage.language.reference import reference
from reengage.language.schema import rule_schema
from reengage.sources.schema import connector_schema
from tests.cli.conftest import Reengage

CONNECTOR = """name: licences
kind: csv
path: signals/licences/*.csv
declares:
  licence_change: {seats: number}
signal: licence_change
occurred_at: Day
map: {domain: Domain, facts.seats: Seats}
"""


def test_outside_of_a_project_it_knows_what_needs_no_declaring(
    tmp_path: Path, reengage: Reengage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert reengage("schema").json() == rule_schema()
    assert reengage("schema", "connectors").json() == connector_schema()
    assert reengage("schema", "reference").out == reference()


def test_in_a_project_it_knows_its_words_too(project: Path, reengage: Reengage) -> None:
    (project / "connectors" / "licences.yaml").write_text(CONNECTOR, encoding="utf-8")
    with (project / "reengage.toml").open("a", encoding="utf-8") as file:
        file.write('\n[fields]\nplan = ["basic", "full"]\n')
    assert "| `licence_change` | declared by a connector | `seats` (a number) |" in reengage("schema", "reference").out
    assert reengage("schema", "rules", "--write").code == 0
    written = json.loads((project / "schema" / "rules.json").read_text(encoding="utf-8"))
    assert written == reengage("schema", "rules").json()
    assert reengage("schema", "connectors", "--write").code == 0
    of_connectors = (project / "schema" / "connectors.json").read_text(encoding="utf-8")
    assert json.loads(of_connectors) == reengage("schema", "connectors").json()
    assert "licence_change" in of_connectors
    rule = written["properties"]["rules"]["items"]["properties"]
    assert "plan" in rule["who"]["properties"]
    assert "licence_change" in rule["unless"]["properties"]
    assert "licence_change" in written["$defs"]["signal"]["properties"]
