"""`python -m bench`: what a run costs, beside what a user would pick instead."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench.book import RUN_AT, Book
from bench.chart import draw
from bench.filling import add_news
from bench.options import Contacts, Data, Empty, Entries, Json, Keep, Large, Loud, Rules, Signals, Svg, Workers, book_of
from bench.peers import PEERS, Peer
from bench.place import Cost, Kind, Place, filled
from bench.rows import Match, Row, plainly, rows_of
from bench.rulebook import asked
from bench.shown import finish, show_costs, steps
from bench.throughput import STEPS, measure, show

app = typer.Typer(help="What a run costs, beside what a user would pick instead.", no_args_is_help=True)

LATER = 1_000
"""Signals that come between a full run and the next."""

FACTORS = (1, 2, 4, 8)
ONE_HOUR = timedelta(hours=1)


@app.command("run")
def full_run(
    contacts: Contacts = 100_000,
    signals: Signals = None,
    rules: Rules = 50,
    database: Data = Kind.SQLITE,
    large_account: Large = 0,
    loud_contact: Loud = 0,
    workers: Workers = 1,
    keep: Keep = None,
    to: Json = None,
) -> None:
    """A full run beside the script written by hand on the same file, then a run over a thousand new signals.

    Example: python -m bench run --contacts 1000000 --json run.json

    Example: python -m bench run --contacts 200000 --large-account 50000 --loud-contact 10000
    """
    book = book_of(contacts, signals, large_account, loud_contact)
    costs: dict[str, Cost] = {}
    with steps(7) as told, filled(book, rules, database, keep, told) as place:
        if database is Kind.SQLITE:
            told("the script")
            costs["script written by hand"] = place.measure("script", RUN_AT)
        told("a full run")
        costs["full run"] = place.measure("run", RUN_AT, workers)
        if database is Kind.SQLITE:
            _agree(place, "run", "script")
        told("a run over what is new")
        costs[f"run over {LATER:,} new signals"] = _incremental(place)
    crew = f", {workers} workers" if workers > 1 else ""
    show_costs(costs, f"{contacts:,} contacts, {book.signals:,} signals, {rules} rules, {database}{crew}")
    told_costs = {name: asdict(cost) for name, cost in costs.items()}
    about = {"book": asdict(book), "rules": rules, "database": str(database), "workers": workers}
    finish({**about, "costs": told_costs}, to)


def _incremental(place: Place) -> Cost:
    database = place.project.open()
    add_news(database, place.book, LATER, RUN_AT + ONE_HOUR)
    database.close()
    return place.measure("run", RUN_AT + ONE_HOUR)


def _agree(place: Place, one: str, other: str) -> None:
    """Stop before any figure is shown where two steps do not choose the same tasks."""
    ours, theirs = place.chosen(one), place.chosen(other)
    differ = [contact for contact in sorted({*ours, *theirs}) if ours.get(contact) != theirs.get(contact)]
    if differ:
        first = differ[0]
        told = f"of contact {first} the {one} says {ours.get(first)}, the {other} {theirs.get(first)}"
        _refuse(f"{one} and {other} differ on {len(differ):,} contacts: {told}")


def _refuse(why: str) -> None:
    Console(stderr=True).print(f"no figures: {why}", style="red")
    raise typer.Exit(1)


@app.command()
def fill(
    folder: Empty,
    contacts: Contacts = 100_000,
    signals: Signals = None,
    rules: Rules = 50,
    large_account: Large = 0,
    loud_contact: Loud = 0,
) -> None:
    """Make a project with a filled SQLite database and leave it there, to profile what a run does with it.

    Example: python -m bench fill book --contacts 50000

    Example: python -m cProfile -s tottime -m bench.child run book 2026-06-01T06:00:00+00:00 1
    """
    book = book_of(contacts, signals, large_account, loud_contact)
    with steps(4) as told, filled(book, rules, keep=folder, told=told) as place:
        pass
    Console().print(
        f"{contacts:,} contacts and {book.signals:,} signals in {place.folder}; run it at {RUN_AT.isoformat()}"
    )


@app.command()
def peers(contacts: Contacts = 20_000, rules: Rules = 50, keep: Keep = None, to: Json = None) -> None:
    """Rule engines that do the matching alone, over the same rows, beside a run that does everything.

    Each is given as many rows as it can do in some seconds, and has to say the same as a plain loop first.
    requirements/bench.txt has them all; what is not installed is left out.

    Example: python -m bench peers --contacts 100000
    """
    book = Book(contacts, contacts)
    specs, rows = asked(rules), list(rows_of(book))
    speeds: dict[str, tuple[int, float]] = {}
    with steps(len(PEERS) + 6) as told:
        told("the plain loop")
        loop = Peer("a plain loop in Python", "builtins", plainly, len(rows))
        speeds[loop.name] = _compared(loop, plainly(specs), plainly(specs), rows)
        for peer in PEERS:
            told(peer.name)
            if peer.installed:
                speeds[f"{peer.name}, matching alone"] = _compared(peer, peer.start(specs), plainly(specs), rows)
        with filled(book, rules, keep=keep, told=told) as place:
            told("a full run")
            cost = place.measure("run", RUN_AT)
        speeds["a full run, with everything"] = (len(rows), len(rows) / cost.seconds)
    lacking = ", ".join(peer.name for peer in PEERS if not peer.installed)
    shown = Table("", "rows given", "rows a second", title=f"{len(rows):,} rows, {rules} rules")
    for name, (given, speed) in speeds.items():
        shown.add_row(name, f"{given:,}", f"{speed:,.0f}")
    Console().print(shown)
    if lacking:
        Console(stderr=True).print(f"not installed: {lacking}; `make bench` installs them, or requirements/bench.txt")
    finish({"book": asdict(book), "rules": rules, "rows": len(rows), "rows_per_second": speeds}, to)


def _compared(peer: Peer, match: Match, plain: Match, rows: Sequence[Row]) -> tuple[int, float]:
    """How fast a peer is that says the same as the plain loop, when it is asked first and when the time is taken."""
    some = rows[:: max(1, len(rows) // peer.rows)][: peer.rows]
    wanted = plain(some)
    same = match(some) == wanted
    began = time.perf_counter()
    found = match(some)
    took = time.perf_counter() - began
    if not same or found != wanted:
        _refuse(f"{peer.name} does not say the same as the plain loop")
    return len(some), len(some) / took


@app.command()
def growth(
    contacts: Contacts = 5_000, rules: Rules = 25, database: Data = Kind.SQLITE, svg: Svg = None, to: Json = None
) -> None:
    """A full run with 1, 2, 4 and 8 times the contacts, the signals and the rules, each by itself.

    Example: python -m bench growth --contacts 50000 --svg docs/growth.svg --json growth.json
    """
    found: dict[str, list[tuple[float, float]]] = {"contacts": [], "signals": [], "rules": []}
    base: Cost | None = None
    with steps(10) as told:
        for what, points in found.items():
            for factor in FACTORS:
                if factor > 1 or base is None:
                    told(f"× {factor} {what}")
                    cost = _grown(what, factor, contacts, rules, database)
                base = base or cost
                points.append((factor, (base if factor == 1 else cost).cpu))
    title = f"seconds of CPU of a full run; × 1: {contacts:,} contacts and signals, {rules} rules, {database}"
    shown = Table("", *(f"× {factor}" for factor in FACTORS), title=title)
    for what, points in found.items():
        shown.add_row(what, *(f"{seconds:.2f}" for _, seconds in points))
    Console().print(shown)
    if svg:
        svg.write_text(draw(title, " s", found), encoding="utf-8")
    finish({"contacts": contacts, "rules": rules, "database": str(database), "seconds": found}, to)


def _grown(what: str, factor: int, contacts: int, rules: int, database: Kind) -> Cost:
    times = {name: factor if name == what else 1 for name in ("contacts", "signals", "rules")}
    book = Book(contacts * times["contacts"], contacts * times["signals"])
    with filled(book, rules * times["rules"], database) as place:
        return place.measure("run", RUN_AT)


@app.command()
def memory(contacts: Contacts = 20_000, rules: Rules = 50, database: Data = Kind.SQLITE, to: Json = None) -> None:
    """The most memory that a full run ever has, with so many contacts and with twice as many.

    Example: python -m bench memory --contacts 1000000
    """
    costs: dict[str, Cost] = {}
    with steps(10) as told:
        for size in (contacts, 2 * contacts):
            with filled(Book(size, size), rules, database, told=told) as place:
                told(f"a run over {size:,}")
                costs[f"full run, {size:,} contacts"] = place.measure("run", RUN_AT)
    show_costs(costs, f"{rules} rules, {database}")
    finish({"costs": {name: asdict(cost) for name, cost in costs.items()}}, to)


@app.command("throughput")
def in_and_out(
    rows: Annotated[int, typer.Option("--rows", min=100, help="Rows of each sort.")] = 20_000,
    entries: Entries = 100_000,
    database: Data = Kind.SQLITE,
    to: Json = None,
) -> None:
    """Rows a second of importing, ingesting and exporting, and one look-up in the ledger of stops.

    Example: python -m bench throughput --rows 100000 --entries 5000000 --database postgresql
    """
    with steps(STEPS) as told:
        found = measure(rows, entries, database, told)
    show(found, f"{rows:,} rows of each sort, {database}")
    finish({"rows": rows, "database": str(database), **found.to_json()}, to)


if __name__ == "__main__":
    app()
