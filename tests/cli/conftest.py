from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time

from reengage.app import starter
from reengage.cli import commands, main
from reengage.people.keyring import Keyring
from reengage.store.database import Database, open_database

ROOT = Path(__file__).parents[2]


@dataclass
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


Reengage = Callable[..., Ran]


@pytest.fixture(scope="session")
def starter_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("starter") / "project"
    starter.init(folder)
    return folder


@pytest.fixture
def project(starter_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh project, as `reengage init` makes it, which the commands run in."""
    folder = tmp_path / "project"
    shutil.copytree(starter_project, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def reengage(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Reengage]:
    """Runs a command in this process as the console script does, on 5 October 2026 at noon."""
    opened: list[Database] = []

    def remember(url: str, keyring: Keyring, journal: Path | None) -> Database:
        opened.append(open_database(url, keyring, journal))
        return opened[-1]

    monkeypatch.setattr("reengage.app.project.open_database", remember)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "140")

    def call(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["reengage", *map(str, arguments)])
        capsys.readouterr()
        with freeze_time("2026-10-05T12:00:00Z"), pytest.raises(SystemExit) as left:
            main()
        shown = capsys.readouterr()
        code = left.value.code
        return Ran(code if isinstance(code, int) else 0, shown.out, shown.err)

    assert commands.app
    yield call
    for database in opened:
        database.close()
