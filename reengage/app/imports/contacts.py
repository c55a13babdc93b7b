"""Contacts: who they are, where they work, by which names we know them, and whether they said stop."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from reengage.app.following import follow
from reengage.app.imports.columns import CONTACT_COLUMNS
from reengage.app.imports.headings import Kind
from reengage.app.imports.persons import Parsed, names_in, read_persons
from reengage.app.imports.presets.preset import Preset
from reengage.app.imports.reps import known_reps, unknown_reps
from reengage.app.imports.sheet import Mark, Progress, Report, Row, open_sheet, take
from reengage.app.project import Project
from reengage.intake.flags import read_flag
from reengage.language.responses import Policy
from reengage.model.optout import EntryKind, OptOut, StatedBy
from reengage.model.people import IdentifierKind
from reengage.model.words import Channel, Response
from reengage.people.identifiers import (
    is_freemail,
    registrable,
)
from reengage.store import columns as t
from reengage.store import identity, optouts, people, signals, stated
from reengage.store.accounts import put_accounts
from reengage.store.database import Database
from reengage.store.erasure import follow_erased
from reengage.store.identity import Said
from reengage.store.jobs import employ
from reengage.store.keys import find_erased
from reengage.store.news import news, news_of_owners
from reengage.store.versions import put_versions

CONTACTS = Kind(
    "contacts",
    CONTACT_COLUMNS,
    required=("contact_id",),
    any_of=("email", "other_emails", "phone", "linkedin_url", "crm_contact_id"),
    may_stop=lambda cells: any(read_flag(cell) for cell in cells),
)

_SOURCE = "import contacts"


def contacts_of(project: Project) -> Kind:
    """A file of contacts as this project writes it: with the fields that it declares."""
    return replace(CONTACTS, columns=(*CONTACT_COLUMNS, *project.settings.own_fields))


def import_contacts(
    database: Database,
    project: Project,
    path: Path,
    at: datetime,
    progress: Progress | None = None,
    preset: Preset | None = None,
) -> Report:
    """Take in a file of contacts; the same file again changes nothing, and nothing here can lift an opt-out."""
    rules = project.usable_rules()
    sheet = open_sheet(path, contacts_of(project), project, preset)

    def write(connection: Connection, rows: list[Row], report: Report) -> None:
        reps = known_reps(connection, at)
        parsed, refused = read_persons(rows, project, rules.titles, reps, report)
        report.remarks += set(unknown_reps((one.row for one in parsed), reps)).difference(report.remarks)
        optouts.record(connection, stated.unstated(connection, _stops_of(refused, project)), at)
        _write(connection, project, parsed, rules.responses, report, at)

    return take(database, sheet, at, write, progress)


def _write(
    connection: Connection,
    project: Project,
    parsed: list[Parsed],
    policies: Mapping[Response, Policy],
    report: Report,
    at: datetime,
) -> None:
    parsed = _without_erased(connection, parsed, report, at)
    ids = _contacts(connection, [one.key for one in parsed], at)
    accounts = put_accounts(connection, [one.account for one in parsed], at)
    profiles = [{"contact_id": ids[one.key], "own_fields": one.own_fields, **one.profile} for one in parsed]
    jobs = [
        {"contact_id": ids[one.key], "account_id": account, "site": _site(one.account["domain"]), **one.job}
        for one, account in zip(parsed, accounts, strict=True)
        if account is not None or any(one.job.values())
    ]
    changed = put_versions(connection, t.ProfileRow, "contact_id", profiles, at)
    moved = employ(connection, jobs, at)
    known = _known_ids(connection, [id for one in parsed for id in _cell_ids(one.row)], ids)
    links = [
        people.Link(ids[one.key], kind, value, _SOURCE)
        for one in parsed
        for kind, value in ((IdentifierKind.IMPORT, one.key), *one.identifiers, *_aliases(one, known))
    ]
    told = identity.unsaid(connection, _merges(connection, parsed, ids))
    identity.say(connection, told, at)
    _crm_owners(connection, parsed, at)
    domains = {
        registrable(one.account["domain"]) or one.account["domain"]: account
        for one, account in zip(parsed, accounts, strict=True)
        if account is not None and one.account["domain"] and not is_freemail(one.account["domain"])
    }
    joined = {id for one in told for id in (one.keep, one.other)}
    followed = follow(connection, moved | changed | joined, policies, at, links)
    claimed = signals.claim_companies(connection, domains, at) + followed.claimed
    if claimed:
        report.remarks.append(f"{claimed} earlier signals turned out to be about these contacts and companies")
    report.remarks += _about_shared(connection, followed.shared)
    optouts.record(connection, _stops(connection, parsed, ids, project), at)
    report.changed += len(followed.given | moved | changed)
    news(connection, followed.given | moved | changed, (), at)


def _without_erased(connection: Connection, parsed: Sequence[Parsed], report: Report, at: datetime) -> list[Parsed]:
    """The rows of people who were not erased; what is new about the others is kept as digests, and nothing else."""
    gone = find_erased(connection, [key for one in parsed for key in one.identifiers])
    erased = {one.row.line: {id for key in one.identifiers for id in gone.get(key, ())} for one in parsed}
    again = [one for one in parsed if erased[one.row.line]]
    follow_erased(connection, [(one.identifiers, erased[one.row.line]) for one in again], at)
    report.remarks += [
        f"line {one.row.line}: someone who was erased; their no stays, the row does not" for one in again
    ]
    return [one for one in parsed if not erased[one.row.line]]


def _merges(connection: Connection, parsed: Sequence[Parsed], ids: Mapping[str, int]) -> list[Said]:
    """What the CRM says it has merged: an old id that we have is the same human, one that we do not have a name."""
    old = {one.key: _cell_ids(one.row) for one in parsed}
    known = people.find_contacts(connection, [(IdentifierKind.IMPORT, id) for found in old.values() for id in found])
    return [
        Said(identity.MERGED, ids[key], known[IdentifierKind.IMPORT, id], _SOURCE)
        for key, found in old.items()
        for id in found
        if (IdentifierKind.IMPORT, id) in known and known[IdentifierKind.IMPORT, id] != ids[key]
    ]


def _aliases(one: Parsed, known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Ids that the CRM has merged into this one, so that what comes under them later finds its way."""
    return ((IdentifierKind.IMPORT.value, id) for id in _cell_ids(one.row) if id not in known)


def _known_ids(connection: Connection, wanted: Sequence[str], ids: Mapping[str, int]) -> set[str]:
    found = people.find_contacts(connection, [(IdentifierKind.IMPORT, id) for id in wanted])
    return {id for _, id in found} | set(ids)


def _cell_ids(row: Row) -> list[str]:
    if not row.get("merged_contact_ids"):
        return []
    return [id.strip() for id in (row.get("merged_contact_ids") or "").split(";") if id.strip()]


def _about_shared(connection: Connection, shared: Sequence[people.Shared]) -> Iterator[str]:
    """What became of identifiers that turned out to be on several contacts."""
    persons = identity.keepers(connection, {id for one in shared for id in one.contacts})
    for one in shared:
        kind, number = one.kind.partition(":")[0], len(one.contacts)
        if len({persons[id] for id in one.contacts}) == 1:
            yield f"one {kind} stands on {number} contacts: they are one human from now on"
        else:
            yield f"one {kind} stands on {number} contacts: it names none of them, and a stop on it reaches all"


def _site(domain: str | None) -> str | None:
    """The domain where it is only a part of the company's: an opt-out may be for that part alone."""
    return domain if domain and domain != registrable(domain) else None


def _contacts(connection: Connection, keys: Sequence[str], at: datetime) -> dict[str, int]:
    known = people.find_contacts(connection, [(IdentifierKind.IMPORT, key) for key in keys])
    found = {key: id for (_, key), id in known.items()}
    new = [key for key in dict.fromkeys(keys) if key not in found]
    return {**found, **people.add_contacts(connection, new, at)}


def _stops(connection: Connection, parsed: Sequence[Parsed], ids: dict[str, int], project: Project) -> list[OptOut]:
    """The opt-outs these rows state and the ledger does not have yet; a flag that cannot be read is provisional."""
    wanted = [stop for one in parsed for stop in _flagged(one.row, {"contact_id": ids[one.key]})]
    wanted += _stops_of([one.row for one in parsed if one.remarks], project)
    return stated.unstated(connection, wanted)


def _stops_of(refused: Sequence[Row], project: Project) -> list[OptOut]:
    """A row that cannot be taken in still says no, under every name it has that can be read."""
    return [
        stop
        for row in refused
        for kind, value in dict.fromkeys(names_in(row, project))
        for stop in _flagged(row, {"identifier_kind": kind, "identifier_value": value})
    ]


def _flagged(row: Row, subject: dict[str, Any]) -> Iterator[OptOut]:
    """One stop for each channel that a flag of the row closes; a sure one goes before one in doubt."""
    said: dict[Channel | None, Mark] = {}
    for mark in row.flags:
        before = said.get(mark.channel)
        if mark.stop is not False and (before is None or (mark.stop and not before.stop)):
            said[mark.channel] = mark
    for channel, mark in said.items():
        yield OptOut(
            kind=EntryKind.OPT_OUT if mark.stop else EntryKind.PROVISIONAL,
            channels=(channel,) if channel else (),
            stated_by=StatedBy.STAFF,
            source=_SOURCE,
            their_words=mark.words,
            **subject,
        )


def _crm_owners(connection: Connection, parsed: Sequence[Parsed], at: datetime) -> None:
    rows = {
        one.profile["owner_email"]: {"email": one.profile["owner_email"], "crm_id": one.row.get("crm_owner_id")}
        for one in parsed
        if one.profile["owner_email"] and one.row.get("crm_owner_id")
    }
    changed = put_versions(connection, t.OwnerRow, "email", list(rows.values()), at)
    news_of_owners(connection, changed, at)
