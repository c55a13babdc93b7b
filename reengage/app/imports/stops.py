"""Opt-outs as files: also for people who are not contacts yet, and for whole companies."""

from __future__ import annotations

import re
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from reengage.app.elsewhere import Source, note_import
from reengage.app.imports.contacts import contacts_of, import_contacts
from reengage.app.imports.headings import Kind
from reengage.app.imports.names import READERS, identifier_of
from reengage.app.imports.presets.preset import Preset
from reengage.app.imports.sheet import (
    Progress,
    Report,
    Row,
    Sheet,
    Unusable,
    open_sheet,
    read_cell,
    read_moment,
    take,
)
from reengage.app.project import FILE, Project
from reengage.intake.salvage import mentions
from reengage.model.errors import ReengageError
from reengage.model.optout import OptOut, Purpose
from reengage.model.words import Channel
from reengage.people.identifiers import (
    canonical_email,
)
from reengage.store import optouts, stated
from reengage.store.database import Database

OPT_OUTS = Kind(
    "opt-outs",
    ("email", "phone", "linkedin_url", "domain", "company", "channels", "purpose", "at", "source", "their_words"),
    required=(),
    any_of=("email", "phone", "linkedin_url", "domain", "company"),
    may_stop=lambda cells: True,
)

_SOURCE = "import opt-outs"


def import_opt_outs(
    database: Database,
    project: Project,
    path: Path,
    at: datetime,
    progress: Progress | None = None,
    source: Source | None = None,
) -> Report:
    """Take in a list of people who said stop; each identifier of a row is recorded on its own.

    `source` is who says so where a row does not; that it was heard is remembered once the whole file is in.
    """
    told_by = source.name if source else _SOURCE
    sheet = open_sheet(path, OPT_OUTS, project)
    _refuse_unmapped_identifiers(sheet)

    def write(connection: Connection, rows: list[Row], report: Report) -> None:
        stops = []
        for row in rows:
            try:
                stops += _parse(row, project, report, told_by)
            except Unusable as error:
                report.bad.append((row.line, str(error)))
        fresh = stated.unstated_identifiers(connection, stops)
        optouts.record(connection, fresh, at)
        report.changed += len(fresh)

    report = take(database, sheet, at, write, progress)
    if source:
        note_import(database, source, path, report.rows, at)
    return report


def import_flags(
    database: Database,
    project: Project,
    path: Path,
    at: datetime,
    progress: Progress | None = None,
    preset: Preset | None = None,
    *,
    source: Source,
) -> Report:
    """Take in contacts with the opt-out flags of a CRM; raises ReengageError where no column holds any."""
    if not open_sheet(path, contacts_of(project), project, preset).meaning.flags:
        raise ReengageError(
            f"no column says who has opted out, so {source.name} would not be heard; nothing was imported",
            where=str(path),
            help=f'add to {FILE} under [import.columns]: "Your heading" = "opted_out"',
        )
    report = import_contacts(database, project, path, at, progress, preset)
    note_import(database, source, path, report.rows, at)
    return report


def _parse(row: Row, project: Project, report: Report, told_by: str) -> list[OptOut]:
    """One entry per identifier that can be read; raises Unusable where there is none."""
    found, unread = [], []
    for column, read in READERS.items():
        keys = read_cell(row.get(column) or "", partial(read, project=project))
        found += [key for key in keys if key]
        if not all(keys):
            unread.append(column)
            found += [key for text in mentions(row.get(column) or "") if (key := identifier_of(text, project))]
    if not found:
        raise Unusable(f"{unread[0]} cannot be read" if unread else "no e-mail, phone, LinkedIn profile or domain")
    report.bad += [(row.line, f"{column} cannot be read; the rest of the row counts") for column in unread]
    told: dict[str, Any] = {
        "channels": _channels(row),
        "purpose": _purpose(row),
        "source": row.get("source") or told_by,
        "their_words": row.get("their_words"),
        "effective_at": _moment(row, project, report),
    }
    return [OptOut(identifier_kind=kind, identifier_value=value, **told) for kind, value in dict.fromkeys(found)]


def _moment(row: Row, project: Project, report: Report) -> datetime | None:
    """When they said it; a date that cannot be read must not lose the stop, which then counts from its recording."""
    try:
        return read_moment(row, "at", project.settings.zone)
    except Unusable as error:
        report.remarks.append(f"line {row.line}: {error}; the stop counts from now")
        return None


def _purpose(row: Row) -> Purpose:
    """What a stop is about; being approached, which closes more, where nothing else is clearly said."""
    word = re.sub(r"[\s-]+", "_", (row.get("purpose") or "").strip().casefold())
    return Purpose.SALE_SHARE if word == Purpose.SALE_SHARE else Purpose.MARKETING


def _channels(row: Row) -> tuple[Channel, ...]:
    """The channels a stop closes; all of them where none is named or one cannot be read."""
    words = [word.strip().casefold() for word in (row.get("channels") or "").replace(",", ";").split(";")]
    named = [word for word in words if word]
    if not named or any(word not in tuple(Channel) for word in named):
        return ()
    return tuple(sorted({Channel(word) for word in named}))


def _refuse_unmapped_identifiers(sheet: Sheet) -> None:
    """Raise ReengageError where an ignored column holds what look like addresses or numbers of people."""
    unmapped = set(sheet.ignored)
    if not unmapped:
        return
    for found in sheet.table.rows():
        for heading in unmapped & set(getattr(found, "values", {})):
            cell = found.values[heading]  # type: ignore[union-attr]
            if _looks_like_identifier(cell):
                raise ReengageError(
                    f'the column "{heading}" holds what looks like addresses or numbers and is not mapped; '
                    "nothing was imported",
                    where=f"{sheet.path}:{found.line}",
                    help=f'add to {FILE} under [import.columns]: "{heading}" = "email"  (or phone, ignore)',
                )


def _looks_like_identifier(cell: str) -> bool:
    digits = sum(map(str.isdigit, cell))
    plain = not any(letter.isalpha() for letter in cell)
    looks_like_date = len(cell) >= 8 and cell[:4].isdigit() and cell[4:5] in "-/."
    return bool(canonical_email(cell)) or "linkedin.com/" in cell or (plain and digits >= 9 and not looks_like_date)
