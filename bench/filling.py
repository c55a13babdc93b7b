"""Writes a made-up book straight into the tables, as the importers and `ingest` would have left them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from itertools import islice
from typing import Any

from bench.book import (
    IMPORTED_AT,
    INGESTED_AT,
    OWNERS,
    Book,
    News,
    Person,
    company_of,
    domain_of,
    key_of,
    owner_of,
    profile_of,
    signal_of,
)
from bench.tables import Tables, open_tables
from reengage.intake.holds import Stand, fold_holds
from reengage.language.responses import Policy
from reengage.model.conversation import Conversation
from reengage.model.optout import EntryKind, OptOut, StatedBy
from reengage.model.words import Response
from reengage.people.companies import company_key
from reengage.store import optouts
from reengage.store.database import Database

Progress = Callable[[str], None]
Policies = Mapping[Response, Policy]
_StandOf = Callable[[str, datetime, date | None], Stand]

_PEOPLE_AT_ONCE, _STOPS_AT_ONCE = 20_000, 2_000


def fill(database: Database, book: Book, policies: Policies, told: Progress = lambda _: None) -> None:
    """Fill an empty, prepared database; the same book makes the same rows in every database."""
    with open_tables(database) as tables:
        told("people")
        _fill_people(tables, book, policies)
        told("signals")
        _fill_signals(tables, book)
        told("keys and news")
        for statement in _DERIVED:
            tables.do(statement)
    told("opt-outs")
    _opt_out(database, book)


def add_news(database: Database, book: Book, many: int, at: datetime) -> None:
    """Add so many signals as if ingested at a moment after a run; none of them is a move."""
    with database.reading() as connection:
        first = 1 + int(connection.exec_driver_sql("SELECT max(seq) FROM signal").scalar() or 0)
    with open_tables(database, empty=False) as tables:
        tables.put("signal", _SIGNAL, (_signal(book, one, at) for one in book.later_news(first, many)))
        tables.do(_NEWS_OF_CONTACTS.format(first=first))
        tables.do(_NEWS_OF_ACCOUNTS.format(first=first))


def _fill_people(tables: Tables, book: Book, policies: Policies) -> None:
    at = _moment(IMPORTED_AT)
    reps = ((n + 1, owner_of(n), f"Rep {n % OWNERS + 1}", "UTC", "GB", 1, at) for n in range(OWNERS))
    tables.put("owner", _OWNER, reps)
    everyone = range(1, book.contacts + 1)
    tables.put("account", _ACCOUNT, (_account(number, at) for number in range(1, book.accounts + 1)))
    statuses = ((n, n, "customer" if book.is_customer(n) else "prospect", at) for n in range(1, book.accounts + 1))
    tables.put("account_status", _STATUS, statuses)
    tables.put("contact", _CONTACT, ((number, key_of(number), at) for number in everyone))
    tags = {word.value: json.dumps(list(policy.desk.tags)) for word, policy in policies.items()}
    stand_of = _folding(policies)
    people = book.people()
    while some := list(islice(people, _PEOPLE_AT_ONCE)):
        tables.put("profile", _PROFILE, (_profile(one, at) for one in some))
        tables.put("employment", _EMPLOYMENT, (_job(one, at) for one in some))
        tables.put("conversation", _CONVERSATION, (_talk(one, tags, at) for one in some))
        tables.put("hold", _HOLD, (_hold(one, stand_of, at) for one in some))
    tables.put("identifier", _IDENTIFIER, _identifiers(book, at))


def _fill_signals(tables: Tables, book: Book) -> None:
    at = _moment(INGESTED_AT)
    tables.put("received", _RECEIVED, [(1, "envelope", "0" * 64, "signals/heard.jsonl", 0, at, at, at, book.signals)])
    tables.put("signal", _SIGNAL, (_signal(book, one, INGESTED_AT) for one in book.news()))
    moves = (one for one in book.news() if one.place)
    tables.put("employment", _EMPLOYMENT, (_new_job(book, number, one, at) for number, one in enumerate(moves, 1)))


def _opt_out(database: Database, book: Book) -> None:
    """Record the stops as the import of contacts does: nothing else can sign and chain the ledger."""
    stops = [
        OptOut(
            kind=EntryKind.OPT_OUT,
            contact_id=one.number,
            stated_by=StatedBy.STAFF,
            source="import contacts",
            their_words="true",
        )
        for one in book.people()
        if one.opted_out
    ]
    for start in range(0, len(stops), _STOPS_AT_ONCE):
        with database.deciding(journaled=False) as connection:
            optouts.record(connection, stops[start : start + _STOPS_AT_ONCE], IMPORTED_AT)
    database.catch_up()


_OWNER = ("id", "email", "name", "time_zone", "country", "active", "recorded_at")
_ACCOUNT = ("id", "name", "name_key", "domain", "recorded_at")
_STATUS = ("id", "account_id", "status", "recorded_at")
_CONTACT = ("id", "key", "recorded_at")
_PROFILE = ("id", "contact_id", "first_name", "last_name", "country", "owner_email", "own_fields", "recorded_at")
_EMPLOYMENT = (
    *("id", "contact_id", "account_id", "title", "seniority", "department", "since", "source", "recorded_at"),
)
_CONVERSATION = (
    *("id", "key", "contact_id", "at", "channel", "rep_email", "response", "their_words", "vendor"),
    *("contract_ends", "call_back_on", "wake_on", "tags", "recorded_at"),
)
_HOLD = (
    *("id", "contact_id", "conversation_id", "kind", "since", "until", "promised", "response", "category"),
    *("wake_on", "recorded_at"),
)
_IDENTIFIER = ("kind", "value", "contact_id", "shared", "detached", "doubtful", "source", "recorded_at")
_RECEIVED = ("id", "connector", "sha256", "name", "size", "received_at", "recorded_at", "mapped_at", "rows")
_SIGNAL = (
    *("seq", "source", "id", "kind", "contact_id", "account_id", "about_id", "occurred_at", "received_at"),
    *("recorded_at", "certainty", "facts", "keys", "received_id", "line"),
)


def _account(number: int, at: str) -> tuple[Any, ...]:
    name = company_of(number)
    return (number, name, company_key(name), domain_of(number), at)


def _profile(one: Person, at: str) -> tuple[Any, ...]:
    return (one.number, one.number, one.first, one.last, one.country, one.owner, "{}", at)


def _job(one: Person, at: str) -> tuple[Any, ...]:
    return (one.number, one.number, one.account, None, one.seniority, one.department, None, "import", at)


def _new_job(book: Book, number: int, one: News, at: str) -> tuple[Any, ...]:
    facts, since = one.facts, _moment(one.occurred_at)
    role = (facts["new_title"], facts["new_seniority"], facts["new_department"])
    return (book.contacts + number, one.contact, one.place, *role, since, f"bench/{signal_of(one.number)}", at)


def _talk(one: Person, tags: Mapping[str, str], at: str) -> tuple[Any, ...]:
    said = (_moment(one.said_at), "phone", one.owner, one.said, "Not at the moment")
    vendor = "Vendor" if one.contract_ends else None
    dates = (_day(one.contract_ends), _day(one.call_back_on))
    return (one.number, f"v{one.number:08}", one.number, *said, vendor, *dates, "[]", tags[one.said], at)


def _hold(one: Person, stand_of: _StandOf, at: str) -> tuple[Any, ...]:
    stand = stand_of(one.said, one.said_at, one.call_back_on)
    until, promised = _day(stand.until), int(stand.promised)
    what = (stand.kind.value, _moment(stand.since), until, promised, one.said, stand.category)
    return (one.number, one.number, one.number, *what, "[]", at)


def _identifiers(book: Book, at: str) -> Iterator[tuple[Any, ...]]:
    rest = (0, 0, 0, "import contacts", at)
    everyone = range(1, book.contacts + 1)
    yield from (("import", key_of(number), number, *rest) for number in everyone)
    yield from (("email", book.email_of(number), number, *rest) for number in everyone)
    yield from (("linkedin", profile_of(number), number, *rest) for number in everyone)


def _signal(book: Book, one: News, at: datetime) -> tuple[Any, ...]:
    whom = (one.contact, None, one.place or None) if one.contact else (None, one.account, one.account)
    keys = {"email": book.email_of(one.contact)} if one.contact else {"domain": domain_of(one.account)}
    times = (_moment(one.occurred_at), _moment(one.received_at), _moment(at))
    told = ("confirmed", json.dumps(one.facts), json.dumps(keys))
    return (one.number, "bench", signal_of(one.number), one.kind, *whom, *times, *told, 1, one.number)


def _folding(policies: Policies) -> _StandOf:
    """The hold that follows from what was said, when, and the date that was named."""

    @cache
    def stand_of(said: str, at: datetime, call_back_on: date | None) -> Stand:
        talk = Conversation(id="", at=at, response=Response(said), call_back_on=call_back_on)
        stand = fold_holds([talk], policies)
        assert stand is not None, f"{said} makes no hold"
        return stand

    return stand_of


@cache
def _moment(at: datetime) -> str:
    """A moment in UTC as SQLAlchemy stores it in SQLite; PostgreSQL reads it too."""
    return at.isoformat(" ", "microseconds")[:26]


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


_PRESENT = """
  FROM employment e JOIN account a ON a.id = e.account_id
  WHERE e.id IN (SELECT max(id) FROM employment GROUP BY contact_id)"""
"""The present job of everybody: a move that was heard of comes after what was imported."""

_NEWS_OF_CONTACTS = """
INSERT INTO news (contact_id, recorded_at) SELECT DISTINCT contact_id, recorded_at FROM signal
  WHERE seq >= {first} AND contact_id IS NOT NULL ORDER BY 1"""

_NEWS_OF_ACCOUNTS = """
INSERT INTO news (account_id, recorded_at) SELECT DISTINCT account_id, recorded_at FROM signal
  WHERE seq >= {first} AND contact_id IS NULL ORDER BY 1"""

_KEYS = "INSERT INTO contact_key (kind, value, contact_id)"

_DERIVED = (
    f"{_KEYS} SELECT 'company', a.name_key, e.contact_id {_PRESENT} ORDER BY 2, 3",
    f"{_KEYS} SELECT 'domain', a.domain, e.contact_id {_PRESENT} ORDER BY 2, 3",
    f"{_KEYS} SELECT kind, value, contact_id FROM identifier ORDER BY 1, 2, 3",  # noqa: S608
    f"{_KEYS} SELECT 'email_any', value, contact_id FROM identifier WHERE kind = 'email' ORDER BY 2, 3",  # noqa: S608
    "INSERT INTO news (account_id, recorded_at) SELECT id, recorded_at FROM account ORDER BY id",
    "INSERT INTO news (contact_id, recorded_at) SELECT id, recorded_at FROM contact ORDER BY id",
    "INSERT INTO news (contact_id, recorded_at) SELECT contact_id, recorded_at FROM conversation ORDER BY id",
    _NEWS_OF_CONTACTS.format(first=1),
    _NEWS_OF_ACCOUNTS.format(first=1),
)
