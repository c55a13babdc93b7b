"""What sources sent, as it came: kept before anything is made of it, so that it can be mapped again."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, select, update

from reengage.store import columns as t
from reengage.store.inserts import insert_new
from reengage.store.versions import chunks

MOST_KEPT = 64 << 20
"""Bytes of one delivery that are kept; our choice. What is larger is read where it lies, and cannot be replayed."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something that a source sent: its bytes, None where there are too many, and its name and hash."""

    connector: str
    name: str
    sha256: str
    size: int
    content: bytes | None
    received_at: datetime
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something that was received; `map_hash` is that of the map which last took it in, or could not."""

    id: int
    connector: str
    name: str
    sha256: str
    size: int
    has_content: bool
    doubt: str | None
    received_at: datetime
    map_hash: str | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What a source has brought: deliveries that were taken in, when the last of them came, and those that wait."""

    deliveries: int = 0
    last: datetime | None = None
    waiting: int = 0


def keep(connection: Connection, arrivals: Sequence[Arrival], at: datetime) -> int:
    """Keep these as they came; what was received before, by its content, changes nothing. Returns how many are new."""
    row = t.ReceivedRow
    rows = [
        {
            "connector": one.connector,
            "sha256": one.sha256,
            "name": one.name,
            "size": one.size,
            "content": None if one.content is None else zlib.compress(one.content, 1),
            "doubt": one.doubt,
            "received_at": one.received_at,
            "recorded_at": at,
            "rows": 0,
        }
        for one in arrivals
    ]
    return len(insert_new(connection, row, rows, row.id))


def keep_one(connection: Connection, connector: str, name: str, content: bytes, at: datetime) -> int:
    """Keep one thing that needs no mapping; returns its number, also where it was kept before."""
    row, sha256 = t.ReceivedRow, hashlib.sha256(content).hexdigest()
    kept = content if len(content) <= MOST_KEPT else None
    keep(connection, [Arrival(connector, name, sha256, len(content), kept, at)], at)
    mine = (row.connector == connector, row.sha256 == sha256)
    connection.execute(update(row).where(*mine, row.mapped_at.is_(None)).values(mapped_at=at, map_hash=""))
    return int(connection.execute(select(row.id).where(*mine)).scalar_one())


def is_taken(connection: Connection, connector: str, sha256: str) -> bool:
    """Whether all of this content was taken in from this connector."""
    row = t.ReceivedRow
    wanted = select(row.id).where(row.connector == connector, row.sha256 == sha256, row.mapped_at.is_not(None))
    return connection.execute(wanted).first() is not None


def waiting(connection: Connection, connector: str) -> list[Delivery]:
    """What was received and not taken in yet, in the order in which it came."""
    row = t.ReceivedRow
    return _deliveries(connection, row.connector == connector, row.mapped_at.is_(None))


def kept_back(connection: Connection, connector: str, map_hash: str) -> list[Delivery]:
    """What was taken in by another map than that of this hash, and has rows that are kept back."""
    row, bad = t.ReceivedRow, t.QuarantineRow
    has_bad = exists().where(bad.received_id == row.id)
    other = (row.connector == connector, row.mapped_at.is_not(None), row.map_hash != map_hash, row.content.is_not(None))
    return _deliveries(connection, *other, has_bad)


def since(connection: Connection, connector: str, moment: datetime | None) -> list[Delivery]:
    """Everything from a source that was received at this moment or later, or all of it."""
    row = t.ReceivedRow
    later = (row.received_at >= moment,) if moment else ()
    return _deliveries(connection, row.connector == connector, *later)


def numbered(connection: Connection, ids: Collection[int]) -> list[Delivery]:
    """The deliveries of these numbers."""
    row = t.ReceivedRow
    return [one for some in chunks(ids) for one in _deliveries(connection, row.id.in_(some))]


def _deliveries(connection: Connection, *conditions: Any) -> list[Delivery]:
    row = t.ReceivedRow
    columns = (row.id, row.connector, row.name, row.sha256, row.size, row.content.is_not(None), row.doubt)
    statement = select(*columns, row.received_at, row.map_hash).where(*conditions).order_by(row.id)
    return [Delivery(*hit) for hit in connection.execute(statement)]


def contents(connection: Connection, ids: Collection[int]) -> dict[int, bytes]:
    """The bytes of these deliveries, of those whose bytes are kept."""
    row, found = t.ReceivedRow, {}
    for some in chunks(ids):
        kept = select(row.id, row.content).where(row.id.in_(some), row.content.is_not(None))
        found.update({hit.id: zlib.decompress(hit.content) for hit in connection.execute(kept)})
    return found


def mark_taken(connection: Connection, rows: Mapping[int, int], map_hash: str, at: datetime) -> None:
    """Note that all of these deliveries was taken in by the map of this hash, and how many rows each had."""
    row = t.ReceivedRow
    told = {"mapped_at": at, "map_hash": map_hash, "rows": bindparam("number")}
    if rows:
        taken = update(row).where(row.id == bindparam("delivery")).values(**told)
        connection.execute(taken, [{"delivery": id, "number": number} for id, number in rows.items()])


def mark_refused(connection: Connection, ids: Collection[int], map_hash: str) -> None:
    """Note that the map of this hash can make nothing of these deliveries; they go on waiting."""
    row = t.ReceivedRow
    for some in chunks(ids):
        connection.execute(update(row).where(row.id.in_(some)).values(map_hash=map_hash))


def let_go(connection: Connection, ids: Collection[int]) -> None:
    """Forget the bytes of these deliveries."""
    row = t.ReceivedRow
    for some in chunks(ids):
        connection.execute(update(row).where(row.id.in_(some)).values(content=None))


def let_go_before(connection: Connection, moment: datetime) -> int:
    """Forget the bytes of what was taken in and received before this moment; returns of how many deliveries."""
    row = t.ReceivedRow
    old = (row.recorded_at < moment, row.mapped_at.is_not(None), row.content.is_not(None))
    return int(connection.execute(update(row).where(*old).values(content=None)).rowcount)


def kept(connection: Connection) -> list[int]:
    """The numbers of all deliveries whose bytes are kept."""
    row = t.ReceivedRow
    return list(connection.execute(select(row.id).where(row.content.is_not(None))).scalars())


def per_source(connection: Connection) -> dict[str, Taken]:
    """What each connector has brought."""
    row = t.ReceivedRow
    done = func.count(row.mapped_at)
    statement = select(row.connector, done, func.max(row.mapped_at), func.count() - done).group_by(row.connector)
    return {name: Taken(int(taken), last, int(left)) for name, taken, last, left in connection.execute(statement)}
