"""`rules/responses.yaml`: what each answer of a contact means, how long it holds, and how we speak of it later."""

from __future__ import annotations

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
from reengage.language.tree import Span
from reengage.language.values import calendar_span, line_of_text
from reengage.model.words import STOPS, Category, Channel, Response

HoldWord = Literal["snooze", "suppressed", "none", "ends"]
"""What an answer does to a hold: makes one of two kinds, makes none, or ends the one there is."""

HOLD_WORDS: tuple[HoldWord, ...] = ("snooze", "suppressed", "none", "ends")
STOP_KEYS = ("opt_out", "objection")
HOLD_KEYS = ("category", "hold", "review_after", "reason", "objection", "next_channels")


@dataclass(frozen=True, slots=True)
class Policy:
    """What follows from one response.

    `reason` completes "we spoke in October, when …"; `objection` is a short label; `next_channels` are the
    channels to try next, best first. `channels` are those a stop closes: none means all of them.
    """

    response: Response
    category: Category | None = None
    hold: HoldWord = "none"
    review_after: Span | None = None
    reason: str = ""
    objection: str = ""
    next_channels: tuple[Channel, ...] = ()
    channels: tuple[Channel, ...] = ()

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
        return _stop(response, fields_of(node, STOP_KEYS, f"the stop {pair.key}", found, STOP_KEYS))
    return _answer(response, fields_of(node, HOLD_KEYS, pair.key, found, ("hold",)))


def _stop(response: Response, fields: Fields) -> Policy:
    return Policy(
        response,
        objection=fields.read("objection", one(line_of_text), ""),
        channels=fields.read("opt_out", _closed, ()),
    )


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
