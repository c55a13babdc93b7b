"""Keeping what sources send as it comes, before anything is made of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from reengage.app import elsewhere
from reengage.app.project import Project
from reengage.app.stops_first import Found
from reengage.sources.connector import Connector
from reengage.sources.files import files_of
from reengage.sources.opening import Stored
from reengage.store import received
from reengage.store.database import Database
from reengage.store.received import MOST_KEPT, Arrival, Delivery

ARCHIVE = "archive"
"""The folder beside a drop to which files go that were taken in."""


@dataclass(frozen=True, slots=True)
class _Lying:
    """A file that lies where a connector reads; `written` is in ns."""

    path: Path
    name: str
    sha256: str
    size: int
    written: int


@dataclass(frozen=True, slots=True)
class Looked:
    """What lies where a connector reads: what is to be taken in, how many files are known, what cannot be opened."""

    found: list[Found]
    known: int
    problems: list[str]


def receive_files(
    database: Database, project: Project, connector: Connector, at: datetime, wall: datetime | None
) -> Looked:
    """Keep the new files of a connector, and answer what waits to be taken in.

    With `wall`, the time of the machine's clock, a file written less than the connector's settle time ago is left
    for the next time. What waited and was refused is answered again if its file still lies there or the connector
    was changed.
    """
    lying, problems = [], []
    for path in files_of(connector, project.folder):
        try:
            one = _look_at(path, project)
        except OSError as error:
            problems.append(f"{path.relative_to(project.folder)} cannot be read: {(error.strerror or '').lower()}")
        else:
            lying += [one] if wall is None or _is_settled(one, connector, wall) else []
    with database.reading() as connection:
        known = [one for one in lying if received.is_taken(connection, connector.name, one.sha256)]
    new = [one for one in lying if one not in known]
    for one in new:
        arrival = _arrival(connector, one, at)
        with database.keeping() as connection:
            received.keep(connection, [arrival], at)
    if known:
        with database.writing() as connection:
            for one in known:
                elsewhere.note_file(connection, connector.name, one.name, one.written, one.sha256, at)
    return Looked(list(waiting(database, project, connector, new)), len(known), problems)


def waiting(
    database: Database, project: Project, connector: Connector, lying: Sequence[_Lying] = ()
) -> Iterator[Found]:
    """What was received from a source and may be taken in now; what a changed connector may make more of is too."""
    there = {one.sha256: one for one in lying}
    with database.reading() as connection:
        left = received.waiting(connection, connector.name)
        left += received.kept_back(connection, connector.name, connector.edition)
    for one in left:
        if one.sha256 in there or one.map_hash != connector.edition:
            written = there[one.sha256].written if one.sha256 in there else 0
            yield Found(one, connector, project.folder / one.name, written)


def again(project: Project, connector: Connector, deliveries: Iterable[Delivery]) -> list[Found]:
    """Those of these deliveries whose bytes are kept, to be taken in again."""
    return [Found(one, connector, project.folder / one.name) for one in deliveries if one.has_content]


def loaded(database: Database, batch: Iterable[Found]) -> list[Found]:
    """These with their bytes; those of which too many came are read where they lie."""
    listed = list(batch)
    with database.reading() as connection:
        contents = received.contents(connection, [one.delivery.id for one in listed])
    return [
        replace(one, file=Stored(str(one.file), content))
        if (content := contents.get(one.delivery.id)) is not None
        else one
        for one in listed
    ]


def _arrival(connector: Connector, one: _Lying, at: datetime) -> Arrival:
    content = one.path.read_bytes() if one.size <= MOST_KEPT else None
    digest = one.sha256 if content is None else hashlib.sha256(content).hexdigest()
    return Arrival(connector.name, one.name, digest, one.size, content, at)


def _look_at(path: Path, project: Project) -> _Lying:
    told = path.stat()
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return _Lying(path, str(path.relative_to(project.folder)), digest, told.st_size, told.st_mtime_ns)


def _is_settled(one: _Lying, connector: Connector, wall: datetime) -> bool:
    age = timedelta(seconds=wall.timestamp() - one.written / 1e9)
    return not timedelta(0) <= age < connector.settle


def archive(folder: Path, found: Iterable[Found]) -> None:
    """Move files that were taken in to `archive/` beside them, unless they have been written again since."""
    for one in found:
        path = folder / one.name
        if path.is_file() and path.stat().st_mtime_ns == one.written:
            place = path.parent / ARCHIVE
            place.mkdir(exist_ok=True)
            path.replace(place / f"{path.stem}.{one.delivery.sha256[:8]}{path.suffix}")
