"""Conversations, and the one hold of each contact that follows from them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from reengage.intake.holds import Stand, fold_holds
from reengage.language.responses import Policy
from reengage.model.words import Response
from reengage.store import columns as t
from reengage.store import identity
from reengage.store.candidates import as_conversation
from reengage.store.inserts import insert_new
from reengage.store.versions import CHUNK, chunks


def add(connection: Connection, rows: Sequence[Mapping[str, Any]], at: datetime) -> set[str]:
    """Store conversations that are not there yet; returns the keys of the new ones."""
    unique = {row["key"]: {**row, "recorded_at": at} for row in reversed(rows)}
    return {row.key for row in insert_new(connection, t.ConversationRow, list(unique.values()), t.ConversationRow.key)}


def refold(
    connection: Connection, contacts: Collection[int], policies: Mapping[Response, Policy], at: datetime
) -> None:
    """Derive anew the one hold of each of these people, and put it beside the old one where it differs.

    All that was said under any of a person's contacts counts; the hold stands with the contact who stands for them.
    """
    groups = identity.members(connection, contacts)
    for some in chunks(groups, CHUNK // 5):
        everyone = {contact: person for person in some for contact in groups[person]}
        row, hold = t.ConversationRow, t.HoldRow
        talks: dict[int, list[Any]] = {contact: [] for contact in everyone}
        for found in connection.execute(select(row.__table__).where(row.contact_id.in_(everyone))):
            talks[everyone[found.contact_id]].append(found)
        standing = select(hold.__table__).where(hold.contact_id.in_(everyone), hold.superseded_at.is_(None))
        current = {found.contact_id: found for found in connection.execute(standing)}
        _replace(connection, talks, current, policies, at)


def _replace(
    connection: Connection,
    talks: Mapping[int, Sequence[Any]],
    current: Mapping[int, Any],
    policies: Mapping[Response, Policy],
    at: datetime,
) -> None:
    ended, begun = [], []
    for contact, rows in talks.items():
        stand = fold_holds((as_conversation(row) for row in rows), policies)
        new = _values(contact, stand, {row.key: row.id for row in rows}, at) if stand else None
        old = current.get(contact)
        if old is not None and (new is None or any(getattr(old, name) != new[name] for name in _COMPARED)):
            ended.append(old.id)
        elif old is not None:
            continue
        begun += [new] if new else []
    for some in chunks(ended):
        connection.execute(update(t.HoldRow).where(t.HoldRow.id.in_(some)).values(superseded_at=at))
    if begun:
        connection.execute(insert(t.HoldRow), begun)


_COMPARED = ("kind", "since", "until", "promised", "response", "category", "wake_on", "conversation_id")


def _values(contact: int, stand: Stand, numbers: Mapping[str, int], at: datetime) -> dict[str, Any]:
    return {
        "contact_id": contact,
        "conversation_id": numbers[stand.conversation],
        "kind": stand.kind,
        "since": stand.since,
        "until": stand.until,
        "promised": stand.promised,
        "response": stand.response,
        "category": stand.category,
        "wake_on": list(stand.wake_on),
        "recorded_at": at,
    }
