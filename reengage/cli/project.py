"""`init`, `doctor`, `connectors` and `schema`."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from reengage.app import starter
from reengage.app.doctor import examine
from reengage.app.ingest import usable_connectors
from reengage.cli import output
from reengage.cli.commands import Form, Format, app, here, moment
from reengage.language.reference import reference
from reengage.language.schema import rule_schema
from reengage.model.errors import UsageError
from reengage.model.facts import STANDARD, Vocabulary
from reengage.sources.schema import connector_schema
from reengage.store import inbox, received
from reengage.store.database import Database
from reengage.store.received import Taken
from reengage.store.schema import VERSION, version_of

_MARKS = {"ok": "ok  ", "warn": "WARN", "fail": "FAIL"}
_STYLES = {"ok": None, "warn": "yellow", "fail": "bold red"}


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet, or is empty.")] = Path(),
) -> None:
    """Start a project: starter rules and connectors, settings, and a secret key file.

    Example: reengage init my-project
    """
    made = starter.init(folder)
    output.say(f"made {', '.join(made)} in {folder}")
    output.say(f"next: cd {folder}; reengage test; reengage import contacts YOUR.csv")


@app.command()
def doctor(form: Form = Format.HUMAN) -> None:
    """Look for anything unsafe, and name the fix. Exit 1 where something is.

    Example: reengage doctor
    """
    project = here()
    findings = examine(project, moment(project, None))
    if form is Format.JSON:
        output.say_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            fix = f": {finding.fix}" if finding.fix else ""
            output.say(f"{_MARKS[finding.state]} {finding.what}{fix}", style=_STYLES[finding.state])
    if any(finding.state == "fail" for finding in findings):
        raise typer.Exit(1)


@app.command()
def connectors(form: Form = Format.HUMAN) -> None:
    """List the connectors: where they read, what came of it, what is kept back.

    Example: reengage connectors
    """
    project = here()
    found = usable_connectors(project)
    counts, kept = _taken_in(project.open())
    rows: list[dict[str, Any]] = [
        {
            "name": connector.name,
            "kind": connector.kind,
            "reads": connector.path or (connector.timer.name if connector.timer else ""),
            "file": connector.at.file,
            "deliveries": counts.get(connector.name, Taken()).deliveries,
            "waiting": counts.get(connector.name, Taken()).waiting,
            "last": counts.get(connector.name, Taken()).last,
            "kept_back": kept.get(f"connector {connector.name}", 0),
        }
        for connector in found
    ]
    if form is Format.JSON:
        output.say_json(rows)
    else:
        headings = ("name", "kind", "reads", "from", "taken in", "waiting", "last taken in", "kept back")
        shown = [
            {**row, "last": output.local(row["last"], project.settings.zone) if row["last"] else "never"}
            for row in rows
        ]
        output.say_table(headings, [list(row.values()) for row in shown])


def _taken_in(database: Database) -> tuple[dict[str, Taken], dict[str, int]]:
    """What came of each source, and how many of its rows are kept back."""
    if database.is_missing:
        return {}, {}
    with database.reading() as connection:
        known = version_of(connection) == VERSION
        return (received.per_source(connection), inbox.quarantined(connection)) if known else ({}, {})


class SchemaOf(StrEnum):
    """What to describe."""

    RULES = "rules"
    CONNECTORS = "connectors"
    REFERENCE = "reference"


@app.command()
def schema(
    what: Annotated[
        SchemaOf,
        typer.Argument(help="The JSON Schema of rule or of connector files, or a page of every word of rules."),
    ] = SchemaOf.RULES,
    write: Annotated[bool, typer.Option("--write", help="Write it into schema/ of this project.")] = False,
) -> None:
    """Print the JSON Schema by which editors complete and check files, or the words of rules as a page.

    Example: reengage schema rules --write
    """
    if what is SchemaOf.REFERENCE:
        print(reference(_vocabulary()), end="")
        return
    of_rules = what is SchemaOf.RULES
    if write:
        wanted = starter.write_rule_schema if of_rules else starter.write_connector_schema
        output.say(f"wrote {wanted(here().folder, _vocabulary())}")
    else:
        output.say_json((rule_schema if of_rules else connector_schema)(_vocabulary()))


def _vocabulary() -> Vocabulary:
    """What rules may speak of here; outside of a project, what needs no declaring."""
    try:
        return here().vocabulary()
    except UsageError:
        return STANDARD
