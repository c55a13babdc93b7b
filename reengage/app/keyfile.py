"""The key file of a project: where it lies, reading it, and making it where there is none yet."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from reengage.language.plainfile import read_plain
from reengage.model.errors import UsageError
from reengage.people.keyring import Keyring, read_keyring

KEY_FILE = ".reengage.key"
KEY_VARIABLE = "REENGAGE_KEY_FILE"

MOST_BYTES = 65_536
"""How much of the file is read: a thousand secrets; our choice."""


def key_path(folder: Path) -> Path:
    """Where the secrets of a project are: where REENGAGE_KEY_FILE says, else in its folder."""
    named = os.environ.get(KEY_VARIABLE)
    return Path(named) if named else folder / KEY_FILE


def read_keys(folder: Path) -> Keyring:
    """The secrets of a project, none where there is no file; raises UsageError for one that cannot be read."""
    path = key_path(folder)
    try:
        lines = read_plain(path, MOST_BYTES).decode("ascii").splitlines()
    except FileNotFoundError:
        return Keyring()
    except OSError as error:
        raise UsageError(f"{path.name} cannot be read", help="make it readable for this user") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path.name} is no key file", help="put it back from where you keep it") from error
    return read_keyring(lines, path.name)


def make_key(folder: Path) -> Path:
    """Make the key file, readable by its owner alone, unless there is one."""
    path = key_path(folder)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(f"{secrets.token_hex(32)}\n")
    except FileExistsError:
        pass
    return path
