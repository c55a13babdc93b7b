"""Deliveries under load: nothing that was acknowledged is lost, and nobody waits long."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.figures import record
from tests.server.child import bodies
from tests.server.load import Load, deliver

RATE = 300
"""Deliveries a second that the server has to bear."""


@contextmanager
def child(file: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server in a process of its own, and its port."""
    command = [sys.executable, "-m", "tests.server.child", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


async def until_stopped(process: subprocess.Popen[str], port: int, seconds: float, with_signal: int) -> Load:
    """Deliver as fast as it goes, and send the server a signal in the middle of it."""
    asyncio.get_running_loop().call_later(seconds, process.send_signal, with_signal)
    return await deliver(port, rate=5_000, seconds=30)


@pytest.mark.parametrize("with_signal", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_acknowledged_is_lost_when_the_server_is_stopped(tmp_path: Path, with_signal: int) -> None:
    file = tmp_path / "deliveries"
    with child(file) as (process, port):
        load = asyncio.run(until_stopped(process, port, 0.4, with_signal))
        assert process.wait(30) == -with_signal
    assert len(load.acknowledged) > 20
    assert load.refused == []
    assert load.acknowledged <= bodies(file)


@pytest.mark.lab
def test_nothing_acknowledged_is_lost_in_many_kills(tmp_path: Path) -> None:
    acknowledged = kept = 0
    chance = random.Random(6)
    for number in range(40):
        file = tmp_path / f"deliveries{number}"
        with child(file) as (process, port):
            load = asyncio.run(until_stopped(process, port, chance.uniform(0.05, 1.5), signal.SIGKILL))
        found = bodies(file)
        assert load.acknowledged <= found
        acknowledged, kept = acknowledged + len(load.acknowledged), kept + len(found)
    figure = f"{acknowledged:,} acknowledged, {kept:,} stored, none of the acknowledged lost in 40 kills"
    record("webhooks: killed under load", figure)


@pytest.mark.lab
@pytest.mark.parametrize("rate", [RATE, 1_000])
def test_a_steady_load_is_borne(tmp_path: Path, rate: int) -> None:
    file = tmp_path / "deliveries"
    with child(file) as (_, port):
        asyncio.run(deliver(port, rate, seconds=1))
        load = asyncio.run(deliver(port, rate, seconds=30))
    assert load.refused == []
    assert load.acknowledged <= bodies(file)
    figure = f"{load.rate:,.0f}/s, 50 % within {load.share(0.5):.1f} ms, 99 % {load.share(0.99):.1f} ms, all {load.share(1):.1f} ms"
    record(f"webhooks: {rate:,} deliveries a second, stored in a file with fsync", figure)
    if rate == RATE:
        assert load.rate > 0.99 * RATE
        assert load.share(0.99) < 100
