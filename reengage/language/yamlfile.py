"""Reads the YAML we allow: plain mappings, lists and texts, each with its position; nothing clever, nothing hidden.

Works on the events of libyaml's C parser, so that aliases are refused before anything is expanded.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from reengage.language.diagnostic import Diagnostic, quoted
from reengage.language.nodes import LINE_BREAK, Mapping, Node, Pair, Scalar, Sequence
from reengage.language.tree import Position

MAX_BYTES = 256 * 1024
"""Longest file read, in bytes; our choice: a thousand rules fit."""

MAX_DEPTH = 32
"""Deepest nesting read; our choice: a rule needs eight."""

MAX_VALUES = 50_000
"""Most keys, values and lists in a file; our choice: they bound the work, and rules that fill a file have 40,000."""

MAX_PROBLEMS = 100
"""After so many problems with the YAML itself the rest of a file is not looked at."""

_NOTHING = frozenset({"", "~", "null"})
_PLAIN = "write plain lines of key: value, indented with spaces"
_SYNTAX = {
    "mapping values are not allowed in this context": (
        'this ":" is one too many',
        'put a value that holds ": " in "quotes", and give the keys of one block the same indent',
    ),
    "found character that cannot start any token": (
        "a value cannot begin with this character",
        'indent with spaces, not tabs, and put a value that begins with @, ` or % in "quotes"',
    ),
    "found unexpected end of stream": ("a quote is opened and never closed", "close it with the same quote"),
    "could not find expected ':'": ('a ":" is missing after this key', "write key: value"),
    "did not find expected node content": ("a value is missing here", "write one, and close every [ and {"),
    "did not find expected key": (
        "this line does not fit the lines around it",
        "give keys of one block the same indent",
    ),
    "did not find expected '-' indicator": ("this line is not an item of the list", 'begin each item with "- "'),
    "did not find expected ',' or ']'": ("a list in [ ] is not closed", 'part its items with "," and end it with "]"'),
    "did not find expected ',' or '}'": ("a block in { } is not closed", 'part its lines with "," and end it with "}"'),
    "did not find expected <document start>": ("the file goes on after its end", "keep one document in a file"),
    "block sequence entries are not allowed in this context": (
        'a "- " cannot stand here',
        "begin the list on a new line",
    ),
}


@dataclass(frozen=True, slots=True)
class Document:
    """One file: its lines, its tree (None if empty or unreadable) and what is wrong with it."""

    file: str
    lines: tuple[str, ...]
    root: Node | None
    diagnostics: tuple[Diagnostic, ...] = ()


def read(content: bytes, file: str) -> Document:
    """Read one file; whatever the bytes, the answer is a tree or diagnostics, never an exception."""
    try:
        text = _decoded(content, file)
    except _Refused as refused:
        return Document(file, (), None, (refused.diagnostic,))
    lines = tuple(LINE_BREAK.split(text))
    builder = _Builder(file, text)
    root = builder.build()
    return Document(file, lines, None if builder.found else root, tuple(builder.found))


class _Refused(Exception):
    """The file cannot be read any further."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def _decoded(content: bytes, file: str) -> str:
    if len(content) > MAX_BYTES:
        raise _refused(
            Position(file, 1, 1), f"the file is larger than {MAX_BYTES // 1024} KiB", "split it into several files"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = _end_of(content[: error.start].decode("utf-8", "replace"), file)
        raise _refused(at, "the file is not UTF-8 text", "save it with the encoding UTF-8") from None
    if "\0" in text:
        at = _end_of(text[: text.index("\0")], file)
        raise _refused(at, "the file holds a NUL character", "save it as UTF-8 text")
    return text


def _end_of(text: str, file: str) -> Position:
    lines = LINE_BREAK.split(text)
    return Position(file, len(lines), len(lines[-1]) + 1)


def _refused(at: Position, message: str, help: str) -> _Refused:
    return _Refused(Diagnostic(at, message, "plain-yaml", help=help))


@dataclass
class _Builder:
    """Turns the events of one file into a tree, noting what is refused on the way."""

    file: str
    text: str
    found: list[Diagnostic] = field(default_factory=list)
    values: int = 0

    def build(self) -> Node | None:
        try:
            return self._document(self._events())
        except _Refused as refused:
            self.found.append(refused.diagnostic)
        except yaml.YAMLError as error:
            self.found.append(self._syntax(error))
        except (ValueError, RecursionError):
            self._note(Position(self.file, 1, 1), "the file cannot be read as YAML", _PLAIN)
        return None

    def _events(self) -> Iterator[yaml.Event]:
        for event in yaml.parse(self.text, Loader=yaml.CSafeLoader):
            if len(self.found) >= MAX_PROBLEMS:
                raise _refused(
                    self._at(event),
                    f"more than {MAX_PROBLEMS} problems: the rest of the file was not read",
                    "mend those first",
                )
            self._refuse_features(event)
            yield event

    def _refuse_features(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            word = "alias *" if isinstance(event, yaml.AliasEvent) else "anchor &"
            self._note(self._at(event), f"the {word}{event.anchor} cannot be used", "write the value out in each place")
        if getattr(event, "tag", None) is not None:
            self._note(self._at(event), "a tag (!) cannot be used", "remove the word that begins with !")
        if isinstance(event, yaml.DocumentStartEvent) and (event.tags or event.version):
            self._note(self._at(event), "a % line cannot be used", "remove it")

    def _document(self, events: Iterator[yaml.Event]) -> Node | None:
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.NodeEvent):
                root = self._node(event, events, depth=1)
            elif isinstance(event, yaml.DocumentStartEvent) and root is not None:
                raise _refused(self._at(event), "the file holds more than one document", "keep one document in a file")
        return root

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
        self.values += 1
        if depth > MAX_DEPTH:
            raise _refused(self._at(event), f"the file is nested more than {MAX_DEPTH} levels deep", "write it flatter")
        if self.values > MAX_VALUES:
            raise _refused(self._at(event), f"the file holds more than {MAX_VALUES:,} keys and values", "split it")
        if isinstance(event, yaml.MappingStartEvent):
            return Mapping(tuple(self._pairs(events, depth)), self._at(event))
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(tuple(self._items(events, depth)), self._at(event))
        return self._scalar(event)

    def _scalar(self, event: yaml.Event) -> Scalar:
        if not isinstance(event, yaml.ScalarEvent):
            return Scalar(None, self._at(event))
        written = bool(event.style)
        text = None if not written and event.value in _NOTHING else event.value
        return Scalar(text, self._at(event), written, self._source(event))

    def _items(self, events: Iterator[yaml.Event], depth: int) -> Iterator[Node]:
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                return
            yield self._node(event, events, depth + 1)

    def _pairs(self, events: Iterator[yaml.Event], depth: int) -> Iterator[Pair]:
        seen: dict[str, Position] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                return
            key = self._node(event, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            if isinstance(key, Scalar) and key.text is not None and self._allowed(key, seen):
                seen[key.text] = key.at
                yield Pair(key.text, key.at, value)
            elif not isinstance(key, Scalar) or key.text is None:
                self._note(key.at, "a key must be a word", "write key: value")

    def _allowed(self, key: Scalar, seen: dict[str, Position]) -> bool:
        word = key.text or ""
        if word == "<<" and not key.quoted:
            self._note(key.at, "the merge key << cannot be used", "write the lines out in each place")
        elif word in seen:
            message = f"the key {quoted(word)} stands twice in this block, first in line {seen[word].line}"
            self.found.append(Diagnostic(key.at, message, "duplicate-key", help="keep one of the two"))
        else:
            return True
        return False

    def _note(self, at: Position, message: str, help: str) -> None:
        self.found.append(Diagnostic(at, message, "plain-yaml", help=help))

    def _source(self, event: yaml.Event) -> str:
        start, end = event.start_mark, event.end_mark
        return self.text[start.index : end.index] if start and end else ""

    def _at(self, event: yaml.Event) -> Position:
        return self._marked(event.start_mark)

    def _marked(self, mark: Any) -> Position:
        return Position(self.file, mark.line + 1, mark.column + 1) if mark else Position(self.file, 1, 1)

    def _syntax(self, error: yaml.YAMLError) -> Diagnostic:
        mark = getattr(error, "problem_mark", None)
        at = self._marked(mark) if mark else self._control_character()
        problem = str(getattr(error, "problem", None) or "the file holds a control character")
        message, help = _SYNTAX.get(problem, (problem, _PLAIN))
        return Diagnostic(at, message, "yaml-syntax", help=help)

    def _control_character(self) -> Position:
        before = itertools.takewhile(lambda char: char.isprintable() or char in "\t\r\n\x85\u2028\u2029", self.text)
        return _end_of("".join(before), self.file)
