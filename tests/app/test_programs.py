"""Connectors in Python: a file beside the connector, or a class that a package brings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from importlib.metadata import EntryPoint

import pytest

from reengage.app.ingest import ingest
from reengage.app.mapping import Report
from reengage.store import pollings
from tests.app.desk import AT, Desk

NOW = AT + timedelta(hours=2)

FILE = """
import json, os
from datetime import timedelta
from reengage.source import Later, Refused

class Crm:
    def pull(self, since, until, options):
        if options["do"] == "wait":
            raise Later(until + timedelta(hours=1))
        if options["do"] == "refuse":
            raise Refused("the token has ended")
        yield json.dumps([{"id": "1", "email": "dana@initech.example", "at": "2026-05-01T10:00:00Z"}]).encode()
        if options["do"] == "break":
            raise RuntimeError(f"no answer with {options['token']}")
        if options["do"] == "text":
            yield "[]"
"""

CONNECTOR = """
name: crm
kind: python
class: CLASS
options: {do: DO, token: "${file:secret}"}
cursor: at
signal: visit
id: id
occurred_at: at
map: {email: email}
"""


class Packaged:
    """Stands for a class that a package brings."""

    def pull(self, since: datetime | None, until: datetime, options: Mapping[str, str]) -> Iterator[bytes]:
        yield b'{"id": "7", "email": "eve@initech.example", "at": "2026-05-02"}'


def ingested(desk: Desk, do: str = "", name: str = "crm.py:Crm", file: str = FILE, at: datetime = NOW) -> Report:
    folder = desk.project.folder
    (folder / "secret").write_text("s3cret")
    (folder / "connectors" / "crm.py").write_text(file)
    (folder / "connectors" / "crm.yaml").write_text(CONNECTOR.replace("CLASS", name).replace("DO", do or "nothing"))
    (report,) = ingest(desk.database, desk.project, at, ["crm"], wall=at)
    return report


def cursor(desk: Desk) -> datetime | None:
    with desk.database.reading() as connection:
        return pollings.standings(connection)["crm"].cursor


def test_a_class_in_a_file_brings_signals_and_moves_the_cursor(desk: Desk) -> None:
    assert (ingested(desk).new, cursor(desk)) == (1, datetime.fromisoformat("2026-05-01T10:00:00+00:00"))


@pytest.mark.parametrize(
    ("do", "new", "told"),
    [
        ("wait", 0, "asks us to wait until 2026-06-01 12:00 UTC"),
        ("refuse", 0, "crm is disabled: the token has ended"),
        ("break", 1, "broke off with RuntimeError: no answer with …"),
        ("text", 1, "pull gave str where it has to give bytes"),
    ],
)
def test_what_a_class_raises_is_told_and_moves_no_cursor(desk: Desk, do: str, new: int, told: str) -> None:
    report = ingested(desk, do)
    assert report.new == new
    assert told in report.refused[0]
    assert "s3cret" not in report.refused[0]
    assert cursor(desk) is None


@pytest.mark.parametrize(
    ("name", "file", "told"),
    [
        ("other.py:Crm", FILE, "there is no such file"),
        ("crm.py:Other", FILE, "there is no class Other in it"),
        ("crm.py:Crm", "class Crm: pass", "has no method pull"),
        ("crm.py:Crm", "import nothing_of_that_name", "cannot be imported: ModuleNotFoundError"),
        ("crm.py:Crm", "raise RuntimeError('x')", "cannot be imported: RuntimeError: x"),
        ("nobody", FILE, "no installed package brings"),
    ],
)
def test_a_class_that_is_not_there_is_told(desk: Desk, name: str, file: str, told: str) -> None:
    assert told in ingested(desk, name=name, file=file).refused[0]


def test_a_package_brings_a_class_by_its_entry_point(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("packaged", f"{__name__}:Packaged", "reengage.connectors")
    monkeypatch.setattr("reengage.sources.program.entry_points", lambda group: [point] if "reengage" in group else [])
    assert ingested(desk, name="packaged").new == 1
