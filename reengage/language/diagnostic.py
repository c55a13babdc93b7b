"""What is wrong with a file, and how it is shown: position, words, help, the check's name, the line with a caret."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from reengage.language.tree import Position

Severity = Literal["error", "warning"]

_PLACEHOLDER = re.compile(r"\{+[^{}\s]*\}+")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'')
_WORD = r"(?:[^\s,\[\]{}:]|:(?=[^\s,\[\]{}]))+"
_WORDS = re.compile(rf"{_WORD}(?: (?!#){_WORD})*")
_SHOWN = 120
_COLORS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "help": "\x1b[36m", "end": "\x1b[0m"}


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem at one place; an `error` keeps the file from being used, a `warning` does not."""

    position: Position
    message: str
    check: str
    help: str
    severity: Severity = "error"
    source_line: str = ""

    @property
    def width(self) -> int:
        """How many characters of the source line the caret underlines, at least one."""
        start = self.position.column - 1
        for pattern in (_PLACEHOLDER, _QUOTED, _WORDS):
            if found := pattern.match(self.source_line, start):
                return found.end() - start
        return 1

    def to_json(self) -> dict[str, Any]:
        """The diagnostic as plain JSON values; line and column start at 1."""
        return {
            "file": self.position.file,
            "line": self.position.line,
            "column": self.position.column,
            "width": self.width,
            "severity": self.severity,
            "check": self.check,
            "message": self.message,
            "help": self.help,
            "source_line": self.source_line,
        }


def quoted(text: str) -> str:
    """User text as it may stand in a message: in quotes, printable, 60 characters at most."""
    clipped = text if len(text) <= 60 else text[:59] + "…"
    return f'"{_printable(clipped)}"'


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Diagnostics by file, line and column."""
    return tuple(sorted(diagnostics, key=_place))


def _place(diagnostic: Diagnostic) -> tuple[str, int, int, str]:
    at = diagnostic.position
    return at.file, at.line, at.column, diagnostic.check


def with_source(diagnostic: Diagnostic, lines: Mapping[str, tuple[str, ...]]) -> Diagnostic:
    """The diagnostic with its source line, taken from the lines of each file by name."""
    of_file = lines.get(diagnostic.position.file, ())
    number = diagnostic.position.line
    return replace(diagnostic, source_line=_hidden(of_file[number - 1]) if number <= len(of_file) else "")


@lru_cache(maxsize=64)
def _hidden(line: str) -> str:
    """A line of a file as it may be shown, also in the log of a server: what looks like a secret is starred."""
    return _SECRET.sub(lambda found: found[1] + "*" * len(found[2]), line)


_SECRET = re.compile(
    r"""((?:token|secret|passw|api[_-]?key|authorization|credential)[\w-]{0,40}["']?\s{0,20}:\s{0,20})"""
    r"""(?!["']?[^"',}\]]{0,200}\$\{)("[^"]*"|'[^']*'|[^\s,}\]#"']+)""",
    re.IGNORECASE,
)


def render(diagnostics: Iterable[Diagnostic], *, color: bool = False) -> str:
    """The diagnostics as a person reads them, a blank line between two."""
    return "\n\n".join(_block(diagnostic, color) for diagnostic in diagnostics)


def _block(diagnostic: Diagnostic, color: bool) -> str:
    gutter = " " * len(str(diagnostic.position.line))
    return "\n".join((_head(diagnostic, color), *_excerpt(diagnostic, gutter, color), _help(diagnostic, gutter, color)))


def _head(diagnostic: Diagnostic, color: bool) -> str:
    label = "warning: " if diagnostic.severity == "warning" else ""
    message = _painted(label + diagnostic.message, diagnostic.severity, color)
    return f"{_printable(str(diagnostic.position))}: {message} [{diagnostic.check}]"


def _excerpt(diagnostic: Diagnostic, gutter: str, color: bool) -> tuple[str, ...]:
    if not diagnostic.source_line.strip():
        return ()
    cut, before = _window(diagnostic.source_line, diagnostic.position.column - 1)
    shown = _printable(cut)
    marked = shown[before : before + diagnostic.width]
    carets = _painted("^" * max(1, _columns(marked)), diagnostic.severity, color)
    return (
        f"{gutter} |",
        f"{diagnostic.position.line} | {shown}",
        f"{gutter} | {' ' * _columns(shown[:before])}{carets}",
    )


def _window(line: str, place: int) -> tuple[str, int]:
    """At most 120 characters around a place of a line, cuts shown as …, and the place within them."""
    start = place - _SHOWN // 2 if place > _SHOWN - 20 else 0
    cut = line[start : start + _SHOWN]
    head, tail = "…" if start else "", "…" if start + _SHOWN < len(line) else ""
    return f"{head}{cut}{tail}", place - start + len(head)


def _help(diagnostic: Diagnostic, gutter: str, color: bool) -> str:
    return f"{gutter} = {_painted('help:', 'help', color)} {diagnostic.help}"


def _painted(text: str, style: str, color: bool) -> str:
    return f"{_COLORS[style]}{text}{_COLORS['end']}" if color else text


def _printable(text: str) -> str:
    return "".join(
        char if char.isprintable() else " " if char == "\t" else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def _columns(text: str) -> int:
    """How many terminal cells the text takes: wide characters two, combining ones none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )
