"""One person as we would address them: name, rep, and where they work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from reengage.model.people import Account, Contact
from reengage.store import columns as t
from reengage.store import identity
from reengage.store.accounts import read_accounts
from reengage.store.jobs import current_job, employments
from reengage.store.versions import known


@dataclass(frozen=True, slots=True)
class Person:
    """A contact with the present employer and title, as far as they are known."""

    contact: Contact
    account: Account | None = None
    title: str | None = None


_NAMES = ("first_name", "last_name", "country", "owner_email", "crm_system", "crm_id")


def read_person(connection: Connection, id: int, at: datetime) -> Person:
    """What is known of a contact at a moment; what their own row leaves empty comes from others of the same human."""
    ((_, group),) = identity.members(connection, [id]).items()
    rows = _profiles(connection, group, at)
    ordered = sorted(rows, key=lambda row: (row.contact_id != id, row.id))
    told = {name: next(filter(None, (getattr(row, name) for row in ordered)), None) for name in _NAMES}
    jobs = employments(connection, group, at)
    job = current_job(job for some in jobs.values() for job in some)
    accounts = read_accounts(connection, [job.account_id] if job and job.account_id else [], at)
    key = identity.imported_ids(connection, [id])[id]
    contact = Contact(id=id, key=key, **{name: value for name, value in told.items() if value is not None})
    return Person(contact, accounts.get(job.account_id) if job else None, job.title if job else None)


def _profiles(connection: Connection, group: list[int], at: datetime) -> list[Any]:
    row = t.ProfileRow
    return list(connection.execute(select(row.__table__).where(row.contact_id.in_(group), known(row, at))))
