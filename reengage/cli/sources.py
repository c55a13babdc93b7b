"""`connector test`: whether connectors read their example files as they should."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from reengage.app.project import CONNECTORS, Project
from reengage.cli import output
from reengage.cli.commands import At, Form, Format, app, here, moment
from reengage.model.errors import UsageError
from reengage.sources.connector import Connector
from reengage.sources.connectors import usable_connectors
from reengage.sources.fixtures import NO_FIXTURES, Checked, check_fixtures, renew_expected
from reengage.sources.timers import slots_of

_SLOTS = 5
_AHEAD = timedelta(days=365 * 25)
"""How far ahead slots are looked for: five times the 29th of February, even where a century has none."""

connector = typer.Typer(help="Look at single connectors.", no_args_is_help=True)
app.add_typer(connector, name="connector")


@connector.command("test")
def run_fixtures(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Which ones; all by default.")] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder", metavar="DIR", help="Where the connectors lie; connectors/ of the project by default."
        ),
    ] = None,
    write: Annotated[
        bool,
        typer.Option("--write", help="Write expected.json anew from what comes now; look at it before you keep it."),
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 for a connector without fixtures too.")] = False,
    at: At = None,
    form: Form = Format.HUMAN,
) -> None:
    """Read the fixtures beside each connector and compare with expected.json; of a timer, show its next slots.

    Nothing is taken in, and no database or network is used. Example: reengage connector test bombora_weekly
    """
    project = here()
    directory = folder or project.folder / CONNECTORS
    if not directory.is_dir():
        raise UsageError(f'"{directory}" is no folder', help="name the one with the connectors' YAML files")
    chosen = usable_connectors(directory, names or ())
    stated = moment(project, at, writes=False) if at is not None else None
    now = stated or moment(project, None)
    written = [renew_expected(one, directory, stated, now.replace(microsecond=0)) for one in chosen if write]
    checked = [check_fixtures(one, directory, stated) for one in chosen]
    if form is Format.JSON:
        output.say_json([_as_json(one, now) for one in checked])
    else:
        for path in filter(None, written):
            output.say(f"wrote {_near(path, project)}", style="yellow")
        _show(checked, project, now)
    if any(one.differences or (strict and _lacks_fixtures(one)) for one in checked):
        raise typer.Exit(1)


def _lacks_fixtures(one: Checked) -> bool:
    """Whether there is nothing to compare, where there could be; a timer reads no files."""
    return one.untested is not None and one.connector.timer is None


def _as_json(one: Checked, now: datetime) -> dict[str, Any]:
    came = one.came
    return {
        "connector": one.connector.name,
        "fixtures": str(one.folder),
        "signals": len(came.signals) if came else 0,
        "kept_back": len(came.bad) if came else 0,
        "refused": len(came.refused) if came else 0,
        "untested": one.untested if _lacks_fixtures(one) else None,
        "differences": [asdict(difference) for difference in one.differences],
        "slots": [slot.isoformat() for slot in _slots(one.connector, now)],
    }


def _slots(connector: Connector, after: datetime) -> list[datetime]:
    """The next five slots of a timer; none of other kinds."""
    return [slot.occurred_at for slot in islice(slots_of(connector, after, after + _AHEAD), _SLOTS)]


def _show(checked: Sequence[Checked], project: Project, now: datetime) -> None:
    for one in checked:
        for difference in one.differences:
            output.say(f"{_near(one.folder, project)}/{difference}", style="red")
        if _lacks_fixtures(one):
            output.say(f"{one.connector.name} is untested: {_missing(one, project)}", style="yellow")
    headings = ("connector", "signals", "kept back", "refused files", "result")
    output.say_table(headings, [_row(one, project, now) for one in checked])


def _missing(one: Checked, project: Project) -> str:
    put = f"put a file as it comes into {_near(one.folder, project)}/, then " if one.untested == NO_FIXTURES else ""
    return f"{one.untested}; {put}reengage connector test {one.connector.name} --write"


def _row(one: Checked, project: Project, now: datetime) -> tuple[object, ...]:
    slots = ", ".join(output.local(slot, project.settings.zone) for slot in _slots(one.connector, now))
    if one.came is None:
        return one.connector.name, "", "", "", f"next: {slots}" if slots else "untested"
    result = output.counted(len(one.differences), "difference") if one.differences else "as expected"
    return one.connector.name, len(one.came.signals), len(one.came.bad), len(one.came.refused), result


def _near(path: Path, project: Project) -> Path:
    """A path as seen from the project, where it lies in it."""
    full = path.resolve()
    return full.relative_to(project.folder) if full.is_relative_to(project.folder) else path
