"""A copy of the ledger beside the database, in keyed digests: it shows that a backup was restored, and what it lacks.

It holds no plain identifier. Every ledger entry is written to it as soon as it is committed, and what a crash kept
from it when the database is next written to.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, select

from reengage.model.errors import RunFailed
from reengage.model.optout import EntryKind
from reengage.people.reach import DIGEST
from reengage.store import columns as t
from reengage.store import ledger
from reengage.store.ledger import keyring_of
from reengage.store.versions import chunks

STOPS = (EntryKind.OPT_OUT, EntryKind.PROVISIONAL)
"""What is replayed: a consent or a rejection that is lost leaves someone closed, which harms nobody."""


@dataclass(frozen=True, slots=True)
class Line:
    """One ledger entry as the journal has it; `keys` are the digests it was filed under when it was written."""

    id: int
    hash: str
    kind: str
    scope: str
    channels: tuple[str, ...]
    purpose: str
    stated_by: str
    source: str
    effective_at: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Journal:
    """The file; it grows only, and is set aside when a restored database has been mended."""

    path: Path

    def catch_up(self, connection: Connection) -> None:
        """Write down every entry of the ledger that is not in here, safely on disk."""
        with self._locked() as file:
            known = _last(file)
            if known and _hash_of(connection, known.id) != known.hash:
                return  # the database was put back; what it lacks must not be covered up
            for page in _pages(connection, known.id if known else 0):
                for line in _lines(connection, page):
                    file.write(json.dumps(asdict(line), separators=(",", ":")) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def is_behind(self, connection: Connection) -> bool:
        """Whether the ledger has entries that are not in here."""
        return ledger.length(connection) > self.length()

    def length(self) -> int:
        """The number of the last entry in here."""
        last = self._last()
        return last.id if last else 0

    def missing(self, connection: Connection) -> list[Line]:
        """The entries in here that the database does not have: it was put back to an earlier state."""
        lost: list[Line] = []
        with self._opened() as file:
            for some in chunks(_read(file), ledger.PAGE):
                row = t.OptOutRow
                held = select(row.id, row.hash).where(row.id >= some[0].id, row.id <= some[-1].id)
                known = {hit.id: hit.hash for hit in connection.execute(held)}
                lost += [line for line in some if known.get(line.id) != line.hash]
        return lost

    def lacks_nothing(self, connection: Connection) -> bool:
        """Whether the database has the last entry in here, and so all of them: the chain says so."""
        last = self._last()
        return last is None or _hash_of(connection, last.id) == last.hash

    def set_aside(self, at: datetime) -> Path:
        """Keep this file under another name and begin a new one at the next write."""
        kept = self.path.with_name(f"{self.path.name}.before-{at:%Y%m%dT%H%M%S}")
        self.path.rename(kept)
        return kept

    def _last(self) -> Line | None:
        with self._opened() as file:
            return _last(file)

    @contextmanager
    def _opened(self) -> Iterator[IO[str]]:
        """The file for reading, an empty one where there is none; raises RunFailed where it cannot be read."""
        try:
            self._refuse_device()
            with self.path.open("r", encoding="ascii", errors="surrogateescape") as file:
                yield file
        except FileNotFoundError:
            yield StringIO()
        except OSError as error:
            raise RunFailed(
                f"the journal cannot be read: {error.strerror}", where=str(self.path), help=_MEND
            ) from error
        except Damaged as error:
            raise RunFailed("the journal is damaged: a line of it is none", where=str(self.path), help=_MEND) from error

    def _refuse_device(self) -> None:
        if not stat.S_ISREG(self.path.stat().st_mode):
            raise OSError(errno.EINVAL, "it is no plain file")

    @contextmanager
    def _locked(self) -> Iterator[IO[str]]:
        try:
            with suppress(FileNotFoundError):
                self._refuse_device()
            with self.path.open("a+", encoding="ascii", errors="surrogateescape") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield file
        except OSError as error:
            raise RunFailed(
                f"the journal {self.path} cannot be written: {error.strerror}",
                help="the stop itself is recorded; make the file writable, then run `reengage restore-check`",
            ) from error
        except Damaged as error:
            raise RunFailed("the journal is damaged: a line of it is none", where=str(self.path), help=_MEND) from error


class Damaged(ValueError):
    """A line of the journal that no entry of a ledger can have written."""


_MEND = "what was said is recorded all the same; put the file back from where it is kept, or move it away"


def _hash_of(connection: Connection, id: int) -> str | None:
    found: str | None = connection.execute(select(t.OptOutRow.hash).where(t.OptOutRow.id == id)).scalar()
    return found


LAST_BYTES = 65_536
"""How much of the end of the file is read to find its last line, and the longest one: it has a few hundred bytes."""


def _read(file: IO[str]) -> Iterator[Line]:
    for text in iter(lambda: file.readline(LAST_BYTES), ""):
        if text.endswith("\n"):
            yield _line(text)


def _line(text: str) -> Line:
    """The entry of a line; raises Damaged."""
    try:
        values = json.loads(text)
        line = Line(**{**values, "channels": tuple(values["channels"]), "keys": tuple(values["keys"])})
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise Damaged from error
    words = (line.hash, line.kind, line.scope, line.purpose, line.stated_by, line.source, line.effective_at, *line.keys)
    whole = isinstance(line.id, int) and 0 < line.id <= LARGEST
    if not whole or not text.isascii() or not all(isinstance(word, str) for word in (*words, *line.channels)):
        raise Damaged
    return line


LARGEST = 2**63 - 1
"""The largest number that either database gives out."""


def _last(file: IO[str]) -> Line | None:
    """The last whole line of the file; one that a crash cut off is taken away."""
    size = file.seek(0, os.SEEK_END)
    start = max(0, size - LAST_BYTES)
    file.seek(start)
    text = file.read()
    whole = text[: text.rfind("\n") + 1]
    if len(whole) < len(text) and file.writable():
        file.truncate(start + len(whole))
    lines = whole.splitlines()
    return _line(lines[-1]) if lines else None


def _pages(connection: Connection, number: int) -> Iterator[Sequence[Any]]:
    row = t.OptOutRow
    while page := connection.execute(
        select(row.__table__).where(row.id > number).order_by(row.id).limit(ledger.PAGE)
    ).all():
        yield page
        number = page[-1].id


def _lines(connection: Connection, page: Sequence[Any]) -> Iterator[Line]:
    keys = _digests(connection, [row.id for row in page])
    for row in page:
        yield Line(
            id=row.id,
            hash=row.hash,
            kind=row.kind,
            scope=row.scope,
            channels=tuple(row.channels),
            purpose=row.purpose,
            stated_by=row.stated_by,
            source=row.source,
            effective_at=row.effective_at.isoformat(),
            keys=tuple(sorted(keys.get(row.id, ()))),
        )


def _digests(connection: Connection, ids: Collection[int]) -> dict[int, set[str]]:
    """Everything that each entry is filed under, as digests."""
    keyring, row = keyring_of(connection), t.OptOutKeyRow
    found: dict[int, set[str]] = defaultdict(set)
    for some in chunks(ids):
        for hit in connection.execute(select(row.__table__).where(row.opt_out_id.in_(some))):
            digest = hit.value if hit.kind == DIGEST else keyring.digest(hit.kind, hit.value)
            found[hit.opt_out_id].add(digest)
    return found
