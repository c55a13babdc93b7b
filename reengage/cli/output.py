"""Showing things: tables that fit, colours that can be turned off, JSON for programs, progress on long work."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from reengage.model.errors import ReengageError
from reengage.model.text import clip
from reengage.model.text import counted as counted  # for those who show things

WIDTH_OF_A_FILE = 140
"""Columns of a table that goes into a file or a pipe."""

LONGEST = 900
"""Characters of an error, of its help and of a cell; our choice: nobody reads more, and a name may have any length."""


def console() -> Console:
    """Standard output; rich itself honours NO_COLOR and pipes."""
    width = None if sys.stdout.isatty() else WIDTH_OF_A_FILE
    return Console(width=width, highlight=False, soft_wrap=False)


def say(text: str = "", style: str | None = None) -> None:
    """Print one line as it is."""
    console().print(_shown(text), style=style, soft_wrap=True)


def say_error(error: ReengageError) -> None:
    """One clear message on standard error: where, what, what to do."""
    shown = Console(stderr=True, highlight=False)
    place = f"{error.where}: " if error.where else ""
    shown.print(f"[bold red]error[/]: {_shown(clip(f'{place}{error.message}', LONGEST))}", soft_wrap=True)
    if error.help:
        shown.print(f"  [cyan]help[/]: {_shown(clip(error.help, LONGEST))}", soft_wrap=True)


def _shown(text: str) -> str:
    """Text from outside as it may reach a terminal: nothing in it moves the cursor, turns the line or is markup."""
    return escape("".join(_visible(letter) for letter in text))


def _visible(letter: str) -> str:
    if letter.isprintable() or letter == "\n":
        return letter
    return " " if letter.isspace() else "\N{REPLACEMENT CHARACTER}"


def say_json(value: Any) -> None:
    """Print a value as JSON."""
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    print(text.encode("utf-8", "backslashreplace").decode())  # a file may have a name that is no text


def say_more(left: int) -> None:
    """How many lines a list would have had besides."""
    say(f"  … and {left:,} more (--format json lists all)")


def say_table(headings: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None) -> None:
    """Print a table; nothing where there are no rows."""
    listed = [[clip(str(cell), LONGEST) for cell in row] for row in rows]
    if not listed:
        return
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold", expand=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in listed:
        table.add_row(*map(_shown, row))
    console().print(table)


def local(moment: datetime, zone: str) -> str:
    """A moment as the project's zone has it; midnight is a day."""
    there = moment.astimezone(ZoneInfo(zone))
    return f"{there:%Y-%m-%d %H:%M}" if there.hour or there.minute else f"{there:%Y-%m-%d}"


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error, where a person is looking; call it with the steps done since."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    shown = Console(stderr=True)
    with Progress(*columns, console=shown, transient=True, disable=not shown.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda steps: bar.update(task, advance=steps)
