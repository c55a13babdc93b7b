"""`reengage serve` under load, on a PostgreSQL that waits for its disk: the rate, the wait, and nothing lost."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from reengage.store import columns as t
from tests.cli.test_serving import hold, room, stop, task_of
from tests.figures import record
from tests.server.load import Load, deliver
from tests.server.served import ENVIRON, Served, make_project, now, rows, serving, until
from tests.servers import Server

RATE = 300
"""Deliveries a second that the server has to bear."""

WITHIN = 5.0
"""Seconds within which a signal has to lead to its decision."""

EVALUATING = pytest.mark.parametrize("options", [(), ("--evaluate",)], ids=["receiving", "evaluating"])


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A project on a PostgreSQL of its own, on a disk."""
    with tempfile.TemporaryDirectory(prefix="reengage-pg-") as folder, Server(Path(folder), lasts=True) as server:
        yield make_project(tmp_path / "project", server.create())


def bodies(number: int, padding: str) -> bytes:
    """Job changes of a thousand people, as Lusha tells them."""
    data = {
        "currentDomain": f"company-{number % 1000}.example",
        "currentCompanyName": f"Company {number % 1000}",
        "currentTitle": "VP Sales",
        "signalDate": now().date().isoformat(),
    }
    told = {"id": f"{time.time_ns()}", "type": "companyChange", "entityId": str(number % 1000), "data": data}
    return json.dumps({**told, "padding": padding}).encode()


def drain(server: Served) -> None:
    """Read what the server says, so that it never waits for us."""
    assert server.process.stdout is not None
    threading.Thread(target=server.process.stdout.read, daemon=True).start()


def kept(project: Path) -> set[str]:
    """The digests of all that is in `received`."""
    return {row.sha256 for row in rows(project, t.ReceivedRow)}


def digests(load: Load) -> set[str]:
    return {hashlib.sha256(body).hexdigest() for body in load.acknowledged}


def waiting(project: Path) -> int:
    return len(rows(project, t.ReceivedRow, t.ReceivedRow.mapped_at.is_(None)))


@pytest.mark.lab
@EVALUATING
def test_a_steady_load_is_borne_and_stored(project: Path, options: tuple[str, ...]) -> None:
    with serving(project, *options) as server:
        drain(server)
        asyncio.run(deliver(server.port, RATE, seconds=3, body=bodies))
        load = asyncio.run(deliver(server.port, RATE, seconds=30, body=bodies))
        left = waiting(project)
        began = time.monotonic()
        if options:
            until(lambda: not waiting(project), 120)
        caught_up = time.monotonic() - began
        assert server.stop() == 0
    assert load.refused == []
    assert digests(load) <= kept(project)
    what = (
        f"reengage serve {' '.join(options)}".strip() + f": {RATE} deliveries a second for 30 s, PostgreSQL with fsync"
    )
    waits = f"50 % within {load.share(0.5):.1f} ms, 99 % {load.share(0.99):.1f} ms, all {load.share(1):.1f} ms"
    behind = f"; {left:,} were not taken in at the end, {caught_up:.1f} s later all" if options else ""
    record(what, f"{load.rate:,.0f}/s, {waits}{behind}")
    assert load.rate > 0.99 * RATE
    assert load.share(0.99) < 100


async def until_killed(server: Served, seconds: float) -> Load:
    """Deliver as fast as it goes, and kill the server in the midst of it."""
    asyncio.get_running_loop().call_later(seconds, server.process.send_signal, signal.SIGKILL)
    return await deliver(server.port, rate=2_000, seconds=30, body=bodies)


@pytest.mark.lab
def test_nothing_acknowledged_is_lost_when_it_is_killed(project: Path) -> None:
    chance, acknowledged, kills = random.Random(6), set[str](), 20
    for number in range(kills):
        with serving(project, *(("--evaluate",) if number % 2 else ())) as server:
            drain(server)
            load = asyncio.run(until_killed(server, chance.uniform(0.2, 2.0)))
            assert load.refused == []
        acknowledged |= digests(load)
        assert digests(load) <= kept(project)
    found = kept(project)
    assert acknowledged <= found
    assert len(acknowledged) > 100 * kills
    with serving(project, "--evaluate") as server:
        drain(server)
        until(lambda: not waiting(project), 300)
        assert server.stop() == 0
    assert len(rows(project, t.SignalRow)) == len(found)
    figure = f"{kills} kills: {len(acknowledged):,} acknowledged, {len(found):,} stored, each one signal: none lost"
    record("reengage serve killed under load, with and without --evaluate, PostgreSQL with fsync", figure)


@pytest.mark.lab
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_signal_leads_to_its_task_within_seconds(kind: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="reengage-pg-"))
        database = stack.enter_context(Server(Path(folder), lasts=True)) if kind == "postgresql" else None
        project = make_project(tmp_path / "project", database.create() if database else "")
        hold(project)
        server = stack.enter_context(serving(project, "--evaluate"))
        until(lambda: rows(project, t.RunRow))
        headers = {"X_CommonRoom_Webhook_Secret": ENVIRON["COMMON_ROOM_SECRET"]}
        took = []
        for name in ("dana", "sam"):
            email = f"{name}@fabrikam-freight.example"
            began = time.monotonic()
            assert server.deliver("common_room", room(email), **headers).status == 200
            until(task_of(server, "open"))
            told = time.monotonic()
            assert server.lusha(stop(email), "lusha_stops").status == 201
            until(lambda: not task_of(server, "open")())
            took += [told - began, time.monotonic() - told]
    record(
        f"reengage serve --evaluate: from the delivery to the task, and from a stop to no task, {kind}",
        f"{max(took):.1f} s at most of {len(took)}",
    )
    assert max(took) < WITHIN
