"""Files put into their place: whole and safe on disk, or not there at all."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from reengage.app.project import Project
from reengage.delivery.batch import File
from reengage.model.errors import RunFailed, UsageError

FOLDER = "exports"
"""Where files go in a project unless another folder is named."""


def folder_of(project: Project, out: Path | None) -> Path:
    """Where files go; raises UsageError where that cannot be a folder."""
    folder = out or project.folder / FOLDER
    try:
        nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    except OSError as error:
        raise UsageError(f"{folder} cannot be looked at: {error.strerror}", help="name a folder with --out") from error
    if not nearest.is_dir():
        raise UsageError(f"{nearest} is a file, not a folder", help="name a folder with --out")
    return folder


def place(folder: Path, files: Iterable[File], outdated: Iterable[str] = ()) -> list[Path]:
    """Write every file whole and safe on disk, then move all to their names; on a failure none is half there.

    What fits an `outdated` pattern is removed where it is not made anew, and so is what an export that was killed had
    not finished. Raises RunFailed where the folder cannot be written.
    """
    parts: dict[Path, Path] = {}
    try:
        _remove(part for part in folder.glob(".*.part") if _is_forsaken(part))
        for name, content in files:
            folder.mkdir(parents=True, exist_ok=True)
            part = parts[folder / name] = folder / f".{name}.{os.getpid()}.part"
            _write(part, content)
        for path, part in parts.items():
            part.replace(path)
        _remove(path for pattern in outdated for path in folder.glob(pattern) if path not in parts)
        if parts:
            _sync(folder)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise RunFailed(
            f"{folder} cannot be written: {why}", help="nothing is lost; mend it and export again"
        ) from error
    finally:
        _remove(parts.values())
    return list(parts)


def _is_forsaken(part: Path) -> bool:
    """Whether the process that was writing this file is gone from this host."""
    found = _PART.fullmatch(part.name)
    if found is None:
        return False
    try:
        os.kill(int(found["process"]), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


_PART = re.compile(r"\..+\.(?P<process>\d{1,9})\.part")


def _write(path: Path, content: Iterable[bytes]) -> None:
    with path.open("wb") as file:
        file.writelines(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Make the new names last."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(parts: Iterable[Path]) -> None:
    for part in parts:
        with suppress(OSError):
            part.unlink()
