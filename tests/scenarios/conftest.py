"""A book for every scenario, once on each kind of database."""

from __future__ import annotations

from pathlib import Path

import pytest

from reengage.store.database import Database
from tests.scenarios.book import Book, make_book


@pytest.fixture
def book(tmp_path: Path, database: Database) -> Book:
    """An empty book."""
    return make_book(tmp_path / "project", database)
