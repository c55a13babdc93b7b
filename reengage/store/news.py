"""Whose answer may have changed: what the next run looks at."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from reengage.store import columns as t
from reengage.store.inserts import insert_columns
from reengage.store.versions import chunks


def news(connection: Connection, contacts: Iterable[int], accounts: Iterable[int], at: datetime) -> None:
    """Note that the answer for these contacts, or for everyone at these companies, may have changed."""
    people, companies = sorted(set(contacts)), sorted(set(accounts))
    if not people and not companies:
        return
    columns: dict[str, list[Any]] = {
        "contact_id": [*people, *[None] * len(companies)],
        "account_id": [*[None] * len(people), *companies],
        "recorded_at": [at] * (len(people) + len(companies)),
    }
    insert_columns(connection, insert(t.NewsRow), columns)


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
