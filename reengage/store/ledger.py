"""The ledger of stops as a chain: appending to it, and finding what was altered, removed or put in another order."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from reengage.model.optout import EntryKind, OptOut
from reengage.model.people import IdentifierKind
from reengage.people.keyring import Keyring
from reengage.people.reach import COMPANY
from reengage.store import columns as t
from reengage.store.versions import chunks

FIRST = "0" * 64
"""What the first entry follows."""

PAGE = 5_000
"""Entries read at a time."""

_PERSONAL = re.compile(r"\S*@\S*|\+?\d[\d ()./-]{6,}\d")
_SIGNED = (
    *("id", "kind", "scope", "subject", "channels", "purpose", "stated_by", "source", "received_at", "effective_at"),
    *("refers_to", "evidence", "key_id", "recorded_at", "previous"),
)
_EVIDENCE = ("contact_id", "identifier_kind", "identifier_value", "their_words", "details")


def keyring_of(connection: Connection) -> Keyring:
    """The secrets with which this database was opened."""
    found: Keyring = connection.get_execution_options().get("keyring", Keyring())
    return found


def append(connection: Connection, entries: Sequence[OptOut], at: datetime) -> list[int]:
    """Append entries, each chained to the one before; returns their numbers. The lock has to be held exclusively."""
    if not entries:
        return []
    keyring = keyring_of(connection)
    last = connection.execute(select(t.OptOutRow.id, t.OptOutRow.hash).order_by(t.OptOutRow.id.desc()).limit(1)).first()
    number, previous = (last.id, last.hash) if last else (0, FIRST)
    subjects = subjects_of(connection, entries)
    rows, evidence = [], []
    for entry, subject in zip(entries, subjects, strict=True):
        number += 1
        row = {**_row(entry, at, keyring), "id": number, "subject": keyring.digest(*subject), "previous": previous}
        previous = row["hash"] = signature(keyring, row) or ""
        rows.append(row)
        evidence.append({"opt_out_id": number, **evidence_of(entry)})
    connection.execute(insert(t.OptOutRow), rows)
    connection.execute(insert(t.EvidenceRow), evidence)
    return [row["id"] for row in rows]


def subjects_of(connection: Connection, entries: Sequence[OptOut]) -> list[tuple[str, str]]:
    """What each entry is about, as (kind, value): a contact by its imported id, or an identifier."""
    keys: dict[int, str] = {}
    for some in chunks({entry.contact_id for entry in entries if entry.contact_id is not None}):
        row = t.ContactRow
        found = connection.execute(select(row.id, row.key).where(row.id.in_(some)))
        keys.update({contact.id: contact.key for contact in found})
    return [
        (IdentifierKind.IMPORT.value, keys[entry.contact_id])
        if entry.contact_id is not None
        else (entry.identifier_kind or "", entry.identifier_value or "")
        for entry in entries
    ]


def _row(entry: OptOut, at: datetime, keyring: Keyring) -> dict[str, Any]:
    return {
        "kind": entry.kind,
        "scope": scope_of(entry),
        "channels": list(entry.channels),
        "purpose": entry.purpose,
        "stated_by": entry.stated_by,
        "source": _PERSONAL.sub("…", entry.source),
        "received_at": entry.received_at or at,
        "effective_at": entry.effective_at or entry.received_at or at,
        "refers_to": entry.refers_to,
        "evidence": evidence_digest(keyring, keyring.key_id, evidence_of(entry)),
        "key_id": keyring.key_id,
        "recorded_at": at,
    }


def scope_of(entry: OptOut) -> str:
    """How far an entry reaches: a person with all their names, this address alone, or a company."""
    if entry.identifier_kind in ("domain", COMPANY) and entry.contact_id is None:
        return "company"
    return "address" if entry.only_this and entry.contact_id is None else "person"


def evidence_of(entry: OptOut) -> dict[str, Any]:
    """What is kept beside an entry in plain words, and can be erased."""
    return {name: getattr(entry, name) for name in _EVIDENCE}


def evidence_digest(keyring: Keyring, key_id: str, evidence: Mapping[str, Any]) -> str:
    """The keyed digest of what is kept beside an entry."""
    return keyring.sign(key_id, f"evidence:{_canonical({name: evidence[name] for name in _EVIDENCE})}") or ""


def signature(keyring: Keyring, row: Mapping[str, Any]) -> str | None:
    """What an entry's own content and the entry before it sign to; None where its secret is not here."""
    return keyring.sign(str(row["key_id"]), f"entry:{_canonical({name: row[name] for name in _SIGNED})}")


def _canonical(values: Mapping[str, Any]) -> str:
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=_plain)


def _plain(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def entries_after(connection: Connection, number: int) -> Iterator[Any]:
    """The entries after this number, in order."""
    row = t.OptOutRow
    while (
        page := connection.execute(select(row.__table__).where(row.id > number).order_by(row.id).limit(PAGE))
        .mappings()
        .all()
    ):
        yield from page
        number = page[-1]["id"]


def verify(connection: Connection) -> Iterator[str]:
    """What is wrong with the chain, one sentence per finding; nothing where every entry stands as it was written."""
    keyring = keyring_of(connection)
    previous, expected = FIRST, 1
    for row in entries_after(connection, 0):
        if row["id"] != expected:
            gap = f"entry {expected} is" if row["id"] == expected + 1 else f"entries {expected} to {row['id'] - 1} are"
            yield f"{gap} missing"
        elif row["previous"] != previous:
            yield f"entry {row['id']} does not follow the entry before it: one of them was replaced or moved"
        signed = signature(keyring, row)
        if signed is None:
            yield f"entry {row['id']} was signed with the secret {row['key_id']}, which is not in the key file"
        elif signed != row["hash"]:
            yield f"entry {row['id']} was altered"
        previous, expected = row["hash"], row["id"] + 1
    yield from _verify_evidence(connection, keyring)


def _verify_evidence(connection: Connection, keyring: Keyring) -> Iterator[str]:
    row, kept = t.OptOutRow, t.EvidenceRow
    columns = (row.id, row.key_id, row.evidence, *(getattr(kept, name) for name in (*_EVIDENCE, "erased_at")))
    joined = select(*columns, kept.opt_out_id).outerjoin(kept, kept.opt_out_id == row.id).order_by(row.id)
    for found in connection.execute(joined, execution_options={"yield_per": PAGE}).mappings():
        if found["opt_out_id"] is None:
            yield f"the evidence of entry {found['id']} was removed"
        elif found["erased_at"] is None and evidence_digest(keyring, found["key_id"], dict(found)) != found["evidence"]:
            yield f"the evidence of entry {found['id']} was altered"


def length(connection: Connection) -> int:
    """The number of the last entry; 0 for an empty ledger."""
    found = connection.execute(select(t.OptOutRow.id).order_by(t.OptOutRow.id.desc()).limit(1)).scalar()
    return int(found or 0)


def statements(connection: Connection, stops: Collection[OptOut]) -> list[set[tuple[object, ...]]]:
    """What each of these stops states, under every secret: subject, channels, purpose, source and evidence."""
    keyring, listed = keyring_of(connection), list(stops)
    found: list[set[tuple[object, ...]]] = []
    for stop, subject in zip(listed, subjects_of(connection, listed), strict=True):
        rest = (stop.kind, tuple(stop.channels), stop.purpose, _PERSONAL.sub("…", stop.source))
        key_ids = [digest.partition(":")[0] for digest in keyring.digests(*subject)]
        found.append(
            {
                (digest, *rest, evidence_digest(keyring, key_id, evidence_of(stop)))
                for digest, key_id in zip(keyring.digests(*subject), key_ids, strict=True)
            }
        )
    return found


def stated(connection: Connection, subjects: Collection[str]) -> dict[tuple[object, ...], list[int]]:
    """What has been stated of these subjects, in the same form, and in which entries."""
    row = t.OptOutRow
    found: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for some in chunks(subjects):
        for hit in connection.execute(select(row.__table__).where(row.subject.in_(some))):
            said = (hit.subject, EntryKind(hit.kind), tuple(hit.channels), hit.purpose, hit.source, hit.evidence)
            found[said].append(hit.id)
    return found
