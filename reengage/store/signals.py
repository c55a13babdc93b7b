"""Signals and whom they concern: stored once, linked, told on, and folded into who works where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from reengage.model.people import Account
from reengage.model.signal import Heard, Signal
from reengage.model.words import AccountStatus, Certainty
from reengage.people.moves import corroborate
from reengage.people.reach import Key
from reengage.store import columns as t
from reengage.store import identity
from reengage.store.accounts import put_accounts, read_accounts
from reengage.store.inserts import insert_columns, insert_new, inserting_new, next_numbers
from reengage.store.jobs import current_job, employments
from reengage.store.news import news
from reengage.store.people import Link, by_kind
from reengage.store.versions import chunks

MOVES = frozenset({"job_change", "promotion", "left_company"})
"""Kinds that change where a contact works."""


class Linked(NamedTuple):
    """A signal with whom it concerns: a contact, a company, or nobody we know; `about` is a new employer.

    `maybe` is everybody it may concern where that is not sure, `unlinked` the identifiers of a person among its keys
    that the contact is not surely known by yet.
    """

    signal: Signal
    keys: tuple[Key, ...]
    contact: int | None = None
    account: int | None = None
    about: int | None = None
    maybe: frozenset[int] = frozenset()
    certainty: Certainty = Certainty.CONFIRMED
    unlinked: tuple[Key, ...] = ()


Origins = Mapping[tuple[str, str], tuple[int, int]]
"""By the source and id of a signal: the number of what was received, and the line in it that it was made of."""


def store(
    connection: Connection, linked: Sequence[Linked], at: datetime, origins: Origins = MappingProxyType({})
) -> dict[tuple[str, str], int]:
    """Store signals once per (source, id), and once per record, and note the news; returns the numbers of new ones.

    What is there already leaves a gap in the numbers.
    """
    told = {(one.signal.source, one.signal.id): one for one in linked}
    if not told:
        return {}
    numbered = dict(zip(told, next_numbers(connection, t.SignalRow, "seq", len(told)), strict=True))
    columns = {**_columns(list(told.values()), at), **_origins(told, origins), "seq": list(numbered.values())}
    insert_columns(connection, inserting_new(connection, t.SignalRow), columns)
    there = _there(connection, numbered.values())
    new = {key: seq for key, seq in numbered.items() if seq in there}
    fresh = [told[key] for key in new]
    keys = [
        {"kind": kind, "value": value, "seq": seq}
        for key, seq in new.items()
        if (one := told[key]).contact is None
        for kind, value in one.keys
        if kind != "domain" or one.account is None
    ]
    insert_new(connection, t.SignalKeyRow, keys)
    contacts = {one.contact for one in fresh if one.contact is not None}
    accounts = {one.account for one in fresh if one.contact is None and one.account is not None}
    news(connection, contacts, accounts, at)
    if any(one.signal.kind == "timer" for one in fresh):
        connection.execute(insert(t.NewsRow), {"contact_id": None, "account_id": None, "recorded_at": at})
    return new


def _there(connection: Connection, seqs: Collection[int]) -> set[int]:
    """Those of these numbers that signals have now."""
    row = t.SignalRow
    between = select(row.seq).where(row.seq.between(min(seqs), max(seqs)))
    return set(connection.execute(between).scalars().all()).intersection(seqs)


def _columns(linked: Sequence[Linked], at: datetime) -> dict[str, list[Any]]:
    told = [one.signal for one in linked]
    keys = [vars(one.keys) for one in told]
    return {
        "source": [one.source for one in told],
        "id": [one.id for one in told],
        "kind": [one.kind for one in told],
        "contact_id": [one.contact for one in linked],
        "account_id": [one.account for one in linked],
        "about_id": [one.about for one in linked],
        "occurred_at": [one.occurred_at for one in told],
        "received_at": [one.received_at for one in told],
        "recorded_at": [at] * len(told),
        "certainty": [one.certainty for one in linked],
        "facts": [one.facts for one in told],
        "keys": [{name: value for name, value in said.items() if value not in _NOTHING} for said in keys],
    }


def _origins(told: Iterable[tuple[str, str]], origins: Origins) -> dict[str, list[Any]]:
    """What each of these was made of, as columns."""
    known = [origins.get(key, (None, None)) for key in told]
    return {"received_id": [received for received, _ in known], "line": [line for _, line in known]}


_NOTHING: tuple[Any, ...] = (None, (), {})
"""What keys are that a signal does not have."""


def claim(connection: Connection, links: Collection[Link], at: datetime) -> tuple[list[Link], int]:
    """Give earlier signals about people we did not know to those who turned out to have their identifiers.

    Returns the other identifiers of these signals as links, in doubt where a signal may be about several humans, and
    how many signals were given away.
    """
    theirs: dict[Key, set[int]] = defaultdict(set)
    for one in links:
        if not one.doubtful:
            theirs[one.kind, one.value].add(one.contact_id)
    found: dict[int, set[int]] = defaultdict(set)
    for key, seq in _waiting_at(connection, theirs):
        found[seq] |= theirs[key]
    persons = identity.keepers(connection, {id for ids in found.values() for id in ids})
    names = _keys_of(connection, found)
    more: list[Link] = []
    given: dict[int, int] = {}
    for seq, ids in found.items():
        sure = len({persons[id] for id in ids}) == 1
        given |= {seq: min(ids)} if sure else {}
        more += [Link(id, *key, _CLAIMED, not sure) for id in sorted(ids) for key in names[seq] if key[0] != "domain"]
    if given:
        theirs_now = update(t.SignalRow).where(t.SignalRow.seq == bindparam("number"))
        rows = [{"number": seq, "contact": contact} for seq, contact in given.items()]
        connection.execute(theirs_now.values(contact_id=bindparam("contact")), rows)
    for some in chunks(given):
        connection.execute(delete(t.SignalKeyRow).where(t.SignalKeyRow.seq.in_(some)))
    news(connection, given.values(), (), at)
    return more, len(given)


_CLAIMED = "an earlier signal"


def claim_companies(connection: Connection, domains: Mapping[str, int], at: datetime) -> int:
    """Give earlier signals about companies we did not know to those of these domains; returns how many there were."""
    row, signal = t.SignalKeyRow, t.SignalRow
    given = {seq: domains[key[1]] for key, seq in _waiting_at(connection, {("domain", domain) for domain in domains})}
    if given:
        fits = (signal.seq == bindparam("number"), signal.account_id.is_(None), signal.kind.not_in(sorted(MOVES)))
        rows = [{"number": seq, "account": account} for seq, account in given.items()]
        connection.execute(update(signal).where(*fits).values(account_id=bindparam("account")), rows)
    for some in chunks(given):
        connection.execute(delete(row).where(row.seq.in_(some), row.kind == "domain"))
    news(connection, (), given.values(), at)
    return len(given)


def _waiting_at(connection: Connection, keys: Iterable[Key]) -> list[tuple[Key, int]]:
    row, found = t.SignalKeyRow, []
    for kind, values in by_kind(keys).items():
        for some in chunks(values):
            for hit in connection.execute(select(row.__table__).where(row.kind == kind, row.value.in_(some))):
                found.append(((kind, hit.value), hit.seq))
    return found


def _keys_of(connection: Connection, seqs: Iterable[int]) -> dict[int, list[Key]]:
    row, found = t.SignalKeyRow, defaultdict(list)
    for some in chunks(seqs):
        for hit in connection.execute(select(row.__table__).where(row.seq.in_(some))):
            found[hit.seq].append((hit.kind, hit.value))
    return found


def fold_moves(connection: Connection, contacts: Collection[int], at: datetime) -> set[int]:
    """Record the employments that confirmed moves of these people lead to; returns the contacts that changed."""
    moved: list[dict[str, Any]] = []
    groups = identity.members(connection, contacts)
    known = _of_people(groups, employments(connection, _everyone(groups)))
    for person, rows in _of_people(groups, _moves(connection, _everyone(groups))).items():
        sources = {job.source for job in known.get(person, ())}
        sure = {heard.key for heard in corroborate(map(as_heard, rows)) if heard.certainty is Certainty.CONFIRMED}
        for row in rows:
            key = f"{row.source}/{row.id}"
            if key in sure and key not in sources:
                moved.append({"person": person, "row": row, "source": key})
    moved.sort(key=lambda move: (move["row"].occurred_at, move["row"].seq))
    employers = _employers(connection, [move["row"] for move in moved], at)
    jobs: list[dict[str, Any]] = []
    for move in moved:
        jobs.append(_job(move, known, jobs, employers, at))
    if jobs:
        rows = [{name: value for name, value in job.items() if name != "person"} for job in jobs]
        connection.execute(insert(t.EmploymentRow), rows)
    _answer_moves(connection, [move["row"].seq for move in moved], at)
    return {job["contact_id"] for job in jobs}


def histories(
    connection: Connection, contacts: Collection[int], at: datetime | None = None
) -> dict[int, list[Account]]:
    """Every employer we know of each contact (as known at a moment, if one is given), whatever the person's name is."""
    groups = identity.members(connection, contacts)
    jobs = _of_people(groups, employments(connection, _everyone(groups), at))
    ids = {job.account_id for found in jobs.values() for job in found if job.account_id is not None}
    accounts = read_accounts(connection, ids, datetime.max.replace(tzinfo=UTC))
    return {
        contact: [accounts[job.account_id] for job in jobs.get(person, ()) if job.account_id in accounts]
        for person, group in groups.items()
        for contact in group
    }


def _everyone(groups: Mapping[int, Collection[int]]) -> set[int]:
    return {contact for group in groups.values() for contact in group}


def _of_people(groups: Mapping[int, Collection[int]], rows: Mapping[int, Sequence[Any]]) -> dict[int, list[Any]]:
    """The rows of all contacts who are one human, under the one who stands for them."""
    return {person: [row for contact in group for row in rows.get(contact, ())] for person, group in groups.items()}


def _moves(connection: Connection, contacts: Collection[int]) -> dict[int, list[Any]]:
    row, found = t.SignalRow, defaultdict(list)
    for some in chunks(contacts):
        mine = (row.contact_id.in_(some), row.kind.in_(sorted(MOVES)), row.rejected_at.is_(None))
        for hit in connection.execute(select(row.__table__).where(*mine)):
            found[hit.contact_id].append(hit)
    return found


def as_heard(row: Any, account: Account | None = None) -> Heard:
    """A stored signal as it concerns a contact, about this company; what a person confirmed is certain."""
    return Heard(
        seq=row.seq,
        source=row.source,
        id=row.id,
        kind=row.kind,
        occurred_at=row.occurred_at,
        received_at=row.received_at,
        certainty=Certainty.CONFIRMED if row.confirmed_at else Certainty(row.certainty),
        facts=row.facts,
        account=account,
    )


def _employers(connection: Connection, moves: Sequence[Any], at: datetime) -> dict[int, int | None]:
    """The company that each new job is at, by the number of its signal; one we did not know is added."""
    hired = [row for row in moves if row.kind == "job_change"]
    places = [
        {"name": row.facts.get("new_company"), "domain": row.facts.get("new_domain"), "if_new": AccountStatus.NEW}
        for row in hired
    ]
    return dict(zip((row.seq for row in hired), put_accounts(connection, places, at), strict=True))


def _job(
    move: Mapping[str, Any],
    known: Mapping[int, Sequence[Any]],
    heard: Sequence[Mapping[str, Any]],
    employers: Mapping[int, int | None],
    at: datetime,
) -> dict[str, Any]:
    row, person = move["row"], move["person"]
    facts = row.facts
    account = employers.get(row.seq)
    if row.kind == "promotion":
        account = _employer_at(
            row.occurred_at, known.get(person, ()), [job for job in heard if job["person"] == person]
        )
    return {
        "person": person,
        "contact_id": row.contact_id,
        "account_id": account,
        "title": facts.get("new_title"),
        "seniority": facts.get("new_seniority"),
        "department": str(facts.get("new_department") or "").casefold() or None,
        "since": row.occurred_at,
        "source": move["source"],
        "recorded_at": at,
    }


def _employer_at(moment: datetime, known: Sequence[Any], heard: Sequence[Mapping[str, Any]]) -> int | None:
    """Where someone worked at a moment, by the jobs on record and those just heard of, the earliest first."""
    since: datetime | None = None
    employer = None
    present = current_job(job for job in known if job.since is None or job.since <= moment)
    if present:
        since, employer = present.since, present.account_id
    if heard and (since is None or heard[-1]["since"] >= since):
        employer = heard[-1]["account_id"]
    return employer


def ask_about(connection: Connection, questions: Iterable[Mapping[str, Any]], at: datetime) -> None:
    """Put questions for a person (kind, contact_id, signal_seq or opt_out_id, question), each once."""
    insert_new(connection, t.ReviewRow, [{**question, "recorded_at": at} for question in questions])


def _answer_moves(connection: Connection, seqs: Collection[int], at: datetime) -> None:
    """Close the questions about moves that have been confirmed since."""
    row = t.ReviewRow
    for some in chunks(seqs):
        open_ones = (row.signal_seq.in_(some), row.answer.is_(None))
        values = {"answer": "confirmed", "answered_at": at, "answered_why": "confirmed by a second source"}
        connection.execute(update(row).where(*open_ones).values(**values))


def unanswered_likely(connection: Connection, seqs: Collection[int]) -> list[Any]:
    """Those of these signals that are doubtful and that nothing has confirmed."""
    row, found = t.SignalRow, []
    for some in chunks(seqs):
        doubtful = or_(row.certainty == Certainty.LIKELY, row.certainty == Certainty.UNCERTAIN)
        statement = select(row.__table__).where(row.seq.in_(some), doubtful, row.contact_id.is_not(None))
        found += list(connection.execute(statement.where(row.confirmed_at.is_(None))))
    return found
