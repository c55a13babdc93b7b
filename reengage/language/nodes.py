"""A YAML file as a tree of texts, each knowing where it was written."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reengage.language.tree import Position

LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""What ends a line for YAML."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value, always text; None where nothing was written. `raw` is the source with its quotes."""

    text: str | None
    at: Position
    quoted: bool = False
    raw: str = ""

    def place(self, part: str) -> Position:
        """Where a part of this text stands in the file; the start of the value if it cannot be told."""
        start = self.raw.find(part)
        breaks = list(LINE_BREAK.finditer(self.raw, 0, max(0, start)))
        if start < 0:
            return self.at
        if not breaks:
            return Position(self.at.file, self.at.line, self.at.column + start)
        return Position(self.at.file, self.at.line + len(breaks), start - breaks[-1].end() + 1)


@dataclass(frozen=True, slots=True)
class Pair:
    """One key and its value."""

    key: str
    at: Position
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in the order written; no key occurs twice."""

    pairs: tuple[Pair, ...]
    at: Position

    def pair(self, key: str) -> Pair | None:
        """The pair with this key, or None."""
        return next((pair for pair in self.pairs if pair.key == key), None)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list in the order written."""

    items: tuple[Node, ...]
    at: Position


Node = Scalar | Mapping | Sequence


def plain(node: Node) -> object:
    """The tree as dicts, lists, texts and None, without positions."""
    match node:
        case Mapping(pairs=pairs):
            return {pair.key: plain(pair.value) for pair in pairs}
        case Sequence(items=items):
            return [plain(item) for item in items]
        case Scalar(text=text):
            return text


def find(node: Node, *path: str) -> Pair | None:
    """The pair at the end of a path of keys, or None."""
    pair: Pair | None = None
    for key in path:
        pair = node.pair(key) if isinstance(node, Mapping) else None
        if pair is None:
            return None
        node = pair.value
    return pair


def place(node: Node, *path: str) -> Position:
    """Where the key at the end of a path stands, or the nearest one above it that was written."""
    depths = range(len(path), 0, -1)
    pair = next((pair for depth in depths if (pair := find(node, *path[:depth]))), None)
    return pair.at if pair else node.at
