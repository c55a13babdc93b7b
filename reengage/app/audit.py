"""Whether the ledger of stops is as it was written, and what is closed is what it says."""

from __future__ import annotations

from dataclasses import dataclass

from reengage.store import ledger, optouts
from reengage.store.database import Database

MOST_NAMED = 20
"""Contacts that are named one by one where what is closed differs from the ledger."""


@dataclass(frozen=True, slots=True)
class Audit:
    """How many entries there are, and everything that is wrong."""

    entries: int
    findings: tuple[str, ...]


def verify(database: Database) -> Audit:
    """Walk the whole chain, its evidence, the journal beside it, and what follows from it for every contact."""
    with database.reading() as connection:
        findings = list(ledger.verify(connection))
        if database.journal is not None:
            lost = database.journal.missing(connection)
            findings += [f"entry {line.id} of the journal is not in the database, or not as it was" for line in lost]
        wrong = optouts.inconsistent(connection)
        findings += [f"what is closed for {key} is not what the ledger says" for key in wrong[:MOST_NAMED]]
        if len(wrong) > MOST_NAMED:
            findings.append(f"and so for {len(wrong) - MOST_NAMED:,} more contacts")
        return Audit(ledger.length(connection), tuple(findings))
