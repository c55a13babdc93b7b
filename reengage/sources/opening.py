"""Opens files, and says in words why one cannot be opened."""

from __future__ import annotations

from io import BufferedReader
from pathlib import Path

from reengage.model.errors import ReengageError


def opened(path: Path) -> BufferedReader:
    """The file for reading bytes; raises ReengageError."""
    try:
        return path.open("rb")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "no such file"
        raise ReengageError(f"the file cannot be opened: {reason.lower()}", where=str(path)) from error
