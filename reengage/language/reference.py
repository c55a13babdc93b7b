"""The language as a page: every word there is, from the tables that the reader uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from datetime import date
from enum import StrEnum
from textwrap import fill

from reengage.language.checks import CHECKS, explanations
from reengage.language.conditions import BLOCK_KEYS
from reengage.language.meanings import (
    OF_BLOCKS,
    OF_CONTACTS,
    OF_RULES,
    OF_SIGNALS,
    OF_TASKS,
    OWN_FIELD,
    OWN_SIGNAL,
    given,
)
from reengage.language.rulefile import CHANNELS, OWNERS, RULE_KEYS, TASK_KEYS
from reengage.language.testfile import BECAUSE, TASK_FIELDS, GivenContact, contact_keys
from reengage.language.tree import Rule, Span, Then
from reengage.model.facts import CONTACT_FIELDS, STANDARD, Fact, FactType, Vocabulary
from reengage.model.words import STOPS, Priority

_HEAD = """# Reference of the rule language

Every word that `rules/*.yaml` may use, printed by `reengage schema reference` from the tables that the reader uses; in
a project of your own it names the fields and signals declared there too. How the words are read: [rules.md](rules.md).
First steps: [write-a-rule.md](write-a-rule.md)."""

_VALUES: Mapping[FactType, str] = {
    FactType.TEXT: "a text, or a list of texts",
    FactType.NUMBER: "a number, a list of numbers, or a range",
    FactType.DURATION: "a range of durations",
    FactType.DATE: "a day, or a list of days",
    FactType.FLAG: "`true` or `false`",
}

_VALUES_OF_TASKS: Mapping[str, str] = {"subject": "a line", "note": "a text", "due": "a duration", "bring": "an id"}

Row = tuple[str, ...]


def reference(vocabulary: Vocabulary = STANDARD) -> str:
    """The page in Markdown, for what one project may speak of."""
    sections = (_HEAD, _rule(), _task(), _contact(vocabulary), _signals(vocabulary), _placeholders(vocabulary))
    return "\n\n".join((*sections, _tests(vocabulary), _checks())) + "\n"


def _rule() -> str:
    defaults = _defaults(Rule)
    rows = ((_code(key), defaults.get(key, ""), OF_RULES[key]) for key in RULE_KEYS)
    return f"## A rule\n\n{_table(('key of a rule', 'default', 'meaning'), rows)}"


def _task() -> str:
    values = {**_VALUES_OF_TASKS, "priority": _codes(Priority), "channel": _codes(CHANNELS), "owner": _codes(OWNERS)}
    defaults = _defaults(Then)
    rows = ((_code(key), defaults.get(key, ""), values[key], OF_TASKS[key]) for key in TASK_KEYS)
    return f"## `create_task`\n\n{_table(('key of create_task', 'default', 'values', 'meaning'), rows)}"


def _contact(vocabulary: Vocabulary) -> str:
    fields = vocabulary.stop_fields.values()
    rows = ((_code(one.name), _values(one), OF_CONTACTS.get(one.name, OWN_FIELD)) for one in fields)
    return "\n\n".join(
        (
            "## `who` and `unless`",
            _prose(
                "`any:` under `who` takes a list of blocks with the same lines, of which one has to hold. `unless` may "
                "name signals too: one that came `within` some time of the judgement stops the rule."
            ),
            _table(("field", "values", "meaning"), rows),
        )
    )


def _signals(vocabulary: Vocabulary) -> str:
    kinds = {kind: vocabulary.kinds[kind] for kind in vocabulary.kinds if kind in vocabulary.rule_kinds}
    rows = ((_code(kind), OF_SIGNALS.get(kind, OWN_SIGNAL), _facts(kinds[kind])) for kind in kinds)
    limits = ((_code(key), OF_BLOCKS[key]) for key in BLOCK_KEYS)
    return "\n\n".join(
        (
            "## `when`",
            "One of these signals, or `any:` or `all:` with a list; `apart: {at_most: 30 days}` goes with `all:`.",
            _table(("signal", "what happened", "facts"), rows),
            "Beside its facts a signal may have:",
            _table(("limit", "meaning"), limits),
        )
    )


def _placeholders(vocabulary: Vocabulary) -> str:
    rows = ((_code(group), _codes(names)) for group, names in vocabulary.placeholders.items())
    intro = "In `subject` and `note`, as `{group.name}`; `{signal.…}` has the facts that every signal of the rule has."
    return f"## Placeholders\n\n{intro}\n\n{_table(('group', 'names'), rows)}"


def _tests(vocabulary: Vocabulary) -> str:
    defaults = _defaults(GivenContact)
    rows = ((_code(key), defaults.get(key, ""), given(key)) for key in contact_keys(vocabulary))
    return "\n\n".join(
        (
            "## `tests`",
            "A test has a `name`, a `contact`, `signals` and what to `expect` of which `day`.",
            _prose(f"It may send {_codes(vocabulary.sent_kinds)}; of a task it may expect {_codes(TASK_FIELDS)}."),
            _prose(f"Where `tasks: []` says that nothing happens, `because` may say why: {_codes(BECAUSE)}."),
            _table(("of the contact", "default", "meaning"), rows),
        )
    )


def _checks() -> str:
    severities = {check.name: check.severity for check in CHECKS}
    rows = (
        (f"[{name}](checks/{name}.md)", severities.get(name, "error"), _one_line(what))
        for name, what in explanations().items()
    )
    return f"## The checks\n\n{_table(('name in brackets', 'severity', 'what it means'), rows)}"


def _facts(facts: Mapping[str, Fact]) -> str:
    return ", ".join(f"{_code(name)}{_note(fact)}" for name, fact in facts.items())


def _note(fact: Fact) -> str:
    """What there is to know of a fact's values beside that they are texts."""
    like = next(
        (_code(one.name) for one in CONTACT_FIELDS.values() if fact.choices and one.choices == fact.choices), ""
    )
    if like:
        return f" (as {like})"
    return "" if fact.type is FactType.TEXT else f" ({_values(fact).partition(',')[0]})"


def _values(fact: Fact) -> str:
    words = [word for word in fact.choices if word not in STOPS]
    return _codes(words) if words else _VALUES[fact.type]


def _defaults(model: type[Rule] | type[Then] | type[GivenContact]) -> dict[str, str]:
    """What is read where a key is missing, as far as that is a plain value."""
    plain = (StrEnum, Span, date, bool, str)
    found = {one.name: one.default for one in fields(model) if one.default is not MISSING}
    return {name: _code(_written(value)) for name, value in found.items() if isinstance(value, plain) and value != ""}


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _table(heading: Row, rows: Iterable[Row]) -> str:
    lines = (heading, ("---",) * len(heading), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines).replace("| --- ", "|---").replace("---|", "---|")


def _prose(text: str) -> str:
    return fill(text, 120, break_on_hyphens=False)


def _code(word: str) -> str:
    return f"`{word}`"


def _codes(words: Iterable[str]) -> str:
    return " ".join(map(_code, words))


def _one_line(text: str) -> str:
    return " ".join(text.split())
