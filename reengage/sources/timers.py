"""The slots of timers as signals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from reengage.model.signal import Signal
from reengage.sources.connector import Connector


def slots_of(connector: Connector, after: datetime, until: datetime) -> Iterator[Signal]:
    """One signal for each slot of a timer later than `after` and not later than `until`; none for other kinds.

    A slot counts as received at its own moment, however late it is noticed. Its id is the time on the wall.
    """
    timer = connector.timer
    if timer is None:
        return
    for slot in timer.schedule.slots(after, until, timer.zone):
        wall = slot.astimezone(ZoneInfo(timer.zone)).replace(tzinfo=None)
        yield Signal(
            id=f"{connector.name}@{wall.isoformat(timespec='minutes')}",
            source=connector.name,
            kind="timer",
            occurred_at=slot,
            received_at=slot,
            facts={"name": timer.name},
        )
