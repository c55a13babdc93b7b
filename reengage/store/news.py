"""Whose answer may have changed: what the next run looks at."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, insert, select

from reengage.store import columns as t
from reengage.store.versions import chunks, insert_all


def news(connection: Connection, contacts: Iterable[int], accounts: Iterable[int], at: datetime) -> None:
    """Note that the answer for these contacts, or for everyone at these companies, may have changed."""
    rows = [{"contact_id": id, "account_id": None, "recorded_at": at} for id in sorted(set(contacts))]
    rows += [{"contact_id": None, "account_id": id, "recorded_at": at} for id in sorted(set(accounts))]
    if rows:
        insert_all(connection, insert(t.NewsRow), rows)


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
