"""Walks through a page: its files are written, its commands run, and what it shows is compared with what came."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Ran, Reengage
from tests.docs.pages import Block, blocks

_EXITS = re.compile(r"# exits (\d)")


@dataclass
class Walk:
    """A reader who does what a page says, beginning in an empty folder."""

    reengage: Reengage
    monkeypatch: pytest.MonkeyPatch
    folder: Path
    entered: bool = False
    waiting: list[Block] = field(default_factory=list)
    answer: Any = None
    commands: int = 0

    def through(self, page: Path) -> None:
        """Take every block of a page in turn."""
        self.monkeypatch.chdir(self.folder)
        for block in blocks(page):
            if block.language == "console":
                self._type(block)
            elif block.name and block.language in ("csv", "python", "yaml"):
                self._write(block)
            elif block.language == "toml":
                self._edit(block)
            elif block.language == "json" and not block.name:
                assert shape(json.loads(block.text)) == shape(self.answer), str(block)
            elif (block.language, block.name) == ("text", "note"):
                written = [path.read_text(encoding="utf-8") for path in self.folder.glob("exports/*")]
                assert any(block.text.strip() in text for text in written), str(block)

    def _type(self, block: Block) -> None:
        for part in block.text.split("$ ")[1:]:
            command, *shown = part.splitlines()
            words = shlex.split(command, comments=True)
            if words[0] == "cd":
                self._enter(words[1])
                continue
            assert words[0] == "reengage", str(block)
            ran = self.reengage(*words[1:])
            wanted = _EXITS.search(command)
            assert ran.code == int(wanted[1] if wanted else 0), f"{block}: {command}\n{ran.out}{ran.err}"
            missing = first_missing(shown, ran.out + ran.err)
            assert missing is None, f"{block}: {command}\nnot there: {missing}\n{ran.out}{ran.err}"
            self._remember(words, ran)

    def _enter(self, name: str) -> None:
        self.folder = self.folder / name
        self.monkeypatch.chdir(self.folder)
        self.entered = True
        for block in self.waiting:
            self._write(block)

    def _write(self, block: Block) -> None:
        """Save a file; those of a page that comes to its project later wait for it."""
        if not self.entered:
            self.waiting.append(block)
            return
        path = self.folder / block.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")

    def _edit(self, block: Block) -> None:
        """Add lines under a table that the file has."""
        path, table = self.folder / block.name, block.text.splitlines()[0]
        before = path.read_text(encoding="utf-8")
        assert before.count(f"\n{table}\n") == 1, str(block)
        path.write_text(before.replace(f"\n{table}\n", f"\n{block.text}"), encoding="utf-8")

    def _remember(self, words: list[str], ran: Ran) -> None:
        self.commands += 1
        if "json" in words:
            self.answer = ran.json()


def first_missing(shown: list[str], output: str) -> str | None:
    """The first line of an excerpt that does not follow, in order, in the output; … stands for anything."""
    lines = iter(output.splitlines())
    for wanted in filter(None, map(str.rstrip, shown)):
        pattern = re.compile(".*".join(map(re.escape, wanted.split("…"))))
        if not any(pattern.fullmatch(line.rstrip()) for line in lines):
            return wanted
    return None


def shape(value: Any) -> Any:
    """The keys of a JSON value, down to the first of each list; names that are data count as one."""
    if isinstance(value, dict):
        return {name: None if name in ("rules", "outcomes", "facts") else shape(part) for name, part in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else type(value).__name__
