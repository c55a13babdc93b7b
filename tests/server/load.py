"""A sender that delivers at a steady rate, whether or not it is answered in time, and notes how long each took."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.server.loopback import signed


@dataclass
class Load:
    """What came of it: seconds from the moment each was due until its answer, and what was acknowledged."""

    seconds: list[float] = field(default_factory=list)
    acknowledged: set[bytes] = field(default_factory=set)
    refused: list[int] = field(default_factory=list)
    lasted: float = 0

    @property
    def rate(self) -> float:
        """Acknowledgements in a second."""
        return len(self.acknowledged) / self.lasted

    def share(self, part: float) -> float:
        """The milliseconds within which so large a part of them was answered."""
        return 1000 * sorted(self.seconds)[min(len(self.seconds) - 1, int(part * len(self.seconds)))]


Body = Callable[[int, str], bytes]
"""The body of a delivery, by its number and with some padding."""


def plain(number: int, padding: str) -> bytes:
    """A body that says nothing."""
    return b'{"id": "%d", "padding": "%s"}' % (number, padding.encode())


async def deliver(
    port: int, rate: float, seconds: float, connections: int = 50, padding: int = 1_000, body: Body = plain
) -> Load:
    """Deliver bodies of some padding; ends early where the server does."""
    load, started = Load(), time.perf_counter()
    due = (
        (number, started + number / rate)
        for number in itertools.takewhile(lambda n: n < rate * seconds, itertools.count())
    )
    senders = (_sender(port, due, load, lambda number: body(number, "p" * padding)) for _ in range(connections))
    await asyncio.gather(*senders)
    load.lasted = time.perf_counter() - started
    return load


async def _sender(port: int, due: Iterator[tuple[int, float]], load: Load, body_of: Callable[[int], bytes]) -> None:
    async with _connected(port) as (reader, writer):
        for number, moment in due:
            await asyncio.sleep(max(0.0, moment - time.perf_counter()))
            body = body_of(number)
            writer.write(signed(body, datetime.now(UTC)))
            status = await _status(reader)
            load.seconds.append(time.perf_counter() - moment)
            if status == 201:
                load.acknowledged.add(body)
            else:
                load.refused.append(status)


@asynccontextmanager
async def _connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection; that the server is gone ends the block in silence."""
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            yield reader, writer
        finally:
            writer.close()
            await writer.wait_closed()


async def _status(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    await reader.readexactly(length)
    return int(head.split(maxsplit=2)[1])
