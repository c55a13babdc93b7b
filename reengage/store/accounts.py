"""Companies: found by domain or name, added, with their status as known at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from reengage.model.people import Account
from reengage.model.words import AccountStatus
from reengage.people.companies import company_key
from reengage.people.identifiers import is_freemail, registrable
from reengage.people.reach import Key
from reengage.store import columns as t
from reengage.store.inserts import insert_numbered
from reengage.store.news import news
from reengage.store.versions import among, chunks, known, put_versions


def find_accounts(connection: Connection, names: Iterable[tuple[str | None, str | None]]) -> dict[Key, int]:
    """Companies by ("domain", registrable domain) and ("name", key of the name) of these (name, domain) pairs."""
    pairs = set(names)
    row, found = t.AccountRow, dict[Key, int]()
    wanted = {registrable(domain) or domain for _, domain in pairs if domain}
    for some in chunks(wanted):
        statement = select(row.domain, row.id).where(among(connection, row.domain, some))
        found.update((("domain", domain), id) for domain, id in connection.execute(statement).all())
    for some in chunks({company_key(name) for name, _ in pairs if name} - {""}):
        statement = select(row.name_key, row.id).where(among(connection, row.name_key, some)).order_by(row.id.desc())
        found.update((("name", key), id) for key, id in connection.execute(statement).all())
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
    new: list[dict[str, Any]] = []
    ids: list[int | None] = []
    statuses: dict[int, str] = {}
    for row in rows:
        name, domain = row.get("name"), row.get("domain")
        domain = None if domain and is_freemail(domain) else domain
        id = account_of(found, name, domain)
        if id is None and (name or domain):
            new.append(_account(name, domain, row.get("crm_id"), at))
            id = -len(new)  # until it has its number
            statuses |= {id: row["if_new"]} if row.get("if_new") else {}
            # Of several companies of a name the first one counts, in one call as in several.
            if name:
                found.setdefault(("name", company_key(name)), id)
            found |= {("domain", registrable(domain) or domain): id} if domain else {}
        if id is not None and row.get("status"):
            statuses[id] = row["status"]
        ids.append(id)
    number = {-place: id for place, id in enumerate(insert_numbered(connection, t.AccountRow, new), 1)}
    said = [{"account_id": number.get(id, id), "status": status} for id, status in statuses.items()]
    changed = put_versions(connection, t.AccountStatusRow, "account_id", said, at)
    news(connection, (), changed, at)
    return [id if id is None else number.get(id, id) for id in ids]


def _account(name: str | None, domain: str | None, crm_id: str | None, at: datetime) -> dict[str, Any]:
    site = registrable(domain) or domain if domain else None
    return {
        "name": name or site or "",
        "name_key": company_key(name or site or ""),
        "domain": site,
        "crm_id": crm_id,
        "recorded_at": at,
    }


def read_accounts(
    connection: Connection, ids: Iterable[int], at: datetime, empty: AccountStatus = AccountStatus.UNKNOWN
) -> dict[int, Account]:
    """Companies with their status as known at a moment; `empty` is what no status means."""
    row, status, found = t.AccountRow, t.AccountStatusRow, {}
    for some in chunks(set(ids)):
        theirs = among(connection, status.account_id, some)
        statuses = select(status.account_id, status.status).where(theirs, known(status, at))
        stands = {hit.account_id: hit.status for hit in connection.execute(statuses)}
        for hit in connection.execute(select(row.__table__).where(among(connection, row.id, some))):
            found[hit.id] = Account(
                id=hit.id,
                name=hit.name,
                domain=hit.domain,
                status=AccountStatus(stands.get(hit.id, empty)),
                crm_id=hit.crm_id,
            )
    return found


def domains_and_names(connection: Connection, ids: Iterable[int | None]) -> dict[int | None, tuple[str | None, str]]:
    """The domain and the key of the name of each of these companies."""
    row, found = t.AccountRow, dict[int | None, tuple[str | None, str]]()
    for some in chunks({id for id in ids if id is not None}):
        statement = select(row.id, row.domain, row.name_key).where(among(connection, row.id, some))
        found.update((id, (domain, key)) for id, domain, key in connection.execute(statement).all())
    return found
