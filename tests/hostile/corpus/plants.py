"""What can stand at a path in place of a plain file."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def folder(path: Path) -> None:
    """A folder."""
    path.mkdir()


def fifo(path: Path) -> None:
    """A pipe that nobody writes to: who opens it waits for ever."""
    os.mkfifo(path)


def endless(path: Path) -> None:
    """A file without an end."""
    path.symlink_to("/dev/zero")


def loop(path: Path) -> None:
    """A link to itself."""
    path.symlink_to(path)


def file_instead(path: Path) -> None:
    """A file where there was a folder."""
    shutil.rmtree(path)
    path.write_text("x")


def gone(path: Path) -> None:
    """Nothing."""


def outside(path: Path) -> None:
    """A link to a file outside of the project."""
    path.symlink_to("/etc/passwd")


def dangling(path: Path) -> None:
    """A link to nothing."""
    path.symlink_to(path.with_name("nothing"))
