"""Opening a project's database so that everything in it can be trusted, or not at all."""

from __future__ import annotations

from contextlib import suppress

from reengage.app.keyfile import KEY_FILE, make_key
from reengage.app.project import Project
from reengage.model.errors import RunFailed
from reengage.store import ledger
from reengage.store.database import Database
from reengage.store.schema import prepare


def open_prepared(project: Project) -> Database:
    """The project's database, made where there is none, with the project's secrets.

    A project that has none gets one, unless stops were signed with another: raises RunFailed then.
    """
    database = project.open()
    prepare(database)
    if database.keyring:
        with suppress(RunFailed):  # a broken journal keeps no stop from being recorded; whoever records one is told
            database.catch_up()
        return database
    with database.reading() as connection:
        signed = ledger.length(connection)
    database.close()
    if signed:
        raise RunFailed(
            f"{KEY_FILE} is missing, and {signed:,} stops were signed with it",
            help="put it back from where you keep it; nothing can be checked or erased without it",
        )
    make_key(project.folder)
    return project.open()
