"""`serve`: webhooks, stored before they are acknowledged."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from reengage.app.evaluating import Evaluated, Evaluator
from reengage.app.figures import figures
from reengage.app.ingest import usable_connectors
from reengage.app.project import Project
from reengage.cli import output
from reengage.cli.commands import app, here, writable
from reengage.model.errors import ReengageError, RunFailed, UsageError
from reengage.sources.connector import Connector
from reengage.sources.hooks.signing import reveal_keys
from reengage.store import received, runs
from reengage.store.database import Database
from reengage.store.received import Arrival

if TYPE_CHECKING:  # the extra `server` may not be installed
    from prometheus_client.core import Metric

    from reengage.server.hook import Delivery, Hook

STALE = "it was signed too long ago"
"""Why a delivery is not to be believed that is genuine and came late."""


@app.command()
def serve(
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The port; 0 for any that is free.")] = 8400,
    evaluate: Annotated[
        bool, typer.Option("--evaluate", help="Take in and judge what came within seconds, not at the next run.")
    ] = False,
) -> None:
    """Receive webhooks until it is told to stop; each is stored before it is acknowledged.

    Needs `pip install "reengage\\[server]"`, and a proxy with TLS before it. Example: reengage serve --evaluate
    """
    try:
        from reengage.server.application import application
        from reengage.server.metrics import Metrics
        from reengage.server.running import listen
        from reengage.server.running import serve as run_until_told
    except ImportError:
        raise UsageError("the server needs more packages", help="pip install 'reengage[server]'") from None
    project = here()
    database = writable(project)
    connectors = [one for one in usable_connectors(project) if one.hooking]
    if not connectors:
        raise UsageError("no connector is a webhook", help="write one: docs/webhooks.md")
    hooks = [_hook(connector, project) for connector in connectors if connector.hooking and not connector.hooking.of]
    readers = {hook.name: [one.name for one in connectors if _called(one) == hook.name] for hook in hooks}
    evaluator = Evaluator(project.folder, [one.name for one in connectors], _now, _tell) if evaluate else None

    def store(deliveries: Sequence[Delivery]) -> None:
        with database.keeping() as connection:
            is_taken = partial(received.is_taken, connection)
            received.keep(connection, list(_arrivals(deliveries, readers, is_taken)), _now())
        if evaluator:
            evaluator.nudge()

    served = application(
        hooks,
        store,
        _now,
        base=project.public_address,
        metrics=Metrics(lambda: _metrics(database, evaluator)),
        trouble=lambda: _trouble(database, evaluator),
    )
    listener = listen(host, port)
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, _leave)
    _say_where(listener.getsockname()[:2], hooks)
    if evaluator:
        evaluator.start()
    try:
        run_until_told(served, listener)
    finally:
        if evaluator:
            evaluator.stop()
        database.close()


def _leave(*_: object) -> NoReturn:
    """Called when the server has answered what was under way."""
    sys.exit(0)


def _now() -> datetime:
    return datetime.now(UTC)


def _hook(connector: Connector, project: Project) -> Hook:
    from reengage.server.hook import Hook

    hooking = connector.hooking
    assert hooking is not None  # noqa: S101, only such connectors come here
    return Hook(
        name=connector.name,
        token=hooking.path_token.reveal(os.environ, project.folder),
        verify=hooking.verify,
        keys=reveal_keys(hooking.verify, os.environ, project.folder),
        answer=hooking.answer,
    )


def _called(connector: Connector) -> str:
    """The name of the webhook that a connector reads from."""
    return (connector.hooking.of if connector.hooking else "") or connector.name


def _arrivals(
    deliveries: Iterable[Delivery], readers: Mapping[str, Sequence[str]], is_taken: Callable[[str, str], bool]
) -> Iterator[Arrival]:
    """What is to be kept, once for each connector that reads it: a stale repetition of something says nothing new."""
    for one in deliveries:
        digest = sha256(one.body).hexdigest()
        for name in readers[one.hook]:
            if not one.stale:
                yield _arrival(one, name, digest)
            elif not is_taken(name, digest):
                yield _arrival(one, name, sha256(STALE.encode() + one.body).hexdigest(), STALE)


def _arrival(one: Delivery, connector: str, digest: str, doubt: str | None = None) -> Arrival:
    """A stale one has a digest of its own: the same body, sent again in time, is then no repetition of it."""
    name = f"webhook of {one.received_at:%Y-%m-%dT%H:%M:%S.%fZ}"
    return Arrival(connector, name, digest, len(one.body), one.body, one.received_at, doubt)


def _say_where(address: tuple[str, int], hooks: Iterable[Hook]) -> None:
    host, port = address
    shown = f"[{host}]" if ":" in host else host
    output.say(f"listening on http://{shown}:{port}; /health and /metrics too")
    for hook in hooks:
        output.say(f"  {hook.name}: /hooks/{hook.name}/<its path token>")
    with suppress(ValueError):
        if not ip_address(host).is_loopback:
            output.say("others reach this address: put a proxy with TLS before it", style="yellow")


def _tell(came: Evaluated | ReengageError) -> None:
    """What an evaluation did, on one line; never whom it was about. A log that cannot be written stops nothing."""
    with suppress(OSError):
        if isinstance(came, ReengageError):
            output.say_error(came)
            return
        told = [output.counted(came.signals, "signal")] if came.signals else []
        told += [f"{name} {number}" for name, number in came.outcomes.items()]
        told += [f"{output.counted(came.kept_back, 'row')} kept back"] if came.kept_back else []
        output.say(f"evaluated: {' · '.join(told) or 'nothing new'}")
        for reason in came.refused:
            output.say(f"  {reason}", style="red")


def _trouble(database: Database, evaluator: Evaluator | None) -> str | None:
    """What keeps the server from working, in words that anybody may read."""
    try:
        with database.reading() as connection:
            runs.last_run(connection)
    except RunFailed:
        return "the database cannot be reached"
    return "the last evaluation failed" if evaluator and evaluator.problem else None


def _metrics(database: Database, evaluator: Evaluator | None) -> Iterator[Metric]:
    """The figures of the project as Prometheus takes them, one family for each name."""
    from prometheus_client.core import GaugeMetricFamily

    families: dict[str, GaugeMetricFamily] = {}
    for figure in [*figures(database, _now()), *(evaluator.figures() if evaluator else ())]:
        labels = sorted(figure.labels)
        family = families.setdefault(figure.name, GaugeMetricFamily(figure.name, figure.about, labels=labels))
        family.add_metric([figure.labels[label] for label in labels], figure.value)
    yield from families.values()
