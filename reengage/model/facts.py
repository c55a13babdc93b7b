"""What a rule may ask: the typed facts of each signal kind and the typed fields of a contact."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from reengage.model.words import AccountStatus, Category, HoldKind, Response, Seniority


class FactType(StrEnum):
    """How a value is compared: words by equality, numbers and durations by bounds too."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    DURATION = "duration"
    DATE = "date"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a rule may ask about, with the words it may use where the list is closed."""

    name: str
    type: FactType
    choices: tuple[str, ...] = ()


def _texts(*names: str) -> tuple[Fact, ...]:
    return tuple(Fact(name, FactType.TEXT) for name in names)


def _numbers(*names: str) -> tuple[Fact, ...]:
    return tuple(Fact(name, FactType.NUMBER) for name in names)


def _choice(name: str, words: type[StrEnum]) -> Fact:
    return Fact(name, FactType.CHOICE, tuple(words))


_NEW_ROLE = (*_texts("new_title"), _choice("new_seniority", Seniority), *_texts("new_department"))
_DATES = (Fact("date", FactType.DATE), Fact("due_in", FactType.DURATION))

KINDS: dict[str, dict[str, Fact]] = {
    kind: {fact.name: fact for fact in facts}
    for kind, facts in {
        "job_change": (
            *_NEW_ROLE,
            *_texts("new_company", "new_domain", "previous_title", "previous_company", "previous_domain"),
        ),
        "promotion": (*_NEW_ROLE, *_texts("previous_title")),
        "left_company": _texts("previous_company", "previous_domain"),
        "team_expansion": (*_texts("department"), *_numbers("open_roles", "headcount_growth")),
        "intent": (*_texts("topic"), *_numbers("score")),
        "visit": _texts("page"),
        "funding": (*_numbers("amount"), *_texts("stage")),
        "timer": _texts("name"),
        "opt_out": _texts("words", "channels"),
        "snooze_ended": _DATES,
        "contract_renewal": _DATES,
    }.items()
}
"""Every signal kind and its facts."""

COMPUTED_KINDS = frozenset({"snooze_ended", "contract_renewal"})
"""Kinds that no source sends: they follow from the hold and the conversation."""

DATE_KINDS = frozenset({"snooze_ended", "timer"})
"""Kinds that our own calendar brings; a rule on nothing else may only create low-priority tasks.

The end of a contract is the contact's news, so `contract_renewal` is not among them.
"""

RULE_KINDS = frozenset(KINDS) - {"opt_out"}
"""Kinds a rule may wait for: an opt-out is applied before any rule is read."""

CONTACT_FIELDS: dict[str, Fact] = {
    fact.name: fact
    for fact in (
        _choice("said", Response),
        _choice("category", Category),
        _choice("held", HoldKind),
        Fact("held_for", FactType.DURATION),
        Fact("promised", FactType.FLAG),
        *_texts("title"),
        _choice("seniority", Seniority),
        *_texts("department", "account"),
        _choice("account_status", AccountStatus),
        *_texts("owner", "territory", "country"),
    )
}
"""What `who` may ask."""

STOP_FIELDS: dict[str, Fact] = {
    **CONTACT_FIELDS,
    "last_contacted": Fact("last_contacted", FactType.DURATION),
    "open_task": Fact("open_task", FactType.DURATION),
}
"""What `unless` may ask: all of `who`, and how long ago someone was in touch."""

PLACEHOLDERS: dict[str, tuple[str, ...]] = {
    "contact": ("first_name", "last_name", "title", "department"),
    "account": ("name",),
    "conversation": ("month", "channel", "rep", "their_words", "reason", "vendor", "contract_ends", "topic", "recap"),
    "hold": ("since", "until"),
}
"""What `{group.name}` may stand in a text, beside `{signal.*}`."""
