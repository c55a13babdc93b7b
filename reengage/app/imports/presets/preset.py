"""What a product's export says under its own headings: a column of ours, a stop, or nothing of the kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Generic, TypeVar

from reengage.intake.flags import read_flag
from reengage.model.words import Channel

V = TypeVar("V")

Cells = dict[str, str]
"""The filled cells of a row by column."""

ANY = "*"
"""A heading of a table that ends so stands for every heading that begins so."""

_REMEMBERED = 10_000
"""Words kept in their plain form: the same ones stand in cell after cell of a column."""


@dataclass(frozen=True, slots=True)
class Flag:
    """A heading that may say no: the channel it closes, all of them where it names none, and how its cells are read."""

    channel: Channel | None = None
    read: Callable[[str], bool | None] = read_flag


def doubted(cell: str) -> bool | None:
    """A yes that may have another cause than the person's will: somebody has to look at it."""
    return False if read_flag(cell) is False else None


def as_it_is(cells: Cells) -> Cells:
    """The row as it was mapped."""
    return cells


class _Table(Generic[V]):
    """A table that is searched by heading in any case and punctuation; of two that match, the first counts."""

    def __init__(self, table: Mapping[str, V]) -> None:
        self._whole: dict[str, tuple[int, V]] = {}
        self._begun: list[tuple[str, tuple[int, V]]] = []
        for entry, (known, value) in enumerate(table.items()):
            if known.endswith(ANY):
                self._begun.append((plain(known[:-1]), (entry, value)))
            else:
                self._whole.setdefault(plain(known), (entry, value))

    def find(self, heading: str) -> tuple[int, V] | None:
        """Where in the table a heading stands, counted from 0, and what it means."""
        wanted = plain(heading)
        found = [meant for start, meant in self._begun if wanted.startswith(start)]
        if wanted in self._whole:
            found.append(self._whole[wanted])
        return min(found, key=lambda one: one[0]) if found else None


@dataclass(frozen=True)
class Reading:
    """How one kind of file is read.

    Where several `columns` mean the same, the first that is filled counts. `flags` are stops, whatever else their
    heading means; `quiet` are headings that look like a stop or like consent and are neither, each with the reason.
    Of each group in `needs` the file must have one column; `shape` turns the mapped cells into a row of ours.
    """

    columns: Mapping[str, str]
    flags: Mapping[str, Flag] = field(default_factory=dict)
    quiet: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    needs: tuple[tuple[str, ...], ...] = ()
    shape: Callable[[Cells], Cells] = as_it_is

    def column(self, heading: str) -> str | None:
        """Our column for a heading, in any case and punctuation."""
        found = self._columns.find(heading)
        return found[1] if found else None

    def flag(self, heading: str) -> Flag | None:
        """The stop that a heading may state."""
        found = self._flags.find(heading)
        return found[1] if found else None

    def silence(self, heading: str) -> str | None:
        """Why a heading that looks like a stop is none."""
        found = self._quiet.find(heading)
        return found[1] if found else None

    def place(self, heading: str) -> int:
        """Where in the table a heading stands; behind its end where it does not."""
        found = self._columns.find(heading)
        return found[0] if found else len(self.columns)

    def lacks(self, columns: Collection[str]) -> list[str]:
        """Headings of the first group of which none of these columns comes; empty where nothing is missing."""
        groups = [group for group in self.needs if not set(group) & set(columns)]
        return [heading for heading, column in self.columns.items() if groups and column in groups[0]]

    def spelled(self, headings: tuple[str, ...]) -> int:
        """How many of these headings are spelled exactly as the product spells them."""
        return len({*self.columns, *self.flags, *self.quiet}.intersection(headings))

    @cached_property
    def _columns(self) -> _Table[str]:
        return _Table(self.columns)

    @cached_property
    def _flags(self) -> _Table[Flag]:
        return _Table(self.flags)

    @cached_property
    def _quiet(self) -> _Table[str]:
        return _Table(self.quiet)

    def row(self, cells: Cells) -> Cells:
        """A row of ours from the mapped cells of a row."""
        said = {column: _unquoted(cell) for column, cell in cells.items()}
        for column in self.words.keys() & said.keys():
            said[column] = self.words[column].get(plain(said[column]), said[column])
        return {column: cell for column, cell in self.shape(said).items() if cell}


@dataclass(frozen=True, slots=True)
class Preset:
    """A product by the name that `--preset` takes and by its own, with how each kind of its files is read."""

    name: str
    label: str
    readings: Mapping[str, Reading]


@lru_cache(_REMEMBERED)
def plain(text: str) -> str:
    """A heading or a word without case and punctuation; dots stay, they part a record from its field."""
    return re.sub(r"[^\w.]+", "_", text.strip().casefold()).strip("_")


def _unquoted(cell: str) -> str:
    """Without the apostrophe that EspoCRM and Odoo put before what a spreadsheet would take for a formula."""
    return re.sub(r"^'(?=\s*[=+@-])", "", cell) if cell.startswith("'") else cell
