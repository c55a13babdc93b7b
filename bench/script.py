"""What a good engineer would write by hand for exactly these rules and this SQLite file, in one sitting.

It narrows in SQL, matches the survivors in plain Python and inserts tasks into a copy of the table. It respects stops,
promised dates, used signals, open tasks and rests. It has no second matcher, no explanation, no caps, no other
database and no other rules; it makes the same decisions on a book of `bench.book`, which is asserted before any timing.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from bench.rulebook import SENIORITIES, Asked

Chosen = dict[int, tuple[str, str]]
"""By contact: the rule and the trigger of its task."""

GOOD_FOR, RESTS, LAPSES_AFTER = timedelta(days=90), timedelta(days=14), timedelta(days=30)


class Case(NamedTuple):
    """A signal that may matter, beside what is known of the contact it concerns."""

    contact: int
    kind: str
    key: str
    seq: int
    occurred_at: datetime
    age: timedelta
    among: str
    value: int
    customer: bool
    said: str
    since: datetime
    promised: bool
    until: date | None
    country: str
    contact_key: str
    name: str
    owner: str


def decide_and_write(path: Path, rules: Sequence[Asked], now: datetime) -> Chosen:
    """Do a night's work on a SQLite file, in one transaction; returns what was written."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(
        """PRAGMA mmap_size = 8000000000; PRAGMA cache_size = -64000; PRAGMA temp_store = MEMORY;
        DROP TABLE IF EXISTS script_task; DROP TABLE IF EXISTS script_use;
        CREATE TABLE script_task AS SELECT * FROM task WHERE 0;
        CREATE UNIQUE INDEX script_task_key ON script_task (key);
        CREATE TABLE script_use AS SELECT * FROM signal_use WHERE 0;"""
    )
    connection.execute("BEGIN IMMEDIATE")
    tasks = list(_decide(connection, rules, now))
    _write(connection, tasks, now)
    connection.execute("COMMIT")
    connection.close()
    return {case.contact: (rule.id, case.key) for rule, case, _ in tasks}


def _decide(
    connection: sqlite3.Connection, rules: Sequence[Asked], now: datetime
) -> Iterator[tuple[Asked, Case, Sequence[str]]]:
    """The rule, the trigger and the used signals of everyone who gets a task."""
    blocked = _blocked(connection, now)
    used = set(connection.execute("SELECT contact_id, key FROM signal_use"))
    rested = _rested(connection, rules, now)
    by_word = _by_word(rules)
    cases: dict[int, list[Case]] = defaultdict(list)
    for case in _survivors(connection, rules, now):
        if case.contact not in blocked and (case.contact, case.key) not in used:
            cases[case.contact].append(case)
    for contact, some in cases.items():
        some.sort(key=lambda case: (case.occurred_at, case.seq, case.key), reverse=True)
        fired = _fired(some, by_word, now)
        free = [found for found in fired if (contact, found[0].id) not in rested]
        if free:
            rule, case, _ = min(
                free, key=lambda found: (found[0].rank, -found[1].occurred_at.timestamp(), found[0].order)
            )
            yield rule, case, [key for found in free for key in found[2]]


def _fired(
    cases: Sequence[Case], by_word: dict[tuple[str, str], list[Asked]], now: datetime
) -> list[tuple[Asked, Case, list[str]]]:
    """Every rule that fires for one contact, with its newest signal; whoever named a date is left until then."""
    fitting: dict[Asked, list[Case]] = defaultdict(list)
    for case in cases:
        for rule in by_word.get((case.kind, case.among), ()):
            if _fits(rule, case, now):
                fitting[rule].append(case)
    return [
        (rule, some[0], [case.key for case in some])
        for rule, some in fitting.items()
        if len(_counted(rule, some)) >= rule.count and not (rule.no_customers and some[0].customer)
    ]


def _counted(rule: Asked, some: Sequence[Case]) -> list[Case]:
    since = some[0].occurred_at + some[0].age - timedelta(days=rule.within)
    return [case for case in some if case.occurred_at >= since]


def _fits(rule: Asked, case: Case, now: datetime) -> bool:
    waits = case.promised and case.until is not None and case.until > now.date()
    return (
        case.said in rule.said
        and not waits
        and case.value >= max(rule.score, rule.open_roles)
        and (case.promised or not rule.promised)
        and (not rule.within or case.age <= timedelta(days=rule.within))
        and case.since + timedelta(days=rule.held_for) <= now
        and case.since <= case.occurred_at
        and case.occurred_at + case.age <= now <= case.occurred_at + case.age + GOOD_FOR
    )


def _by_word(rules: Iterable[Asked]) -> dict[tuple[str, str], list[Asked]]:
    found: dict[tuple[str, str], list[Asked]] = defaultdict(list)
    for rule in rules:
        for word in rule.among:
            found[rule.kind, word].append(rule)
    return found


def _survivors(connection: sqlite3.Connection, rules: Sequence[Asked], now: datetime) -> Iterator[Case]:
    today = now.date()
    words = {
        "now": _text(now),
        "today": str(today),
        "stale": _text(now - GOOD_FOR),
        "stale_day": str(today - GOOD_FOR),
        "from": str(today + timedelta(days=30)),
        "to": str(today + timedelta(days=90)),
    }
    connection.execute(_WANTED)
    connection.executemany("INSERT INTO wanted VALUES (?, ?, ?, ?, ?)", _wanted(rules))
    for query in (_ABOUT_CONTACTS, _ABOUT_COMPANIES):
        for row in connection.execute(query, words):
            yield _heard(row)
    for row in connection.execute(_PROMISED, words):
        yield _dated(row, "snooze_ended", f"hold/{row[0]}", _day(row[0]))
    for row in connection.execute(_CONTRACTS, words):
        yield _dated(row, "contract_renewal", f"contract/{row[0]}", _day(row[0]) - timedelta(days=90))


def _wanted(rules: Iterable[Asked]) -> Iterator[tuple[str, str, int, int, str]]:
    """By kind and word, the least that all rules together ask for."""
    for (kind, word), some in _by_word(rules).items():
        least = min(max(rule.score, rule.open_roles) for rule in some)
        said = {response for rule in some for response in rule.said}
        yield kind, word, least, max(rule.within for rule in some), " ".join(sorted(said))


def _heard(row: Sequence[Any]) -> Case:
    contact, kind, key, seq, occurred, received, among, value, status, *rest = row
    occurred_at = datetime.fromisoformat(occurred)
    age = datetime.fromisoformat(received) - occurred_at
    return Case(contact, kind, key, seq, occurred_at, age, among, value, status == "customer", *_who(rest))


def _dated(row: Sequence[Any], kind: str, key: str, day: datetime) -> Case:
    _, contact, *rest = row
    who = _who(rest)
    return Case(contact, kind, key, 0, max(day, who[1]), timedelta(), who[4], 0, False, *who)


def _who(row: Sequence[Any]) -> tuple[str, datetime, bool, date | None, str, str, str, str]:
    said, since, promised, until, *rest = row
    country, key, name, owner = rest
    named = date.fromisoformat(until) if until else None
    return said, datetime.fromisoformat(since), bool(promised), named, country, key, name, owner


def _blocked(connection: sqlite3.Connection, now: datetime) -> set[int]:
    """Whoever said stop, has an open task or had any task lately."""
    stopped = connection.execute("SELECT DISTINCT contact_id FROM opted_out")
    busy = connection.execute(
        "SELECT contact_id FROM task WHERE (state IN ('open', 'delivered') AND due > ?) OR created_at > ?",
        (str((now - LAPSES_AFTER).date()), _text(now - RESTS)),
    )
    return {row[0] for rows in (stopped, busy) for row in rows}


def _rested(connection: sqlite3.Connection, rules: Sequence[Asked], now: datetime) -> set[tuple[int, str]]:
    """Contacts and the rules that made a task for them too lately to make another."""
    found: set[tuple[int, str]] = set()
    for rule in rules:
        since = _text(now - timedelta(days=rule.cooldown))
        found.update(
            connection.execute("SELECT contact_id, rule FROM task WHERE rule = ? AND created_at > ?", (rule.id, since))
        )
    return found


def _write(connection: sqlite3.Connection, tasks: Sequence[tuple[Asked, Case, Sequence[str]]], now: datetime) -> None:
    at, due = _text(now), str(_two_business_days(now.date()))
    rows = []
    for rule, case, keys in tasks:
        digest = hashlib.sha256("\x1f".join((rule.id, case.contact_key, case.key)).encode()).hexdigest()
        why = f"{case.name}: {case.kind} of {case.occurred_at:%Y-%m-%d} ({case.among})"
        rows.append(
            (f"rx-{digest[:20]}", case.contact, rule.id, case.key, why, why, due, case.owner, str(list(keys)), at)
        )
    connection.executemany(_INSERT, rows)
    uses = ((case.contact, key, row[0], at) for row, (_, case, keys) in zip(rows, tasks, strict=True) for key in keys)
    connection.executemany("INSERT INTO script_use VALUES (?, ?, ?, ?)", uses)


def _two_business_days(day: date) -> date:
    left = 2
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day


def _text(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(" ", "microseconds")


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text)


_WANTED = """
CREATE TEMP TABLE wanted (
  kind TEXT, word TEXT, least INT, within INT, said TEXT, PRIMARY KEY (kind, word)) WITHOUT ROWID"""

_WHO = """
  CROSS JOIN hold h ON h.contact_id = {contact} AND h.superseded_at IS NULL
  CROSS JOIN contact c ON c.id = h.contact_id AND c.same_as IS NULL
  CROSS JOIN profile p ON p.contact_id = c.id AND p.superseded_at IS NULL"""
"""CROSS JOIN keeps SQLite from beginning at the other end: the few signals that matter come first."""

_NOT_LATELY = """ AND NOT EXISTS (
  SELECT 1 FROM conversation t WHERE t.contact_id = c.id AND t.at >= datetime(:now, '-14 days'))"""

_KNOWN = "h.response, h.since, h.promised, h.until, p.country, c.key, p.first_name, p.owner_email"

_SIGNAL = f"""
SELECT {{contact}}, s.kind, s.source || '/' || s.id, s.seq, s.occurred_at, s.received_at, w.word, coalesce(
    s.facts ->> '$.score', s.facts ->> '$.open_roles', 0),
  (SELECT a.status FROM account_status a WHERE a.superseded_at IS NULL AND a.account_id = coalesce(s.about_id,
    (SELECT j.account_id FROM employment j WHERE j.contact_id = {{contact}} ORDER BY j.id DESC LIMIT 1))), {_KNOWN}
FROM signal s CROSS JOIN wanted w ON w.kind = s.kind AND w.word = CASE s.kind
    WHEN 'intent' THEN s.facts ->> '$.topic'
    WHEN 'job_change' THEN s.facts ->> '$.new_department' ELSE s.facts ->> '$.department' END {{join}} {_WHO}
WHERE s.rejected_at IS NULL AND s.certainty = 'confirmed' AND s.received_at BETWEEN :stale AND :now AND CASE s.kind
    WHEN 'intent' THEN s.facts ->> '$.score' >= w.least
    WHEN 'job_change' THEN s.facts ->> '$.new_seniority' IN ({", ".join(f"'{word}'" for word in SENIORITIES)})
    WHEN 'team_expansion' THEN s.facts ->> '$.open_roles' >= w.least END
  AND s.received_at <= datetime(s.occurred_at, '+' || (w.within + 1) || ' days')
  AND instr(w.said, h.response) AND h.since <= s.occurred_at {_NOT_LATELY} AND """  # noqa: S608

_ABOUT_CONTACTS = _SIGNAL.format(contact="s.contact_id", join="") + "s.contact_id IS NOT NULL"
_COLLEAGUES = """CROSS JOIN employment e ON e.account_id = s.account_id
  AND NOT EXISTS (SELECT 1 FROM employment l WHERE l.contact_id = e.contact_id AND l.id > e.id)"""
_ABOUT_COMPANIES = _SIGNAL.format(contact="e.contact_id", join=_COLLEAGUES) + "s.contact_id IS NULL"
_PROMISED = f"""SELECT o.until, h.contact_id, {_KNOWN} FROM hold o {_WHO.format(contact="o.contact_id")}
WHERE o.superseded_at IS NULL AND o.promised AND o.until BETWEEN :stale_day AND :today {_NOT_LATELY}"""  # noqa: S608
_CONTRACTS = f"""
SELECT v.contract_ends, h.contact_id, {_KNOWN} FROM conversation v {_WHO.format(contact="v.contact_id")}
WHERE v.id = h.conversation_id AND v.contract_ends BETWEEN :from AND :to {_NOT_LATELY}"""  # noqa: S608
_INSERT = """
INSERT INTO script_task (key, contact_id, rule, "trigger", subject, note, due, owner, evidence, created_at, state)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open')"""
