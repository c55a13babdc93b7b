"""What a product's export says under its own headings: a column of ours, a stop, or nothing of the kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

from reengage.intake.flags import read_flag
from reengage.model.words import Channel

V = TypeVar("V")

Cells = dict[str, str]
"""The filled cells of a row by column."""

ANY = "*"
"""A heading of a table that ends so stands for every heading that begins so."""

_REMEMBERED = 10_000
"""Words kept in their plain form: those of the tables are compared with every heading of a file."""


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


@dataclass(frozen=True, slots=True)
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
        return _find(self.columns, heading)

    def flag(self, heading: str) -> Flag | None:
        """The stop that a heading may state."""
        return _find(self.flags, heading)

    def silence(self, heading: str) -> str | None:
        """Why a heading that looks like a stop is none."""
        return _find(self.quiet, heading)

    def place(self, heading: str) -> int:
        """Where in the table a heading stands; behind its end where it does not."""
        wanted = plain(heading)
        return next((at for at, known in enumerate(self.columns) if plain(known) == wanted), len(self.columns))

    def lacks(self, columns: Collection[str]) -> list[str]:
        """Headings of the first group of which none of these columns comes; empty where nothing is missing."""
        groups = [group for group in self.needs if not set(group) & set(columns)]
        return [heading for heading, column in self.columns.items() if groups and column in groups[0]]

    def spelled(self, headings: tuple[str, ...]) -> int:
        """How many of these headings are spelled exactly as the product spells them."""
        return len({*self.columns, *self.flags, *self.quiet}.intersection(headings))

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


def _find(table: Mapping[str, V], heading: str) -> V | None:
    wanted = plain(heading)
    for known, value in table.items():
        if plain(known) == wanted or (known.endswith(ANY) and wanted.startswith(plain(known[:-1]))):
            return value
    return None


def _unquoted(cell: str) -> str:
    """Without the apostrophe that EspoCRM and Odoo put before what a spreadsheet would take for a formula."""
    return re.sub(r"^'(?=\s*[=+@-])", "", cell) if cell.startswith("'") else cell
