"""A mailbox file (mbox) as a stream of messages, with flat memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, pairwise
from pathlib import Path
from typing import BinaryIO

from reengage.intake.mail.headers import date_in
from reengage.model.errors import ReengageError
from reengage.sources.opening import opened

LARGEST = 64 << 20
"""Bytes of one message that are read; our choice: mail servers take 25 to 50 MB."""

KEPT = 1 << 20
"""Bytes of a larger message that are kept."""

_BLOCK = 1 << 16
_BEGINS = re.compile(
    rb"From .{0,400}?\b((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? .{3,20}?\d{1,2}:\d{2}.{4,40})\s*", re.DOTALL
)
_HEADER = re.compile(rb"[!-9;-~]{1,200}[ \t]*:|>From ")
_KEPT_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_ZONE_FIRST = re.compile(r"([+-]\d{4}) (\d{4})$")


@dataclass(slots=True)
class Letter:
    """One message of a mailbox; `at` is when it was delivered, where its first line says so."""

    number: int
    at: datetime | None = None
    size: int = 0
    lines: list[bytes] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether all of it is here."""
        return self.size <= LARGEST

    @property
    def raw(self) -> bytes:
        """The message as it was before it was put into the mailbox; the beginning of one that is too large."""
        return _KEPT_FROM.sub(rb"\1", b"".join(self.lines))

    def add(self, line: bytes) -> None:
        """Add a line, or the next piece of a long one."""
        self.size += len(line)
        if self.is_whole:
            self.lines.append(line)
        elif len(self.lines) > 1:
            self.lines = [b"".join(self.lines)[:KEPT]]


def read_mailbox(path: Path) -> Iterator[Letter]:
    """Every message in order; raises ReengageError for a file that is no mailbox or cannot be opened."""
    with opened(path) as file:
        letter: Letter | None = None
        is_start = True
        for line, following in pairwise(chain(_lines(file), (b"",))):
            begins = _BEGINS.fullmatch(line) if is_start and line.startswith(b"From ") else None
            is_start = line.endswith(b"\n")
            if begins and (not following or _HEADER.match(following)):
                if letter:
                    yield letter
                letter = Letter(letter.number + 1 if letter else 1, _moment(begins[1]))
            elif letter:
                letter.add(line)
            elif line.strip():
                raise ReengageError(
                    "this is no mailbox",
                    where=str(path),
                    help='its messages begin with lines like "From dana@initech.example Mon Nov 23 10:00:00 2026"; '
                    "a single message ends in .eml",
                )
        if letter:
            yield letter


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(_BLOCK):
        yield line


def _moment(text: bytes) -> datetime | None:
    """The moment of a first line, in UTC where it names no zone (RFC 4155)."""
    found = date_in(_ZONE_FIRST.sub(r"\2 \1", text.decode("ascii", "replace").strip()))
    return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found
