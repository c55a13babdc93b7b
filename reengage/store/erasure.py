"""Taking everything away that is known of a person, but for what keeps their no: keyed digests of how to reach them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, and_, cast, delete, exists, func, or_, select, update

from reengage.people.identifiers import stored_keys
from reengage.people.reach import DIGEST, ERASED, Key, is_kept
from reengage.store import closing, handled, identity, keys, received
from reengage.store import columns as t
from reengage.store.closing import WITHDRAWN
from reengage.store.handed import RECALL, TASK
from reengage.store.inserts import insert_new
from reengage.store.ledger import keyring_of
from reengage.store.people import by_kind
from reengage.store.versions import chunks

SOURCE = "erase"
"""Where the ledger has it from that somebody erased is closed."""

NOBODY = "(erased)"
"""The contact that recalls of erased people are kept with until they have been handed over."""

GONE = "[erased]"
"""What stands where an identifier stood in what others said."""


def erase(connection: Connection, group: Collection[int], at: datetime) -> set[Key]:
    """Take away all rows about these contacts; returns their identifiers, less those that somebody else has too.

    Every entry that reaches them is filed under digests first, and what stood beside it in plain words is emptied.
    """
    identifiers = keys.identifiers(connection, group)
    own = {key for found in identifiers.values() for key in found}
    own |= {("import", key) for key in identity.imported_ids(connection, group).values()}
    alone = own - _held_by_others(connection, group, own)
    _leave_digests(connection, group, own)
    _empty_evidence(connection, group, alone, at)
    _redact(connection, alone)
    _remove(connection, group, alone, at)
    return alone


def _held_by_others(connection: Connection, group: Collection[int], own: Iterable[Key]) -> set[Key]:
    row, found = t.IdentifierRow, set()
    for kind, values in by_kind(own).items():
        for some in chunks(values):
            others = select(row.value).where(row.kind == kind, row.value.in_(some), row.contact_id.not_in(group))
            found |= {(kind, value) for value in connection.execute(others).scalars()}
    return found


def _leave_digests(connection: Connection, group: Collection[int], own: Collection[Key]) -> None:
    """File what reaches these contacts under digests of their addresses, numbers and profiles, in place of plain keys.

    Somebody of whom there is none of these keeps the digests of the ids that there are.
    """
    keyring, filed, mine = keyring_of(connection), t.OptOutKeyRow, t.ContactKeyRow
    lines = keys.shared_lines(connection, group)
    personal = [one for one in own if not lines & set(stored_keys(*one))]
    all_keys = {key for one in personal for key in stored_keys(*one)}
    kept = {key for key in all_keys if is_kept(key[0])} or all_keys
    entries = _personal_entries(connection, group)
    rows = []
    for kind, value in sorted(kept):
        digest = keyring.digest(kind, value)
        rows += [{"kind": DIGEST, "value": digest, "opt_out_id": id} for id in entries]
        if kind in _NAMING:
            rows += [{"kind": ERASED, "value": digest, "opt_out_id": id} for id in entries]
    insert_new(connection, filed, rows)
    elsewhere = mine.__table__.alias("elsewhere")
    held = exists().where(
        elsewhere.c.kind == filed.kind, elsewhere.c.value == filed.value, elsewhere.c.contact_id.not_in(group)
    )
    ours = exists().where(mine.kind == filed.kind, mine.value == filed.value, mine.contact_id.in_(group))
    plain = filed.kind.not_in((DIGEST, ERASED, "domain", "company"))
    connection.execute(delete(filed).where(ours, ~held, plain))
    for kind, values in by_kind(keys.all_filed(connection, group)).items():
        for some in chunks(values):
            connection.execute(delete(filed).where(filed.kind == kind, filed.value.in_(some), ~held))


def _personal_entries(connection: Connection, group: Collection[int]) -> list[int]:
    """The entries about a person that reach these contacts, by name or by key."""
    mine, filed, kept, row = t.ContactKeyRow, t.OptOutKeyRow, t.EvidenceRow, t.OptOutRow
    keyed = select(filed.opt_out_id).join(mine, and_(mine.kind == filed.kind, mine.value == filed.value))
    named = select(kept.opt_out_id).where(kept.contact_id.in_(group))
    found = set(connection.execute(keyed.where(mine.contact_id.in_(group))).scalars())
    found |= set(connection.execute(named).scalars())
    personal: set[int] = set()
    for some in chunks(found):
        stops = and_(row.id.in_(some), row.scope != "company", row.kind.in_(("opt_out", "provisional")))
        personal |= set(connection.execute(select(row.id).where(stops)).scalars())
    return sorted(personal)


def _empty_evidence(connection: Connection, group: Collection[int], own: Collection[Key], at: datetime) -> None:
    row = t.EvidenceRow
    about = [row.contact_id.in_(group)]
    about += [
        and_(row.identifier_kind == kind, row.identifier_value.in_(values)) for kind, values in by_kind(own).items()
    ]
    nothing = dict.fromkeys(("contact_id", "identifier_kind", "identifier_value", "their_words"))
    connection.execute(update(row).where(or_(*about)).values(**nothing, details={}, erased_at=at))


_TEXTS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (t.ConversationRow, ("their_words", "topic", "referred_to", "recording_url", "notes")),
    (t.TaskRow, ("subject", "note", "because", "last_words", "outcome_notes", "evidence")),
    (t.DecisionRow, ("reason",)),
    (t.ReviewRow, ("question", "answered_why")),
    (t.HandlingRow, ("question", "answered_why", "reading")),
    (t.SlaReplyRow, ("action", "text", "why")),
    (t.EvidenceRow, ("their_words",)),
    (t.ProfileRow, ("own_fields",)),
)


def _redact(connection: Connection, own: Collection[Key]) -> None:
    """Take these identifiers out of what was said by and about others."""
    values = sorted({value for kind, value in own if is_kept(kind)}, key=len, reverse=True)
    if not values:
        return
    pattern = re.compile("|".join(map(re.escape, values)), re.IGNORECASE)
    for table, names in _TEXTS:
        (primary,) = table.__table__.primary_key.columns
        for name in names:
            column = getattr(table, name)
            for found in connection.execute(select(primary, column).where(_mentions(column, values))).all():
                changed = {name: _without(found[1], pattern)}
                connection.execute(update(table).where(primary == found[0]).values(**changed))


def _mentions(column: Any, values: Iterable[str]) -> ColumnElement[bool]:
    """Whether a column of text, or of JSON in which letters beyond ASCII are escaped, has any of these in it."""
    plain = func.lower(cast(column, String))
    spelled = {form for value in values for form in (value, json.dumps(value)[1:-1])}
    return or_(*(plain.contains(form, autoescape=True) for form in spelled))


def _without(value: Any, pattern: re.Pattern[str]) -> Any:
    """The value with what the pattern finds taken out of every text in it."""
    if isinstance(value, str):
        return pattern.sub(GONE, value)
    if isinstance(value, dict):
        return {name: _without(one, pattern) for name, one in value.items()}
    return [_without(one, pattern) for one in value] if isinstance(value, list) else value


def _remove(connection: Connection, group: Collection[int], own: Collection[Key], at: datetime) -> None:
    owed = _keep_recalls(connection, group, at)
    task, signal = t.TaskRow, t.SignalRow
    gone = select(task.key).where(task.contact_id.in_(group), task.key.not_in(owed))
    connection.execute(delete(t.DeliveryRow).where(t.DeliveryRow.task_key.in_(gone)))
    # Who was one human with them once, and is no more, may have rested because of what they said.
    words = select(t.ConversationRow.id).where(t.ConversationRow.contact_id.in_(group))
    connection.execute(delete(t.HoldRow).where(t.HoldRow.conversation_id.in_(words)))
    _remove_answers(connection, group, at)
    for table in (t.SignalUseRow, t.DecisionRow, t.ReviewRow, t.TaskRow, t.HoldRow, t.ConversationRow):
        connection.execute(delete(table).where(table.contact_id.in_(group)))
    values = sorted(value for kind, value in own if is_kept(kind))
    told = [_mentions(column, values) for column in (signal.keys, signal.facts) if values]
    about = select(signal.seq).where(or_(signal.contact_id.in_(group), *told))
    seqs = list(connection.execute(about).scalars())
    received.let_go(connection, _received_with(connection, seqs))
    for some in chunks(seqs):
        connection.execute(delete(t.ReviewRow).where(t.ReviewRow.signal_seq.in_(some)))
        connection.execute(delete(t.SignalKeyRow).where(t.SignalKeyRow.seq.in_(some)))
        connection.execute(delete(signal).where(signal.seq.in_(some)))
    for table in (t.NewsRow, t.ProfileRow, t.EmploymentRow, t.IdentifierRow, t.ContactKeyRow, t.OptedOutRow):
        connection.execute(delete(table).where(table.contact_id.in_(group)))
    pair = or_(t.IdentityRow.contact_id.in_(group), t.IdentityRow.other_id.in_(group))
    connection.execute(delete(t.IdentityRow).where(pair))
    connection.execute(update(t.ContactRow).where(t.ContactRow.id.in_(group)).values(same_as=None))
    connection.execute(delete(t.ContactRow).where(t.ContactRow.id.in_(group)))


def _remove_answers(connection: Connection, group: Collection[int], at: datetime) -> None:
    """Take away how their messages were handled and what was owed, but for what has to be recalled somewhere."""
    row, handling, handed = t.SlaReplyRow, t.HandlingRow, t.SlaDeliveryRow
    told = handed.__table__.alias("told")
    recalled = exists().where(told.c.sla_key == handed.sla_key, told.c.target == handed.target, told.c.what == RECALL)
    due = exists().where(handed.sla_key == row.key, handed.what == TASK, ~recalled)
    mine = row.contact_id.in_(group)
    owed = list(connection.execute(select(row.key).where(mine, row.why == handled.OPTED_OUT, due)).scalars())
    if owed:
        empty = {**dict.fromkeys(("action", "text", "arithmetic"), ""), "handling_id": None}
        nobody = _nobody(connection, at)
        connection.execute(update(row).where(row.key.in_(owed)).values(**empty, contact_id=nobody))
    gone = select(row.key).where(mine)
    connection.execute(delete(handed).where(handed.sla_key.in_(gone)))
    connection.execute(delete(row).where(mine))
    handled.let_go(connection, group)
    connection.execute(delete(handling).where(handling.contact_id.in_(group)))


def _received_with(connection: Connection, seqs: Iterable[int]) -> set[int]:
    """What was received with these signals."""
    row, found = t.SignalRow, set[int | None]()
    for some in chunks(seqs):
        found |= set(connection.execute(select(row.received_id).where(row.seq.in_(some))).scalars())
    return {id for id in found if id is not None}


def _keep_recalls(connection: Connection, group: Collection[int], at: datetime) -> list[str]:
    """Empty the tasks that still have to be recalled somewhere, and give them to nobody; returns their keys."""
    task, handed, told = t.TaskRow, t.DeliveryRow, t.DeliveryRow.__table__.alias("told")
    recalled = exists().where(told.c.task_key == handed.task_key, told.c.target == handed.target, told.c.what == RECALL)
    owed = exists().where(handed.task_key == task.key, handed.what == TASK, ~recalled)
    mine = (task.contact_id.in_(group), task.outcome == WITHDRAWN, owed)
    found = list(connection.execute(select(task.key).where(*mine)).scalars())
    if found:
        words = ("account", "account_key", "trigger", "subject", "note", "because", "last_words")
        empty: dict[str, Any] = {**dict.fromkeys(words, ""), "account_id": None, "evidence": [], "outcome_notes": None}
        nobody = _nobody(connection, at)
        connection.execute(update(task).where(task.key.in_(found)).values(**empty, contact_id=nobody))
    return found


def _nobody(connection: Connection, at: datetime) -> int:
    insert_new(connection, t.ContactRow, [{"key": NOBODY, "recorded_at": at}])
    return int(connection.execute(select(t.ContactRow.id).where(t.ContactRow.key == NOBODY)).scalar_one())


def follow_erased(
    connection: Connection, names: Iterable[tuple[Collection[Key], Collection[int]]], at: datetime
) -> None:
    """File the entries of erased people under the digests of names of theirs that have just turned up.

    Whoever in the book has one of these names is closed by it.
    """
    keyring, rows, plain = keyring_of(connection), [], set()
    for identifiers, entries in names:
        for key in {key for one in identifiers for key in stored_keys(*one) if is_kept(key[0])} if entries else ():
            plain.add(key)
            for kind in (DIGEST, ERASED) if key[0] in _NAMING else (DIGEST,):
                rows += [{"kind": kind, "value": keyring.digest(*key), "opt_out_id": id} for id in entries]
    insert_new(connection, t.OptOutKeyRow, rows)
    holders = closing.holders(connection, plain)
    keys.rekey(connection, holders)
    closing.settle(connection, holders, at)


_NAMING = ("email", "linkedin", "linkedin_sales")
"""Kinds of which one alone tells that someone was erased."""
