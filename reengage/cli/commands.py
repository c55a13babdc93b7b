"""The application that every command belongs to, and the options they share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

import reengage
from reengage.app.opening import open_prepared
from reengage.app.project import Project, find_project, parse_moment
from reengage.cli.wording import Commands
from reengage.model.errors import UsageError
from reengage.store.database import Database
from reengage.store.schema import require

app = typer.Typer(
    name="reengage",
    cls=Commands,
    help="Holds every contact that said no, watches for a reason to call again, and hands the right rep one task.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Any command with --debug shows the traceback of an error. Colours: NO_COLOR=1 turns them off.",
)


class Format(StrEnum):
    """How to show a result."""

    HUMAN = "human"
    JSON = "json"


At = Annotated[
    str | None, typer.Option("--at", metavar="ISO", help="The moment at which this is done; now by default.")
]
Form = Annotated[Format, typer.Option("--format", help="For people, or JSON for programs.")]


def _version(value: bool) -> None:
    if value:
        typer.echo(f"reengage {reengage.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options before the command."""


def here() -> Project:
    """The project that the current folder belongs to."""
    return find_project(Path.cwd())


AHEAD = timedelta(days=1)
"""How far ahead of this host's clock something may be recorded: clocks and zones differ."""


def moment(project: Project, at: str | None, *, writes: bool = True) -> datetime:
    """The moment asked for, or now: the one place where the clock is read.

    Raises UsageError for a future one where something is written: everything after it would come too early.
    """
    now = datetime.now(UTC)
    asked = parse_moment(at, project.settings.zone) if at is not None else now
    if writes and asked > now + AHEAD:
        raise UsageError(
            f"{asked.isoformat()} lies in the future", help="only `run --dry-run` and `explain` look ahead"
        )
    return asked


def writable(project: Project) -> Database:
    """The project's database, made where there is none."""
    return open_prepared(project)


def existing(project: Project) -> Database:
    """The project's database, which has to hold something."""
    database = project.open()
    require(database)
    database.close()
    return open_prepared(project)
