"""Taking signals in: every new file and timer slot once, opt-outs before anything else."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from reengage.app.hearing import certainty_of, complete
from reengage.app.imports.contacts import regions_of
from reengage.app.project import Project
from reengage.language.titles import Titles
from reengage.model.errors import ReengageError, UsageError
from reengage.model.optout import OptOut
from reengage.model.people import Account, IdentifierKind
from reengage.model.signal import Keys, Signal
from reengage.model.words import Certainty, Channel
from reengage.people.identifiers import canonical_domain, canonical_email, canonical_linkedin, canonical_phone
from reengage.sources.connector import Connector
from reengage.sources.connectors import load_connectors
from reengage.sources.files import files_of
from reengage.sources.rows import Bad, Good, Row
from reengage.sources.signals import read_file
from reengage.sources.timers import slots_of
from reengage.store import inbox, optouts, people, signals
from reengage.store.database import Database
from reengage.store.people import Key
from reengage.store.signals import MOVES, Linked

T = TypeVar("T")

CHUNK = 500
"""Signals written in one transaction."""

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


@dataclass(frozen=True, slots=True)
class _File:
    connector: Connector
    path: Path
    name: str
    sha256: str


def usable_connectors(project: Project, names: Sequence[str] = ()) -> list[Connector]:
    """The connectors of a project (those named, if any are); raises where a file is wrong or a name unknown."""
    connectors, problems = load_connectors(project.folder / "connectors")
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise ReengageError(
            f"the connectors have {len(errors)} errors; the first: {errors[0].message}",
            where=str(errors[0].position),
            help="reengage check shows all of them",
        )
    known = {connector.name: connector for connector in connectors}
    for name in names:
        if name not in known:
            raise UsageError(f'no connector is called "{name}"', help=f"there are: {', '.join(known) or 'none'}")
    return [known[name] for name in names] if names else list(connectors)


def ingest(
    database: Database,
    project: Project,
    at: datetime,
    names: Sequence[str] = (),
    progress: Progress | None = None,
) -> list[Report]:
    """Take in what is new from these connectors, or from all; a file that cannot be read does not stop the others."""
    connectors = usable_connectors(project, names)
    titles = project.usable_rules().titles
    reports = {connector.name: Report(connector.name) for connector in connectors}
    files = [file for connector in connectors for file in _new_files(database, project, connector, reports)]
    take = _Taking(database, project, titles, at, reports, progress)
    for file in files:
        if _may_opt_out(file.connector):
            take.opt_outs(file)
    for file in files:
        take.file(file)
    for connector in connectors:
        take.slots(connector)
    return list(reports.values())


def _new_files(
    database: Database, project: Project, connector: Connector, reports: dict[str, Report]
) -> Iterator[_File]:
    if connector.kind == "timer":
        return
    report = reports[connector.name]
    for path in files_of(connector, project.folder):
        sha256 = _digest(path)
        with database.reading() as connection:
            known = inbox.is_known(connection, connector.name, sha256)
        report.known_files += known
        if not known:
            report.files += 1
            yield _File(connector, path, str(path.relative_to(project.folder)), sha256)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _may_opt_out(connector: Connector) -> bool:
    return connector.map is None or connector.map.signal == "opt_out"


@dataclass(slots=True)
class _Taking:
    """One call of ingest: where things go, and the moment they are recorded at."""

    database: Database
    project: Project
    titles: Titles
    at: datetime
    reports: dict[str, Report]
    progress: Progress | None

    def opt_outs(self, file: _File) -> None:
        """Apply the stops of a file, before any other signal of this call is looked at."""
        report = self.reports[file.connector.name]
        try:
            rows = read_file(file.connector, file.path, self.at)
            stops = (row.signal for row in rows if isinstance(row, Good) and row.signal.kind == "opt_out")
            for chunk in _chunked(stops):
                with self.database.deciding() as connection:
                    self.database.in_order_of_arrival(connection)
                    report.opt_outs += self._stop(connection, chunk)
        except ReengageError:
            return  # the second pass over the same file says what is wrong with it

    def _stop(self, connection: Connection, chunk: Sequence[Signal]) -> int:
        """Record these stops, also one whose id another signal has had; returns how many said something new."""
        linked = self._link(connection, chunk)
        signals.store(connection, linked, self.at)
        told = [fresh for one in linked if (fresh := optouts.unstated(connection, list(_entries(one))))]
        optouts.record(connection, [entry for fresh in told for entry in fresh], self.at)
        return len(told)

    def file(self, file: _File) -> None:
        """Take in the other signals of a file, chunk by chunk, and remember the file."""
        report = self.reports[file.connector.name]
        source = f"connector {file.connector.name}"
        try:
            rows = read_file(file.connector, file.path, self.at)
            with self.database.writing() as connection:
                inbox.forget_quarantine(connection, source, file.name)
            total = 0
            for chunk in _chunked(rows):
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

    def _take(self, connection: Connection, chunk: Sequence[Row], file: _File, report: Report, source: str) -> None:
        bad = [(row.line, row.reason, row.raw) for row in chunk if isinstance(row, Bad)]
        good = []
        for row in (row for row in chunk if isinstance(row, Good)):
            if row.signal.occurred_at > self.at + AHEAD:
                bad.append((row.line, f"occurred in the future: {row.signal.occurred_at.isoformat()}", row.signal.id))
            elif row.signal.kind != "opt_out":
                good.append(row.signal)
            elif not _names_anybody(row.signal, self.project):
                bad.append((row.line, "a stop whose keys cannot be read, so it reaches nobody", str(row.signal.keys)))
        report.rows += len(chunk)
        report.bad += [(file.name, line, reason) for line, reason, _ in bad]
        inbox.quarantine(connection, source, file.name, bad, self.at)
        self.keep(connection, good, report)

    def keep(self, connection: Connection, chunk: Sequence[Signal], report: Report) -> None:
        """Store signals with whom they concern, follow moves, and ask a person where there is doubt."""
        linked = self._link(connection, [self._timely(signal) for signal in chunk])
        new = signals.store(connection, linked, self.at)
        fresh = [one for one in linked if (one.signal.source, one.signal.id) in new]
        report.new += len(new)
        report.unknown += sum(
            one.contact is None and one.account is None and one.signal.kind != "timer" for one in fresh
        )
        contacts = {one.contact for one in fresh if one.contact is not None}
        people.link(connection, [link for one in fresh for link in _links(one)], self.at)
        report.doubtful += self._ask(connection, list(new.values()))
        signals.fold_moves(
            connection, {one.contact for one in fresh if one.contact and one.signal.kind in MOVES}, self.at
        )
        people.rekey(connection, contacts)
        optouts.settle(connection, contacts, self.at)

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

    def _link(self, connection: Connection, chunk: Sequence[Signal]) -> list[Linked]:
        """Whom each signal concerns: the one contact all its keys name, else the company of its domain."""
        keys = [tuple(person_keys(signal.keys, self.project)) for signal in chunk]
        named = people.find_contacts(connection, [key for some in keys for key in some])
        places = [_place(signal) for signal in chunk]
        domains = [canonical_domain(signal.keys.domain or "") for signal in chunk]
        accounts = people.find_accounts(connection, [*places, *((None, domain) for domain in domains)])
        history = signals.histories(connection, set(named.values()))
        linked = []
        for signal, some, place, domain in zip(chunk, keys, places, domains, strict=True):
            contacts = {named[key] for key in some if key in named}
            contact = min(contacts) if len(contacts) == 1 else None
            company = None if contact or signal.kind in MOVES else people.account_of(accounts, None, domain)
            about = people.account_of(accounts, *place)
            sure = _certainty(signal, contacts, history, self.titles)
            all_keys = (*some, *((("domain", domain),) if domain else ()))
            linked.append(Linked(signal, all_keys, contact, company, about or company, sure))
        return linked


def _certainty(signal: Signal, contacts: set[int], history: dict[int, list[Account]], titles: Titles) -> Certainty:
    if len(contacts) > 1:
        return Certainty.UNCERTAIN
    return certainty_of(signal, [account for contact in contacts for account in history.get(contact, ())], titles)


def person_keys(keys: Keys, project: Project) -> Iterator[Key]:
    """The canonical identifiers of the person a signal names."""
    for text in (keys.email, *keys.emails):
        email = canonical_email(text) if text else None
        if email:
            yield IdentifierKind.EMAIL, email
    profile = canonical_linkedin(keys.linkedin) if keys.linkedin else None
    if profile:
        yield profile
    for text in (keys.phone, *keys.phones):
        phone = canonical_phone(text, regions_of(None, project)) if text else None
        if phone:
            yield IdentifierKind.PHONE, phone
    for system, id in sorted(keys.crm.items()):
        yield f"crm:{system.casefold()}", id
    for vendor, id in sorted(keys.vendor.items()):
        yield f"vendor:{vendor.casefold()}", id


def _names_anybody(signal: Signal, project: Project) -> bool:
    return any(person_keys(signal.keys, project)) or bool(canonical_domain(signal.keys.domain or ""))


def _links(one: Linked) -> Iterator[people.Link]:
    """The identifiers that a signal about one known contact adds to what we know of them."""
    if one.contact is not None:
        for kind, value in one.keys:
            if kind != "domain":
                yield people.Link(one.contact, kind, value, f"signal {one.signal.source}")


def _entries(one: Linked) -> Iterator[OptOut]:
    """A stop by signal: for the contact it names and for each of its identifiers."""
    facts = one.signal.facts
    named = str(facts.get("channels", "")).replace(",", ";").split(";")
    words = {word.strip().casefold() for word in named if word.strip()}
    channels = tuple(sorted(Channel(word) for word in words)) if words and words <= set(Channel) else ()
    told: dict[str, Any] = {
        "channels": channels,
        "source": f"signal {one.signal.source}",
        "effective_at": one.signal.occurred_at,
    }
    said = str(facts["words"]) if "words" in facts else None
    if one.contact is not None:
        yield OptOut(contact_id=one.contact, their_words=said, **told)
    persons = [key for key in one.keys if key[0] != "domain"]
    for kind, value in persons or one.keys:
        yield OptOut(identifier_kind=kind, identifier_value=value, their_words=said, **told)


def _place(signal: Signal) -> tuple[str | None, str | None]:
    """The company a move is about, by name and domain: the new one, or the one that was left for nobody knows where."""
    which = {"job_change": "new", "left_company": "previous"}.get(signal.kind)
    return (_text(signal, f"{which}_company"), _text(signal, f"{which}_domain")) if which else (None, None)


def _text(signal: Signal, name: str) -> str | None:
    value = signal.facts.get(name)
    return str(value) if value is not None else None


def _chunked(items: Iterable[T]) -> Iterator[list[T]]:
    chunk: list[T] = []
    for item in items:
        chunk.append(item)
        if len(chunk) >= CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
