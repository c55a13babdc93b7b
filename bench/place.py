"""Where a benchmark works: a project of its own, with a filled database, that is gone afterwards unless it is kept."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from bench.book import Book
from bench.filling import Progress, fill
from bench.rulebook import ROOT, make_project
from bench.script import Chosen
from reengage.app.opening import open_prepared
from reengage.app.project import Project, read_project


class Kind(StrEnum):
    """Which database."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a step took: seconds by the clock and of CPU, the most memory of it and of its children in MB.

    `done` is how many rows it took in, or how many tasks it made or handed over. Of its children Linux counts what this
    process had when it started them, so that is a bound and no measure.
    """

    seconds: float
    cpu: float
    peak_mb: float
    children_mb: float
    done: int


@dataclass(frozen=True, slots=True)
class Place:
    """A project folder with a book in it."""

    folder: Path
    book: Book

    @property
    def project(self) -> Project:
        """The project, read anew."""
        return read_project(self.folder)

    def measure(self, what: str, at: datetime, workers: int = 1) -> Cost:
        """Do a step of `bench.child` in a process of its own, or a run in several."""
        command = [sys.executable, "-m", "bench.child", what, str(self.folder), at.isoformat(), str(workers)]
        done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603, our own
        return Cost(**json.loads(done.stdout))

    def chosen(self, what: str) -> Chosen:
        """What a step chose: by contact, the rule and the trigger."""
        found = json.loads((self.folder / f"{what}.chosen").read_text(encoding="utf-8"))
        return {contact: (rule, trigger) for contact, (rule, trigger) in found}


@contextmanager
def opened(book: Book, rules: int, kind: Kind = Kind.SQLITE, keep: Path | None = None) -> Iterator[Place]:
    """A project with so many rules and an empty database; with `keep`, in that folder, which stays."""
    with ExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reengage-bench-")))
        url = "sqlite:///reengage.db" if kind is Kind.SQLITE else stack.enter_context(_server())
        project = read_project(make_project(folder, rules, url))
        open_prepared(project).close()
        yield Place(folder, book)


@contextmanager
def filled(
    book: Book, rules: int, kind: Kind = Kind.SQLITE, keep: Path | None = None, told: Progress = lambda _: None
) -> Iterator[Place]:
    """The same, with the book in its tables."""
    with opened(book, rules, kind, keep) as place:
        database = place.project.open()
        fill(database, book, place.project.usable_rules().responses, told)
        database.close()
        yield place


@contextmanager
def _server() -> Iterator[str]:
    """The address of an empty database on a PostgreSQL server that ends with this."""
    from tests.servers import Server, in_memory  # it needs a wheel that only developers have

    with tempfile.TemporaryDirectory(prefix="reengage-pg-", dir=in_memory()) as data, Server(Path(data)) as server:
        yield server.create()
