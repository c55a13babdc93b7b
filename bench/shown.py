"""How figures are shown: a table, the circumstances under it, and a file for whoever wants to compare."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bench.filling import Progress as Told
from bench.machine import circumstances
from bench.place import Cost


def show_costs(costs: Mapping[str, Cost], title: str) -> None:
    """What each step took, and how often that of the first."""
    shown = Table("", "seconds", "CPU seconds", "done", "peak MB", "children MB", "× the first", title=title)
    least = next(iter(costs.values())).seconds
    for name, cost in costs.items():
        memory = (f"{cost.peak_mb:,.0f}", f"{cost.children_mb:,.0f}")
        times = f"{cost.seconds / least:.2f}"
        shown.add_row(name, f"{cost.seconds:.2f}", f"{cost.cpu:.2f}", f"{cost.done:,}", *memory, times)
    Console().print(shown)


def finish(figures: dict[str, Any], to: Path | None) -> None:
    """Say under which circumstances the figures came about, and write all of it to a file if there is one."""
    about = circumstances()
    for name, value in about.items():
        Console(soft_wrap=True).print(f"{name}: {value}", highlight=False)
    if to:
        to.write_text(json.dumps({**about, **figures}, indent=1) + "\n", encoding="utf-8")


@contextmanager
def steps(total: int) -> Iterator[Told]:
    """A bar for so many steps; each call says what begins now."""
    columns = (BarColumn(20), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)

        def told(what: str) -> None:
            bar.update(task, description=what, advance=1)

        yield told
