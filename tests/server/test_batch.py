"""The batcher alone: room, order, and those who give up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from reengage.server import batch
from reengage.server.batch import Batcher, Full
from reengage.server.hook import Delivery
from tests.server.loopback import NOW, Stored


def delivery(number: int, size: int = 0) -> Delivery:
    return Delivery("open", b"%d" % number + b"." * size, NOW)


def test_no_more_waits_than_there_is_room_for() -> None:
    async def scene() -> list[BaseException | None]:
        batcher = Batcher(Stored(), room=5)
        async with batcher.running():
            return await asyncio.gather(*map(batcher.keep, map(delivery, range(8))), return_exceptions=True)

    results = asyncio.run(scene())
    assert [type(result) for result in results] == [type(None)] * 5 + [Full] * 3


def test_large_bodies_take_more_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "MOST_BYTES_WAITING", 1000)

    async def scene() -> None:
        batcher = Batcher(Stored())
        async with batcher.running():
            for _ in range(3):
                first = asyncio.ensure_future(batcher.keep(delivery(1, 900)))
                await asyncio.sleep(0)
                with pytest.raises(Full):
                    await batcher.keep(delivery(2, 900))
                await first

    asyncio.run(scene())


def test_everything_is_stored_in_order_and_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "MOST_TOGETHER", 7)
    stored = Stored()

    async def scene() -> None:
        batcher = Batcher(stored)
        async with batcher.running():
            await asyncio.gather(*map(batcher.keep, map(delivery, range(30))))

    asyncio.run(scene())
    assert [delivery.body for delivery in stored.all] == [b"%d" % number for number in range(30)]
    assert [len(batch) for batch in stored.batches] == [7, 7, 7, 7, 2]


def test_what_waits_at_the_end_is_stored_though_nobody_waits_for_it() -> None:
    stored = Stored(seconds=0.05)

    async def scene() -> None:
        batcher = Batcher(stored)
        async with batcher.running():
            waiting = [asyncio.ensure_future(batcher.keep(delivery(number))) for number in range(3)]
            await asyncio.sleep(0.02)
            waiting[1].cancel()
            waiting.append(asyncio.ensure_future(batcher.keep(delivery(3))))
            await asyncio.sleep(0)
        assert [future.cancelled() for future in waiting] == [False, True, False, False]
        assert [future.exception() for future in waiting if not future.cancelled()] == [None] * 3

    asyncio.run(scene())
    assert [delivery.body for delivery in stored.all] == [b"0", b"1", b"2", b"3"]


def test_of_a_batch_that_fails_nothing_counts_as_stored() -> None:
    def fail(deliveries: Sequence[Delivery]) -> None:
        raise OSError(f"no room for {len(deliveries)}")

    async def scene() -> list[BaseException | None]:
        batcher = Batcher(fail)
        async with batcher.running():
            results = await asyncio.gather(*map(batcher.keep, map(delivery, range(3))), return_exceptions=True)
        assert batcher.last_failed
        return results

    assert [str(result) for result in asyncio.run(scene())] == ["no room for 3"] * 3
