"""Starting a project: rules, connectors and settings copied out, a secret key made."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import reengage
from reengage.app.keyfile import KEY_FILE, make_key
from reengage.app.project import FILE, JOURNAL
from reengage.language.schema import rule_schema
from reengage.model.errors import UsageError
from reengage.model.facts import STANDARD, Vocabulary

_EDITOR = {
    "settings.json": {
        "yaml.schemas": {
            "./schema/rules.json": [
                "/rules/*.yaml",
                *(f"!/rules/{name}.yaml" for name in ("assets", "responses", "titles")),
            ]
        },
        "yaml.validate": True,
    },
    "extensions.json": {"recommendations": ["redhat.vscode-yaml"]},
}
"""Files of `.vscode/`: which schema is that of the rule files, and what reads it there."""

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
    write_schema(folder)
    _write_editor_files(folder / ".vscode")
    make_key(folder)
    _ignore(folder / ".gitignore")
    return [FILE, "rules/", "connectors/", "signals/", "schema/rules.json", ".vscode/", KEY_FILE, ".gitignore"]


def write_schema(folder: Path, vocabulary: Vocabulary = STANDARD) -> Path:
    """Write the JSON Schema that editors complete and check rule files by."""
    path = folder / "schema" / "rules.json"
    path.parent.mkdir(exist_ok=True)
    _write_json(path, rule_schema(vocabulary))
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
