"""What there is to watch: signals, what waits and is kept back, decisions, tasks, and how old the newest of them is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, case, func, select

from reengage.store import columns as t
from reengage.store import inbox, received, runs
from reengage.store.database import Database


@dataclass(frozen=True, slots=True)
class Figure:
    """One number under a name, with what it is and its labels."""

    name: str
    about: str
    value: float
    labels: dict[str, str] = field(default_factory=dict)


def figures(database: Database, now: datetime) -> list[Figure]:
    """Everything there is to watch, at this moment."""
    with database.reading() as connection:
        return [*_arrived(connection, now), *_decided(connection, now)]


def _arrived(connection: Connection, now: datetime) -> Iterator[Figure]:
    row = t.SignalRow
    for kind, number in connection.execute(select(row.kind, func.count()).group_by(row.kind)):
        yield Figure("reengage_signals", "Signals that were taken in", number, {"kind": kind})
    for source, number in inbox.quarantined(connection).items():
        yield Figure("reengage_quarantine_rows", "Rows kept back", number, {"source": source})
    for name, taken in received.per_source(connection).items():
        labels = {"connector": name}
        yield Figure("reengage_waiting_deliveries", "Deliveries that wait to be taken in", taken.waiting, labels)
    for name, oldest in _oldest_waiting(connection):
        lag = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
        labels = {"connector": name}
        yield Figure("reengage_lag_seconds", "Age of the oldest delivery that waits, 0 where none does", lag, labels)


def _oldest_waiting(connection: Connection) -> Iterable[tuple[str, datetime | None]]:
    """Every connector that has brought something, and when the oldest came that is not taken in yet."""
    row = t.ReceivedRow
    oldest = func.min(case((row.mapped_at.is_(None), row.received_at)))
    return [tuple(one) for one in connection.execute(select(row.connector, oldest).group_by(row.connector))]


def _decided(connection: Connection, now: datetime) -> Iterator[Figure]:
    last = runs.last_run(connection)
    if last is not None:
        age = (now - last.at).total_seconds()
        yield Figure("reengage_last_run_seconds", "Seconds since the last run", age)
        for outcome, number in last.outcomes.items():
            labels = {"outcome": outcome}
            yield Figure("reengage_decisions", "Decisions of the last run, by outcome", number, labels)
    task = t.TaskRow
    for state, number in connection.execute(select(task.state, func.count()).group_by(task.state)):
        yield Figure("reengage_tasks", "Tasks, by their state", number, {"state": state})
