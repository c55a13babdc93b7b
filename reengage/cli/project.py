"""`init`, `doctor`, `connectors` and `schema`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
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
from reengage.sources.connector import Connector
from reengage.sources.schema import connector_schema
from reengage.store import inbox, pollings, received
from reengage.store.database import Database
from reengage.store.pollings import Standing
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
    known, now = _taken_in(project.open()), moment(project, None)
    rows = [_state(connector, known, now) for connector in usable_connectors(project)]
    if form is Format.JSON:
        output.say_json(rows)
        return
    zone = project.settings.zone
    headings = ("name", "kind", "from", "reads", "last taken in", "lag", "cursor", "waiting", "kept back", "state")
    output.say_table(headings, [_cells(row, zone) for row in rows])


def _cells(row: Mapping[str, Any], zone: str) -> tuple[object, ...]:
    last = output.local(row["last"], zone) if row["last"] else "never"
    cursor = output.local(row["cursor"], zone) if row["cursor"] else ""
    lag = "" if row["lag_seconds"] is None else f"{row['lag_seconds'] / 3600:,.1f} h"
    place = Path(row["file"]).name
    return (
        row["name"],
        row["kind"],
        place,
        row["reads"],
        last,
        lag,
        cursor,
        row["waiting"],
        row["kept_back"],
        row["state"],
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database knows of all connectors."""

    taken: Mapping[str, Taken] = field(default_factory=dict)
    kept_back: Mapping[str, int] = field(default_factory=dict)
    standings: Mapping[str, Standing] = field(default_factory=dict)


def _taken_in(database: Database) -> _Known:
    if database.is_missing:
        return _Known()
    with database.reading() as connection:
        if version_of(connection) != VERSION:
            return _Known()
        return _Known(received.per_source(connection), inbox.quarantined(connection), pollings.standings(connection))


def _state(connector: Connector, known: _Known, now: datetime) -> dict[str, Any]:
    taken = known.taken.get(connector.name, Taken())
    standing = known.standings.get(connector.name)
    return {
        "name": connector.name,
        "kind": connector.kind,
        "reads": connector.reads,
        "file": connector.at.file,
        "deliveries": taken.deliveries,
        "waiting": taken.waiting,
        "last": taken.last,
        "lag_seconds": round((now - taken.last).total_seconds()) if taken.last else None,
        "kept_back": known.kept_back.get(f"connector {connector.name}", 0),
        "cursor": standing.cursor if standing else None,
        "polled": standing.polled_at if standing else None,
        "state": _told(standing),
    }


def _told(standing: Standing | None) -> str:
    if standing and standing.disabled_why:
        return f"disabled: {standing.disabled_why}"
    return f"waits until {standing.not_before:%Y-%m-%d %H:%M} UTC" if standing and standing.not_before else ""


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
