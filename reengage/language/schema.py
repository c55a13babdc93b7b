"""A JSON Schema of rule files for editors: what `reengage check` accepts, an editor does not underline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reengage.language.conditions import BLOCK_KEYS
from reengage.language.meanings import (
    OF_BLOCKS,
    OF_CONTACTS,
    OF_DAYS,
    OF_EXPECTED,
    OF_FACTS,
    OF_FILES,
    OF_GROUPS,
    OF_RANGES,
    OF_RULES,
    OF_SIGNALS,
    OF_TASKS,
    OF_TESTS,
    OWN_FIELD,
    OWN_SIGNAL,
    given,
)
from reengage.language.rulefile import CHANNELS, RULE_KEYS, TASK_KEYS
from reengage.language.ruleset import OPTIONAL, TABLES
from reengage.language.shapes import (
    DAY,
    DRAFT,
    FLAG,
    ID,
    NUMBER,
    SPAN,
    TEXT,
    Schema,
    block,
    exactly,
    filled,
    listed,
    some,
    some_of,
    told,
    word,
)
from reengage.language.testfile import BECAUSE, TASK_FIELDS, contact_keys
from reengage.model.facts import COMPUTED_KINDS, STANDARD, Fact, FactType, Vocabulary
from reengage.model.words import STOPS, AccountStatus, Category, HoldKind, Priority, Response, Seniority

_DUE: Schema = {
    **SPAN,
    "pattern": "^[0-9]+ (business day|day|week|month|year)s?$",
    "patternErrorMessage": "write business days, days, weeks or months, for example 2 business days",
    "examples": ["2 business days"],
    "default": "2 business days",
}
_SIGNAL: Schema = {"$ref": "#/$defs/signal"}


def rule_schema(vocabulary: Vocabulary = STANDARD) -> Schema:
    """The schema of a file with `rules:` and `tests:`, made from the same tables that the reader uses."""
    sections: dict[str, Schema] = {
        "rules": listed("list of rules", _rule(vocabulary)),
        "tests": listed("list of tests", _test(vocabulary)),
        **{table: {"title": table} for table in (*TABLES, *OPTIONAL)},
    }
    return {
        "$schema": DRAFT,
        **block("rule file", told(sections, OF_FILES)),
        "$defs": {"signal": exactly(1, block("signal", _signals(vocabulary)))},
    }


def _words(words: Iterable[str]) -> Schema:
    return word(each for each in words if each not in STOPS)


def _range(bound: Schema) -> Schema:
    return some_of(block(f"range of {bound['title']}s", told(dict.fromkeys(OF_RANGES, bound), OF_RANGES)))


def _test_of(fact: Fact) -> Schema:
    """What the value of a fact may be compared with."""
    return {
        FactType.TEXT: some(TEXT),
        FactType.CHOICE: some(_words(fact.choices)),
        FactType.NUMBER: {"anyOf": [*some(NUMBER)["anyOf"], _range(NUMBER)]},
        FactType.DURATION: _range(SPAN),
        FactType.FLAG: FLAG,
        FactType.DATE: some(DAY),
    }[fact.type]


def _lines(facts: Mapping[str, Fact]) -> dict[str, Schema]:
    return {name: _test_of(fact) for name, fact in facts.items()}


def _rule(vocabulary: Vocabulary) -> Schema:
    properties: dict[str, Schema] = {
        "id": ID,
        "title": TEXT,
        "description": TEXT,
        "who": _who(vocabulary),
        "when": _when(vocabulary),
        "unless": _unless(vocabulary),
        "then": block("then", told({"create_task": _task()}, {"create_task": "the task; needed"}), ("create_task",)),
        "cooldown": {**SPAN, "default": "90 days"},
        "good_for": {**SPAN, "default": "90 days"},
        "before_promise": {**FLAG, "default": False},
        "formerly": some(ID),
        "enabled": {**FLAG, "default": True},
    }
    return block("rule", told({key: properties[key] for key in RULE_KEYS}, OF_RULES), ("id", "when", "then"))


def _who(vocabulary: Vocabulary) -> Schema:
    lines = told(_lines(vocabulary.contact_fields), OF_CONTACTS, OWN_FIELD)
    alternatives = filled("list of alternatives", block("alternative", lines))
    return block("who", {**lines, **told({"any": alternatives}, OF_GROUPS)})


def _when(vocabulary: Vocabulary) -> Schema:
    """A signal, or a list of them under `any` or under `all`."""
    kind = word(vocabulary.rule_kinds)
    signals = filled("list of signals", {"anyOf": [kind, _SIGNAL]})
    apart = block("apart", told({"at_most": SPAN}, OF_RANGES), ("at_most",))
    one = block("any", told({"any": signals}, OF_GROUPS), ("any",))
    each = block("all", told({"all": signals, "apart": apart}, OF_GROUPS), ("all",))
    return {"title": "when", "anyOf": [kind, _SIGNAL, one, each]}


def _signals(vocabulary: Vocabulary) -> dict[str, Schema]:
    signals = {kind: _signal(kind, vocabulary.kinds[kind]) for kind in vocabulary.rule_kinds}
    return told(signals, OF_SIGNALS, OWN_SIGNAL)


def _signal(kind: str, facts: Mapping[str, Fact]) -> Schema:
    limits: dict[str, Schema] = {
        "within": SPAN,
        "count": {"anyOf": [NUMBER, _range(NUMBER)]},
        "after_quiet": _range(SPAN),
    }
    lines = told(_lines(facts), OF_FACTS, OWN_SIGNAL)
    return block(kind, {**lines, **told({key: limits[key] for key in BLOCK_KEYS}, OF_BLOCKS)})


def _unless(vocabulary: Vocabulary) -> Schema:
    """Lines about the contact, and signals that came; a date has no `within` there."""
    lines = told(_lines(vocabulary.stop_fields), OF_CONTACTS, OWN_FIELD)
    signals = {kind: _stop(kind, vocabulary.kinds[kind]) for kind in vocabulary.rule_kinds}
    return block("unless", {**lines, **told(signals, OF_SIGNALS, OWN_SIGNAL)})


def _stop(kind: str, facts: Mapping[str, Fact]) -> Schema:
    limits = {} if kind in COMPUTED_KINDS else {"within": SPAN}
    limits = told(limits, {"within": "how long ago it may have occurred"})
    return block(kind, {**told(_lines(facts), OF_FACTS, OWN_SIGNAL), **limits})


def _task() -> Schema:
    properties: dict[str, Schema] = {
        "subject": TEXT,
        "note": TEXT,
        "priority": {**_words(Priority), "default": "normal"},
        "channel": {**_words(CHANNELS), "default": "other_than_last"},
        "owner": {"title": "owner", "type": "string", "default": "conversation_rep"},
        "due": _DUE,
        "bring": ID,
    }
    return block("create_task", told({key: properties[key] for key in TASK_KEYS}, OF_TASKS), ("subject",))


def _test(vocabulary: Vocabulary) -> Schema:
    properties = {
        "name": TEXT,
        "contact": _contact(vocabulary),
        "signals": listed("list of signals", _sent(vocabulary)),
        "expect": filled("list of expectations", _expectation()),
    }
    return block("test", told(properties, OF_TESTS), ("name", "expect"))


def _sent(vocabulary: Vocabulary) -> Schema:
    """A signal of a test: its day, and one kind with its facts."""
    kinds = {kind: _news(kind, vocabulary.kinds[kind]) for kind in vocabulary.sent_kinds}
    properties = {**told({"day": DAY}, OF_DAYS), **told(kinds, OF_SIGNALS, OWN_SIGNAL)}
    return exactly(2, block("signal", properties, ("day",)))


def _news(kind: str, facts: Mapping[str, Fact]) -> Schema:
    return block(kind, told(dict.fromkeys(facts, TEXT), OF_FACTS, OWN_SIGNAL))


def _expectation() -> Schema:
    task = block("expected task", told(dict.fromkeys(TASK_FIELDS, TEXT), OF_EXPECTED))
    properties = {"day": DAY, "tasks": listed("list of expected tasks", task), "because": word(BECAUSE)}
    return block("expectation", told(properties, OF_DAYS), ("day", "tasks"))


def _contact(vocabulary: Vocabulary) -> Schema:
    words: dict[str, Schema] = {
        "said": _words(Response),
        "category": _words(Category),
        "held": _words(HoldKind),
        "seniority": _words(Seniority),
        "account_status": _words(AccountStatus),
        "new_account_status": _words(AccountStatus),
        "promised": FLAG,
        "wake_on": some(TEXT),
    }
    keys = contact_keys(vocabulary)
    return block("contact", told({key: words.get(key, TEXT) for key in keys}, {key: given(key) for key in keys}))
