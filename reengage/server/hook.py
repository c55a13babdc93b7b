"""What the server needs to know of a webhook, and what it hands on of a delivery."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from reengage.model.errors import ReengageError
from reengage.sources.hooks.answer import Answer
from reengage.sources.hooks.signing import Verify, needs_base

MAX_BYTES = 1 << 20
"""Bytes of a body; our choice: the largest vendor payload we know has a few thousand."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{22,128}")


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook: `token` is the random part of its address, `keys` its revealed secrets. Neither is shown."""

    name: str
    token: str = field(repr=False)
    verify: Verify
    keys: tuple[bytes, ...] = field(repr=False)
    answer: Answer = field(default_factory=Answer)
    max_bytes: int = MAX_BYTES


@dataclass(frozen=True, slots=True)
class Delivery:
    """One body as it came, verified. A `stale` one is genuine and was refused: look for opt-outs in it, no more."""

    hook: str
    body: bytes = field(repr=False)
    received_at: datetime
    stale: bool = False


def by_name(hooks: Iterable[Hook], base: str) -> dict[str, Hook]:
    """The hooks by name; raises ReengageError for one that could not be safe, or not be verified."""
    found = {hook.name: hook for hook in hooks}
    for hook in found.values():
        if not _TOKEN.fullmatch(hook.token):
            help = 'make one with: python -c "import secrets; print(secrets.token_urlsafe(32))"'
            raise ReengageError(f"the path token of {hook.name} can be guessed, or does not fit an address", help=help)
        if needs_base(hook.verify) and not base:
            help = 'add to reengage.toml: public_address = "https://hooks.ourcompany.example"'
            raise ReengageError(f"{hook.name} signs the address it writes to, which is not known", help=help)
    return found
