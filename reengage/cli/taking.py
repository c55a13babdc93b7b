"""`import`, `ingest` and `opt-out`: what comes in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from reengage.app import ingest as ingesting
from reengage.app import mapping, stop
from reengage.app.crew import collect_seldom
from reengage.app.elsewhere import find_source
from reengage.app.imports.activities import import_activities
from reengage.app.imports.contacts import import_contacts
from reengage.app.imports.conversations import import_conversations
from reengage.app.imports.outcomes import import_outcomes
from reengage.app.imports.owners import import_owners
from reengage.app.imports.presets.products import PRESETS
from reengage.app.imports.sheet import Report
from reengage.app.imports.stops import import_flags, import_opt_outs
from reengage.app.moment import settle_moment
from reengage.app.project import Project
from reengage.cli import output
from reengage.cli.commands import At, Form, Format, app, here, moment, writable
from reengage.model.errors import UsageError
from reengage.model.optout import Purpose
from reengage.model.text import clip
from reengage.model.words import Channel

MOST_SHOWN = 10
"""Bad rows and remarks that are shown one by one; the rest is counted."""

LONGEST_HEADING = 60
"""Characters of a heading that are shown."""


class ImportKind(StrEnum):
    """What a file holds."""

    CONTACTS = "contacts"
    OWNERS = "owners"
    CONVERSATIONS = "conversations"
    OPT_OUTS = "opt-outs"
    OUTCOMES = "outcomes"
    ACTIVITIES = "activities"


class PresetName(StrEnum):
    """Whose own headings a file has."""

    HUBSPOT = "hubspot"
    SALESFORCE = "salesforce"
    PIPEDRIVE = "pipedrive"
    ESPOCRM = "espocrm"
    ODOO = "odoo"


_IMPORTS: dict[ImportKind, Callable[..., Report]] = {
    ImportKind.CONTACTS: import_contacts,
    ImportKind.OWNERS: import_owners,
    ImportKind.CONVERSATIONS: import_conversations,
    ImportKind.OPT_OUTS: import_opt_outs,
    ImportKind.OUTCOMES: import_outcomes,
    ImportKind.ACTIVITIES: import_activities,
}


@app.command("import")
def import_file(
    kind: Annotated[ImportKind, typer.Argument(help="What the file holds.")],
    file: Annotated[Path, typer.Argument(help="A CSV file: UTF-8 or cp1252; comma, semicolon or tab.")],
    source: Annotated[
        str | None, typer.Option("--source", metavar="NAME", help="Whose opt-outs: a name under \\[opt_outs.from].")
    ] = None,
    preset: Annotated[
        PresetName | None, typer.Option("--preset", help="The file is this product's own export.")
    ] = None,
    at: At = None,
    form: Form = Format.HUMAN,
) -> None:
    """Take in a CSV file. Good rows count, bad rows are kept and listed, and nothing can lift an opt-out.

    Example: reengage import contacts crm-export.csv

    With a preset, contacts, owners and outcomes are read under the headings of that product's own export, every
    opt-out flag among them: reengage import contacts hubspot-export.csv --preset hubspot
    """
    project = here()
    take = _import_of(kind, project, source, preset)
    database = writable(project)
    asked = moment(project, at)
    done = settle_moment(database, asked, stated=at is not None, stop=kind is ImportKind.OPT_OUTS)
    size = file.stat().st_size if file.is_file() else None
    collect_seldom()
    with output.progress(f"importing {file.name}", size) as advance:
        seen = 0

        def bytes_read(offset: int, total: int) -> None:
            nonlocal seen
            advance(offset - seen)
            seen = offset

        report = take(database, project, file, done, bytes_read)
    if form is Format.JSON:
        output.say_json(asdict(report))
    else:
        _show(report, file)
    if report.bad:
        raise typer.Exit(1)


def _import_of(
    kind: ImportKind, project: Project, source: str | None, preset: PresetName | None
) -> Callable[..., Report]:
    """What takes in a file of this kind, from this source of stops, as this product exports it.

    Raises UsageError where it cannot have such a source or preset.
    """
    takes = _IMPORTS[kind] if source is None else _from_source(kind, project, source)
    if preset is None:
        return takes
    found = PRESETS[preset]
    if kind not in found.readings:
        raise UsageError(f"--preset goes with {', '.join(found.readings)}")
    return partial(takes, preset=found)


def _from_source(kind: ImportKind, project: Project, source: str) -> Callable[..., Report]:
    takes: dict[ImportKind, Callable[..., Report]]
    takes = {ImportKind.OPT_OUTS: import_opt_outs, ImportKind.CONTACTS: import_flags}
    if kind not in takes:
        raise UsageError("--source goes with opt-outs, or with contacts that have an opt-out column")
    return partial(takes[kind], source=find_source(project.sources, source))


def _show(report: Report, file: Path) -> None:
    kept = f", {len(report.bad):,} kept back" if report.bad else ""
    output.say(f"{report.kind}: {output.counted(report.rows, 'row')} read, {report.changed:,} new or changed{kept}")
    if report.ignored:
        more = f", … and {len(report.ignored) - MOST_SHOWN:,} more" if len(report.ignored) > MOST_SHOWN else ""
        named = ", ".join(clip(heading, LONGEST_HEADING) for heading in report.ignored[:MOST_SHOWN])
        output.say(f"  columns that mean nothing to us: {named}{more}", style="yellow")
    for reason, rows in report.left_out.items():
        output.say(f"  {output.counted(rows, 'row')} left out: {reason}")
    _some([f"{file}:{line}: {reason}" for line, reason in report.bad], "red")
    _some([f"  {remark}" for remark in report.remarks], None)


def _some(lines: Sequence[str], style: str | None) -> None:
    for line in lines[:MOST_SHOWN]:
        output.say(line, style=style)
    if len(lines) > MOST_SHOWN:
        output.say_more(len(lines) - MOST_SHOWN)


@app.command()
def ingest(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[CONNECTOR]...", help="Which ones; all by default.")
    ] = None,
    at: At = None,
    form: Form = Format.HUMAN,
) -> None:
    """Take in new signals: every new file and timer slot once, opt-outs first.

    Example: reengage ingest bombora_weekly
    """
    project = here()
    database = writable(project)
    done = settle_moment(database, moment(project, at), stated=at is not None)
    collect_seldom()
    with output.progress("taking in signals") as advance:
        reports = ingesting.ingest(database, project, done, names or (), advance, moment(project, None))
    if form is Format.JSON:
        output.say_json([asdict(report) for report in reports])
    else:
        show_connectors(reports)
    if any(report.bad or report.refused for report in reports):
        raise typer.Exit(1)


def show_connectors(reports: Sequence[mapping.Report]) -> None:
    """What connectors brought, as a table, and what could not be taken in."""
    headings = (
        "connector",
        "received",
        "rows",
        "new signals",
        "opt-outs",
        "about nobody we know",
        "doubtful",
        "kept back",
    )
    rows = [
        (one.connector, one.files, one.rows, one.new, one.opt_outs, one.unknown, one.doubtful, len(one.bad))
        for one in reports
    ]
    output.say_table(headings, rows)
    for one in reports:
        _some([f"{path}:{line}: {reason}" for path, line, reason in one.bad], "red")
        _some(one.refused, "red")
        _some(one.notices, "yellow")


@app.command("opt-out")
def opt_out(
    identifier: Annotated[str, typer.Argument(help="A contact_id, e-mail, phone number, LinkedIn profile or domain.")],
    channel: Annotated[
        list[Channel] | None, typer.Option("--channel", help="Only this channel; all of them by default.")
    ] = None,
    words: Annotated[str | None, typer.Option("--words", help="What the person said.")] = None,
    source: Annotated[str, typer.Option("--source", help="Where it was said.")] = "opt-out",
    purpose: Annotated[
        Purpose, typer.Option("--purpose", help="Being approached, or only being passed on to others.")
    ] = Purpose.MARKETING,
    only_this: Annotated[
        bool, typer.Option("--only-this", help="This address or number alone, where the person said so.")
    ] = False,
    company: Annotated[bool, typer.Option("--company", help="It is the name of a company.")] = False,
    at: At = None,
    form: Form = Format.HUMAN,
) -> None:
    """Record that someone said stop: at once, for all their addresses, also if we do not know them yet.

    Example: reengage opt-out dana@initech.example --words "take me off your list"
    """
    project = here()
    database = writable(project)
    now = settle_moment(database, moment(project, at), stated=at is not None, stop=True)
    done = stop.opt_out(
        database,
        project,
        identifier,
        now,
        channels=tuple(channel or ()),
        words=words,
        source=source,
        purpose=purpose,
        only_this=only_this,
        company=company,
    )
    if form is Format.JSON:
        output.say_json(asdict(done))
        return
    whom = (
        f"reaches {output.counted(done.contacts, 'contact')}"
        if done.contacts
        else "nobody in the book has it yet; it waits for them"
    )
    output.say(f"opted out ({done.kind}): {whom}; {output.counted(done.cancelled, 'open task')} cancelled")
