"""What `reengage init` leaves for editors, and what it leaves alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from reengage.app import starter


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_an_editor_finds_the_schema_and_what_reads_it(tmp_path: Path) -> None:
    starter.init(tmp_path / "mine")
    settings = read(tmp_path / "mine" / ".vscode" / "settings.json")
    assert settings["yaml.validate"] is True
    assert "yaml.customTags" not in settings
    (_, files), of_connectors = settings["yaml.schemas"].items()
    assert of_connectors == ("./schema/connectors.json", ["/connectors/*.yaml"])
    assert all((tmp_path / "mine" / schema).is_file() for schema in settings["yaml.schemas"])
    assert files[0] == "/rules/*.yaml"
    tables = {name[1:] for name in files[1:]}
    assert tables == {f"/rules/{name}.yaml" for name in ("assets", "benchmarks", "replies", "responses", "titles")}
    assert all(any((tmp_path / "mine").glob(name[1:])) for name in tables)
    assert read(tmp_path / "mine" / ".vscode" / "extensions.json") == {"recommendations": ["redhat.vscode-yaml"]}


def test_what_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("notes/\n.reengage.key", encoding="utf-8")
    (tmp_path / ".vscode").mkdir()
    (tmp_path / ".vscode" / "settings.json").write_text("{}", encoding="utf-8")
    starter.init(tmp_path)
    assert read(tmp_path / ".vscode" / "settings.json") == {}
    assert (tmp_path / ".vscode" / "extensions.json").is_file()
    ignored = (tmp_path / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert ignored[:2] == ["notes/", ".reengage.key"]
    assert {"reengage.db*", "signals/"} < set(ignored)
    assert len(ignored) == len(set(ignored))
