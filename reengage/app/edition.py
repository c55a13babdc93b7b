"""An edition of the rules: as they stand in a folder, or as they stood at a revision of the project's repository."""

from __future__ import annotations

import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath

from reengage.app.project import Project
from reengage.language.ruleset import RuleSet
from reengage.model.errors import UsageError

FOLDER = "rules"
"""Where a project keeps its rules, at every revision."""

_ANOTHER_WAY = "name a folder of rules instead, for example one of another checkout"


@dataclass(frozen=True, slots=True)
class Edition:
    """A set of rules under the name by which it was asked for; `rules` may hold errors."""

    name: str
    rules: RuleSet


def read_edition(project: Project, name: str) -> Edition:
    """The rules of a folder of this name or, where there is none, of this revision of the project's repository.

    Raises UsageError where it is neither, or git cannot tell.
    """
    if not name.strip() or name.startswith("-"):  # git would take the second for an option
        raise UsageError(f'"{name}" is neither a folder nor a revision', help="for example HEAD, main or rules/")
    folder = Path(name)
    return Edition(name, project.rules_in(folder) if folder.is_dir() else _rules_at(project, name))


def _rules_at(project: Project, revision: str) -> RuleSet:
    commit = _git(project.folder, revision, "rev-parse", "--verify", f"{revision}^{{commit}}").decode().strip()
    archive = _git(project.folder, revision, "archive", "--format=tar", commit, FOLDER)
    with tempfile.TemporaryDirectory(prefix="reengage-") as place:
        folder = Path(place) / FOLDER
        folder.mkdir()
        for file, content in _files(archive):
            (folder / file).write_bytes(content)
        return project.rules_in(folder)


def _files(archive: bytes) -> Iterator[tuple[str, bytes]]:
    """The plain files that lie in the folder of rules itself: nothing that could name another place."""
    with tarfile.open(fileobj=BytesIO(archive)) as tar:
        for member in tar:
            path, content = PurePosixPath(member.name), tar.extractfile(member) if member.isfile() else None
            if content is not None and path.parent == PurePosixPath(FOLDER):
                yield path.name, content.read()


def _git(project: Path, revision: str, *arguments: str) -> bytes:
    """What git answers about the repository that the project lies in; raises UsageError in its place."""
    environment = {**os.environ, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}
    command = ["git", "-C", str(project), *arguments]
    try:
        asked = subprocess.run(command, capture_output=True, env=environment, stdin=subprocess.DEVNULL, check=False)  # noqa: S603, no shell, and no option comes from outside
    except OSError as error:
        message = f'"{revision}" is no folder, and git, which may know it as a revision, cannot be started'
        raise UsageError(message, help=_ANOTHER_WAY) from error
    if asked.returncode:
        raise _refusal(revision, asked.stderr.decode(errors="replace"))
    return asked.stdout


def _refusal(revision: str, told: str) -> UsageError:
    if "not a git repository" in told:
        return UsageError(f'"{revision}" is no folder, and the project is in no git repository', help=_ANOTHER_WAY)
    if "dubious ownership" in told:
        advice = "git config --global --add safe.directory, with the folder of the repository"
        return UsageError("git does not read this repository, which belongs to another user", help=advice)
    if "did not match any files" in told:
        return UsageError(f'at "{revision}" the project has no folder {FOLDER}/', help=_ANOTHER_WAY)
    advice = "a job that checks out one commit only has to fetch the other one first"
    return UsageError(f'"{revision}" is neither a folder nor a revision that git knows', help=advice)
