"""Tests for authors of connectors, to be run by pytest or any other runner; pytest itself is not needed here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from reengage.model.errors import UsageError
from reengage.sources.connector import Connector
from reengage.sources.connectors import usable_connectors
from reengage.sources.fixtures import check_fixtures

ConnectorTest = Callable[[], None]
"""Raises AssertionError; `__name__` is the name of the connector, by which pytest calls it."""


def connector_tests(folder: str | Path) -> Sequence[ConnectorTest]:
    """A test for each connector of a folder but timers: its fixtures give what expected.json says.

    For `pytest.mark.parametrize("test", connector_tests("connectors"))` above a function that calls `test()`. A
    connector without fixtures fails; a delivery beside which it stands how it was sent is verified too. Raises
    ReengageError where a connector has errors or the folder has none.
    """
    found = [one for one in usable_connectors(Path(folder)) if one.timer is None]
    if not found:
        raise UsageError("no connector here reads files", where=str(folder))
    return [_test_of(one, Path(folder)) for one in found]


def _test_of(connector: Connector, directory: Path) -> ConnectorTest:
    def test() -> None:
        checked = check_fixtures(connector, directory)
        problems = [checked.untested] if checked.untested else list(map(str, checked.differences))
        if problems:
            raise AssertionError("\n".join([f"{checked.folder}:", *problems]))

    test.__name__ = connector.name
    return test
