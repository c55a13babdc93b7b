"""A JSON Schema of rule files for editors: what `reengage check` accepts, an editor does not underline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from reengage.language.conditions import BLOCK_KEYS
from reengage.language.rulefile import CHANNELS, RULE_KEYS
from reengage.language.testfile import BECAUSE, TASK_FIELDS, contact_keys
from reengage.model.facts import COMPUTED_KINDS, STANDARD, Fact, FactType, Vocabulary
from reengage.model.words import STOPS, AccountStatus, Category, HoldKind, Priority, Response, Seniority

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": ["number", "string"]}
_FLAG: Schema = {"type": ["boolean", "string"]}
_ANY_SCALAR: Schema = {"type": ["string", "number", "boolean"]}
_SPAN: Schema = {"type": "string", "pattern": "^[0-9]+ (day|week|month|year)s?$", "examples": ["14 days", "3 months"]}
_DUE: Schema = {
    "type": "string",
    "pattern": "^[0-9]+ (business day|day|week|month|year)s?$",
    "default": "2 business days",
}


def rule_schema(vocabulary: Vocabulary = STANDARD) -> Schema:
    """The schema of a file with `rules:` and `tests:`, made from the same tables that the reader uses."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "reengage rules",
        **_block({"rules": _list(_rule(vocabulary)), "tests": _list(_test(vocabulary))}),
    }


def _block(properties: Mapping[str, Schema], required: Iterable[str] = ()) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _some(item: Schema) -> Schema:
    return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]}


def _words(words: Iterable[str]) -> Schema:
    return {"type": "string", "enum": [str(word) for word in words if word not in STOPS]}


def _range(bound: Schema) -> Schema:
    return {**_block({"at_least": bound, "at_most": bound}), "minProperties": 1}


def _test_of(fact: Fact) -> Schema:
    """What the value of a fact may be compared with."""
    return {
        FactType.TEXT: _some(_ANY_SCALAR),
        FactType.CHOICE: _some(_words(fact.choices)),
        FactType.NUMBER: {"anyOf": [_some(_NUMBER), _range(_NUMBER)]},
        FactType.DURATION: _range(_SPAN),
        FactType.FLAG: _FLAG,
        FactType.DATE: _some(_TEXT),
    }[fact.type]


def _lines(facts: Mapping[str, Fact]) -> dict[str, Schema]:
    return {name: _test_of(fact) for name, fact in facts.items()}


def _rule(vocabulary: Vocabulary) -> Schema:
    who = _lines(vocabulary.contact_fields)
    properties: dict[str, Schema] = {
        "id": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,63}$"},
        "title": _TEXT,
        "description": _TEXT,
        "who": _block({**who, "any": _list(_block(who))}),
        "when": _when(vocabulary),
        "unless": _unless(vocabulary),
        "then": _block({"create_task": _task()}, ("create_task",)),
        "cooldown": {**_SPAN, "default": "90 days"},
        "good_for": {**_SPAN, "default": "90 days"},
        "before_promise": {**_FLAG, "default": False},
        "formerly": _some(_TEXT),
        "enabled": {**_FLAG, "default": True},
    }
    return _block({key: properties[key] for key in RULE_KEYS}, ("id", "when", "then"))


def _when(vocabulary: Vocabulary) -> Schema:
    signals = {kind: _signal(vocabulary.kinds[kind]) for kind in vocabulary.rule_kinds}
    word = _words(vocabulary.rule_kinds)
    signal = {"anyOf": [word, {**_block(signals), "minProperties": 1, "maxProperties": 1}]}
    apart = _block({"at_most": _SPAN}, ("at_most",))
    return {"anyOf": [word, _block({**signals, "any": _list(signal), "all": _list(signal), "apart": apart})]}


def _unless(vocabulary: Vocabulary) -> Schema:
    """Lines about the contact, and signals that came; a date has no `within` there."""
    signals = {
        kind: _block({**_lines(vocabulary.kinds[kind]), **({} if kind in COMPUTED_KINDS else {"within": _SPAN})})
        for kind in vocabulary.rule_kinds
    }
    return _block({**_lines(vocabulary.stop_fields), **signals})


def _signal(facts: Mapping[str, Fact]) -> Schema:
    limits: dict[str, Schema] = {
        "within": _SPAN,
        "count": {"anyOf": [_NUMBER, _range(_NUMBER)]},
        "after_quiet": _range(_SPAN),
    }
    return _block({**_lines(facts), **{key: limits[key] for key in BLOCK_KEYS}})


def _task() -> Schema:
    return _block(
        {
            "subject": _TEXT,
            "note": _TEXT,
            "priority": {**_words(Priority), "default": "normal"},
            "channel": {**_words(CHANNELS), "default": "other_than_last"},
            "owner": {"type": "string", "default": "conversation_rep"},
            "due": _DUE,
            "bring": _TEXT,
        },
        ("subject",),
    )


def _test(vocabulary: Vocabulary) -> Schema:
    sent = {kind: _block(dict.fromkeys(vocabulary.kinds[kind], _ANY_SCALAR)) for kind in vocabulary.sent_kinds}
    signal = _block({"day": _TEXT, **sent}, ("day",))
    task = _block(dict.fromkeys(TASK_FIELDS, _ANY_SCALAR))
    expectation = _block({"day": _TEXT, "tasks": _list(task), "because": _words(BECAUSE)}, ("day", "tasks"))
    return _block(
        {"name": _TEXT, "contact": _contact(vocabulary), "signals": _list(signal), "expect": _list(expectation)},
        ("name", "expect"),
    )


def _contact(vocabulary: Vocabulary) -> Schema:
    words: dict[str, Schema] = {
        "said": _words(Response),
        "category": _words(Category),
        "held": _words(HoldKind),
        "seniority": _words(Seniority),
        "account_status": _words(AccountStatus),
        "promised": _FLAG,
        "wake_on": _some(_TEXT),
    }
    return _block({key: words.get(key, _ANY_SCALAR) for key in contact_keys(vocabulary)})
