"""Books to be killed, and their twins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.book import Book, write
from tests.crash.twin import Twin

Maker = Callable[[str, Path], str]
Twins = Callable[[str], Twin]


@pytest.fixture(scope="package")
def twins(tmp_path_factory: pytest.TempPathFactory, new_database: Maker) -> Twins:
    """The twin of each kind of database, lived once."""
    made: dict[str, Twin] = {}

    def twin(kind: str) -> Twin:
        if kind not in made:
            folder = tmp_path_factory.mktemp("twin")
            made[kind] = Twin.of(write(folder / "project", new_database(kind, folder)))
        return made[kind]

    return twin


@pytest.fixture
def book(new_database: Maker, tmp_path: Path, kind: str) -> Book:
    """A book that has not begun."""
    return write(tmp_path / "project", new_database(kind, tmp_path))
