"""Starting a project: rules, connectors and settings copied out, a secret key made."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import reengage
from reengage.app.keyfile import KEY_FILE, make_key
from reengage.app.project import FILE, JOURNAL
from reengage.language.schema import rule_schema
from reengage.language.shapes import Schema
from reengage.model.errors import UsageError
from reengage.model.facts import STANDARD, Vocabulary
from reengage.sources.schema import connector_schema

_TABLES = ("assets", "benchmarks", "replies", "responses", "titles")
"""Files of `rules/` that hold no rules, by their names without the ending."""

_EDITOR = {
    "settings.json": {
        "yaml.schemas": {
            "./schema/rules.json": [
                "/rules/*.yaml",
                *(f"!/rules/{name}.yaml" for name in _TABLES),
            ],
            "./schema/connectors.json": ["/connectors/*.yaml"],
        },
        "yaml.validate": True,
    },
    "extensions.json": {"recommendations": ["redhat.vscode-yaml"]},
}
"""Files of `.vscode/`: which schema is that of which files, and what reads it there."""

_IGNORED = (KEY_FILE, f"{JOURNAL}*", "reengage.db*", "exports/", "signals/")


def starter_folder() -> Path:
    """Where the starter files lie: in the installed package, or in the checkout it was installed from."""
    package = Path(reengage.__file__).parent
    installed = package / "_starter"
    return installed if installed.is_dir() else package.parent


def init(folder: Path) -> list[str]:
    """Make a project in an empty or new folder; returns what was made. Raises UsageError where one is there."""
    if (folder / FILE).exists():
        raise UsageError(f"{folder} is a project already", help="choose another folder")
    if folder.exists() and (not folder.is_dir() or any(not path.name.startswith(".") for path in folder.iterdir())):
        raise UsageError(f"{folder} is not an empty folder", help="choose another name")
    source = starter_folder()
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("rules", "connectors"):
        shutil.copytree(source / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(source / FILE, folder / FILE)
    (folder / "signals").mkdir()
    write_rule_schema(folder)
    write_connector_schema(folder)
    _write_editor_files(folder / ".vscode")
    make_key(folder)
    _ignore(folder / ".gitignore")
    return [FILE, "rules/", "connectors/", "signals/", "schema/", ".vscode/", KEY_FILE, ".gitignore"]


def write_rule_schema(folder: Path, vocabulary: Vocabulary = STANDARD) -> Path:
    """Write the JSON Schema that editors complete and check rule files by."""
    return _write_schema(folder / "schema" / "rules.json", rule_schema(vocabulary))


def write_connector_schema(folder: Path, vocabulary: Vocabulary = STANDARD) -> Path:
    """Write the JSON Schema that editors complete and check connector files by."""
    return _write_schema(folder / "schema" / "connectors.json", connector_schema(vocabulary))


def _write_schema(path: Path, schema: Schema) -> Path:
    path.parent.mkdir(exist_ok=True)
    _write_json(path, schema)
    return path


def _ignore(file: Path) -> None:
    """Add to a `.gitignore`, which may be there before the project is, what must not be committed."""
    there = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    lines = [*there, *(line for line in _IGNORED if line not in there)]
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _write_editor_files(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name, content in _EDITOR.items():
        if not (folder / name).exists():
            _write_json(folder / name, content)


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
