"""Incidents of failure: a look-up that could not answer, and a backup that had forgotten."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import URL, make_url

from reengage.app.restore import check
from reengage.model.errors import RunFailed
from reengage.store import columns as t
from reengage.store.database import Database, open_database
from tests.app.interleaving import Snapshot
from tests.conftest import KEYS
from tests.scenarios.book import DAY, EVERYTHING, NOTHING, NOW, Book, make_book, move, people_of, person, talk

ASKS_THE_LEDGER = re.compile(
    r"\s*SELECT\b.*\b(opt_out|opted_out|opt_out_key|contact_key|opt_out_evidence)\b", re.DOTALL
)


class Broken:
    """Look-ups of the ledger, of which the n-th fails; without `at` they are counted."""

    def __init__(self, at: int = 0) -> None:
        self.at, self.count = at, 0

    def __call__(self, connection: object, cursor: object, statement: str, *_: object) -> None:
        if ASKS_THE_LEDGER.match(statement):
            self.count += 1
            if self.count == self.at:
                raise RunFailed("the look-up failed")


@contextmanager
def failing(database: Database, look_ups: Broken) -> Iterator[None]:
    event.listen(database.engine, "before_cursor_execute", look_ups)
    try:
        yield
    finally:
        event.remove(database.engine, "before_cursor_execute", look_ups)


TOUCHED = (t.OptOutRow, t.EvidenceRow, t.OptOutKeyRow, t.OptedOutRow, t.ContactRow, t.ContactKeyRow, t.IdentifierRow)
WRITTEN = (t.RunRow, t.DecisionRow, t.TaskRow, t.DeliveryRow)


def content(book: Book, act: str) -> list[list[str]]:
    """All that is known of stops, of who has which names, and of what was made of it.

    An export announces what is to leave before it looks up again what may, so of it only what has left counts.
    """
    known = [sorted(map(repr, book.rows(table))) for table in TOUCHED]
    left = [repr(row) for row in book.rows(t.DeliveryRow) if row.placed]
    return [*known, left] if act == "export" else [*known, *(sorted(map(repr, book.rows(one))) for one in WRITTEN)]


ACTS: dict[str, Callable[[Book], object]] = {
    "run": Book.run,
    "export": Book.export,
    "opt-out": lambda book: book.stop("C-2"),
    "import": lambda book: book.take("contacts", person(2, other_emails="closed@x.example")),
}


@pytest.mark.parametrize("act", ACTS)
def test_tc_25_a_look_up_that_fails_denies_and_leaves_everything_as_it_was(book: Book, act: str) -> None:
    """After a change of address the look-up failed, and the failure was read as an order to take everything away."""
    book.prepare(*people_of(2))
    book.stop("closed@x.example")
    book.stop("C-1")
    if act != "run":
        book.run()
    start, before = Snapshot(book.database, "start"), content(book, act)
    with failing(book.database, counted := Broken()):
        ACTS[act](book)
    assert content(book, act) != before
    assert counted.count >= 2
    for number in range(1, counted.count + 1):
        start.restore()
        shutil.rmtree(book.project.folder / "exports", ignore_errors=True)
        with failing(book.database, Broken(number)), pytest.raises(RunFailed, match="the look-up failed"):
            ACTS[act](book)
        assert content(book, act) == before, f"look-up {number} of {counted.count}"
        assert book.exported() == ""


class Backup:
    """A copy of the whole database: the SQLite file, or a PostgreSQL database made from it as a template."""

    def __init__(self, database: Database) -> None:
        self.url = make_url(database.engine.url.render_as_string(hide_password=False))
        database.close()
        if database.is_sqlite:
            shutil.copy(str(self.url.database), f"{self.url.database}.bak")
        else:
            self._server(f"CREATE DATABASE {self.url.database}_bak TEMPLATE {self.url.database}")

    def put_back(self, database: Database) -> None:
        """Put it in the place of what is there."""
        database.close()
        name = str(self.url.database)
        if database.is_sqlite:
            Path(f"{name}-wal").unlink(missing_ok=True)
            shutil.copy(f"{name}.bak", name)
        else:
            self._server(f"DROP DATABASE {name}", f"CREATE DATABASE {name} TEMPLATE {name}_bak")

    def _server(self, *statements: str) -> None:
        url: URL = self.url.set(database="postgres")
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()


@pytest.fixture
def journaled(tmp_path: Path, database: Database) -> Iterator[Book]:
    """A book whose database has a journal beside it, as every project's has."""
    address = database.engine.url.render_as_string(hide_password=False)
    database.close()
    opened = open_database(address, KEYS, tmp_path / "elsewhere" / "journal")
    (tmp_path / "elsewhere").mkdir()
    yield make_book(tmp_path / "project", opened)
    opened.close()


def test_tc_28_after_a_backup_was_put_back_nothing_leaves_before_newer_stops_are_said_again(journaled: Book) -> None:
    """A restored backup brought back somebody who had been removed, and they were written to again."""
    book = journaled
    book.prepare(*people_of(4))
    book.stop("C-3")
    backup = Backup(book.database)
    book.stop("C-1", words="stop")
    book.take("conversations", talk("C-2", "unsubscribe", conversation_id="K-9"))
    backup.put_back(book.database)
    assert [book.closed(f"C-{n}") for n in range(1, 5)] == [NOTHING, NOTHING, EVERYTHING, NOTHING]
    for act in (book.run, book.export):
        with pytest.raises(RunFailed, match=r"put back to an earlier state: 2 entries.*nothing leaves"):
            act()
    assert (check(book.database, NOW, replay=False).missing, book.rows(t.TaskRow), book.exported()) == (2, [], "")
    with pytest.raises(RunFailed, match="put back"):
        book.run()
    done = check(book.database, NOW + DAY, replay=True)
    assert (done.missing, done.replayed) == (2, 2)
    book.take("contacts", person(1), person(2, contact_id="C-22"), at=NOW + DAY)
    book.hear(move("p1@a1.example", id="again"), at=NOW + DAY)
    assert [task.contact_key for task in book.run(NOW + DAY).tasks] == ["C-4"]
    assert book.export(at=NOW + DAY).tasks == 1
    closed = book.closes()
    assert {key for key in closed if closed[key] >= EVERYTHING} == {"C-1", "C-2", "C-22", "C-3"}
    assert check(book.database, NOW + DAY, replay=False).missing == 0
