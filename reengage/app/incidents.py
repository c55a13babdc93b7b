"""Telling when somebody was approached after they had said stop: that happened elsewhere, and somebody has to know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection

from reengage.store import identity, optouts


def incidents(connection: Connection, moments: Mapping[int, datetime]) -> Iterator[str]:
    """One sentence for each of these contacts who were approached at this moment, after their stop."""
    found = optouts.contacted_after(connection, moments)
    names = identity.imported_ids(connection, found)
    for contact, since in sorted(found.items()):
        when = f"{moments[contact]:%Y-%m-%d}"
        yield f"INCIDENT: {names[contact]} was contacted on {when}, after their stop of {since:%Y-%m-%d}"
