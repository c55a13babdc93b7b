"""What taking signals in asks of the database, counted: for twice the rows of a page not one statement more."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.book import INGESTED_AT, Book
from bench.files import write_signals
from bench.throughput import _INTENT, _write_intent
from reengage.app import stops_first
from reengage.app.ingest import ingest
from reengage.app.project import read_project
from tests.bench.books import filled
from tests.bench.test_counts import statements


def ingested(folder: Path, size: int) -> list[int]:
    """The statements of taking in so many rows from JSONL and as many from CSV, and of the same once more."""
    folder.mkdir()
    database, book, drop = filled(folder, Book(size, 0)), Book(size, size), folder / "signals"
    drop.mkdir(exist_ok=True)
    (folder / "connectors" / "intent_rows.yaml").write_text(_INTENT, encoding="utf-8")
    write_signals(drop / "heard.jsonl", book, book.news())
    _write_intent(drop / "intent.csv", book)
    project, sent, new = read_project(folder), [], []
    for again in (False, True):
        if again:
            for file in drop.iterdir():
                file.write_bytes(file.read_bytes() + b"\n")
        with statements(database) as seen:
            new.append(sum(report.new for report in ingest(database, project, INGESTED_AT)))
        sent.append(len(seen))
    database.close()
    assert new == [2 * size, 0]
    return sent


def test_taking_in_sends_as_many_statements_for_twice_the_rows_of_a_page(tmp_path: Path) -> None:
    assert ingested(tmp_path / "once", 400) == ingested(tmp_path / "twice", 800)


def test_taking_in_sends_statements_for_each_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ingested(tmp_path / "whole", 400)
    monkeypatch.setattr(stops_first, "CHUNK", 50)
    parts = ingested(tmp_path / "parts", 400)
    assert all(part > 2 * one for one, part in zip(whole, parts, strict=True))
