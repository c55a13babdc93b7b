"""What imports and exports ask of the database, counted: for twice the rows of a page not one statement more."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bench.book import IMPORTED_AT, INGESTED_AT, RUN_AT, Book
from bench.files import write_files
from bench.place import Place
from bench.rulebook import make_project
from bench.throughput import _fill_tasks
from reengage.app.export import export_tasks
from reengage.app.imports import sheet
from reengage.app.imports.contacts import import_contacts
from reengage.app.opening import open_prepared
from reengage.app.project import read_project
from tests.bench.books import filled
from tests.bench.test_counts import statements
from tests.conftest import hasty

SIZES = (300, 600)
"""Rows; one in a hundred has opted out."""


def imported(folder: Path, size: int) -> list[int]:
    """The statements of an import of so many contacts, of the same once more, and of one in which all have changed."""
    folder.mkdir()
    project, book = read_project(make_project(folder, 2)), Book(size, 0)
    database = hasty(open_prepared(project))
    write_files(book, folder)
    path, sent, changed = folder / "contacts.csv", [], []
    for at in (IMPORTED_AT, INGESTED_AT, RUN_AT):
        if at == RUN_AT:
            path.write_text(
                path.read_text(encoding="utf-8").replace(",US,", ",CA,").replace("GB", "IE"), encoding="utf-8"
            )
        with statements(database) as seen:
            changed.append(import_contacts(database, project, path, at).changed)
        sent.append(len(seen))
    database.close()
    assert changed[:2] == [size, 0]
    assert changed[2] > size / 10
    return sent


def test_an_import_sends_as_many_statements_for_twice_the_rows_of_a_page(tmp_path: Path) -> None:
    sent = {size: imported(tmp_path / str(size), size) for size in SIZES}
    assert sent[300] == sent[600]


def test_an_import_sends_statements_for_each_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = imported(tmp_path / "whole", 300)
    monkeypatch.setattr(sheet, "CHUNK", 50)
    parts = imported(tmp_path / "parts", 300)
    assert all(part > 3 * one for one, part in zip(whole, parts, strict=True))


def test_an_export_sends_as_many_statements_for_twice_the_tasks(tmp_path: Path) -> None:
    sent = []
    for size in SIZES:
        folder, book = tmp_path / str(size), Book(size, 0)
        folder.mkdir()
        database = filled(folder, book)
        _fill_tasks(Place(folder, book))
        with statements(database) as seen:
            done = export_tasks(database, read_project(folder), "csv", None, RUN_AT + timedelta(hours=1))
        assert done.tasks == size - sum(person.opted_out for person in book.people())
        sent.append(len(seen))
        database.close()
    assert sent[0] == sent[1]
