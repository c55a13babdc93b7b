"""Reads a small file that belongs to the project; what is no file, or has no end, is refused."""

from __future__ import annotations

import errno
import stat
from pathlib import Path


def read_plain(path: Path, most: int) -> bytes:
    """The content of a file, at most so many bytes and one more, by which the caller sees that there are more.

    Raises OSError where it cannot be read, and for a folder, a pipe or a device: opening one may wait for ever.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is no plain file")
    with path.open("rb") as file:
        return file.read(most + 1)
