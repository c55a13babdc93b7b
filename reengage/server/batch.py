"""Group commit: deliveries that arrive together are stored together, each answered only when all of them are safe."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress

from reengage.server.hook import Delivery

Store = Callable[[Sequence[Delivery]], None]
"""Stores deliveries durably, all of them or none, and returns only then; raises where it could not."""

PAUSE = 0.002
"""Seconds in which others may join a batch; our choice: a commit takes about as long."""

MOST_TOGETHER = 500
"""Deliveries in one batch."""

MOST_WAITING = 2_000
"""Deliveries that wait at most; our choice: some seconds' worth at the rate that a database takes them."""

MOST_BYTES_WAITING = 64 << 20
"""Bytes of the bodies that wait at most."""


class Full(Exception):
    """More is waiting to be stored than there is room for."""


class Batcher:
    """Hands deliveries to `store` in one thread, as many at once as have come meanwhile."""

    def __init__(self, store: Store, *, pause: float = PAUSE, room: int = MOST_WAITING) -> None:
        self._store = store
        self._pause = pause
        self._room = room
        self._waiting: deque[tuple[Delivery, asyncio.Future[None]]] = deque()
        self._bytes = 0
        self._news = asyncio.Event()
        self._closing = False
        self.last_failed = False

    @property
    def waiting(self) -> int:
        """How many deliveries wait for a batch."""
        return len(self._waiting)

    async def keep(self, delivery: Delivery) -> None:
        """Return when this delivery is stored; raises Full, or what `store` raised."""
        if len(self._waiting) >= self._room or self._bytes + len(delivery.body) > MOST_BYTES_WAITING:
            raise Full
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((delivery, done))
        self._bytes += len(delivery.body)
        self._news.set()
        await done

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Store what comes until the block ends; what waits then is stored first."""
        with ThreadPoolExecutor(1, thread_name_prefix="store") as thread:
            task = asyncio.create_task(self._run(thread))
            try:
                yield
            finally:
                self._closing = True
                self._news.set()
                await task

    async def _run(self, thread: ThreadPoolExecutor) -> None:
        while self._waiting or not self._closing:
            await self._news.wait()
            await asyncio.sleep(0 if self._closing else self._pause)
            batch = self._next_batch()
            if batch:
                await self._store_batch(thread, batch)

    def _next_batch(self) -> list[tuple[Delivery, asyncio.Future[None]]]:
        batch = [self._waiting.popleft() for _ in range(min(MOST_TOGETHER, len(self._waiting)))]
        self._bytes -= sum(len(delivery.body) for delivery, _ in batch)
        if not self._waiting:
            self._news.clear()
        return batch

    async def _store_batch(
        self, thread: ThreadPoolExecutor, batch: Sequence[tuple[Delivery, asyncio.Future[None]]]
    ) -> None:
        deliveries = [delivery for delivery, _ in batch]
        loop = asyncio.get_running_loop()
        problem: Exception | None = None
        try:
            await loop.run_in_executor(thread, self._store, deliveries)
        except Exception as error:
            problem = error
        self.last_failed = problem is not None
        for _, done in batch:
            _settle(done, problem)


def _settle(done: asyncio.Future[None], problem: Exception | None) -> None:
    with suppress(asyncio.InvalidStateError):  # whoever waited has given up
        if problem is None:
            done.set_result(None)
        else:
            done.set_exception(problem)
