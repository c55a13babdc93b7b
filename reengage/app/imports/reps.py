"""Which of our reps an export means: it may give an e-mail, the CRM's id of a user, or only a name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from reengage.app.imports.sheet import Row
from reengage.people.identifiers import canonical_email
from reengage.store.people import read_owners


@dataclass(frozen=True, slots=True)
class Reps:
    """The e-mails of reps by the CRM's id, and by name where only one has it."""

    by_id: dict[str, str]
    by_name: dict[str, str]

    def email_of(self, row: Row) -> str | None:
        """The e-mail of the rep of a row, if it can be told."""
        told = canonical_email(row.get("owner_email") or "") or canonical_email(row.get("owner_name") or "")
        return told or self.by_id.get(row.get("crm_owner_id") or "") or self.by_name.get(_plain(row.get("owner_name")))


def known_reps(connection: Connection, at: datetime) -> Reps:
    """The reps that are known at a moment."""
    owners = read_owners(connection, at).values()
    named: dict[str, set[str]] = {}
    for owner in owners:
        named.setdefault(_plain(owner.name), set()).add(owner.email)
    return Reps(
        by_id={owner.crm_id: owner.email for owner in owners if owner.crm_id},
        by_name={name: min(emails) for name, emails in named.items() if name and len(emails) == 1},
    )


def unknown_reps(rows: Iterable[Row], reps: Reps) -> Iterator[str]:
    """One sentence where rows name reps without an e-mail that nobody has told us."""
    unknown = {
        str(who) for row in rows if (who := row.get("owner_name") or row.get("crm_owner_id")) and not reps.email_of(row)
    }
    if unknown:
        some = ", ".join(sorted(unknown)[:5]) + (", …" if len(unknown) > 5 else "")
        yield f"no e-mail is known of {some}: import owners first, then this file again"


def _plain(name: str | None) -> str:
    return " ".join((name or "").split()).casefold()
