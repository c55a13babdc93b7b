"""`quarantine` and `replay`: what could not be taken in, and taking it in again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Annotated

import typer

from reengage.app import ingest as ingesting
from reengage.app.ingest import Replayed
from reengage.app.moment import settle_moment
from reengage.app.project import parse_moment
from reengage.cli import output
from reengage.cli.commands import At, Form, Format, app, existing, here, moment
from reengage.cli.taking import show_connectors
from reengage.model.errors import UsageError
from reengage.model.text import clip
from reengage.store import inbox
from reengage.store.database import Database
from reengage.store.discretion import discreet
from reengage.store.inbox import Quarantined

_SHOWN = 80
"""Characters of a row that a table shows."""

quarantine = typer.Typer(help="Rows that could not be taken in.", no_args_is_help=True)
app.add_typer(quarantine, name="quarantine")

Numbers = Annotated[list[int] | None, typer.Argument(metavar="[NUMBER]...", help="Which rows, by their numbers.")]
Source = Annotated[str | None, typer.Option("--source", help='Those of one source, for example "connector leads".')]


@quarantine.command("list")
def show(source: Source = None, form: Form = Format.HUMAN) -> None:
    """List what is kept back, and why; nobody who said stop is named.

    Example: reengage quarantine list --source "connector bombora_weekly"
    """
    project = here()
    database = existing(project)
    rows = _discreet(database, _rows(database, None, source))
    if form is Format.JSON:
        output.say_json([asdict(row) for row in rows])
        return
    headings = ("no", "kept since", "from", "place", "why", "row")
    output.say_table(headings, [_cells(row, project.settings.zone) for row in rows])
    output.say(f"{output.counted(len(rows), 'row')} kept back" if rows else "nothing is kept back")


@quarantine.command()
def retry(numbers: Numbers = None, source: Source = None, at: At = None, form: Form = Format.HUMAN) -> None:
    """Take in again what was received with these rows, or with all: after a connector was mended.

    Rows of an import are not among them: import the file again. Exit 1 where something is still kept back.
    Example: reengage quarantine retry 12 13
    """
    project = here()
    database = existing(project)
    rows = _rows(database, numbers, source)
    done = settle_moment(database, moment(project, at), stated=at is not None)
    with output.progress("taking in again") as advance:
        replayed = ingesting.retry(database, project, done, rows, advance)
    left = sum(row.received_id is None for row in rows)
    _show(replayed, form)
    if left and form is Format.HUMAN:
        output.say(f"{output.counted(left, 'row')} came by an import or an earlier version: import the file again")


@quarantine.command()
def drop(
    numbers: Annotated[list[int], typer.Argument(metavar="NUMBER...", help="Which rows.")],
    form: Form = Format.HUMAN,
) -> None:
    """Take rows away until what they came with is mapped again.

    Whoever was closed because one of them may be a stop stays closed. Example: reengage quarantine drop 12
    """
    database = existing(here())
    rows = _rows(database, numbers, None)
    with database.writing() as connection:
        inbox.drop_quarantined(connection, [row.id for row in rows])
    if form is Format.JSON:
        output.say_json([asdict(row) for row in _discreet(database, rows)])
    else:
        output.say(f"dropped {output.counted(len(rows), 'row')}")


@app.command()
def replay(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[CONNECTOR]...", help="Which ones; all by default.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="ISO", help="Only what was received at this moment or later.")
    ] = None,
    at: At = None,
    form: Form = Format.HUMAN,
) -> None:
    """Map again what was received before, by the connectors as they are now, without asking any source.

    A record that is a signal already stays that signal. Example: reengage replay bombora_weekly --since 2026-10-01
    """
    project = here()
    database = existing(project)
    done = settle_moment(database, moment(project, at), stated=at is not None)
    start = parse_moment(since, project.settings.zone) if since else None
    with output.progress("mapping again") as advance:
        replayed = ingesting.replay(database, project, done, names or (), start, advance)
    _show(replayed, form)


def _rows(database: Database, numbers: Sequence[int] | None, source: str | None) -> list[Quarantined]:
    """The rows asked for; raises UsageError for a number that is not there."""
    with database.reading() as connection:
        rows = inbox.list_quarantined(connection, ids=numbers or (), source=source)
        sources = sorted(inbox.quarantined(connection))
    missing = sorted(set(numbers or ()) - {row.id for row in rows})
    if missing:
        raise UsageError(f"no row {missing[0]} is kept back", help="reengage quarantine list shows their numbers")
    if source and not rows:
        raise UsageError(f'nothing of "{source}" is kept back', help=f"there are: {', '.join(sources) or 'none'}")
    return rows


def _cells(row: Quarantined, zone: str) -> tuple[object, ...]:
    since = output.local(row.recorded_at, zone)
    return (row.id, since, row.source, f"{row.path}:{row.line}", row.reason, clip(row.raw, _SHOWN))


def _discreet(database: Database, rows: Sequence[Quarantined]) -> list[Quarantined]:
    with database.reading() as connection:
        cut = discreet(connection, [row.raw for row in rows])
    return [replace(row, raw=cut.get(row.raw, row.raw)) for row in rows]


def _show(replayed: Sequence[Replayed], form: Format) -> None:
    if form is Format.JSON:
        output.say_json([{**asdict(one.report), "gone": one.gone} for one in replayed])
    else:
        show_connectors([one.report for one in replayed])
        for one in replayed:
            if one.gone:
                output.say(
                    f"{one.report.connector}: {output.counted(one.gone, 'delivery', 'deliveries')} not kept any more"
                )
    if any(one.report.bad or one.report.refused for one in replayed):
        raise typer.Exit(1)
