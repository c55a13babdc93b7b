"""Judges pages of contacts: in this process, or in several that each take the next page; what comes of it is the same.

Only the judging is shared out: it reads. Whatever is written, this process writes, in one transaction, at the end.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from typing import ClassVar

from reengage.app.judge import Judge, Judged, Start
from reengage.app.verdicts import Parcel, pack
from reengage.engine.now import Now
from reengage.engine.propose import Playbook
from reengage.model.errors import RunFailed
from reengage.people.keyring import Keyring
from reengage.store import candidates, optouts, people
from reengage.store.database import Database, open_database
from reengage.store.narrowing import Pages

Progress = Callable[[int], None]

AHEAD = 4
"""Pages given out to each of several processes before the first of them is taken back, so that few are kept at once."""


def judge_pages(
    database: Database, judge: Judge, pages: Pages, now: Now, *, workers: int = 1, progress: Progress | None = None
) -> Iterator[Parcel]:
    """Judge all pages; what becomes of each, in their order.

    Raises RunFailed where one of several workers dies.
    """
    if not len(pages):
        return
    several = 1 < workers < len(pages)  # starting a process takes as long as judging some pages
    found = _in_processes(database, judge, pages, now, workers) if several else _here(database, judge, pages, now)
    for page, parcel in zip(pages, found, strict=True):
        yield parcel
        if progress:
            progress(len(page))


def _here(database: Database, judge: Judge, pages: Iterable[list[int]], now: Now) -> Iterator[Parcel]:
    """Each page in a transaction of its own: a stop would have to wait for whoever reads SQLite all the time."""
    judge.begin()
    with database.reading() as connection:
        owners = people.read_owners(connection, now.at)
    for ids in pages:
        with database.reading() as connection:
            page = candidates.read(connection, ids, now.at, owners, judge.book.settings)
            standings = optouts.standings(connection, ids)
        judge.judge(page, standings, now)
        yield _counted(ids, judge.take())


def collect_seldom() -> None:
    """Let Python look for reference cycles seldom: a page has many small values and no cycles (a tenth of the time).

    For the whole process, so only for one that does a single thing (a run, an import, an export) and ends.
    """
    gc.set_threshold(100_000, 50, 100)


def _counted(ids: Sequence[int], judged: Judged) -> Parcel:
    """A page packed, once it is sure that everybody on it has one outcome at most; raises RunFailed."""
    told = [proposal.task.contact_id for proposal in judged.proposals]
    told += [decision.contact_id for decision in judged.decisions]
    if len(told) != len(set(told)) or not set(told) <= set(ids):
        raise RunFailed("the outcomes do not add up to the candidates; please report this")
    return pack(judged)


def _in_processes(database: Database, judge: Judge, pages: Pages, now: Now, workers: int) -> Iterator[Parcel]:
    """What becomes of each page, in order; new processes, since a copy of this one would share its connections."""
    address = database.engine.url.render_as_string(hide_password=False)
    worker = _Worker(address, database.keyring, judge.book, judge.start, now)
    size = min(workers, len(pages))
    with ProcessPoolExecutor(size, get_context("spawn"), initializer=worker.begin) as pool:
        try:
            waiting: deque[Future[Parcel]] = deque()
            for ids in pages:
                waiting.append(pool.submit(_Worker.judge, ids))
                if len(waiting) > AHEAD * size:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise RunFailed("a worker died; nothing of this run was written", help="run again") from None


@dataclass(frozen=True)
class _Worker:
    """What a process is told when it begins, and has at hand from then on."""

    address: str
    keyring: Keyring
    book: Playbook
    start: Start
    now: Now

    here: ClassVar[tuple[Database, Judge, Now]]

    def begin(self) -> None:
        """Open the database and the matchers; they end with the process."""
        collect_seldom()
        _Worker.here = (open_database(self.address, self.keyring), Judge(self.book, self.start), self.now)

    @staticmethod
    def judge(ids: list[int]) -> Parcel:
        """Judge one page."""
        database, judge, now = _Worker.here
        return next(_here(database, judge, [ids], now))
