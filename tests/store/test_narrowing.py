"""Who is judged at all: nobody is left out for whom a rule would fire, and whoever it cannot mean is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from reengage.app.identity import merge
from reengage.engine.news import ActiveRule
from reengage.engine.now import Now
from reengage.engine.plain import judge
from reengage.model.candidate import Candidate
from reengage.model.signal import Signal
from reengage.store import candidates, narrowing
from reengage.store import columns as t
from reengage.store import signals as arrived
from reengage.store.database import Database, open_database
from reengage.store.narrowing import Asked, Question, ask
from reengage.store.signals import Linked
from tests.app.rulebook import read
from tests.app.story import START, Event, World, make_world
from tests.conftest import KEYS, hasty
from tests.engine import chance

DAY = timedelta(days=1)
LONG_AGO = START - 120 * DAY
HEARD = START + 2 * DAY
NOW = Now(START + 10 * DAY, "Europe/London")

FACTS: dict[str, tuple[str, dict[str, Any]]] = {
    "capitals": ("intent", {"topic": "ZÜRICH crm"}),
    "sharp": ("intent", {"topic": "Straße"}),
    "spaces": ("intent", {"topic": " Sales   OPS "}),
    "tabbed": ("intent", {"topic": "sales\tops"}),
    "no-break": ("intent", {"topic": "sales\N{NO-BREAK SPACE}ops"}),
    "digits": ("intent", {"topic": "365"}),
    "payroll": ("intent", {"topic": " Payroll "}),
    "low": ("intent", {"topic": "scores", "score": 20}),
    "middle": ("intent", {"topic": "scores", "score": 60}),
    "high": ("intent", {"topic": "scores", "score": 90.5}),
    "text": ("intent", {"topic": "scores", "score": "70"}),
    "word": ("intent", {"topic": "scores", "score": "many"}),
    "live": ("usage", {"live": True, "seats": 3}),
    "dead": ("usage", {"seats": 12}),
    "flagged": ("usage", {"seats": True}),
    "promoted": ("promotion", {"new_seniority": "vp", "new_department": "SÄLE"}),
    "moved": ("promotion", {"new_seniority": "manager"}),
    "no-budget": ("intent", {"topic": "held"}),
    "not-now": ("intent", {"topic": "held"}),
    "before": ("intent", {"topic": "held"}),
    "promised": ("intent", {"topic": "old"}),
    "stale": ("intent", {"topic": "old"}),
    "second": ("visit", {"page": "/pricing"}),
    "a-week": ("intent", {"topic": "aged"}),
    "longer": ("intent", {"topic": "aged"}),
}
"""What was heard of each person, by their names."""

OCCURRED = {"promised": LONG_AGO + DAY, "stale": LONG_AGO + DAY, "before": START - DAY}
"""When it occurred, where it was long ago or before they said no."""

RECEIVED = {"a-week": HEARD + 7 * DAY, "longer": HEARD + 7 * DAY + timedelta(hours=1)}
"""When it was received, where that was not at once."""

SOON, AHEAD = (START + 5 * DAY).date(), (START + 30 * DAY).date()
ENDS_SOON, ENDS_LATER = (START + 60 * DAY).date(), (START + 200 * DAY).date()
SAID: dict[str, dict[str, Any]] = {
    "no-budget": {"response": "no_budget"},
    "promised": {"at": LONG_AGO.isoformat(), "call_back_on": SOON.isoformat()},
    "stale": {"at": LONG_AGO.isoformat()},
    "due": {"call_back_on": SOON.isoformat()},
    "not-due": {"call_back_on": AHEAD.isoformat()},
    "ends-soon": {"contract_ends": ENDS_SOON.isoformat()},
    "ends-later": {"contract_ends": ENDS_LATER.isoformat()},
    "ended": {"contract_ends": SOON.isoformat()},
}
"""What they said, but for "not now" at the start."""

NAMES = (*dict.fromkeys((*FACTS, *SAID)), "first", "ann", "ben")


@dataclass(frozen=True)
class Case:
    """A condition, who is to be meant by it, and some whom it plainly cannot mean."""

    when: str
    meant: tuple[str, ...]
    others: tuple[str, ...]
    who: str = "{}"

    @property
    def rule(self) -> ActiveRule:
        """A rule with this condition."""
        return rule_of(self.who, self.when)


@lru_cache
def rule_of(who: str, when: str) -> ActiveRule:
    then = "{create_task: {subject: x, priority: low}}"
    text = f"rules:\n  - id: own\n    who: {who}\n    when: {{{when}}}\n    then: {then}\n"
    return ActiveRule(read(text, vocabulary=chance.OWN).rules[0])


HEARD_OF = [
    Case("intent: {topic: zürich CRM}", ("capitals",), ("payroll", "low")),
    Case("intent: {topic: [STRASSE, payroll]}", ("sharp", "payroll"), ("low", "digits")),
    Case("intent: {topic: sales ops}", ("spaces", "tabbed", "no-break"), ("payroll", "low")),
    Case("intent: {topic: 365}", ("digits",), ("payroll", "low")),
    Case("intent: {score: {at_least: 60}}", ("middle", "high"), ("low", "payroll")),
    Case("intent: {score: {at_most: 60}}", ("low", "middle"), ("high", "payroll")),
    Case("intent: {topic: Scores, score: {at_least: 50, at_most: 70}}", ("middle",), ("low", "high", "payroll")),
    Case("intent: {score: {at_least: 15}, count: {at_least: 1}}", ("low", "middle", "high"), ("payroll",)),
    Case("usage: {live: true}", ("live",), ("dead", "low")),
    Case("usage: {seats: {at_least: 12}}", ("dead",), ("live",)),
    Case("usage: {seats: {at_most: 1}}", ("flagged",), ("live", "dead")),
    Case("usage: {seats: 3}", ("live",), ("low",)),
    Case("promotion: {new_seniority: [vp, director]}", ("promoted",), ("moved", "low")),
    Case("promotion: {new_department: säle}", ("promoted",), ("moved",)),
    Case("funding: {stage: Série  a}", ("ann", "ben"), ("first", "low")),
    Case("funding: {amount: {at_least: 1000000}}", ("ann", "ben"), ("first", "low")),
    Case("funding: {amount: {at_least: 3000000}}", (), ("ann", "ben")),
    Case("visit: {page: /pricing}", ("first",), ("second", "low")),
    Case("intent: {topic: held}", ("not-now",), ("no-budget", "before"), who="{said: not_now}"),
    Case("intent: {topic: held}", ("not-now", "no-budget"), ("due",), who="{category: timing, promised: false}"),
    Case("intent: {topic: old}", ("promised",), ("stale",)),
    Case("intent: {topic: aged, within: 7 days}", ("a-week",), ("longer", "low")),
    Case("intent: {topic: aged, within: 1 week}", ("a-week",), ("longer", "low")),
    Case("intent: {topic: aged, within: 1 month}", ("a-week", "longer"), ("low",)),
    Case("intent: {topic: aged, within: 1 year}", ("a-week", "longer"), ("low",)),
    Case("intent: {topic: aged, within: 14 days, count: {at_least: 1}}", ("a-week", "longer"), ("low",)),
    Case("any: [{usage: {live: true}}, {intent: {topic: payroll}}]", ("live", "payroll"), ("dead", "low")),
]


@dataclass(frozen=True)
class Book:
    """People of whom one thing each was heard after `mark`, beside a timer that went off before."""

    database: Database
    ids: dict[str, int]
    people: dict[str, Candidate]
    mark: int

    def ask(self, rules: Iterable[ActiveRule], after: int | None = None) -> Asked:
        """Whom these rules could mean: of everybody, or of those with news after a mark."""
        with self.database.reading() as connection:
            mark = narrowing.watermark(connection, NOW.at)
            return ask(connection, Question(NOW, after or 0, mark, everybody=after is None, rules=tuple(rules)))

    def asked(self, rules: Iterable[ActiveRule], after: int | None = None) -> set[str]:
        """Their names."""
        ids = self.ask(rules, after).ids
        return {name for name, id in self.ids.items() if id in ids}

    def meant(self, rule: ActiveRule, now: Now = NOW) -> set[str]:
        """The names of those for whom the rule fires."""
        return {name for name, one in self.people.items() if judge(one, rule, now)}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def book(
    request: pytest.FixtureRequest, new_database: Callable[[str, Path], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Book]:
    folder = tmp_path_factory.mktemp("book")
    database = hasty(open_database(new_database(request.param, folder), KEYS))
    yield filled(make_world(folder / "project", database))
    database.close()


def filled(world: World) -> Book:
    world.live(Event(START, "contacts", tuple(map(contact, NAMES))))
    world.live(Event(START, "conversations", tuple(map(talk, NAMES))))
    merge(world.database, world.project, "first", "second", START, because="they are one human")
    with world.database.deciding() as connection:
        tell(connection, "timer", ("timer", {"name": "CRM review"}), START + DAY)
        mark = narrowing.watermark(connection, START + DAY)
        ids = {row.key: row.id for row in connection.execute(select(t.ContactRow.key, t.ContactRow.id))}
        for name, told in FACTS.items():
            tell(connection, name, told, OCCURRED.get(name, HEARD), contact=ids[name], received=RECEIVED.get(name))
        account = connection.execute(select(t.AccountRow.id).where(t.AccountRow.name == "Initech")).scalar_one()
        tell(connection, "money", ("funding", {"stage": "SÉRIE A", "amount": 2_000_000}), HEARD, account=account)
    with world.database.reading() as connection:
        held = ask(connection, Question(NOW, 0, 0, everybody=True)).ids
        people = {one.contact.key: one for one in candidates.read(connection, held, NOW.at, {})}
    return Book(world.database, ids, people, mark)


def contact(name: str) -> dict[str, str]:
    works_at = "initech" if name in ("ann", "ben") else name
    return {"contact_id": name, "email": f"{name}@{works_at}.example", "account_name": works_at.title()}


def talk(name: str) -> dict[str, str]:
    told = {"contact_id": name, "conversation_id": name, "at": START.isoformat(), "response": "not_now"}
    return {**told, "call_back_on": "", "contract_ends": "", **SAID.get(name, {})}


def tell(
    connection: Connection,
    id: str,
    told: tuple[str, dict[str, Any]],
    at: datetime,
    contact: int | None = None,
    account: int | None = None,
    received: datetime | None = None,
) -> None:
    """Store a signal as it is, also one that no import would let through."""
    signal = Signal(id=id, source="news", kind=told[0], occurred_at=at, received_at=received or at, facts=told[1])
    arrived.store(connection, [Linked(signal, (), contact, account)], max(at, START + DAY))


@pytest.mark.parametrize("case", HEARD_OF, ids=lambda case: case.when)
def test_whoever_is_meant_is_asked_and_who_cannot_be_is_not(book: Book, case: Case) -> None:
    assert book.meant(case.rule) == set(case.meant)
    for after in (None, book.mark):
        asked = book.asked([case.rule], after)
        assert asked >= set(case.meant)
        assert not asked & set(case.others)


def test_rules_that_are_asked_together_lose_nobody(book: Book) -> None:
    assert book.asked(case.rule for case in HEARD_OF) >= {name for case in HEARD_OF for name in case.meant}
    for one, other in combinations(HEARD_OF, 2):
        if one.when.partition(":")[0] == other.when.partition(":")[0]:
            assert book.asked([one.rule, other.rule]) >= {*one.meant, *other.meant}


@pytest.mark.parametrize("name", ["low", "middle", "high"])
def test_a_rule_asks_only_those_of_whom_something_was_heard_since_it_is_there(book: Book, name: str) -> None:
    rule = rule_of("{}", "intent: {topic: scores}").rule
    (seq,) = (heard.seq for heard in book.people[name].heard if heard.kind == "intent")
    before, after = ActiveRule(rule, since_seq=seq - 1), ActiveRule(rule, since_seq=seq)
    assert name in book.meant(before) <= book.asked([before])
    assert book.meant(after) <= book.asked([after])
    assert name not in book.asked([after])


def test_a_timer_is_about_everybody(book: Book) -> None:
    everybody = set(NAMES) - {"second"}
    assert book.meant(rule_of("{}", "timer: {name: crm REVIEW}")) == everybody
    assert book.asked([rule_of("{}", "timer: {name: crm REVIEW}")]) >= everybody
    assert not book.asked([rule_of("{}", "timer: {name: another}")])


@pytest.mark.parametrize(
    ("case", "later"),
    [
        (Case("snooze_ended: {}", ("due", "promised", "stale"), ("not-due", "second")), {"not-due": AHEAD}),
        (
            Case("contract_renewal: {due_in: {at_most: 90 days}}", ("ends-soon",), ("ended", "ends-later", "due")),
            {"ends-later": ENDS_LATER - 90 * DAY},
        ),
    ],
    ids=lambda one: getattr(one, "when", ""),
)
def test_a_date_that_lies_ahead_is_told_with_its_day(book: Book, case: Case, later: dict[str, date]) -> None:
    found = book.ask([case.rule])
    asked = book.asked([case.rule])
    assert book.meant(case.rule) == set(case.meant) <= asked
    assert not asked & set(case.others)
    told = {name: found.later[id] for name, id in book.ids.items() if id in found.later}
    assert not asked & told.keys()
    assert {name: told[name] for name in case.others if name in told} == later
    for name, day in told.items():
        assert name in book.meant(case.rule, Now(NOW.start_of(day) + DAY / 2, NOW.zone))
