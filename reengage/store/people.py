"""Contacts with their identifiers and employers, companies and reps: looking up and adding in sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from reengage.model.people import Account, Employment, Owner
from reengage.model.words import AccountStatus
from reengage.people.companies import company_key
from reengage.people.identifiers import is_freemail, is_role_address, lookup_keys, registrable
from reengage.store import columns as t
from reengage.store.versions import chunks, insert_new, known, put_versions

Key = tuple[str, str]
"""(kind, canonical value) of an identifier."""


@dataclass(frozen=True, slots=True)
class Link:
    """An identifier that a source says is this contact's."""

    contact_id: int
    kind: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Shared:
    """An identifier that turned out to be on several contacts, so that it names none of them."""

    kind: str
    value: str
    contacts: tuple[int, ...]


def find_contacts(connection: Connection, keys: Iterable[Key]) -> dict[Key, int]:
    """The contact that each of these identifiers names; shared and unknown ones are left out."""
    row, found = t.IdentifierRow, {}
    for kind, values in by_kind(keys).items():
        for some in chunks(values):
            statement = select(row.value, row.contact_id).where(row.kind == kind, row.value.in_(some), ~row.shared)
            found.update({(kind, hit.value): hit.contact_id for hit in connection.execute(statement)})
    return found


def add_contacts(connection: Connection, keys: Collection[str], at: datetime) -> dict[str, int]:
    """Make contacts of these imported ids; returns their numbers."""
    if not keys:
        return {}
    statement = insert(t.ContactRow).returning(t.ContactRow.key, t.ContactRow.id)
    rows = [{"key": key, "recorded_at": at} for key in keys]
    return {row.key: row.id for row in connection.execute(statement, rows)}


def link(connection: Connection, links: Collection[Link], at: datetime) -> list[Shared]:
    """Link identifiers to contacts; one that is on several contacts becomes shared and is reported when it first is."""
    wanted = {(one.kind, one.value, one.contact_id): one for one in links}
    holders = _holders(connection, {(kind, value) for kind, value, _ in wanted})
    rows, newly_shared = [], set()
    for (kind, value, contact), one in wanted.items():
        others = holders[kind, value]
        if contact in others:
            continue
        others[contact] = False
        shared = len(others) > 1 or (kind == "email" and is_role_address(value))
        if len(others) > 1:
            newly_shared.add((kind, value))
        rows.append(
            {
                "kind": kind,
                "value": value,
                "contact_id": contact,
                "shared": shared,
                "source": one.source,
                "recorded_at": at,
            }
        )
    for kind, value in newly_shared:
        same = (t.IdentifierRow.kind == kind, t.IdentifierRow.value == value)
        connection.execute(update(t.IdentifierRow).where(*same).values(shared=True))
    rows = [{**row, "shared": row["shared"] or (row["kind"], row["value"]) in newly_shared} for row in rows]
    insert_new(connection, t.IdentifierRow, rows)
    return [Shared(kind, value, tuple(sorted(holders[kind, value]))) for kind, value in sorted(newly_shared)]


def unknown_links(connection: Connection, links: Collection[Link]) -> list[Link]:
    """Those of these links that are not there yet."""
    holders = _holders(connection, {(one.kind, one.value) for one in links})
    return [one for one in links if one.contact_id not in holders[one.kind, one.value]]


def rekey(connection: Connection, contacts: Collection[int]) -> None:
    """File these contacts anew under every key by which an opt-out would reach them.

    Addresses at a former employer's domain do not count for that company's opt-out: it does not follow a leaver.
    """
    jobs = _jobs(connection, contacts)
    identifiers = _identifiers(connection, contacts)
    domains = _account_domains(connection, {job.account_id for found in jobs.values() for job in found})
    rows = []
    for contact in contacts:
        present = current_job(jobs.get(contact, ()))
        employers = {domains.get(job.account_id) for job in jobs.get(contact, ())}
        here = domains.get(present.account_id) if present else None
        keys = _keys_of(identifiers.get(contact, ()), here, employers - {here, None})
        if present and present.site:
            keys |= set(lookup_keys("domain", present.site))
        rows += [{"kind": kind, "value": value, "contact_id": contact} for kind, value in keys]
    for some in chunks(contacts):
        connection.execute(delete(t.ContactKeyRow).where(t.ContactKeyRow.contact_id.in_(some)))
    if rows:
        connection.execute(insert(t.ContactKeyRow), rows)


def _keys_of(identifiers: Iterable[Key], here: str | None, former: Collection[str | None]) -> set[Key]:
    keys = {key for kind, value in identifiers for key in lookup_keys(kind, value)}
    if here:
        keys |= set(lookup_keys("domain", here))
    return {
        (kind, value)
        for kind, value in keys
        if kind != "domain" or not (is_freemail(value) or (registrable(value) or value) in former)
    }


def find_accounts(connection: Connection, names: Iterable[tuple[str | None, str | None]]) -> dict[Key, int]:
    """Companies by ("domain", registrable domain) and ("name", key of the name) of these (name, domain) pairs."""
    pairs = list(names)
    row, found = t.AccountRow, {}
    wanted = {registrable(domain) or domain for _, domain in pairs if domain}
    for some in chunks(wanted):
        statement = select(row.domain, row.id).where(row.domain.in_(some))
        found.update({("domain", hit.domain): hit.id for hit in connection.execute(statement)})
    for some in chunks({company_key(name) for name, _ in pairs if name} - {""}):
        statement = select(row.name_key, row.id).where(row.name_key.in_(some)).order_by(row.id.desc())
        found.update({("name", hit.name_key): hit.id for hit in connection.execute(statement)})
    return found


def account_of(found: Mapping[Key, int], name: str | None, domain: str | None) -> int | None:
    """The company of a name and a domain among those found: by domain where both sides have one, else by name."""
    site = registrable(domain) or domain if domain and not is_freemail(domain) else None
    if site and ("domain", site) in found:
        return found["domain", site]
    return found.get(("name", company_key(name))) if name and not site else None


def put_accounts(connection: Connection, rows: Sequence[Mapping[str, Any]], at: datetime) -> list[int | None]:
    """Find or make the company of each row (name, domain, status, crm_id); a status that is given is recorded.

    `if_new` is the status of a company that was not in the book.
    """
    found = find_accounts(connection, ((row.get("name"), row.get("domain")) for row in rows))
    ids: list[int | None] = []
    statuses: dict[int, dict[str, Any]] = {}
    for row in rows:
        name, domain = row.get("name"), row.get("domain")
        domain = None if domain and is_freemail(domain) else domain
        id = account_of(found, name, domain)
        if id is None and (name or domain):
            id = _add_account(connection, name, domain, row.get("crm_id"), at)
            statuses |= {id: {"account_id": id, "status": row["if_new"]}} if row.get("if_new") else {}
            found |= {("name", company_key(name)): id} if name else {}
            found |= {("domain", registrable(domain) or domain): id} if domain else {}
        if id is not None and row.get("status"):
            statuses[id] = {"account_id": id, "status": row["status"]}
        ids.append(id)
    changed = put_versions(connection, t.AccountStatusRow, "account_id", list(statuses.values()), at)
    news(connection, (), changed, at)
    return ids


def _add_account(connection: Connection, name: str | None, domain: str | None, crm_id: str | None, at: datetime) -> int:
    site = registrable(domain) or domain if domain else None
    row = {
        "name": name or site or "",
        "name_key": company_key(name or site or ""),
        "domain": site,
        "crm_id": crm_id,
        "recorded_at": at,
    }
    return int(connection.execute(insert(t.AccountRow).returning(t.AccountRow.id), row).scalar_one())


def employ(connection: Connection, rows: Sequence[Mapping[str, Any]], at: datetime) -> set[int]:
    """Record employments from an import; returns the contacts for whom something changed.

    The first one reaches back as far as we know; a later one counts only where the source itself changed,
    so that a CRM that still names the old employer does not undo a move we heard of.
    """
    current = _imported_jobs(connection, [row["contact_id"] for row in rows])
    changed: dict[int, dict[str, Any]] = {}
    old: list[int] = []
    for row in rows:
        before = current.get(row["contact_id"])
        said = {name: value for name, value in row.items() if value is not None}
        if before and all(before.get(name) == value for name, value in said.items()):
            continue
        moved = before is not None and said.get("account_id", before["account_id"]) != before["account_id"]
        kept = {} if before is None or moved else {name: before[name] for name in _JOB}
        new = {**dict.fromkeys(_JOB), **kept, **said, "source": "import", "recorded_at": at}
        new["since"] = at if moved else (before or {}).get("since")
        if before and not moved and before.get("id") is not None:
            old.append(before["id"])
        current[row["contact_id"]] = new
        changed[row["contact_id"]] = new
    for some in chunks(old):
        connection.execute(update(t.EmploymentRow).where(t.EmploymentRow.id.in_(some)).values(superseded_at=at))
    if changed:
        connection.execute(insert(t.EmploymentRow), [{**row, "contact_id": id} for id, row in changed.items()])
    return set(changed)


_JOB = ("account_id", "title", "seniority", "department", "site")


def _imported_jobs(connection: Connection, contacts: Iterable[int]) -> dict[int, dict[str, Any]]:
    row, found = t.EmploymentRow, {}
    for some in chunks(contacts):
        statement = select(row.__table__).where(
            row.contact_id.in_(some), row.source == "import", row.superseded_at.is_(None)
        )
        for job in connection.execute(statement.order_by(row.id)).mappings():
            found[job["contact_id"]] = dict(job)
    return found


def current_job(jobs: Iterable[Any]) -> Any:
    """The job that began last, whatever the order in which we heard; None where there is none."""
    return max(jobs, key=lambda job: (job.since is not None, job.since or 0, job.id), default=None)


def employments(connection: Connection, contacts: Collection[int], at: datetime | None = None) -> dict[int, list[Any]]:
    """All jobs we know of each contact, as rows (as known at a moment, if one is given)."""
    return _jobs(connection, contacts, at)


def _jobs(connection: Connection, contacts: Collection[int], at: datetime | None = None) -> dict[int, list[Any]]:
    row: Any = t.EmploymentRow
    found: dict[int, list[Any]] = defaultdict(list)
    condition = known(row, at) if at else row.superseded_at.is_(None)
    for some in chunks(contacts):
        for job in connection.execute(select(row.__table__).where(row.contact_id.in_(some), condition)):
            found[job.contact_id].append(job)
    return found


def _identifiers(connection: Connection, contacts: Collection[int]) -> dict[int, list[Key]]:
    row = t.IdentifierRow
    found: dict[int, list[Key]] = defaultdict(list)
    for some in chunks(contacts):
        statement = select(row.contact_id, row.kind, row.value).where(row.contact_id.in_(some))
        for hit in connection.execute(statement):
            found[hit.contact_id].append((hit.kind, hit.value))
    return found


def _holders(connection: Connection, keys: Iterable[Key]) -> dict[Key, dict[int, bool]]:
    row = t.IdentifierRow
    found: dict[Key, dict[int, bool]] = defaultdict(dict)
    for kind, values in by_kind(keys).items():
        for some in chunks(values):
            statement = select(row.value, row.contact_id, row.shared).where(row.kind == kind, row.value.in_(some))
            for hit in connection.execute(statement):
                found[kind, hit.value][hit.contact_id] = hit.shared
    return found


def _account_domains(connection: Connection, ids: Iterable[int | None]) -> dict[int | None, str | None]:
    found: dict[int | None, str | None] = {}
    for some in chunks({id for id in ids if id is not None}):
        statement = select(t.AccountRow.id, t.AccountRow.domain).where(t.AccountRow.id.in_(some))
        found.update({row.id: row.domain for row in connection.execute(statement)})
    return found


def read_accounts(
    connection: Connection, ids: Iterable[int], at: datetime, empty: AccountStatus = AccountStatus.UNKNOWN
) -> dict[int, Account]:
    """Companies with their status as known at a moment; `empty` is what no status means."""
    row, status, found = t.AccountRow, t.AccountStatusRow, {}
    for some in chunks(set(ids)):
        statuses = select(status.account_id, status.status).where(status.account_id.in_(some), known(status, at))
        stands = {hit.account_id: hit.status for hit in connection.execute(statuses)}
        for hit in connection.execute(select(row.__table__).where(row.id.in_(some))):
            found[hit.id] = Account(
                id=hit.id,
                name=hit.name,
                domain=hit.domain,
                status=AccountStatus(stands.get(hit.id, empty)),
                crm_id=hit.crm_id,
            )
    return found


def read_owners(connection: Connection, at: datetime) -> dict[str, Owner]:
    """The directory of reps as known at a moment, by e-mail."""
    rows = connection.execute(select(t.OwnerRow.__table__).where(known(t.OwnerRow, at))).mappings()
    names = Owner.model_fields
    return {row["email"]: Owner(**{name: row[name] for name in names}) for row in rows}


def as_employment(job: Any, accounts: Mapping[int, Account]) -> Employment | None:
    """A job as the engine sees it; None for someone who left without a new employer."""
    account = accounts.get(job.account_id)
    place = account or Account(name="")
    return Employment(
        account=place, title=job.title, seniority=job.seniority, department=job.department, since=job.since
    )


def former_domains(jobs: Sequence[Any], accounts: Mapping[int, Account]) -> set[str]:
    """The domains of companies that a contact has left."""
    present = current_job(jobs)
    here = accounts.get(present.account_id) if present else None
    domains = {accounts[job.account_id].domain for job in jobs if job.account_id in accounts}
    return {domain for domain in domains - {here.domain if here else None} if domain}


def news(connection: Connection, contacts: Iterable[int], accounts: Iterable[int], at: datetime) -> None:
    """Note that the answer for these contacts, or for everyone at these companies, may have changed."""
    rows = [{"contact_id": id, "account_id": None, "recorded_at": at} for id in sorted(set(contacts))]
    rows += [{"contact_id": None, "account_id": id, "recorded_at": at} for id in sorted(set(accounts))]
    if rows:
        connection.execute(insert(t.NewsRow), rows)


def news_of_owners(connection: Connection, emails: Iterable[str], at: datetime) -> None:
    """Note that the answer for everyone whose rep, or whose rep's manager, this is may have changed."""
    row, talk, rep, reached = t.ProfileRow, t.ConversationRow, t.OwnerRow, set()
    changed = set(emails)
    for some in chunks(sorted(changed)):
        managed = select(rep.email).where(rep.manager_email.in_(some), rep.superseded_at.is_(None))
        changed.update(connection.execute(managed).scalars())
    for some in chunks(sorted(changed)):
        owned = select(row.contact_id).where(row.owner_email.in_(some), row.superseded_at.is_(None))
        spoken = select(talk.contact_id).where(talk.rep_email.in_(some))
        reached |= {id for statement in (owned, spoken) for id in connection.execute(statement).scalars()}
    news(connection, reached, (), at)


def by_kind(keys: Iterable[Key]) -> dict[str, set[str]]:
    """The values of these keys by their kind."""
    grouped: dict[str, set[str]] = defaultdict(set)
    for kind, value in keys:
        grouped[kind].add(value)
    return grouped
