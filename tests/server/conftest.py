"""One server for the tests that leave it as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reengage.server.application import application
from tests.server.loopback import HOOKS, NOW, Stored, running


@pytest.fixture(scope="session")
def stored() -> Stored:
    """What the server of this session stored."""
    return Stored()


@pytest.fixture(scope="session")
def port(stored: Stored) -> Iterator[int]:
    """The port of a server for all hooks."""
    app = application(HOOKS, stored, lambda: NOW, base="https://hooks.ourapp.example", body_seconds=0.5)
    with running(app) as number:
        yield number
