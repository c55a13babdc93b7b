"""The connectors that come with the project, against the fixtures beside them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reengage.sources.connector import Connector
from reengage.sources.connectors import load_connectors
from reengage.sources.rows import Bad, Good
from reengage.sources.signals import read_file

CONNECTORS = Path(__file__).parents[2] / "connectors"
RECEIVED_AT = datetime(2026, 10, 6, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def starters() -> dict[str, Connector]:
    connectors, diagnostics = load_connectors(CONNECTORS)
    assert diagnostics == ()
    return {connector.name: connector for connector in connectors}


def test_the_starters_are_sound(starters: dict[str, Connector]) -> None:
    assert set(starters) == {"bombora_weekly", "envelope", "job_changes", "monday_review"}


def test_every_file_tells_an_editor_its_schema() -> None:
    for file in CONNECTORS.glob("*.yaml"):
        first = file.read_text(encoding="utf-8").splitlines()[0]
        assert first == "# yaml-language-server: $schema=../schema/connectors.json"
    assert (CONNECTORS / "../schema/connectors.json").is_file()


@pytest.mark.parametrize("name", ["bombora_weekly", "envelope", "job_changes"])
def test_a_fixture_gives_what_is_expected(starters: dict[str, Connector], name: str) -> None:
    folder = CONNECTORS / f"{name}.fixtures"
    (file,) = (path for path in folder.iterdir() if path.name != "expected.json")
    rows = tuple(read_file(starters[name], file, RECEIVED_AT))
    assert json.loads((folder / "expected.json").read_text()) == {
        "signals": [row.signal.model_dump(mode="json", exclude_defaults=True) for row in rows if isinstance(row, Good)],
        "bad": [{"line": row.line, "reason": row.reason} for row in rows if isinstance(row, Bad)],
    }


def test_rows_of_one_topic_and_week_are_one_signal(starters: dict[str, Connector]) -> None:
    file = CONNECTORS / "bombora_weekly.fixtures" / "surge_2026-10-05.csv"
    ids = [row.signal.id for row in read_file(starters["bombora_weekly"], file, RECEIVED_AT) if isinstance(row, Good)]
    assert ids[0] == ids[1] != ids[2]
