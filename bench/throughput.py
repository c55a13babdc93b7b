"""What goes in and out beside a run: contacts imported, signals ingested, tasks exported, and the ledger asked."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.book import IMPORTED_AT, INGESTED_AT, RUN_AT, Book, company_of, domain_of, owner_of, signal_of
from bench.files import write_files, write_signals
from bench.filling import Progress
from bench.lookups import WHATS, LookUp, ask, fill_stops
from bench.place import Cost, Kind, Place, filled, opened
from bench.tables import open_tables

STEPS = 10
"""How often `measure` says what begins now."""

RULES = 2
"""They are read, and nothing is matched."""

_INTENT = """\
name: intent_rows
kind: csv
signal: intent
path: signals/*.csv
id: Reference
occurred_at: Seen
map:
  email: Email
  facts.topic: Topic
  facts.score: Score
"""

_HEADINGS = ("Reference", "Email", "Topic", "Score", "Seen")


@dataclass(frozen=True, slots=True)
class Throughput:
    """What each step cost, and how long one look-up in the ledger takes by what is asked about."""

    costs: dict[str, Cost]
    look_ups: dict[str, LookUp]

    def to_json(self) -> dict[str, Any]:
        """The same as JSON has it."""
        return {
            "costs": {name: asdict(cost) for name, cost in self.costs.items()},
            "look_ups": {name: asdict(one) for name, one in self.look_ups.items()},
        }


def measure(rows: int, entries: int, kind: Kind, told: Progress) -> Throughput:
    """Take in and hand out so many rows of each sort, then ask a ledger of so many stops."""
    book, quiet = Book(rows, rows), Book(rows, 0)
    costs: dict[str, Cost] = {}
    told("importing contacts")
    with opened(quiet, RULES, kind) as place:
        write_files(quiet, place.folder)
        costs["import contacts"] = place.measure("import", IMPORTED_AT)
        told("importing them again")
        again = place.measure("import", INGESTED_AT)
        assert again.done == 0, "the same file again changes nothing"
        costs["import the same contacts again"] = replace(again, done=rows)
    told("filling a book")
    with filled(quiet, RULES, kind) as place:
        told("ingesting envelopes")
        signals = place.folder / "signals"
        signals.mkdir()
        write_signals(signals / "heard.jsonl", book, book.news())
        costs["ingest JSONL, 6 % moves"] = place.measure("ingest", INGESTED_AT)
        told("ingesting CSV")
        (place.folder / "connectors" / "intent_rows.yaml").write_text(_INTENT, encoding="utf-8")
        _write_intent(signals / "intent.csv", book)
        costs["ingest CSV by a map"] = place.measure("ingest", INGESTED_AT)
        told("exporting tasks")
        _fill_tasks(place)
        costs["export tasks"] = place.measure("export", RUN_AT + timedelta(hours=1))
    with opened(quiet, RULES, kind) as place:
        fill_stops(place, entries, told)
        return Throughput(costs, {what: ask(place, what, entries) for what in WHATS})


def show(found: Throughput, title: str) -> None:
    """Rows a second of CPU and by the clock, and microseconds of a look-up."""
    shown = Table("", "rows", "CPU s", "rows per CPU s", "seconds", "rows a second", "peak MB", title=title)
    for name, cost in found.costs.items():
        speeds = (f"{cost.cpu:.2f}", f"{cost.done / cost.cpu:,.0f}", f"{cost.seconds:.2f}")
        shown.add_row(name, f"{cost.done:,}", *speeds, f"{cost.done / cost.seconds:,.0f}", f"{cost.peak_mb:,.0f}")
    Console().print(shown)
    asked = Table("one look-up", "stops", "first, µs", "later, µs", "99 % below, µs")
    for what, one in found.look_ups.items():
        asked.add_row(what, f"{one.entries:,}", *(f"{took:,.0f}" for took in (one.first, one.median, one.slow)))
    Console().print(asked)


def _write_intent(path: Path, book: Book) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADINGS)
        for one in book.later_news(book.signals + 1, book.signals):
            topic, score = one.facts.get("topic", "growth"), one.facts.get("score", 50)
            email = book.email_of(one.contact or 1)
            writer.writerow((signal_of(one.number), email, topic, score, one.occurred_at.isoformat()))


def _fill_tasks(place: Place) -> None:
    """A task for everybody who may be approached, as runs leave them."""
    database = place.project.open()
    with open_tables(database) as tables:
        tables.put("task", _TASK, _tasks(place.book))
    database.close()


_TASK = (
    *("key", "run_id", "contact_id", "account", "account_key", "rule", "revision", "trigger", "channel", "priority"),
    *("subject", "note", "due", "owner", "because", "last_words", "evidence", "state", "created_at"),
)


def _tasks(book: Book) -> Iterator[tuple[Any, ...]]:
    """They are due a week from the run on; the run that made them left no other trace."""
    at, due = "2026-06-01 06:00:00.000000", (RUN_AT + timedelta(days=7)).date().isoformat()
    for one in (person for person in book.people() if not person.opted_out):
        company, trigger = company_of(one.account), f"bench/{signal_of(one.number)}"
        subject = f"{company} is researching a topic"
        why = f"{one.first} {one.last} said no in spring (not_now); since then {company} looks into it again."
        heard = [{"signal": trigger, "kind": "intent", "source": "bench", "facts": {"topic": "topic 1", "score": 93}}]
        yield (
            *(f"rx-{one.number:020}", 1, one.number, company, domain_of(one.account), "rule-001", "1", trigger),
            *("phone", "normal", subject, f"{why}\nThey said: “Not at the moment”", due, owner_of(one.number)),
            *(why, "Not at the moment", json.dumps(heard), "open", at),
        )
