"""`python -m bench`: what a run costs, beside what a user would pick instead."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bench.book import RUN_AT, Book
from bench.filling import Progress, add_news
from bench.machine import circumstances
from bench.place import Cost, Kind, Place, filled

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)

Contacts = Annotated[int, typer.Option("--contacts", min=100, help="Held contacts in the book.")]
Signals = Annotated[int | None, typer.Option("--signals", min=0, help="Signals; as many as contacts if not said.")]
Rules = Annotated[int, typer.Option("--rules", min=1, help="Rules of the project.")]
Data = Annotated[Kind, typer.Option("--database", help="Which database; a PostgreSQL server is started and stopped.")]
Keep = Annotated[Path | None, typer.Option("--keep", help="An empty folder in which the project is made, and stays.")]
Json = Annotated[Path | None, typer.Option("--json", help="Write the figures to this file too.")]
Large = Annotated[int, typer.Option("--large-account", help="Contacts of one company.")]
Loud = Annotated[int, typer.Option("--loud-contact", help="Signals about one contact.")]

LATER = 1_000
"""Signals that come between a full run and the next."""


@app.callback()
def about() -> None:
    """What a run costs, beside what a user would pick instead."""


@app.command("run")
def full_run(
    contacts: Contacts = 100_000,
    signals: Signals = None,
    rules: Rules = 50,
    database: Data = Kind.SQLITE,
    large_account: Large = 0,
    loud_contact: Loud = 0,
    keep: Keep = None,
    to: Json = None,
) -> None:
    """A full run beside the hand-written script on the same file, then a run over a thousand new signals.

    Example: python -m bench run --contacts 1000000 --json run.json
    """
    book = Book(
        contacts, contacts if signals is None else signals, large_account=large_account, loud_contact=loud_contact
    )
    with _progress("filling") as told, filled(book, rules, database, keep, told) as place:
        steps: dict[str, Cost] = {}
        if database is Kind.SQLITE:
            told("the script")
            steps["hand-written script"] = place.measure("script", RUN_AT)
        told("a full run")
        steps["reengage run"] = place.measure("run", RUN_AT)
        if database is Kind.SQLITE:
            _agree(place, "run", "script")
        told("a run over what is new")
        steps[f"reengage run, {LATER:,} new signals"] = _incremental(place)
    script, full = steps.get("hand-written script"), steps["reengage run"]
    figures: dict[str, Any] = {"book": asdict(book), "rules": rules, "database": str(database)}
    figures["steps"] = {name: asdict(cost) for name, cost in steps.items()}
    figures["ratio"] = full.seconds / script.seconds if script else None
    _show_costs(steps, f"{contacts:,} contacts, {book.signals:,} signals, {rules} rules, {database}")
    _finish(figures, to)


def _incremental(place: Place) -> Cost:
    at = RUN_AT + timedelta(hours=1)
    database = place.project.open()
    add_news(database, place.book, LATER, at)
    database.close()
    return place.measure("run", at)


def _agree(place: Place, one: str, other: str) -> None:
    """Stop before any figure is shown where two steps do not choose the same tasks."""
    ours, theirs = place.chosen(one), place.chosen(other)
    differ = [contact for contact in sorted({*ours, *theirs}) if ours.get(contact) != theirs.get(contact)]
    if differ:
        first = differ[0]
        told = f"{len(differ):,} differ; contact {first}: {one} {ours.get(first)}, {other} {theirs.get(first)}"
        raise typer.BadParameter(f"{one} and {other} do not decide the same: {told}")


def _show_costs(steps: Mapping[str, Cost], title: str) -> None:
    shown = Table("", "seconds", "CPU seconds", "tasks", "peak MB", "children MB", "times", title=title)
    least = next(iter(steps.values())).seconds
    for name, cost in steps.items():
        memory = (f"{cost.peak_mb:,.0f}", f"{cost.children_mb:,.0f}")
        times = f"{cost.seconds / least:.2f}"
        shown.add_row(name, f"{cost.seconds:.2f}", f"{cost.cpu:.2f}", f"{cost.tasks:,}", *memory, times)
    Console().print(shown)


def _finish(figures: dict[str, Any], to: Path | None) -> None:
    """Say under which circumstances the figures came about, and write them down."""
    about = circumstances()
    for name, value in about.items():
        Console(soft_wrap=True).print(f"{name}: {value}", highlight=False)
    if to:
        to.write_text(json.dumps({**about, **figures}, indent=1) + "\n", encoding="utf-8")


@contextmanager
def _progress(what: str) -> Iterator[Progress]:
    with Console(stderr=True).status(what) as status:
        yield lambda step: status.update(step)


if __name__ == "__main__":
    app()
