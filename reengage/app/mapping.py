"""What was received becomes signals: chunk by chunk, opt-outs before anything else, the rest kept back and told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from types import MappingProxyType

from sqlalchemy import Connection

from reengage.app import elsewhere
from reengage.app.following import follow
from reengage.app.hearing import complete
from reengage.app.imports.names import identifier_of
from reengage.app.linking import link, names_anybody
from reengage.app.project import Project
from reengage.app.receiving import archive, loaded
from reengage.app.stops_first import (
    NOBODY,
    STANDS_CLOSED,
    Found,
    about_erased,
    chunked,
    doubted,
    may_hold_stops,
    may_stop,
    take_stops,
)
from reengage.intake.salvage import mentions
from reengage.language.responses import Policy
from reengage.language.titles import Titles
from reengage.model.errors import ReengageError
from reengage.model.signal import Signal
from reengage.model.words import Certainty, Response
from reengage.sources.connector import Connector
from reengage.sources.opening import Stored
from reengage.sources.rows import Bad, Good, Row, clip
from reengage.sources.signals import read_file
from reengage.sources.timers import slots_of
from reengage.store import inbox, people, received, signals
from reengage.store.database import Database
from reengage.store.discretion import discreet
from reengage.store.erasure import GONE
from reengage.store.inbox import KeptBack
from reengage.store.keys import any_digests, find_erased
from reengage.store.signals import MOVES, Linked, Origins

AHEAD = timedelta(days=1)
"""How far in the future a signal may claim to have occurred: clocks and zones differ."""

BATCH = 1 << 20
"""Bytes of small deliveries that are taken in together; our choice."""

Progress = Callable[[int], None]
"""Called with the number of rows taken in since the last call."""


@dataclass(slots=True)
class Report:
    """What one connector brought."""

    connector: str
    files: int = 0
    known_files: int = 0
    rows: int = 0
    new: int = 0
    unknown: int = 0
    opt_outs: int = 0
    doubtful: int = 0
    bad: list[tuple[str, int, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def _batches(found: Iterable[Found]) -> Iterator[list[Found]]:
    """Deliveries of one source that are taken in together: a large one alone, many small ones at once."""
    for _, theirs in groupby(found, key=lambda one: one.connector.name):
        batch: list[Found] = []
        size = 0
        for one in theirs:
            if batch and size + one.delivery.size > BATCH:
                yield batch
                batch, size = [], 0
            batch.append(one)
            size += one.delivery.size
        yield batch


@dataclass(slots=True)
class Taking:
    """One call of ingest: where things go, and the moment they are recorded at."""

    database: Database
    project: Project
    titles: Titles
    policies: Mapping[Response, Policy]
    at: datetime
    reports: dict[str, Report]
    progress: Progress | None

    @classmethod
    def begin(
        cls,
        database: Database,
        project: Project,
        connectors: Iterable[Connector],
        at: datetime,
        progress: Progress | None,
    ) -> Taking:
        """Begin with empty reports; raises ReengageError where the rules have errors."""
        rules = project.usable_rules()
        reports = {connector.name: Report(connector.name) for connector in connectors}
        return cls(database, project, rules.titles, rules.responses, at, reports, progress)

    def all(self, found: Sequence[Found]) -> None:
        """Take in the stops of all of these, and then the rest."""
        for batch in _batches(found):
            report = self.reports[batch[0].connector.name]
            stops = loaded(self.database, batch) if may_hold_stops(batch[0].connector) else ()
            report.opt_outs += take_stops(self.database, self.project, self.titles, stops, self.at)
        for batch in _batches(found):
            self.batch(loaded(self.database, batch))

    def batch(self, batch: Sequence[Found]) -> None:
        """Take in the other signals of deliveries of one source, chunk by chunk, and note what is done with."""
        connector, report = batch[0].connector, self.reports[batch[0].connector.name]
        with self.database.writing() as connection:
            inbox.forget_received(connection, [one.delivery.id for one in batch])
            for one in batch if connector.path else ():
                inbox.forget_quarantine(connection, _source(connector), one.name)
        done: dict[int, int] = {}
        for chunk in chunked(self._rows(batch, done, report)):
            # A link may close a contact for whom a run is writing a task, so neither may overlook the other.
            with self.database.deciding() as connection:
                self.database.in_order_of_arrival(connection)
                self._take(connection, chunk, report)
            if self.progress:
                self.progress(len(chunk))
        self._done_with(batch, done)

    def _done_with(self, batch: Sequence[Found], done: Mapping[int, int]) -> None:
        """Note which deliveries were taken in, and let go of those that name somebody erased; what waits is kept."""
        connector = batch[0].connector
        taken = [one for one in batch if one.delivery.id in done]
        refused = [one.delivery.id for one in batch if one.delivery.id not in done]
        with self.database.reading() as connection:
            # Searching megabytes takes seconds; an erasure that comes in between lets go of them by itself.
            gone = _naming_erased(connection, taken, self.project)
        with self.database.writing() as connection:
            received.mark_taken(connection, done, connector.edition, self.at)
            received.mark_refused(connection, refused, connector.edition)
            received.let_go(connection, gone)
            for one in taken if connector.path else _newest(taken):
                heard = min(one.delivery.received_at, self.at)
                elsewhere.note_file(connection, connector.name, one.name, one.written, one.delivery.sha256, heard)
        if connector.archive:
            archive(self.project.folder, taken)

    def _rows(self, batch: Sequence[Found], done: dict[int, int], report: Report) -> Iterator[tuple[Found, Row]]:
        """The rows of all; those of a delivery that breaks off up to there, and `done` has those that did not."""
        for one in batch:
            count = 0
            try:
                for row in read_file(one.connector, one.file, one.delivery.received_at):
                    count += 1
                    yield one, doubted(row, one) if one.delivery.doubt else row
            except ReengageError as error:
                report.refused.append(str(error))
            else:
                done[one.delivery.id] = count

    def _take(self, connection: Connection, chunk: Sequence[tuple[Found, Row]], report: Report) -> None:
        bad: dict[str, list[KeptBack]] = defaultdict(list)
        good, origins = [], {}
        for one, row in chunk:
            if reason := self._why_not(row, one.connector):
                raw = row.raw if isinstance(row, Bad) else clip(str(row.signal.keys))
                bad[one.name].append(KeptBack(row.line, reason, raw, one.delivery.id))
            elif isinstance(row, Good) and (signal := row.signal).kind != "opt_out":
                good.append(signal)
                origins[signal.source, signal.id] = one.delivery.id, row.line
        report.rows += len(chunk)
        self._keep_back(connection, chunk[0][0].connector, bad, report)
        self.keep(connection, good, report, origins)

    def _keep_back(
        self, connection: Connection, connector: Connector, bad: Mapping[str, Sequence[KeptBack]], report: Report
    ) -> None:
        """Keep rows that cannot be taken in: nobody who said stop is named in why, of the erased nothing is kept."""
        rows = [row for some in bad.values() for row in some]
        cut = discreet(connection, [row.reason for row in rows])
        gone = _of_erased(connection, [row.raw for row in rows], self.project)
        for name, some in bad.items():
            kept = [
                replace(row, reason=cut.get(row.reason, row.reason), raw=GONE if row.raw in gone else row.raw)
                for row in some
            ]
            report.bad += [(name, row.line, row.reason) for row in kept]
            inbox.quarantine(connection, _source(connector), name, kept, self.at)

    def _why_not(self, row: Row, connector: Connector) -> str | None:
        """Why a row is kept back; a stop counts whatever its moment."""
        if isinstance(row, Bad):
            return f"{row.reason}; {STANDS_CLOSED}" if may_stop(row, connector) else row.reason
        if row.signal.kind == "opt_out":
            return None if names_anybody(row.signal, self.project) else NOBODY
        late = row.signal.occurred_at > self.at + AHEAD
        return f"occurred in the future: {row.signal.occurred_at.isoformat()}" if late else None

    def keep(
        self, connection: Connection, chunk: Sequence[Signal], report: Report, origins: Origins = MappingProxyType({})
    ) -> None:
        """Store signals with whom they concern, follow moves, and ask a person where there is doubt."""
        linked = link(connection, [self._timely(signal) for signal in chunk], self.project, self.titles, self.at)
        received.let_go(connection, about_erased(chunk, linked, origins))
        new = signals.store(connection, linked, self.at, origins)
        fresh = [one for one in linked if (one.signal.source, one.signal.id) in new]
        report.new += len(new)
        report.unknown += sum(
            one.contact is None and one.account is None and one.signal.kind != "timer" for one in fresh
        )
        doubtful = [one for one in fresh if one.certainty is not Certainty.CONFIRMED]
        report.doubtful += self._ask(connection, [new[one.signal.source, one.signal.id] for one in doubtful])
        links = [link for one in fresh if one.unlinked or one.maybe for link in _links(one)]
        # Of what concerns somebody we know, only a move and a new identifier lead to any conclusion.
        moved = {one.contact for one in fresh if one.contact is not None and one.signal.kind in MOVES}
        if moved or links:
            follow(connection, moved, self.policies, self.at, links)

    def _ask(self, connection: Connection, seqs: Sequence[int]) -> int:
        doubtful = signals.unanswered_likely(connection, seqs)
        questions = [
            {
                "kind": "move",
                "contact_id": row.contact_id,
                "signal_seq": row.seq,
                "question": f"{row.kind} to {row.facts.get('new_company') or row.facts.get('new_domain') or 'unknown'} "
                f"({row.certainty}, {row.source}, {row.occurred_at:%Y-%m-%d}): is it true?",
            }
            for row in doubtful
        ]
        signals.ask_about(connection, questions, self.at)
        return len(questions)

    def slots(self, connector: Connector) -> None:
        """Take in the slots of a timer since the last one; the first time only the latest."""
        if connector.timer is None:
            return
        report = self.reports[connector.name]
        with self.database.writing() as connection:
            self.database.in_order_of_arrival(connection)
            last = inbox.last_slot(connection, connector.name)
            latest = connector.timer.schedule.latest(self.at, connector.timer.zone)
            after = last or (latest - timedelta(microseconds=1) if latest else self.at)
            due = list(slots_of(connector, after, self.at))
            report.rows += len(due)
            self.keep(connection, due, report)

    def _timely(self, signal: Signal) -> Signal:
        if not signal.occurred_at <= signal.received_at <= self.at:
            occurred = min(signal.occurred_at, self.at)
            received = max(min(signal.received_at, self.at), occurred)
            signal = signal.model_copy(update={"received_at": received, "occurred_at": occurred})
        return complete(signal, self.titles)


def _links(one: Linked) -> Iterator[people.Link]:
    """The identifiers that a signal adds to what we know of someone, or of everybody whom it may concern."""
    if one.contact is not None:
        for kind, value in one.unlinked:
            yield people.Link(one.contact, kind, value, f"signal {one.signal.source}")
    for contact in sorted(one.maybe):
        for kind, value in one.keys:
            if kind != "domain":
                yield people.Link(contact, kind, value, f"signal {one.signal.source}", doubtful=True)


def _newest(found: Iterable[Found]) -> list[Found]:
    return sorted(found, key=lambda one: one.delivery.received_at)[-1:]


def _naming_erased(connection: Connection, taken: Iterable[Found], project: Project) -> list[int]:
    """The deliveries in which somebody stands who was erased, also in a row that nobody wanted."""
    kept = [(one.delivery.id, one.file.content) for one in taken if isinstance(one.file, Stored)]
    texts = {id: content.decode("utf-8", "replace") for id, content in kept}
    gone = _of_erased(connection, texts.values(), project)
    return [id for id, text in texts.items() if text in gone]


def _source(connector: Connector) -> str:
    return f"connector {connector.name}"


def _of_erased(connection: Connection, raws: Iterable[str], project: Project) -> set[str]:
    """Those of these texts that mention somebody who was erased."""
    if not any_digests(connection):
        return set()
    named = {raw: [key for text in mentions(raw) if (key := identifier_of(text, project))] for raw in set(raws)}
    erased = find_erased(connection, [key for keys in named.values() for key in keys])
    return {raw for raw, keys in named.items() if any(erased.get(key) for key in keys)}
