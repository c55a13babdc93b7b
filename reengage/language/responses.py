"""`rules/responses.yaml`: what each answer of a contact means, how long it holds, and how we speak of it later."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from reengage.language.diagnostic import Diagnostic
from reengage.language.nodes import Node, Pair, Scalar
from reengage.language.reader import (
    Fields,
    Found,
    attempt,
    fields_of,
    known_pairs,
    mapping_of,
    note_missing,
    one,
    some,
    word_of,
)
from reengage.language.sla import Sla, read_sla
from reengage.language.tree import Position, Span
from reengage.language.values import NotUnderstood, calendar_span, flag, line_of_text, slug
from reengage.model.desk import Tag
from reengage.model.words import STOPS, Category, Channel, Response

HoldWord = Literal["snooze", "suppressed", "none", "ends"]
"""What an answer does to a hold: makes one of two kinds, makes none, or ends the one there is."""

HOLD_WORDS: tuple[HoldWord, ...] = ("snooze", "suppressed", "none", "ends")
Owes = Literal["rep", "manager"]
"""Who answers: the rep of the conversation, or that rep's manager."""

OWES: tuple[Owes, ...] = ("rep", "manager")

DESK_KEYS = ("action", "sla", "crm_action", "tags", "reply", "by", "rows")
"""What is done about an answer, beside the hold or the opt-out."""

STOP_KEYS = ("opt_out", "objection", *DESK_KEYS)
HOLD_KEYS = (
    *("category", "hold", "review_after", "reason", "objection", "next_channels", "open_tasks", "preference_centre"),
    *DESK_KEYS,
)
OPEN_TASKS: tuple[Literal["cancel", "keep"], ...] = ("cancel", "keep")


@dataclass(frozen=True, slots=True)
class Desk:
    """What is done about an answer: `action` by whom it is owed, within `sla`, with the template `reply`.

    `crm_action` is what to note in the CRM, `rows` where in the sources it comes from, `at` where `reply` stands.
    """

    action: str = ""
    sla: Sla | None = None
    crm_action: str = ""
    tags: tuple[Tag, ...] = ()
    reply: str | None = None
    by: Owes = "rep"
    rows: tuple[str, ...] = ()
    at: Position | None = None

    @property
    def is_owed(self) -> bool:
        """Whether a person has something to do, and by when."""
        return self.sla is not None and self.sla.within is not None


@dataclass(frozen=True, slots=True)
class Policy:
    """What follows from one response.

    `reason` completes "we spoke in October, when …"; `objection` is a short label; `next_channels` are the
    channels to try next, best first. `channels` are those a stop closes: none means all of them. `cancels` is whether
    tasks that nobody has been given yet are taken back.
    """

    response: Response
    category: Category | None = None
    hold: HoldWord = "none"
    review_after: Span | None = None
    reason: str = ""
    objection: str = ""
    next_channels: tuple[Channel, ...] = ()
    channels: tuple[Channel, ...] = ()
    cancels: bool = False
    preference_centre: bool = False
    desk: Desk = Desk()

    @property
    def opt_out(self) -> bool:
        """Whether this response opts the person out."""
        return self.response in STOPS


Responses = Mapping[Response, Policy]
"""The policy of every response."""


def read_responses(node: Node, found: Found) -> dict[Response, Policy]:
    """Reads the table; every response must have its block."""
    block = mapping_of(node, "responses")
    note_missing(block, tuple(Response), "responses", found)
    pairs = known_pairs(block, tuple(Response), "responses", found)
    policies = (policy for pair in pairs for policy in attempt(partial(_policy, pair), pair.value, found))
    return {policy.response: policy for policy in policies}


def _policy(pair: Pair, node: Node, found: Found) -> Policy:
    response = Response(pair.key)
    if response in STOPS:
        return _stop(response, fields_of(node, STOP_KEYS, f"the stop {pair.key}", found, ("opt_out", "objection")))
    return _answer(response, fields_of(node, HOLD_KEYS, pair.key, found, ("hold",)))


def _stop(response: Response, fields: Fields) -> Policy:
    return Policy(
        response,
        objection=fields.read("objection", one(line_of_text), ""),
        channels=fields.read("opt_out", _closed, ()),
        cancels=True,
        desk=_desk(fields),
    )


def _desk(fields: Fields) -> Desk:
    desk = Desk(
        action=fields.read("action", one(line_of_text), ""),
        sla=fields.read("sla", one(read_sla), None),
        crm_action=fields.read("crm_action", one(line_of_text), ""),
        tags=fields.read("tags", some(word_of(Tag)), ()),
        reply=fields.read("reply", one(slug), None),
        by=fields.read("by", word_of(OWES), "rep"),
        rows=fields.read("rows", some(one(_row)), ()),
        at=pair.value.at if (pair := fields.node.pair("reply")) else None,
    )
    if pair and not desk.is_owed:
        message = f'"reply" needs a time to answer in: {desk.sla or "no sla"} leaves nothing to do'
        fields.found.append(Diagnostic(pair.at, message, "wrong-value", help='write "sla: 4 business hours"'))
    return desk


def _row(text: str) -> str:
    if not re.fullmatch("[A-Z][0-9]{2}", text):
        raise NotUnderstood(f'"{text}" is no row of a source', help="write a letter and two digits, for example A03")
    return text


def _closed(node: Node, found: Found) -> tuple[Channel, ...]:
    if isinstance(node, Scalar) and node.text == "all":
        return ()
    return some(word_of(Channel))(node, found)


def _answer(response: Response, fields: Fields) -> Policy:
    policy = Policy(
        response,
        category=fields.read("category", word_of(Category), None),
        hold=fields.read("hold", word_of(HOLD_WORDS), "none"),
        review_after=fields.read("review_after", one(calendar_span), None),
        reason=fields.read("reason", one(line_of_text), ""),
        objection=fields.read("objection", one(line_of_text), ""),
        next_channels=fields.read("next_channels", some(word_of(Channel)), ()),
        cancels=fields.read("open_tasks", word_of(OPEN_TASKS), "keep") == "cancel",
        preference_centre=fields.read("preference_centre", one(flag), False),
        desk=_desk(fields),
    )
    note_missing(fields.node, _needed(policy.hold), f"a response that holds as {policy.hold}", fields.found)
    _note_idle_date(policy, fields)
    return policy


def _needed(hold: HoldWord) -> Collection[str]:
    needed = {
        "snooze": ("category", "review_after", "reason", "objection"),
        "suppressed": ("category", "reason", "objection"),
    }
    return needed.get(hold, ())


def _note_idle_date(policy: Policy, fields: Fields) -> None:
    pair = fields.node.pair("review_after")
    if pair and policy.hold in ("none", "ends"):
        message = f'"review_after" has no effect where hold is {policy.hold}'
        fields.found.append(Diagnostic(pair.at, message, "wrong-value", help='remove it, or write "hold: snooze"'))
