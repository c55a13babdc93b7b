"""The pages of the repository, taken apart into what can be checked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.examples.play import ROOT

README = ROOT / "README.md"
PAGES = (README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")))

_FENCE = re.compile(r"^```(?P<language>\w+)(?: (?P<name>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, and the name behind it, where it has one."""

    page: Path
    line: int
    language: str
    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path) -> list[Block]:
    """The blocks of a page in order."""
    text = text_of(page)
    return [
        Block(page, text.count("\n", 0, found.start()) + 1, found["language"], found["name"] or "", found["text"])
        for found in _FENCE.finditer(text)
    ]


@cache
def all_blocks(language: str) -> tuple[Block, ...]:
    """The blocks of this language on all pages."""
    return tuple(block for page in PAGES for block in blocks(page) if block.language == language)


def words_in_code(page: Path) -> Iterator[str]:
    """What stands between single backticks, outside of blocks."""
    yield from re.findall(r"`([^`\n]+)`", _FENCE.sub("", text_of(page)))


def tables(page: Path, heading: str) -> list[list[str]]:
    """The rows of the table whose first heading this is, as their cells."""
    lines = iter(text_of(page).splitlines())
    for line in lines:
        if line.startswith(f"| {heading} |"):
            next(lines)
            break
    rows: list[list[str]] = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return rows


def in_code(cell: str) -> list[str]:
    """The words in backticks of a cell."""
    return re.findall(r"`([^`]+)`", cell)
