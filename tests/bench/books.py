"""A small book in a project of its own, filled directly or by the importers."""

from __future__ import annotations

from pathlib import Path

from bench.book import IMPORTED_AT, INGESTED_AT, Book
from bench.files import write_files
from bench.filling import fill
from bench.rulebook import make_project
from reengage.app.imports.contacts import import_contacts
from reengage.app.imports.conversations import import_conversations
from reengage.app.imports.owners import import_owners
from reengage.app.ingest import ingest
from reengage.app.opening import open_prepared
from reengage.app.project import read_project
from reengage.store.database import Database
from tests.conftest import hasty

RULES = 50


def filled(folder: Path, book: Book) -> Database:
    """The book straight in the tables of a project."""
    project = read_project(make_project(folder, RULES))
    database = hasty(open_prepared(project))
    fill(database, book, project.usable_rules().responses)
    return database


def imported(folder: Path, book: Book) -> Database:
    """The book taken in from files, as a user's is."""
    project = read_project(make_project(folder, RULES))
    database = hasty(open_prepared(project))
    write_files(book, folder)
    import_owners(database, project, folder / "owners.csv", IMPORTED_AT)
    import_contacts(database, project, folder / "contacts.csv", IMPORTED_AT)
    import_conversations(database, project, folder / "conversations.csv", IMPORTED_AT)
    ingest(database, project, INGESTED_AT)
    return database
