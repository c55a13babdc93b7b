"""Reps: whose calendar counts, who manages whom, who is still there."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection

from reengage.app.imports.headings import Kind
from reengage.app.imports.presets.preset import Preset
from reengage.app.imports.sheet import Progress, Report, Row, Unusable, open_sheet, take
from reengage.app.project import Project
from reengage.engine.hours import read_hours
from reengage.language.diagnostic import quoted
from reengage.people.identifiers import canonical_email
from reengage.store import columns as t
from reengage.store.database import Database
from reengage.store.news import news_of_owners
from reengage.store.versions import put_versions

OWNERS = Kind(
    "owners",
    (
        *("owner_email", "name", "crm_owner_id", "time_zone", "country", "manager_email", "territory"),
        *("business_hours", "active"),
    ),
    required=("owner_email",),
)

_ACTIVE = {
    "": None,
    "true": True,
    "yes": True,
    "1": True,
    "y": True,
    "false": False,
    "no": False,
    "0": False,
    "n": False,
}


def import_owners(
    database: Database,
    project: Project,
    path: Path,
    at: datetime,
    progress: Progress | None = None,
    preset: Preset | None = None,
) -> Report:
    """Take in a file of reps; an empty cell keeps what was known."""

    def write(connection: Connection, rows: list[Row], report: Report) -> None:
        parsed = []
        for row in rows:
            try:
                parsed.append(_parse(row))
            except Unusable as error:
                report.bad.append((row.line, str(error)))
        changed = put_versions(connection, t.OwnerRow, "email", parsed, at)
        report.changed += len(changed)
        news_of_owners(connection, changed, at)

    return take(database, open_sheet(path, OWNERS, project, preset), at, write, progress)


def _parse(row: Row) -> dict[str, Any]:
    email = canonical_email(row.get("owner_email") or "")
    if email is None:
        raise Unusable("owner_email cannot be read")
    zone = row.get("time_zone")
    if zone and not _is_zone(zone):
        raise Unusable(f"time_zone {quoted(zone)} is not a zone like Europe/Berlin")
    hours = row.get("business_hours")
    try:
        read_hours(hours or "09:00-17:00")
    except ValueError as error:
        raise Unusable(f"business_hours: {error}") from None
    active = (row.get("active") or "").casefold()
    if active not in _ACTIVE:
        raise Unusable(f"active {quoted(active)} is neither true nor false")
    return {
        "email": email,
        "name": row.get("name"),
        "crm_id": row.get("crm_owner_id"),
        "time_zone": zone,
        "country": row.get("country"),
        "manager_email": canonical_email(row.get("manager_email") or ""),
        "territory": row.get("territory"),
        "business_hours": hours,
        "active": _ACTIVE[active],
    }


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
