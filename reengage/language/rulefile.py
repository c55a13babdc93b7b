"""Reads the rules of a file: who, when, unless, then."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from reengage.language.conditions import note_unknown, read_who
from reengage.language.diagnostic import quoted
from reengage.language.nodes import Node, place
from reengage.language.reader import Fields, Found, mapping_of, note_missing, one, some, word_of
from reengage.language.revision import revision_of
from reengage.language.tree import Position, Rule, Then, When, Who
from reengage.language.values import (
    NotUnderstood,
    any_text,
    calendar_span,
    flag,
    line_of_text,
    nearest,
    slug,
    span,
)
from reengage.language.when import Unless, read_unless, read_when
from reengage.model.words import Channel, Priority

RULE_KEYS = (
    "id",
    "title",
    "description",
    "who",
    "when",
    "unless",
    "then",
    "cooldown",
    "good_for",
    "before_promise",
    "formerly",
    "enabled",
)
"""Every key of a rule; `id`, `when` and `then` are required."""

TASK_KEYS = ("subject", "note", "priority", "channel", "owner", "due", "bring")
"""Every key of `create_task`; `subject` is required."""

CHANNELS = ("other_than_last", *map(str, Channel))
"""By what channel a task may ask to reach out; `other_than_last` changes the medium."""

OWNERS = ("conversation_rep", "contact_owner", "manager")
"""Whom a task may go to, beside an e-mail address."""

_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)+")
_BLANK = Rule(id="", at=Position("", 1, 1), when=When("one", ()), then=Then(subject=""))


@dataclass(frozen=True, slots=True)
class Written:
    """A rule with the tree it was read from; one that is not `whole` holds only what of it could be read."""

    rule: Rule
    node: Node
    whole: bool = True

    def place(self, *path: str) -> Position:
        """Where a key of the rule stands, or the nearest one above it."""
        return place(self.node, *path)


def read_rule(node: Node, found: Found) -> Written:
    """Reads one rule as far as it can be read; the rest is noted."""
    block = mapping_of(node, "a rule")
    before = len(found)
    note_unknown(block, RULE_KEYS, "a rule", found)
    note_missing(block, ("id", "when", "then"), "a rule", found)
    rule = _rule(Fields(block, found))
    return Written(rule, node, len(found) == before)


def _rule(fields: Fields) -> Rule:
    nothing: Unless = ((), ())
    unless, unless_heard = fields.read("unless", read_unless, nothing)
    rule = Rule(
        id=fields.read("id", one(slug), ""),
        at=fields.node.at,
        title=fields.read("title", one(line_of_text), ""),
        description=fields.read("description", one(any_text), ""),
        who=fields.read("who", read_who, Who()),
        when=fields.read("when", read_when, _BLANK.when),
        unless=unless,
        unless_heard=unless_heard,
        then=fields.read("then", _then, _BLANK.then),
        cooldown=fields.read("cooldown", one(calendar_span), _BLANK.cooldown),
        good_for=fields.read("good_for", one(calendar_span), _BLANK.good_for),
        before_promise=fields.read("before_promise", one(flag), False),
        formerly=fields.read("formerly", some(one(slug)), ()),
        enabled=fields.read("enabled", one(flag), True),
    )
    return replace(rule, revision=revision_of(rule))


def _then(node: Node, found: Found) -> Then:
    block = mapping_of(node, "then")
    note_unknown(block, ("create_task",), "then", found)
    note_missing(block, ("create_task",), "then", found)
    return Fields(block, found).read("create_task", _task, _BLANK.then)


def _task(node: Node, found: Found) -> Then:
    block = mapping_of(node, "create_task")
    note_unknown(block, TASK_KEYS, "create_task", found)
    note_missing(block, ("subject",), "create_task", found)
    fields, default = Fields(block, found), _BLANK.then
    return Then(
        subject=fields.read("subject", one(line_of_text), ""),
        note=fields.read("note", one(any_text), default.note),
        priority=fields.read("priority", word_of(Priority), default.priority),
        channel=fields.read("channel", word_of(CHANNELS), default.channel),
        owner=fields.read("owner", one(_owner), default.owner),
        due=fields.read("due", one(span), default.due),
        bring=fields.read("bring", one(slug), None),
    )


def _owner(text: str) -> str:
    if text in OWNERS:
        return text
    if _EMAIL.fullmatch(text):
        return text.lower()
    meant = nearest(text, OWNERS)
    listed = f"expected one of {', '.join(OWNERS)}, or the e-mail address of a rep"
    raise NotUnderstood(f"unknown owner {quoted(text)}", help=f"did you mean {quoted(meant)}?" if meant else listed)
