"""Conversations: what was said, the hold that follows from it, and every stop at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from reengage.app.imports.headings import Kind
from reengage.app.imports.sheet import (
    Progress,
    Report,
    Row,
    Unusable,
    open_sheet,
    read_day,
    read_moment,
    read_word,
    take,
)
from reengage.app.imports.words import read_channel, read_response
from reengage.app.incidents import incidents
from reengage.app.project import Project
from reengage.intake.flags import looks_like_stop
from reengage.language.responses import Policy
from reengage.model.optout import EntryKind, OptOut
from reengage.model.people import IdentifierKind
from reengage.model.words import STOPS, Category, Response
from reengage.people.identifiers import canonical_email
from reengage.store import identity, optouts, stated, talks
from reengage.store.database import Database
from reengage.store.news import news

CONVERSATIONS = Kind(
    "conversations",
    (
        *("conversation_id", "contact_id", "email", "at", "channel", "rep_email", "response", "category"),
        *("their_words", "topic", "vendor", "contract_ends", "call_back_on", "wake_on", "referred_to"),
        *("recording_url", "notes", "title", "campaign", "script_variant"),
    ),
    required=("conversation_id", "at"),
    any_of=("contact_id", "email"),
    may_stop=lambda cells: any(looks_like_stop(cell) or cell.casefold() in tuple(STOPS) for cell in cells),
)

_SOURCE = "import conversations"
_TEXTS = (
    *("their_words", "topic", "vendor", "referred_to", "recording_url", "notes"),
    *("title", "campaign", "script_variant"),
)


def import_conversations(
    database: Database, project: Project, path: Path, at: datetime, progress: Progress | None = None
) -> Report:
    """Take in a file of conversations; one that is known stays as it is, and a stop closes its channels at once."""
    policies = project.usable_rules().responses
    sheet = open_sheet(path, CONVERSATIONS, project)

    def write(connection: Connection, rows: list[Row], report: Report) -> None:
        _write(connection, rows, report, project, policies, at)

    return take(database, sheet, at, write, progress)


def _write(
    connection: Connection,
    rows: Sequence[Row],
    report: Report,
    project: Project,
    policies: Mapping[Response, Policy],
    at: datetime,
) -> None:
    found, strangers = _find(connection, rows)
    parsed: list[dict[str, Any]] = []
    stops: list[OptOut] = []
    for row in rows:
        contact = found.get(row.line)
        try:
            values = _parse(row, project, at)
        except Unusable as error:
            report.bad.append((row.line, str(error)))
            stops += _doubtful_stops(row, contact, row.line in strangers)
            continue
        said = _stops(values, row, contact, row.line in strangers, policies)
        stops += said
        if contact is None:
            told = "the stop was recorded for this name" if said else "import the contact first, or give its contact_id"
            report.bad.append((row.line, f"this contact_id or e-mail names no single contact; {told}"))
            continue
        if values["response"] is None:
            report.remarks.append(f"line {row.line}: no response, so it makes no hold")
        tags = policies[Response(values["response"])].desk.tags if values["response"] else ()
        parsed.append({**values, "contact_id": contact, "tags": list(tags)})
    new = talks.add(connection, parsed, at)
    fresh = [row for row in parsed if row["key"] in new and row["response"] not in tuple(STOPS)]
    report.remarks += incidents(connection, {row["contact_id"]: row["at"] for row in fresh})
    report.changed += len(new)
    touched = {row["contact_id"] for row in parsed if row["key"] in new}
    talks.refold(connection, touched, policies, at)
    optouts.record(connection, stated.unstated(connection, stops), at)
    news(connection, touched, (), at)


def _find(connection: Connection, rows: Sequence[Row]) -> tuple[dict[int, int], set[int]]:
    """The contact of each row, by its contact_id, else by its e-mail; and the rows whose contact_id is not known."""
    keys: dict[int, list[tuple[str, str]]] = {}
    for row in rows:
        email = canonical_email(row.get("email") or "")
        names = [(IdentifierKind.IMPORT.value, row.get("contact_id")), (IdentifierKind.EMAIL.value, email)]
        keys[row.line] = [(kind, value) for kind, value in names if value]
    known = identity.whom(connection, [key for names in keys.values() for key in names])
    found = {line: known[key] for line, names in keys.items() for key in reversed(names) if key in known}
    strangers = {
        line
        for line, names in keys.items()
        if any(kind == IdentifierKind.IMPORT and (kind, value) not in known for kind, value in names)
    }
    return found, strangers


def _parse(row: Row, project: Project, at: datetime) -> dict[str, Any]:
    key = row.get("conversation_id")
    moment = read_moment(row, "at", project.settings.zone)
    if key is None or moment is None:
        raise Unusable("conversation_id is empty" if key is None else "at is empty")
    if moment > at:
        raise Unusable(f"at {moment.isoformat()} lies in the future")
    response = read_response(row, "response", project)
    return {
        "key": key,
        "at": moment,
        "channel": read_channel(row, "channel"),
        "rep_email": canonical_email(row.get("rep_email") or ""),
        "response": response,
        "category": read_word(row, "category", tuple(Category)),
        "contract_ends": read_day(row, "contract_ends"),
        "call_back_on": read_day(row, "call_back_on"),
        "wake_on": [word.strip().casefold() for word in (row.get("wake_on") or "").split(";") if word.strip()],
        **{name: row.get(name) for name in _TEXTS},
    }


def _stops(
    values: Mapping[str, Any],
    row: Row,
    contact: int | None,
    stranger: bool,
    policies: Mapping[Response, Policy],
) -> list[OptOut]:
    if values["response"] not in tuple(STOPS):
        return []
    told = {
        "channels": policies[Response(values["response"])].channels,
        "their_words": values["their_words"],
        "effective_at": values["at"],
    }
    return list(_opt_outs(row, contact, stranger, told))


def _doubtful_stops(row: Row, contact: int | None, stranger: bool) -> list[OptOut]:
    """A row that cannot be taken in but may be a stop closes everything until a person has looked at it."""
    response = (row.get("response") or "").casefold()
    if not looks_like_stop(response) and response.replace(" ", "_") not in tuple(STOPS):
        return []
    told = {"kind": EntryKind.PROVISIONAL, "their_words": f"the response reads: {response[:80]}"}
    return list(_opt_outs(row, contact, stranger, told))


def _opt_outs(row: Row, contact: int | None, stranger: bool, told: dict[str, Any]) -> Iterator[OptOut]:
    """A stop for whom the row names, and one for a contact_id that is not in the book yet."""
    email = canonical_email(row.get("email") or "")
    if contact is not None or email:
        kind = IdentifierKind.EMAIL if email else None
        yield OptOut(contact_id=contact, identifier_kind=kind, identifier_value=email, source=_SOURCE, **told)
    if stranger:
        key = row.get("contact_id")
        yield OptOut(identifier_kind=IdentifierKind.IMPORT, identifier_value=key, source=_SOURCE, **told)
