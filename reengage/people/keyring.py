"""Keyed digests: what stays of an identifier once it has been erased, and what chains the ledger."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field

from reengage.model.errors import UsageError

FEWEST_BYTES = 32
"""Length of a secret: that of the digest, as RFC 2104 section 3 recommends."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """The secrets of a project, the oldest first: the last one is used, all of them are looked up by.

    After an erasure nothing can be digested anew, so an old secret is never thrown away.
    """

    secrets: tuple[bytes, ...] = field(default=(), repr=False)

    def __bool__(self) -> bool:
        return bool(self.secrets)

    @property
    def key_id(self) -> str:
        """What names the secret in use; raises UsageError where there is none."""
        if not self.secrets:
            raise UsageError("the secret key file is missing", help="put .reengage.key back from where you keep it")
        return _id(self.secrets[-1])

    def digest(self, kind: str, value: str) -> str:
        """HMAC-SHA-256 of a key under the secret in use, as `<key id>:<hex>`."""
        return self._under(self.key_id, kind, value)

    def digests(self, kind: str, value: str) -> tuple[str, ...]:
        """The same under every secret there is."""
        return tuple(self._under(_id(secret), kind, value) for secret in self.secrets)

    def sign(self, key_id: str, text: str) -> str | None:
        """HMAC-SHA-256 of a text under the secret of this name, in hex; None where that is not here."""
        return next((_hmac(secret, text) for secret in self.secrets if _id(secret) == key_id), None)

    def _under(self, key_id: str, kind: str, value: str) -> str:
        return f"{key_id}:{self.sign(key_id, f'{kind}:{value}')}"


def read_keyring(lines: Iterable[str], where: str) -> Keyring:
    """The secrets of a key file, one in hex a line; raises UsageError for a line that is none."""
    secrets = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        try:
            secret = bytes.fromhex(text)
        except ValueError:
            secret = b""
        if len(secret) < FEWEST_BYTES:
            raise UsageError(
                f"{where}:{number}: this is no secret of {FEWEST_BYTES} bytes in hex",
                help="put the file back from where you keep it; a new secret goes on a line of its own at the end",
            )
        secrets.append(secret)
    return Keyring(tuple(secrets))


def _id(secret: bytes) -> str:
    return hashlib.sha256(b"reengage key id\0" + secret).hexdigest()[:8]


def _hmac(secret: bytes, text: str) -> str:
    return hmac.digest(secret, text.encode(), "sha256").hex()
