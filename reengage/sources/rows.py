"""What a file gives: good rows, each a signal, and bad ones with the reason."""

from __future__ import annotations

from typing import NamedTuple

from reengage.model.signal import Signal

CLIP = 2_000
"""Characters of a bad row that are kept."""


class NotASignal(ValueError):
    """A record that cannot become a signal; its text says why, in the user's words."""


class Good(NamedTuple):
    """A row that is a signal; lines count from 1."""

    line: int
    signal: Signal


class Bad(NamedTuple):
    """A row that is none, why, and the row itself."""

    line: int
    reason: str
    raw: str


Row = Good | Bad


def clip(raw: str) -> str:
    """A bad row as it is kept: visible, and not endless."""
    shown = raw.rstrip("\r\n").replace("\0", "\N{SYMBOL FOR NULL}")
    readable = shown.encode("utf-8", "replace").decode("utf-8")
    return readable if len(readable) <= CLIP else readable[:CLIP] + "…"
