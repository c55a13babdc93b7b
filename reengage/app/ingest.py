"""Taking signals in: what is new from every source, and once more what was received before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from reengage.app.mapping import Progress, Report, Taking
from reengage.app.polling import Polled, poll, settle
from reengage.app.project import CONNECTORS, Project
from reengage.app.receiving import again, receive_files, waiting
from reengage.model.text import counted
from reengage.sources.connector import Connector
from reengage.sources.connectors import usable_connectors as usable_in
from reengage.store import inbox, received
from reengage.store.database import Database
from reengage.store.received import Delivery


def usable_connectors(project: Project, names: Sequence[str] = ()) -> list[Connector]:
    """The connectors of a project (those named, if any are); raises where a file is wrong or a name unknown."""
    return usable_in(project.folder / CONNECTORS, names)


def ingest(
    database: Database,
    project: Project,
    at: datetime,
    names: Sequence[str] = (),
    progress: Progress | None = None,
    wall: datetime | None = None,
) -> list[Report]:
    """Take in what is new from these connectors, or from all; a file that cannot be read does not stop the others.

    `wall` is the time of the machine's clock, by which a file is settled; without it all are.
    """
    connectors = usable_connectors(project, names)
    take = Taking.begin(database, project, connectors, at, progress)
    found, polled = [], []
    for connector in connectors:
        report = take.reports[connector.name]
        if connector.path:
            looked = receive_files(database, project, connector, at, wall)
            new, report.known_files, report.refused = looked.found, looked.known, looked.problems
        else:
            polled += [_asked(database, project, connector, at, wall or at, names, report)] if connector.polling else []
            new = list(waiting(database, project, connector)) if connector.kind != "timer" else []
        report.files = len(new)
        found += new
    take.all(found)
    for one in polled:
        report = take.reports[one.connector.name]
        if (left := settle(database, one, at)) and not report.refused:
            report.refused.append(f"{one.connector.name}: {counted(left, 'page')} of before wait until it is mended")
    for connector in connectors:
        take.slots(connector)
    with database.writing() as connection:
        received.let_go_before(connection, at - project.keep_received)
    return list(take.reports.values())


def _asked(
    database: Database,
    project: Project,
    connector: Connector,
    at: datetime,
    now: datetime,
    names: Sequence[str],
    report: Report,
) -> Polled:
    """Ask an API; one that is named by itself is asked although it rests."""
    polled = poll(database, project, connector, at, now, insist=connector.name in names)
    report.refused += [polled.problem] if polled.problem else []
    report.notices += [polled.waits] if polled.waits else []
    return polled


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of mapping again what was received before; `gone` is what is not kept any more."""

    report: Report
    gone: int


def replay(
    database: Database,
    project: Project,
    at: datetime,
    names: Sequence[str] = (),
    since: datetime | None = None,
    progress: Progress | None = None,
) -> list[Replayed]:
    """Map again, without asking any source, what these connectors received since a moment.

    A record that is a signal already stays that one; new are those that were kept back or left out.
    """
    connectors = [one for one in usable_connectors(project, names) if one.kind != "timer"]
    with database.reading() as connection:
        deliveries = [one for each in connectors for one in received.since(connection, each.name, since)]
    return _map_again(database, project, at, connectors, deliveries, progress)


def retry(
    database: Database,
    project: Project,
    at: datetime,
    rows: Iterable[inbox.Quarantined],
    progress: Progress | None = None,
) -> list[Replayed]:
    """Map again what these rows that are kept back were received with."""
    with database.reading() as connection:
        deliveries = received.numbered(connection, {row.received_id for row in rows if row.received_id is not None})
    named = {one.connector for one in deliveries}
    connectors = [one for one in usable_connectors(project) if one.name in named]
    return _map_again(database, project, at, connectors, deliveries, progress)


def _map_again(
    database: Database,
    project: Project,
    at: datetime,
    connectors: Sequence[Connector],
    deliveries: Sequence[Delivery],
    progress: Progress | None,
) -> list[Replayed]:
    take = Taking.begin(database, project, connectors, at, progress)
    found, gone = [], {}
    for connector in connectors:
        theirs = [one for one in deliveries if one.connector == connector.name]
        kept = again(project, connector, theirs)
        take.reports[connector.name].files = len(kept)
        gone[connector.name] = len(theirs) - len(kept)
        found += kept
    take.all(found)
    return [Replayed(take.reports[connector.name], gone[connector.name]) for connector in connectors]
