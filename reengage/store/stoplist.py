"""The unified list of stops, as it goes out to other systems."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from reengage.model.optout import EntryKind
from reengage.people.reach import FOLLOWED_PHONE, Key
from reengage.store import closing, keys, ledger
from reengage.store import columns as t

_LISTED = ("email", "phone", FOLLOWED_PHONE, "linkedin", "domain", "company")


def list_all(connection: Connection) -> Iterator[dict[str, object]]:
    """The unified list: one row per key and entry in force, earliest first; what was erased has no plain key."""
    lifted = _lifted_keys(connection)
    last = 0
    while ids := _next_ids(connection, last):
        last = ids[-1]
        filed = t.OptOutKeyRow
        named: dict[int, list[Key]] = defaultdict(list)
        listed = select(filed.__table__).where(filed.opt_out_id.in_(ids), filed.kind.in_(_LISTED))
        for key in connection.execute(listed.order_by(filed.kind, filed.value)):
            named[key.opt_out_id].append((key.kind, key.value))
        for entry, row in closing.standing_entries(connection, ids):
            for kind, value in named[entry.id]:
                if (entry.id, kind, value) not in lifted:
                    yield _as_listed(kind, value, entry, row)


def _next_ids(connection: Connection, last: int) -> list[int]:
    return list(
        connection.execute(
            select(t.OptOutRow.id).where(t.OptOutRow.id > last).order_by(t.OptOutRow.id).limit(ledger.PAGE)
        ).scalars()
    )


def _as_listed(kind: str, value: str, entry: closing.Entry, row: Any) -> dict[str, object]:
    return {
        "kind": "phone" if kind == FOLLOWED_PHONE else kind,
        "value": value,
        "channels": ";".join(row.channels) or "all",
        "purpose": row.purpose,
        "since": entry.since.isoformat(),
        "source": row.source,
        "provisional": "yes" if entry.provisional else "",
    }


def _lifted_keys(connection: Connection) -> set[tuple[int, str, str]]:
    """The keys of people whose later consent lifts an entry entirely, with that entry."""
    row, kept = t.OptOutRow, t.EvidenceRow
    consenting = select(kept.contact_id).join(row, row.id == kept.opt_out_id)
    contacts = set(connection.execute(consenting.where(row.kind == EntryKind.RE_CONSENT)).scalars()) - {None}
    reaching = closing.reaching_entries(connection, contacts)
    whole = closing.reaching_entries(connection, contacts, lifting=False)
    gone = {
        contact: {one.id for one in entries} - {one.id for one in reaching.get(contact, ())}
        for contact, entries in whole.items()
    }
    lifted: set[tuple[int, str, str]] = set()
    for contact, filed in keys.person_keys(connection, contacts).items():
        lifted |= {(id, kind, value) for id in gone.get(contact, ()) for kind, value in filed}
    return lifted
