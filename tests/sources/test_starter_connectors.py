"""The connectors that come with the project, against the fixtures beside them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from reengage.sources.connector import Connector
from reengage.sources.connectors import load_connectors
from reengage.sources.rows import Good
from reengage.sources.signals import read_file
from reengage.testing import ConnectorTest, connector_tests

CONNECTORS = Path(__file__).parents[2] / "connectors"
MORE = CONNECTORS / "more"
RECEIVED_AT = datetime(2026, 10, 6, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def starters() -> dict[str, Connector]:
    connectors, diagnostics = load_connectors(CONNECTORS)
    assert diagnostics == ()
    return {connector.name: connector for connector in connectors}


def test_the_starters_are_sound(starters: dict[str, Connector]) -> None:
    assert set(starters) == {"bombora_weekly", "envelope", "job_changes", "monday_review"}


def test_every_file_tells_an_editor_its_schema() -> None:
    for file in (*CONNECTORS.glob("*.yaml"), *MORE.glob("*.yaml")):
        first = file.read_text(encoding="utf-8").splitlines()[0]
        assert first == "# yaml-language-server: $schema=../schema/connectors.json"
    assert (CONNECTORS / "../schema/connectors.json").is_file()


def test_those_that_are_off_are_not_read(starters: dict[str, Connector]) -> None:
    names = {test.__name__ for test in connector_tests(MORE)}
    assert len(names) == 7
    assert names.isdisjoint(starters)


@pytest.mark.parametrize("test", [*connector_tests(CONNECTORS), *connector_tests(MORE)])
def test_a_fixture_gives_what_is_expected(test: ConnectorTest) -> None:
    test()


def test_rows_of_one_topic_and_week_are_one_signal(starters: dict[str, Connector]) -> None:
    file = CONNECTORS / "bombora_weekly.fixtures" / "surge_2026-10-05.csv"
    ids = [row.signal.id for row in read_file(starters["bombora_weekly"], file, RECEIVED_AT) if isinstance(row, Good)]
    assert ids[0] == ids[1] != ids[2]
