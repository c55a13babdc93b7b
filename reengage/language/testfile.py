"""Inline tests of rules: a contact, what happens to it on which day, and what must come of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from reengage.language.diagnostic import Diagnostic, quoted
from reengage.language.nodes import Mapping as Block
from reengage.language.nodes import Node, Pair, place
from reengage.language.reader import (
    Fields,
    Found,
    Unreadable,
    attempt,
    each,
    fields_of,
    filled,
    known_pairs,
    mapping_of,
    note_missing,
    one,
    some,
    text_of,
    word_of,
)
from reengage.language.tree import Position
from reengage.language.values import advice, any_text, day, flag, line_of_text
from reengage.model.facts import Fact, FactType, Vocabulary
from reengage.model.signal import FactValue, typed_fact
from reengage.model.words import STOPS, AccountStatus, Category, HoldKind, Outcome, Response, Seniority

BECAUSE = (*map(str, Outcome), "already_fired")
"""Why nothing happened: an outcome, or a signal that was used before."""

TASK_FIELDS = ("rule", "priority", "channel", "subject", "note", "due", "owner", "account")
"""What a test may expect of a task."""

_TEST_KEYS = ("name", "contact", "signals", "expect")


@dataclass(frozen=True, slots=True)
class GivenContact:
    """The contact of a test; what is not written has these values.

    `held` and `category` follow from `said` where None; `promised` makes `until` the contact's own date. A move
    leads to a company of `new_account_status`.
    """

    first_name: str = "Dana"
    last_name: str = "Reyes"
    said: Response = Response.NOT_NOW
    category: Category | None = None
    held: HoldKind | None = None
    held_since: date = date(2026, 1, 1)
    until: date | None = None
    promised: bool = False
    wake_on: tuple[str, ...] = ()
    title: str | None = None
    seniority: Seniority | None = None
    department: str | None = None
    account: str = "Initech"
    account_status: AccountStatus = AccountStatus.PROSPECT
    new_account_status: AccountStatus = AccountStatus.NEW
    owner: str | None = None
    territory: str | None = None
    country: str | None = None
    vendor: str | None = None
    contract_ends: date | None = None
    last_contacted_on: date | None = None
    opted_out_on: date | None = None
    open_task_since: date | None = None
    own_fields: Mapping[str, FactValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GivenSignal:
    """A signal of a test, received on the day it occurred."""

    day: date
    kind: str
    facts: Mapping[str, FactValue]
    at: Position


@dataclass(frozen=True, slots=True)
class ExpectedTask:
    """A task that must come, as far as it is written."""

    at: Position
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a run on a day must do: new tasks with at least these values, in any order, and why if none."""

    day: date
    tasks: tuple[ExpectedTask, ...]
    at: Position
    because: str | None = None
    because_at: Position | None = None


@dataclass(frozen=True, slots=True)
class InlineTest:
    """One story with its expectations."""

    name: str
    at: Position
    contact: GivenContact = GivenContact()
    signals: tuple[GivenSignal, ...] = ()
    expect: tuple[Expectation, ...] = ()


_CONTACT_KEYS = (*(name for name in GivenContact.__dataclass_fields__ if name != "own_fields"), "promised_until")


def contact_keys(vocabulary: Vocabulary) -> tuple[str, ...]:
    """What a test may say of its contact."""
    return (*_CONTACT_KEYS, *vocabulary.own_fields)


def read_test(node: Node, found: Found) -> InlineTest:
    """Reads one test; what cannot be read is noted."""
    fields = fields_of(node, _TEST_KEYS, "a test", found, ("name", "expect"))
    return InlineTest(
        name=fields.read("name", one(line_of_text), ""),
        at=node.at,
        contact=fields.read("contact", _contact, GivenContact()),
        signals=fields.read("signals", each(_signal), ()),
        expect=fields.read("expect", filled(_expectation), ()),
    )


def _contact(node: Node, found: Found) -> GivenContact:
    fields, default = fields_of(node, contact_keys(found.vocabulary), "the contact of a test", found), GivenContact()
    promised_until = fields.read("promised_until", one(day), None)
    return GivenContact(
        first_name=fields.read("first_name", one(line_of_text), default.first_name),
        last_name=fields.read("last_name", one(line_of_text), default.last_name),
        said=fields.read("said", _said, default.said),
        category=fields.read("category", word_of(Category), None),
        held=fields.read("held", word_of(HoldKind), None),
        held_since=fields.read("held_since", one(day), default.held_since),
        until=promised_until or fields.read("until", one(day), None),
        promised=bool(promised_until) or fields.read("promised", one(flag), False),
        wake_on=fields.read("wake_on", some(one(line_of_text)), ()),
        title=_line_in(fields, "title"),
        seniority=fields.read("seniority", word_of(Seniority), None),
        department=_line_in(fields, "department"),
        account=_line_in(fields, "account") or default.account,
        account_status=fields.read("account_status", word_of(AccountStatus), default.account_status),
        new_account_status=fields.read("new_account_status", word_of(AccountStatus), default.new_account_status),
        owner=_line_in(fields, "owner"),
        territory=_line_in(fields, "territory"),
        country=_line_in(fields, "country"),
        vendor=_line_in(fields, "vendor"),
        contract_ends=fields.read("contract_ends", one(day), None),
        last_contacted_on=fields.read("last_contacted_on", one(day), None),
        opted_out_on=fields.read("opted_out_on", one(day), None),
        open_task_since=fields.read("open_task_since", one(day), None),
        own_fields=dict(_facts(fields.node, found.vocabulary.own_fields, found)),
    )


def _line_in(fields: Fields, key: str) -> str | None:
    return fields.read(key, one(line_of_text), None)


def _said(node: Node, found: Found) -> Response:
    word = text_of(node)
    if word in STOPS:
        help = 'write "opted_out_on: 2026-02-01" for someone who said stop'
        raise Unreadable(node.at, f"{quoted(word)} makes no hold", "wrong-value", help)
    return word_of(Response)(node, found)


def _signal(node: Node, found: Found) -> GivenSignal:
    block = mapping_of(node, "a signal")
    note_missing(block, ("day",), "a signal", found)
    kinds = [pair for pair in block.pairs if pair.key != "day"]
    for pair in kinds:
        if pair.key not in found.vocabulary.sent_kinds:
            found.append(_no_signal(pair, found.vocabulary))
    if len(kinds) != 1:
        raise Unreadable(block.at, "one signal is expected here", "wrong-shape", "write {day: 2026-03-01, intent: {…}}")
    specs = found.vocabulary.kinds.get(kinds[0].key)
    told = mapping_of(kinds[0].value, quoted(kinds[0].key))
    if specs is not None:
        known_pairs(told, specs, kinds[0].key, found)
    facts = dict(_facts(told, specs or {}, found))
    return GivenSignal(Fields(block, found).read("day", one(day), date.min), kinds[0].key, facts, node.at)


def _no_signal(pair: Pair, vocabulary: Vocabulary) -> Diagnostic:
    help = {
        "snooze_ended": 'it follows from the contact: write "until" there',
        "contract_renewal": 'it follows from the contact: write "contract_ends" there',
        "opt_out": 'write "opted_out_on" in the contact',
    }.get(pair.key, advice(pair.key, vocabulary.sent_kinds))
    return Diagnostic(pair.at, f"a test cannot send the signal {quoted(pair.key)}", "unknown-signal", help=help)


def _facts(block: Block, specs: Mapping[str, Fact], found: Found) -> Iterator[tuple[str, FactValue]]:
    """The typed values of a block, each judged by the same reader as those of a source."""
    for pair in block.pairs:
        if pair.key in specs:
            yield from attempt(partial(_fact, specs[pair.key]), pair.value, found)


_WRITE = {
    FactType.NUMBER: "write a number, for example 12",
    FactType.FLAG: "write true or false",
    FactType.DATE: "write year-month-day, for example 2026-03-01",
    FactType.DURATION: "write the day that it counts from or to, for example 2026-03-01",
    FactType.CHOICE: "write one of these words",
    FactType.TEXT: "write it on one line",
}


def _fact(spec: Fact, node: Node, found: Found) -> tuple[str, FactValue]:
    try:
        value = typed_fact(spec, text_of(node))
    except ValueError as problem:
        raise Unreadable(node.at, str(problem), "wrong-value", _WRITE[spec.type]) from None
    if value is None:
        raise Unreadable(node.at, "a value is missing here", "wrong-value", "write one or remove the line")
    return spec.name, value


def _expectation(node: Node, found: Found) -> Expectation:
    fields = fields_of(node, ("day", "tasks", "because"), "an expectation", found, ("day", "tasks"))
    expected = Expectation(
        day=fields.read("day", one(day), date.min),
        tasks=fields.read("tasks", each(_task), ()),
        at=node.at,
        because=fields.read("because", word_of(BECAUSE), None),
        because_at=place(node, "because"),
    )
    if expected.tasks and expected.because:
        found.append(
            Diagnostic(
                place(node, "because"),
                '"because" says why nothing happened, but tasks are expected',
                "wrong-value",
                "remove it, or write tasks: []",
            )
        )
    return expected


def _task(node: Node, found: Found) -> ExpectedTask:
    fields = fields_of(node, TASK_FIELDS, "an expected task", found)
    read = {name: fields.read(name, one(any_text), "") for name in TASK_FIELDS}
    return ExpectedTask(node.at, {name: value for name, value in read.items() if value})
