"""The matching alone, made as easy as it gets: one flat row for each pair of a contact and something heard of it.

Nothing has to be read, counted over several signals, gated, decided or written here; rules that count are asked for
one signal. What is left is what every rule engine can do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TypedDict

from bench.book import RUN_AT, Book, News, Person
from bench.rulebook import SENIORITIES, Asked


class Row(TypedDict):
    """A signal and what is known of the contact it concerns; ages and times held are days."""

    kind: str
    word: str
    value: int
    level: str
    age: float
    due: int
    said: str
    held: int
    customer: bool
    promised: bool


Match = Callable[[Sequence[Row]], list[frozenset[str]]]
"""Says for each row which rules fire."""


def rows_of(book: Book) -> Iterator[Row]:
    """The rows of a book: one for each signal and contact it concerns, one for each date that somebody named."""
    people = list(book.people())
    by_account: dict[int, list[Person]] = defaultdict(list)
    for one in people:
        by_account[one.account].append(one)
    for news in book.news():
        for person in [people[news.contact - 1]] if news.contact else by_account[news.account]:
            yield _heard(book, news, person)
    for person in people:
        if person.call_back_on and person.call_back_on <= RUN_AT.date():
            yield _dated(book, "snooze_ended", person, 0)
        if person.contract_ends:
            yield _dated(book, "contract_renewal", person, (person.contract_ends - RUN_AT.date()).days)


def _heard(book: Book, news: News, person: Person) -> Row:
    facts = news.facts
    return Row(
        kind=news.kind,
        word=str(facts.get("topic") or facts.get("new_department") or facts.get("department")),
        value=int(facts.get("score") or facts.get("open_roles") or 0),
        level=str(facts.get("new_seniority", "")),
        age=(news.received_at - news.occurred_at).total_seconds() / 86_400,
        due=0,
        said=person.said,
        held=_days_since(person.said_at),
        customer=book.is_customer(news.place or person.account),
        promised=person.call_back_on is not None,
    )


def _dated(book: Book, kind: str, person: Person, due: int) -> Row:
    return Row(
        kind=kind,
        word=person.country,
        value=0,
        level="",
        age=0.0,
        due=due,
        said=person.said,
        held=_days_since(person.said_at),
        customer=book.is_customer(person.account),
        promised=person.call_back_on is not None,
    )


def _days_since(moment: datetime) -> int:
    return (RUN_AT - moment).days


def plainly(rules: Sequence[Asked]) -> Match:
    """The plain evaluation that every peer is compared with: a loop over rows and rules."""
    return lambda rows: [frozenset(rule.id for rule in rules if fires(rule, row)) for row in rows]


def fires(rule: Asked, row: Row) -> bool:
    """Whether a rule fires on one row."""
    return (
        row["kind"] == rule.kind
        and row["word"] in rule.among
        and row["value"] >= max(rule.score, rule.open_roles)
        and row["said"] in rule.said
        and row["held"] >= rule.held_for
        and (not rule.within or row["age"] <= rule.within)
        and (rule.kind != "job_change" or row["level"] in SENIORITIES)
        and (not rule.due_in[1] or rule.due_in[0] <= row["due"] <= rule.due_in[1])
        and (not rule.promised or row["promised"])
        and not (rule.no_customers and row["customer"])
    )
