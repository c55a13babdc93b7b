"""Who works where, since when, as we heard of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from reengage.model.people import Account, Employment
from reengage.store import columns as t
from reengage.store.inserts import insert_all
from reengage.store.versions import among, chunks, known


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
        insert_all(connection, insert(t.EmploymentRow), [_columns_of(row, id) for id, row in changed.items()])
    return set(changed)


def _columns_of(job: Mapping[str, Any], contact: int) -> dict[str, Any]:
    return {**{name: job.get(name) for name in (*_JOB, "since", "source", "recorded_at")}, "contact_id": contact}


_JOB = ("account_id", "title", "seniority", "department", "site")


def _imported_jobs(connection: Connection, contacts: Iterable[int]) -> dict[int, dict[str, Any]]:
    row, found = t.EmploymentRow, dict[int, dict[str, Any]]()
    for some in chunks(contacts):
        statement = select(row.__table__).where(
            among(connection, row.contact_id, some), row.source == "import", row.superseded_at.is_(None)
        )
        result = connection.execute(statement.order_by(row.id))
        names = tuple(result.keys())
        place = names.index("contact_id")
        found.update((job[place], dict(zip(names, job, strict=True))) for job in result.all())
    return found


def current_job(jobs: Iterable[Any]) -> Any:
    """The job that began last, whatever the order in which we heard; None where there is none."""
    jobs = list(jobs)
    if len(jobs) == 1:
        return jobs[0]
    return max(jobs, key=lambda job: (job.since is not None, job.since or 0, job.id), default=None)


def employments(connection: Connection, contacts: Collection[int], at: datetime | None = None) -> dict[int, list[Any]]:
    """All jobs we know of each contact, as rows (as known at a moment, if one is given)."""
    row: Any = t.EmploymentRow
    found: dict[int, list[Any]] = defaultdict(list)
    condition = known(row, at) if at else row.superseded_at.is_(None)
    for some in chunks(contacts):
        theirs = among(connection, row.contact_id, some)
        for job in connection.execute(select(row.__table__).where(theirs, condition)).all():
            found[job.contact_id].append(job)
    return found


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
