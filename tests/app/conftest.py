"""A desk for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from reengage.store.database import Database
from tests.app.desk import Desk
from tests.app.story import make_project


@pytest.fixture
def desk(tmp_path: Path, database: Database) -> Desk:
    """A project with two contacts at one company, and an inbox."""
    return Desk(database, make_project(tmp_path / "project"))
