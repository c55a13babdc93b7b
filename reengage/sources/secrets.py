"""What must not stand in a file: named there as `${env:NAME}` or `${file:PATH}`, and looked up when it is needed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from reengage.language.diagnostic import quoted
from reengage.language.plainfile import read_plain
from reengage.language.values import NotUnderstood
from reengage.model.errors import ReengageError

HIDDEN = "…"
"""What stands where a secret stood."""

LONGEST = 8192
"""Bytes of a secret in a file; our choice: a private key in PEM has some 3,000."""

_REFERENCE = re.compile(r"\$\{(env|file):([^{}\s]+)\}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET_KEY = re.compile(r"token|secret|passw|api_?key|user_?key|credential|authorization|signature|^key$|cookie")
_PUBLIC = frozenset({"token_url", "access_token_url", "signature"})
_EXAMPLE = "write ${env:NAME} or ${file:/run/secrets/name}"


@dataclass(frozen=True, slots=True)
class Secret:
    """A text with references in it; it is shown with them, never with what they stand for."""

    name: str

    def reveal(self, environ: Mapping[str, str], folder: Path) -> str:
        """The text with every reference looked up; raises ReengageError naming one that cannot be."""
        return _REFERENCE.sub(lambda found: _look_up(found[1], found[2], environ, folder), self.name)


def parse_secret(text: str) -> Secret:
    """A text with at least one reference in it; raises NotUnderstood for a literal."""
    if not _REFERENCE.search(text):
        raise NotUnderstood("a secret may not stand in a file", help=_EXAMPLE)
    rest = _REFERENCE.sub("", text)
    names = [name for kind, name in _REFERENCE.findall(text) if kind == "env"]
    if "${" in rest or not all(map(_VARIABLE.fullmatch, names)):
        raise NotUnderstood(f"{quoted(text)} names no secret that can be looked up", help=_EXAMPLE)
    return Secret(text)


def is_reference(text: str) -> bool:
    """Whether a text holds something that is looked up elsewhere, or means to."""
    return "${" in text


def is_secret_key(name: str) -> bool:
    """Whether the value under such a key is a secret, by its name."""
    folded = re.sub(r"[-.\s]", "_", name.casefold())
    return folded not in _PUBLIC and bool(_SECRET_KEY.search(folded))


def redact(text: str, secrets: Iterable[str]) -> str:
    """The text with these secrets taken out, the longest first."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def _look_up(kind: str, name: str, environ: Mapping[str, str], folder: Path) -> str:
    value = environ.get(name, "") if kind == "env" else _file(folder / name)
    if not value:
        raise ReengageError(f"{_where(kind, name)} is empty or not there", help="set it for whoever runs reengage")
    return value


def _file(path: Path) -> str:
    try:
        return read_plain(path, LONGEST)[:LONGEST].decode("utf-8").strip()
    except (OSError, ValueError):
        return ""


def _where(kind: str, name: str) -> str:
    return f"the variable {name}" if kind == "env" else f"the file {name}"
