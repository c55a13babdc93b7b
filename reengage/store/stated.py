"""What a source has stated before: an import that comes again says nothing new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from reengage.model.optout import EntryKind, OptOut
from reengage.store import closing, ledger
from reengage.store import columns as t
from reengage.store.ledger import keyring_of


def unstated(connection: Connection, stops: Sequence[OptOut]) -> list[OptOut]:
    """Those of these stops that their source has not stated of the same subject, in the same words, before.

    One that a consent has lifted since is said anew, unless it is dated before the consent.
    """
    if not stops:
        return []
    wanted = ledger.statements(connection, stops)
    known = ledger.stated(connection, {str(one[0]) for some in wanted for one in some})
    lifted = _taken_back(connection)
    return [
        stop
        for stop, some in zip(stops, wanted, strict=True)
        if not any(_still_said(stop, known[one], lifted) for one in some if one in known)
    ]


def _still_said(stop: OptOut, entries: Iterable[int], lifted: Mapping[int, datetime]) -> bool:
    """Whether an entry that says the same still does; with no date a stop is taken to be new."""
    return any(
        id not in lifted or (stop.effective_at is not None and stop.effective_at <= lifted[id]) for id in entries
    )


def _taken_back(connection: Connection) -> dict[int, datetime]:
    """The entries that some contact's later consent lifts for them, and when that was given."""
    row, kept = t.OptOutRow, t.EvidenceRow
    statement = select(row.id, row.effective_at, kept.contact_id).join(kept, kept.opt_out_id == row.id)
    consents = connection.execute(statement.where(row.kind == EntryKind.RE_CONSENT)).all()
    contacts = {consent.contact_id for consent in consents} - {None}
    reaching = closing.reaching_entries(connection, contacts, lifting=False) if contacts else {}
    found: dict[int, datetime] = {}
    for consent in consents:
        for entry in reaching.get(consent.contact_id, ()):
            if entry.id < consent.id:
                found[entry.id] = max(consent.effective_at, found.get(entry.id, consent.effective_at))
    return found


def stated_as(stop: OptOut) -> tuple[object, ...]:
    """What a stop on an identifier states: of what, on which channels, for which purpose."""
    return (stop.identifier_kind, stop.identifier_value, tuple(stop.channels), str(stop.purpose))


def unstated_identifiers(connection: Connection, stops: Sequence[OptOut]) -> list[OptOut]:
    """Those of these stops on identifiers that nobody has stated before; see `unstated` for lifted ones."""
    keyring = keyring_of(connection)
    named = {
        digest: (stop.identifier_kind, stop.identifier_value)
        for stop in stops
        if stop.identifier_value
        for digest in keyring.digests(stop.identifier_kind or "", stop.identifier_value)
    }
    known: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for (subject, kind, channels, purpose, *_), ids in ledger.stated(connection, named).items():
        if kind == EntryKind.OPT_OUT:
            known[(*named[str(subject)], channels, str(purpose))] += ids
    lifted = _taken_back(connection)
    return [stop for stop in stops if not _still_said(stop, known.get(stated_as(stop), ()), lifted)]
