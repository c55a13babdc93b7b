"""A connector file as it is used: where its files lie, and how a row of them becomes a signal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from reengage.language.cron import Schedule
from reengage.language.tree import Position
from reengage.model.facts import STANDARD, Fact, Vocabulary
from reengage.sources.expression import Expression
from reengage.sources.hooks.answer import Answer
from reengage.sources.hooks.signing import Verify
from reengage.sources.program import Program
from reengage.sources.rest.request import RestRequest
from reengage.sources.secrets import Secret

Kind = Literal["csv", "jsonl", "rest", "python", "webhook", "timer"]

KEY_TARGETS = ("email", "emails", "linkedin", "phone", "phones", "domain", "previous_domain")
"""What of `map` says whom a signal concerns, beside `crm.<system>` and `vendor.<name>`."""

MAX_BAD_RATIO = 0.2
"""From this share of bad rows on a file has changed its shape; our choice."""

FEWEST_ROWS = 20
"""With fewer rows a share says nothing."""

JUDGED_ROWS = 5_000
"""A file is judged by so many of its first rows; they are all that is held in memory."""


MAX_CALLS = 100
"""Requests of one poll; our choice: vendors bill by the call, also for empty answers."""


@dataclass(frozen=True, slots=True)
class CsvForm:
    """How the CSV files are written; None is found out. `columns` name the cells where there are no headings."""

    encoding: str | None = None
    delimiter: str | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldMap:
    """How a record becomes a signal: targets such as `email` or `facts.score`, each with its expression.

    `when` is asked of the record as it came, `keep_if` of what was made of it; what they do not want is left out.
    """

    signal: str
    targets: dict[str, Expression]
    occurred_at: Expression
    id: Expression | None = None
    date_formats: tuple[str, ...] = ()
    zone: str = "UTC"
    facts: Mapping[str, Fact] = field(default_factory=dict)
    require: tuple[str, ...] = ()
    require_any: tuple[str, ...] = ()
    keep_if: Expression | None = None
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class Timer:
    """A cron line in a zone; one signal for each slot, under a name."""

    schedule: Schedule
    zone: str
    name: str


@dataclass(frozen=True, slots=True)
class Polling:
    """How an API or a class is asked, and from when on: since the newest `cursor` we have had, less `overlap`.

    Without `cursor` that is the moment of the last whole poll. At most `max_calls` requests in one, and no poll within
    `every` of the one before; the first asks from `start` on.
    """

    request: RestRequest | Program
    cursor: Expression | None = None
    overlap: timedelta = timedelta(0)
    start: datetime | None = None
    every: timedelta = timedelta(0)
    max_calls: int = MAX_CALLS

    @property
    def reads(self) -> str:
        """The address, or the class."""
        asked = self.request
        return (
            asked.name if isinstance(asked, Program) else f"{asked.base_url.rstrip('/')}/{asked.path.text.lstrip('/')}"
        )


@dataclass(frozen=True, slots=True)
class Hooking:
    """How a webhook is called and answered; `path_token` is the part of its address that nobody can guess.

    With `of` it is another connector's: what comes there is read by this one too.
    """

    path_token: Secret
    verify: Verify
    answer: Answer = field(default_factory=Answer)
    of: str = ""


@dataclass(frozen=True, slots=True)
class Connector:
    """One source. Without `map` it brings our envelope; only those of files have a `path`.

    A file is left alone for `settle` after it was written, and moved away with `archive` when taken in;
    `records` finds the records in a document. `edition` is the hash of the connector's file: what it could not read
    is tried again when that has changed. `vocabulary` has the signals there are in its project, those that it
    declares itself among them.
    """

    name: str
    kind: Kind
    at: Position
    path: str = ""
    csv: CsvForm = CsvForm()
    file_facts: re.Pattern[str] | None = None
    map: FieldMap | None = None
    timer: Timer | None = None
    vocabulary: Vocabulary = STANDARD
    max_bad_ratio: float = MAX_BAD_RATIO
    polling: Polling | None = None
    hooking: Hooking | None = None
    settle: timedelta = timedelta(0)
    archive: bool = False
    records: Expression | None = None
    edition: str = ""

    @property
    def reads(self) -> str:
        """Where it has what it brings from, in a few words."""
        if self.polling:
            return self.polling.reads
        if self.hooking:
            return f"/hooks/{self.hooking.of or self.name}/…"
        return self.path or (self.timer.name if self.timer else "")
