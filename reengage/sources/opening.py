"""Opens what a source sent, and says in words why it cannot be opened."""

from __future__ import annotations

from dataclasses import dataclass
from io import BufferedReader, BytesIO
from pathlib import Path, PurePosixPath

from reengage.model.errors import ReengageError


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes that are kept, with where they came from."""

    where: str
    content: bytes

    @property
    def name(self) -> str:
        """The last part of where they came from, as a path has it."""
        return PurePosixPath(self.where).name

    def __str__(self) -> str:
        return self.where


Readable = Path | Stored


def opened(file: Readable) -> BufferedReader:
    """The file for reading bytes; raises ReengageError."""
    if isinstance(file, Stored):
        return BufferedReader(BytesIO(file.content))
    try:
        return file.open("rb")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "no such file"
        raise ReengageError(f"the file cannot be opened: {reason.lower()}", where=str(file)) from error


def size_of(file: Readable) -> int:
    """How many bytes there are."""
    return len(file.content) if isinstance(file, Stored) else file.stat().st_size
