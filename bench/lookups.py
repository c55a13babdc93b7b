"""How long it takes to ask the ledger of stops about one address."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bench.book import IMPORTED_AT
from bench.filling import Progress
from bench.place import Place
from reengage.model.optout import OptOut
from reengage.model.people import IdentifierKind
from reengage.store import optouts

AT_ONCE = 5_000
ASKED = 500


@dataclass(frozen=True, slots=True)
class LookUp:
    """Microseconds of one look-up, in the middle and at the 99th of a hundred."""

    entries: int
    median: float
    slow: float


def look_up(place: Place, entries: int, told: Progress) -> LookUp:
    """Fill the ledger with stops of strangers, then ask about addresses, every other one of which is closed."""
    database = place.project.open()
    for start in range(0, entries, AT_ONCE):
        told(f"{start:,} stops")
        stops = [_stop(number) for number in range(start, min(entries, start + AT_ONCE))]
        with database.deciding(journaled=False) as connection:
            optouts.record(connection, stops, IMPORTED_AT)
    stride, took = max(1, entries // ASKED), []
    with database.reading() as connection:
        for number in range(ASKED):
            known = number % 2 == 0
            address = _address(number * stride if known else entries + number)
            began = time.perf_counter()
            closed = optouts.closed_addresses(connection, [address])
            took.append(time.perf_counter() - began)
            assert bool(closed) is known, address
    database.close()
    took.sort()
    return LookUp(entries, took[ASKED // 2] * 1e6, took[ASKED * 99 // 100] * 1e6)


def _address(number: int) -> str:
    return f"stranger-{number}@elsewhere-{number % 5000}.example"


def _stop(number: int) -> OptOut:
    return OptOut(identifier_kind=IdentifierKind.EMAIL, identifier_value=_address(number), source="import opt-outs")
