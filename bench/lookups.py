"""How long it takes to ask the ledger of stops: about one address of a stranger, and about one contact.

`python -m bench.lookups WHAT FOLDER ENTRIES` asks in a process of its own and prints the figures as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Connection

from bench.filling import Progress
from bench.place import Place
from bench.rulebook import ROOT
from bench.tables import open_tables
from reengage.app.project import read_project
from reengage.store import optouts
from reengage.store.database import Database

ASKED = 500
"""Look-ups after the first; every other one is about somebody who said stop."""

STRANGERS = 1_000_000_000
"""Numbers of contacts from here on are of those who said stop and are in no book."""

WHATS = ("address", "contact")


@dataclass(frozen=True, slots=True)
class LookUp:
    """Microseconds of the first look-up of a process, and of the later ones in the middle and at the 99th of a hundred.

    The first has its statement compiled; what the operating system keeps of the file in memory is not cleared.
    """

    entries: int
    first: float
    median: float
    slow: float


def ask(place: Place, what: str, entries: int) -> LookUp:
    """Ask a ledger that was filled with so many stops."""
    command = [sys.executable, "-m", "bench.lookups", what, str(place.folder), str(entries)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603, our own
    return LookUp(**json.loads(done.stdout))


def fill_stops(place: Place, entries: int, told: Progress) -> None:
    """Put so many stops of strangers straight into the tables that a look-up reads; they are not signed."""
    database = place.project.open()
    with database.reading() as connection:
        last = int(connection.exec_driver_sql("SELECT coalesce(max(id), 0) FROM opt_out").scalar_one())
    with open_tables(database) as tables:
        for table, statement in _STOPS.items():
            told(f"{entries:,} rows of {table}")
            numbers = _NUMBERS.format(entries=entries)
            tables.do(statement.format(numbers=numbers, last=last, address=_ADDRESS, strangers=STRANGERS))
    database.close()


_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {entries} - 1)"

_ADDRESS = "'stranger-' || (100000000 + i) || '@elsewhere-' || (i % 5000) || '.example'"

_STOPS = {
    "opt_out": """{numbers}
INSERT INTO opt_out (id, kind, scope, subject, channels, purpose, stated_by, source, received_at, effective_at,
    evidence, key_id, recorded_at, previous, hash)
  SELECT {last} + 1 + i, 'opt_out', 'address', 'bench:' || (100000000 + i), '[]', 'marketing', 'person',
    'import opt-outs', '2026-05-01 06:00:00.000000', '2026-05-01 06:00:00.000000', 'bench', 'bench',
    '2026-05-01 06:00:00.000000', 'bench', 'bench ' || (100000000 + i) FROM n""",
    "opt_out_key": """{numbers}
INSERT INTO opt_out_key (kind, value, opt_out_id) SELECT 'email', {address}, {last} + 1 + i FROM n""",
    "opt_out_key, any form": """{numbers}
INSERT INTO opt_out_key (kind, value, opt_out_id) SELECT 'email_any', {address}, {last} + 1 + i FROM n""",
    "opted_out": """{numbers}
INSERT INTO opted_out (contact_id, channel, excluded, provisional, since, opt_out_id)
  SELECT {strangers} + i, 'email', '0', '0', '2026-05-01 06:00:00.000000', {last} + 1 + i FROM n""",
}
"""What an imported list of stops leaves, and what stops of as many contacts do, for either database."""


def _address(number: int) -> str:
    return f"stranger-{100_000_000 + number}@elsewhere-{number % 5000}.example"


def _is_closed_address(connection: Connection, number: int) -> bool:
    return bool(optouts.closed_addresses(connection, [_address(number)]))


def _is_closed_contact(connection: Connection, number: int) -> bool:
    contact = STRANGERS + number
    return bool(optouts.standings(connection, [contact])[contact].closed)


_QUESTIONS: dict[str, Callable[[Connection, int], bool]] = {
    "address": _is_closed_address,
    "contact": _is_closed_contact,
}


def timed(database: Database, what: str, entries: int) -> LookUp:
    """Ask about somebody who said stop, somebody who did not, and so on, each once."""
    stride, took, question = max(1, entries // ASKED), [], _QUESTIONS[what]
    with database.reading() as connection:
        for number in range(ASKED + 1):
            known = number % 2 == 0
            about = number * stride % entries if known else entries + number
            began = time.perf_counter()
            closed = question(connection, about)
            took.append(time.perf_counter() - began)
            assert closed is known, about
    later = sorted(took[1:])
    return LookUp(entries, took[0] * 1e6, later[ASKED // 2] * 1e6, later[ASKED * 99 // 100] * 1e6)


if __name__ == "__main__":
    what, folder, entries = sys.argv[1:]
    print(json.dumps(asdict(timed(read_project(Path(folder)).open(), what, int(entries)))))
