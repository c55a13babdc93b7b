"""Where a run lays aside what it decided until caps have chosen: a private database of SQLite's that has no name.

It is in memory up to `IN_MEMORY` and above that in a temporary file, which nobody else sees and which ends with it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

from reengage.engine.allocate import Claim
from reengage.model.errors import RunFailed

IN_MEMORY = 16 * 2**20
"""Bytes up to which nothing is laid aside on a disk: 8,000 tasks of 1.8 kB each, as in the benchmarks' book."""

_TABLES = """
CREATE TABLE page (number INTEGER PRIMARY KEY, decisions BLOB NOT NULL);
CREATE TABLE claim (rank INTEGER NOT NULL, newest REAL NOT NULL, contact_key TEXT NOT NULL, account_key TEXT NOT NULL,
  account TEXT NOT NULL, owner TEXT NOT NULL, rule TEXT NOT NULL, place INTEGER PRIMARY KEY);
CREATE TABLE proposal (place INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE shared (turn INTEGER PRIMARY KEY, place INTEGER NOT NULL, reason TEXT);
"""

_CLAIMS = "SELECT * FROM claim ORDER BY rank, newest DESC, contact_key"
"""In the order of `Claim.turn`: SQLite compares texts by their bytes in UTF-8, which is how Python orders them."""


class Aside:
    """Pages of decisions, and proposals with what caps look at; raises RunFailed where there is no room for them."""

    def __init__(self) -> None:
        self._claims = 0
        self._connection = sqlite3.connect("")
        with _room():
            self._connection.execute("PRAGMA journal_mode = OFF")  # nothing is ever taken back
            self._connection.execute(f"PRAGMA cache_size = -{-(-IN_MEMORY // 1024)}")
            self._connection.executescript(_TABLES)

    def put(self, decisions: bytes, claims: Sequence[Claim], proposals: Iterable[bytes]) -> None:
        """Lay a page aside: what is final, and the proposals with their claims."""
        first, self._claims = self._claims, self._claims + len(claims)
        with _room():
            self._connection.execute("INSERT INTO page (decisions) VALUES (?)", [decisions])
            moved = (claim.moved_to(first + claim.place) for claim in claims)
            self._connection.executemany("INSERT INTO claim VALUES (?, ?, ?, ?, ?, ?, ?, ?)", moved)
            self._connection.executemany("INSERT INTO proposal VALUES (?, ?)", enumerate(proposals, first))

    def claims(self) -> Iterator[Claim]:
        """All claims, in their global order."""
        with _room():
            yield from map(Claim._make, self._connection.execute(_CLAIMS))

    def accounts(self) -> set[str]:
        """The keys of the companies that claims are about."""
        return self._all("account_key")

    def owners(self) -> set[str]:
        """The reps whom claims are for."""
        return self._all("owner")

    def _all(self, name: str) -> set[str]:
        with _room():
            return {value for (value,) in self._connection.execute(f"SELECT DISTINCT {name} FROM claim")}  # noqa: S608

    def share(self, shared: Iterable[tuple[int, str | None]]) -> int:
        """Keep what caps chose, as place and reason in their order; returns how many nothing stops."""
        with _room():
            self._connection.executemany("INSERT INTO shared (place, reason) VALUES (?, ?)", shared)
            (free,) = self._connection.execute("SELECT count(*) FROM shared WHERE reason IS NULL").fetchone()
        return int(free)

    def pages(self) -> Iterator[bytes]:
        """The decisions that are final, page by page."""
        with _room():
            yield from (page for (page,) in self._connection.execute("SELECT decisions FROM page ORDER BY number"))

    def shared(self, many: int) -> Iterator[list[tuple[bytes, str | None]]]:
        """The proposals with what a cap has against each, in the order of caps, so many at a time."""
        wanted = "SELECT body, reason FROM shared CROSS JOIN proposal USING (place) ORDER BY turn"
        with _room():
            found = self._connection.execute(wanted)
            while some := found.fetchmany(many):
                yield some

    def close(self) -> None:
        """Let it all go."""
        with suppress(sqlite3.Error):  # what no room was found for has been told of
            self._connection.close()


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        help = "make room there, or name another folder as TMPDIR; nothing of this run was written"
        raise RunFailed(f"no room in the folder for temporary files: {error}", help=help) from None
