"""A desk and a world for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from reengage.store.database import Database
from tests.app.desk import Desk
from tests.app.story import World, make_lived_world, make_project


@pytest.fixture
def desk(tmp_path: Path, database: Database) -> Desk:
    """A project with two contacts at one company, and an inbox."""
    return Desk(database, make_project(tmp_path / "project"))


@pytest.fixture
def world(tmp_path: Path, database: Database) -> World:
    """A random world that has lived for three weeks, without a run yet."""
    return make_lived_world(tmp_path / "project", database)
