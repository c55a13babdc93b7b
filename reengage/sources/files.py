"""Which files a connector reads, none of them outside the project."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

from reengage.model.errors import ReengageError
from reengage.sources.connector import Connector


def files_of(connector: Connector, project: Path) -> list[Path]:
    """The files of a connector in the order of their names; hidden ones are not looked at.

    Raises ReengageError for a path or a link that leads outside the project.
    """
    if problem := path_problem(connector.path):
        raise ReengageError(problem, where=str(connector.at))
    root = project.resolve()
    found = sorted(path for path in project.glob(connector.path) if path.is_file() and not path.name.startswith("."))
    for path in found:
        _refuse_outside(path, root)
    return found


def path_problem(path: str) -> str | None:
    """Why a path (it may hold * and ?) cannot be used; None if it can."""
    parts = PurePosixPath(path).parts
    if not parts or "\0" in path or len(path) > 300:
        return "this is not a path"
    if path.startswith(("/", "~", "\\")) or "://" in path or PureWindowsPath(path).drive:
        return "a path must be relative to the project"
    if ".." in parts or "\\" in path:
        return "a path may not leave the project" if ".." in path else 'the parts of a path are separated by "/"'
    return "** may stand once in a path" if parts.count("**") > 1 else None


def _refuse_outside(path: Path, root: Path) -> None:
    if not _is_text(path.name):
        raise ReengageError("the name of this file is no text", where=str(path), help="give it another name")
    if not path.resolve().is_relative_to(root):
        raise ReengageError(
            "this is a link to a file outside the project", where=str(path), help="copy the file here instead"
        )


def _is_text(name: str) -> bool:
    """Whether a name could be read: bytes of it that are no UTF-8 stand in it as half characters."""
    return not any("\ud800" <= letter <= "\udfff" for letter in name)
