"""From YAML nodes to values, noting every problem and going on: the common ground of all file formats here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from reengage.language.diagnostic import Diagnostic, quoted
from reengage.language.nodes import Mapping, Node, Pair, Scalar, Sequence
from reengage.language.tree import Position
from reengage.language.values import NotUnderstood, advice, choice
from reengage.model.facts import STANDARD, Vocabulary

T = TypeVar("T")
W = TypeVar("W", bound=str)
MOST_PROBLEMS = 100
"""After so many problems in what a file says the rest of it is not looked at: nobody reads on, and each costs time."""


class TooMany(Exception):
    """A file with so many problems that the rest of it is not worth reading; the last one noted says so."""


class Found(list[Diagnostic]):
    """Problems found so far, in the order of reading; adding the hundredth of one file raises TooMany.

    It goes through all readers, and so does the vocabulary by which they read.
    """

    def __init__(self, problems: Iterable[Diagnostic] = (), vocabulary: Vocabulary = STANDARD) -> None:
        super().__init__(problems)
        self.vocabulary = vocabulary
        self._of_file = Counter(problem.position.file for problem in self)

    def append(self, problem: Diagnostic) -> None:
        """Add one; raises TooMany."""
        at = problem.position
        self._of_file[at.file] += 1
        if self._of_file[at.file] > MOST_PROBLEMS:
            raise TooMany
        super().append(problem)
        if self._of_file[at.file] == MOST_PROBLEMS:
            message = f"{MOST_PROBLEMS} problems so far: the rest of this file was not read"
            super().append(Diagnostic(at, message, "plain-yaml", "mend those first"))
            raise TooMany

    def extend(self, problems: Iterable[Diagnostic]) -> None:
        """Add some; raises TooMany."""
        for problem in problems:
            self.append(problem)


Read = Callable[[Node, Found], T]
"""Reads one node: answers its value, notes what can be gone on from, raises Unreadable for what cannot."""


class Unreadable(Exception):
    """A node that gives no value, with the diagnostic that says why."""

    def __init__(self, at: Position, message: str, check: str, help: str) -> None:
        super().__init__(message)
        self.diagnostic = Diagnostic(at, message, check, help)

    @classmethod
    def of(cls, diagnostic: Diagnostic) -> Unreadable:
        """The exception that carries this diagnostic."""
        return cls(diagnostic.position, diagnostic.message, diagnostic.check, diagnostic.help)


def attempt(read: Read[T], node: Node, found: Found) -> tuple[T, ...]:
    """The node's value alone in a tuple, or nothing where it cannot be read and the problem is noted."""
    try:
        return (read(node, found),)
    except Unreadable as problem:
        found.append(problem.diagnostic)
        return ()


def text_of(node: Node) -> str:
    """The text of a single value; raises Unreadable for a list, a block or nothing."""
    if not isinstance(node, Scalar):
        kind = "a list" if isinstance(node, Sequence) else "a block of lines"
        raise Unreadable(
            node.at, f"one value is expected here, not {kind}", "wrong-shape", "write the value behind the colon"
        )
    if node.text is None:
        raise Unreadable(node.at, "a value is missing here", "wrong-shape", "write a value or remove the line")
    return node.text


def one(parse: Callable[[str], T]) -> Read[T]:
    """Reads a single value with a parser of texts."""

    def read(node: Node, found: Found) -> T:
        text = text_of(node)
        try:
            return parse(text)
        except NotUnderstood as problem:
            raise Unreadable(node.at, problem.message, "wrong-value", problem.help) from None

    return read


def word_of(words: Iterable[W]) -> Read[W]:
    """Reads one of these words, spelled exactly."""
    known = {str(word): word for word in words}
    read = one(partial(choice, known=tuple(known)))
    return lambda node, found: known[read(node, found)]


def some(read: Read[T]) -> Read[tuple[T, ...]]:
    """Reads one value, or a list of at least one."""

    def read_all(node: Node, found: Found) -> tuple[T, ...]:
        return filled(read)(node, found) if isinstance(node, Sequence) else (read(node, found),)

    return read_all


def filled(read: Read[T]) -> Read[tuple[T, ...]]:
    """Reads a list of at least one."""

    def read_all(node: Node, found: Found) -> tuple[T, ...]:
        values = each(read)(node, found)
        if isinstance(node, Scalar) or (isinstance(node, Sequence) and not node.items):
            raise Unreadable(node.at, "this list is empty", "wrong-shape", "write at least one item or remove the line")
        return values

    return read_all


def each(read: Read[T]) -> Read[tuple[T, ...]]:
    """Reads a list of any length; nothing at all is an empty list."""

    def read_all(node: Node, found: Found) -> tuple[T, ...]:
        if isinstance(node, Scalar) and node.text is None:
            return ()
        if not isinstance(node, Sequence):
            raise Unreadable(node.at, "a list is expected here", "wrong-shape", 'begin each item with "- "')
        return tuple(value for item in node.items for value in attempt(read, item, found))

    return read_all


def mapping_of(node: Node, what: str) -> Mapping:
    """The node as a block of `key: value` lines; raises Unreadable."""
    if not isinstance(node, Mapping):
        raise Unreadable(
            node.at, f"{what} must be a block of key: value lines", "wrong-shape", "indent its lines under it"
        )
    return node


def known_pairs(node: Mapping, known: Collection[str], what: str, found: Found) -> tuple[Pair, ...]:
    """The pairs whose keys are known; the others are noted."""
    for pair in node.pairs:
        if pair.key not in known:
            found.append(unknown_key(pair, known, what))
    return tuple(pair for pair in node.pairs if pair.key in known)


def unknown_key(pair: Pair, known: Collection[str], what: str) -> Diagnostic:
    """The diagnostic for a key that does not belong here, with the nearest one that does."""
    return Diagnostic(pair.at, f"unknown key {quoted(pair.key)} in {what}", "unknown-key", help=advice(pair.key, known))


@dataclass(frozen=True, slots=True)
class Fields:
    """One block whose keys are read by name."""

    node: Mapping
    found: Found

    def read(self, key: str, read: Read[T], default: T) -> T:
        """The value under a key; the default where it is absent or cannot be read."""
        pair = self.node.pair(key)
        return next(iter(attempt(read, pair.value, self.found)), default) if pair else default


def fields_of(node: Node, known: Collection[str], what: str, found: Found, required: Collection[str] = ()) -> Fields:
    """Open a block for reading: unknown and missing keys are noted; raises Unreadable if it is no block."""
    block = mapping_of(node, what)
    known_pairs(block, known, what, found)
    note_missing(block, required, what, found)
    return Fields(block, found)


def _lines(keys: Iterable[str]) -> str:
    return ", ".join(f"{key}: …" for key in keys)


def note_missing(block: Mapping, required: Collection[str], what: str, found: Found) -> None:
    """Note the required keys that the block does not have."""
    missing = [key for key in required if block.pair(key) is None]
    if missing:
        found.append(
            Diagnostic(
                block.at,
                f"{what} needs {', '.join(map(quoted, missing))}",
                "missing-key",
                f"write under it {_lines(missing)}",
            )
        )
