"""What the author of a connector in Python works with: one small class that gives what a source sends.

A connector of kind `python` names the class. `pull` gives pages, each as the source sent it, the oldest first; each is
kept before the next one is asked for, and mapped by the connector's file like the answer of an API. A pull that ends
with an exception moves no cursor: what it gave is taken in, and the next pull asks for all of it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

__all__ = ["Later", "Refused", "Source"]


class Source(Protocol):
    """Something that can be asked for what has happened."""

    def pull(self, since: datetime | None, until: datetime, options: Mapping[str, str]) -> Iterator[bytes]:
        """What happened `since` a moment (None: ever), in pages of JSON as bytes, with the options of the file."""
        ...


class Later(Exception):
    """Raised where the source wants us to wait until a moment."""

    def __init__(self, not_before: datetime, reason: str = "the source wants us to wait") -> None:
        super().__init__(reason)
        self.not_before = not_before


class Refused(Exception):
    """Raised where the source does not let us in: it is not asked again until somebody has looked."""
