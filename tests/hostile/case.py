"""A hostile input as data: the command that meets it, the files it comes in, and the answer it should get."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Plant = Callable[[Path], None]
"""Puts something at a path that is no plain file."""

Content = str | bytes | Plant

REFUSED = frozenset({1, 2, 3})
TAKEN = frozenset({0})
TAKEN_IN_PART = frozenset({1})

AT = "2025-03-04T06:00:00Z"
"""When everything hostile happens: a day after the book was begun."""


@dataclass(frozen=True)
class Case:
    """One hostile input.

    `says` are parts of what the user reads; `codes` the exit codes that will do. `brings` are the contact_ids that
    are in the book afterwards and were not before, `signals` the ids of signals; with neither the book stays as it was,
    unless `moves` says that it may change.
    """

    name: str
    command: tuple[str, ...]
    files: Mapping[str, Content] = field(default_factory=dict)
    says: tuple[str, ...] = ()
    codes: frozenset[int] = REFUSED
    brings: frozenset[str] = frozenset()
    signals: frozenset[str] = frozenset()
    moves: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """The name, for pytest."""
        return self.name


def plant(folder: Path, files: Mapping[str, Content]) -> None:
    """Put the files of a case into a folder, over what is there."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8", newline="")
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            if not path.is_dir():
                path.unlink(missing_ok=True)
            content(path)
