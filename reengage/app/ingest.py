"""Taking signals in: every new file and timer slot once, opt-outs before anything else."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from reengage.app import elsewhere
from reengage.app.following import follow
from reengage.app.hearing import complete
from reengage.app.linking import link, names_anybody
from reengage.app.project import CONNECTORS, Project
from reengage.app.stops_first import NOBODY, STANDS_CLOSED, File, chunked, may_stop, take_stops
from reengage.language.responses import Policy
from reengage.language.titles import Titles
from reengage.model.errors import ReengageError
from reengage.model.signal import Signal
from reengage.model.words import Response
from reengage.sources.connector import Connector
from reengage.sources.connectors import usable_connectors as usable_in
from reengage.sources.files import files_of
from reengage.sources.rows import Bad, Good, Row, clip
from reengage.sources.signals import read_file
from reengage.sources.timers import slots_of
from reengage.store import inbox, people, signals
from reengage.store.database import Database
from reengage.store.discretion import discreet
from reengage.store.signals import Linked

AHEAD = timedelta(days=1)
"""How far in the future a signal may claim to have occurred: clocks and zones differ."""

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


def usable_connectors(project: Project, names: Sequence[str] = ()) -> list[Connector]:
    """The connectors of a project (those named, if any are); raises where a file is wrong or a name unknown."""
    return usable_in(project.folder / CONNECTORS, names)


def ingest(
    database: Database,
    project: Project,
    at: datetime,
    names: Sequence[str] = (),
    progress: Progress | None = None,
) -> list[Report]:
    """Take in what is new from these connectors, or from all; a file that cannot be read does not stop the others."""
    connectors = usable_connectors(project, names)
    rules = project.usable_rules()
    titles = rules.titles
    reports = {connector.name: Report(connector.name) for connector in connectors}
    files = [file for connector in connectors for file in _new_files(database, project, connector, reports, at)]
    take = _Taking(database, project, titles, rules.responses, at, reports, progress)
    for file in files:
        reports[file.connector.name].opt_outs += take_stops(database, project, titles, file, at)
    for file in files:
        take.file(file)
    for connector in connectors:
        take.slots(connector)
    return list(reports.values())


def _new_files(
    database: Database, project: Project, connector: Connector, reports: dict[str, Report], at: datetime
) -> Iterator[File]:
    if connector.kind == "timer":
        return
    report = reports[connector.name]
    found = [_look_at(path, connector, project) for path in files_of(connector, project.folder)]
    with database.reading() as connection:
        known = [file for file in found if inbox.is_known(connection, connector.name, file.sha256)]
    report.known_files += len(known)
    report.files += len(found) - len(known)
    if known:
        with database.writing() as connection:
            _note_arrivals(connection, known, at)
    yield from (file for file in found if file not in known)


def _note_arrivals(connection: Connection, files: Sequence[File], at: datetime) -> None:
    """Remember who was heard; a file whose content we have had brings nothing, but shows that its source lives."""
    for file in files:
        elsewhere.note_file(connection, file.connector.name, file.name, file.written, file.sha256, at)


def _look_at(path: Path, connector: Connector, project: Project) -> File:
    name = str(path.relative_to(project.folder))
    return File(connector, path, name, _digest(path), path.stat().st_mtime_ns)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(slots=True)
class _Taking:
    """One call of ingest: where things go, and the moment they are recorded at."""

    database: Database
    project: Project
    titles: Titles
    policies: Mapping[Response, Policy]
    at: datetime
    reports: dict[str, Report]
    progress: Progress | None

    def file(self, file: File) -> None:
        """Take in the other signals of a file, chunk by chunk, and remember the file."""
        report = self.reports[file.connector.name]
        source = f"connector {file.connector.name}"
        try:
            rows = read_file(file.connector, file.path, self.at)
            with self.database.writing() as connection:
                inbox.forget_quarantine(connection, source, file.name)
            total = 0
            for chunk in chunked(rows):
                total += len(chunk)
                # A link may close a contact for whom a run is writing a task, so neither may overlook the other.
                with self.database.deciding() as connection:
                    self.database.in_order_of_arrival(connection)
                    self._take(connection, chunk, file, report, source)
                if self.progress:
                    self.progress(len(chunk))
        except ReengageError as error:
            report.refused.append(str(error))
            return
        with self.database.writing() as connection:
            inbox.note_file(connection, file.connector.name, file.sha256, file.name, total, self.at)
            _note_arrivals(connection, [file], self.at)

    def _take(self, connection: Connection, chunk: Sequence[Row], file: File, report: Report, source: str) -> None:
        bad, good = [], []
        for row in chunk:
            if reason := self._why_not(row, file.connector):
                bad.append((row.line, reason, row.raw if isinstance(row, Bad) else clip(str(row.signal.keys))))
            elif isinstance(row, Good) and row.signal.kind != "opt_out":
                good.append(row.signal)
        cut = discreet(connection, [reason for _, reason, _ in bad])
        bad = [(line, cut.get(reason, reason), raw) for line, reason, raw in bad]
        report.rows += len(chunk)
        report.bad += [(file.name, line, reason) for line, reason, _ in bad]
        inbox.quarantine(connection, source, file.name, bad, self.at)
        self.keep(connection, good, report)

    def _why_not(self, row: Row, connector: Connector) -> str | None:
        """Why a row is kept back; a stop counts whatever its moment."""
        if isinstance(row, Bad):
            return f"{row.reason}; {STANDS_CLOSED}" if may_stop(row, connector) else row.reason
        if row.signal.kind == "opt_out":
            return None if names_anybody(row.signal, self.project) else NOBODY
        late = row.signal.occurred_at > self.at + AHEAD
        return f"occurred in the future: {row.signal.occurred_at.isoformat()}" if late else None

    def keep(self, connection: Connection, chunk: Sequence[Signal], report: Report) -> None:
        """Store signals with whom they concern, follow moves, and ask a person where there is doubt."""
        linked = link(connection, [self._timely(signal) for signal in chunk], self.project, self.titles, self.at)
        new = signals.store(connection, linked, self.at)
        fresh = [one for one in linked if (one.signal.source, one.signal.id) in new]
        report.new += len(new)
        report.unknown += sum(
            one.contact is None and one.account is None and one.signal.kind != "timer" for one in fresh
        )
        contacts = {one.contact for one in fresh if one.contact is not None}
        report.doubtful += self._ask(connection, list(new.values()))
        links = [link for one in fresh for link in _links(one)]
        follow(connection, contacts, self.policies, self.at, links)

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
        received = min(signal.received_at, self.at)
        occurred = min(signal.occurred_at, self.at)
        timely = signal.model_copy(update={"received_at": max(received, occurred), "occurred_at": occurred})
        return complete(timely, self.titles)


def _links(one: Linked) -> Iterator[people.Link]:
    """The identifiers that a signal adds to what we know of someone, or of everybody whom it may concern."""
    sure = one.contact is not None
    for contact in (one.contact,) if one.contact is not None else sorted(one.maybe):
        for kind, value in one.keys:
            if kind != "domain":
                yield people.Link(contact, kind, value, f"signal {one.signal.source}", doubtful=not sure)
