"""HTML to text in one pass: no tree, no recursion, and time in proportion to the length whatever the tags are.

The parsers that we tried need minutes for a megabyte of nested or unfinished tags.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from html import unescape

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:]*+)([^<>]*+)>|<!--|<[!?/][^<>]*+>")
_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset", "footer", "form"),
        *(
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "header",
            "hr",
            "li",
            "main",
            "ol",
            "pre",
            "section",
            "table",
            "tr",
            "ul",
        ),
    )
)
_UNSEEN = ("script", "style", "title", "template")
_UNSEEN_END = {name: re.compile(f"</{name}[^<>]*+>", re.IGNORECASE) for name in _UNSEEN}
_HIDDEN = re.compile(r"display\s{0,9}:\s{0,9}none|visibility\s{0,9}:\s{0,9}hidden", re.IGNORECASE)
_INDENTED = re.compile(r"indent-blockquote|border\s{0,9}:\s{0,9}(?:none|0)(?!.{0,999}border-left)", re.IGNORECASE)
"""What programs write where somebody indents words of their own."""

_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
_SPACE = re.compile(r"[ \t\r\n\f]+")
_LONG_NUMBER = re.compile(r"&#\w{10,};?")


def text_of_html(html: str) -> str:
    """The text that HTML shows; each line of a block quote begins with ">". Never raises."""
    page = _Page(html)
    end = 0
    while tag := _TAG.search(html, end):
        page.say(html[end : tag.start()])
        end = page.read(tag)
    page.say(html[end:])
    return page.text()


@dataclass(slots=True)
class _Page:
    """What has been read so far: lines with the depth of their quote, and the elements that change what is shown."""

    html: str
    lines: list[tuple[int, list[str]]] = field(default_factory=lambda: [(0, [])])
    depth: int = 0
    open: list[tuple[str, int | None]] = field(default_factory=list)
    count: Counter[str] = field(default_factory=Counter)
    endless: set[str] = field(default_factory=set)

    def say(self, text: str) -> None:
        """Add to the present line, which begins with something visible."""
        shown = _SPACE.sub(" ", unescape(_LONG_NUMBER.sub(" ", text)))
        if self.lines[-1][1] or shown.strip():
            self.lines[-1][1].append(shown)

    def read(self, tag: re.Match[str]) -> int:
        """Do what a tag says; returns where to go on."""
        if tag[2] is None:
            return self._skip_comment(tag)
        name = tag[2].lower()
        if name in _UNSEEN_END and not tag[1]:
            return self._skip_unseen(name, tag.end())
        if name in _BLOCKS or name in ("br", "p"):
            self._break(blank=name == "p" or (name == "br" and not self.lines[-1][1]))
        if name in ("td", "th") and not tag[1]:
            self.say(" ")
        if tag[1]:
            self._close(name)
        elif name not in _VOID:
            self._open(name, tag[3])
        return tag.end()

    def text(self) -> str:
        """All lines, those of quotes marked."""
        return "\n".join(("> " if depth else "") + "".join(pieces).strip() for depth, pieces in self.lines)

    def _break(self, *, blank: bool) -> None:
        if self.lines[-1][1]:
            self.lines.append((self.depth, []))
        if blank and len(self.lines) > 1 and self.lines[-2][1]:
            self.lines.append((self.depth, []))

    def _open(self, name: str, told: str) -> None:
        """Remember an element that quotes or hides, and those of its name within it, to know its end."""
        if name == "blockquote" and not _INDENTED.search(told):
            self._deepen(1)
            self.open.append((name, None))
        elif told and _HIDDEN.search(told):
            self.lines.append((self.depth, []))
            self.open.append((name, len(self.lines) - 1))
        elif self.count[name]:
            self.open.append((name, -1))
        else:
            return
        self.count[name] += 1

    def _close(self, name: str) -> None:
        """End an element, and those within it that were never ended."""
        while self.count[name]:
            ended, start = self.open.pop()
            self.count[ended] -= 1
            if start is None:
                self._deepen(-1)
            elif start >= 0 and ended == name:
                del self.lines[start:]
                self.lines.append((self.depth, []))
            if ended == name:
                return

    def _deepen(self, step: int) -> None:
        self.depth += step
        self.lines.append((self.depth, []))

    def _skip_comment(self, tag: re.Match[str]) -> int:
        """A comment that never ends hides nothing."""
        if tag[0] != "<!--" or "-->" in self.endless:
            return tag.end()
        end = self.html.find("-->", tag.end())
        if end < 0:
            self.endless.add("-->")
        return end + 3 if end >= 0 else tag.end()

    def _skip_unseen(self, name: str, start: int) -> int:
        found = None if name in self.endless else _UNSEEN_END[name].search(self.html, start)
        if found is None:
            self.endless.add(name)
        return found.end() if found else start
