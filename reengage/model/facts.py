"""What a rule may ask: the typed facts of each signal kind and the typed fields of a contact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

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
"""Every signal kind that needs no declaring, and its facts."""

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


@dataclass(frozen=True)
class Vocabulary:
    """What the rules, tests and sources of one project may speak of.

    `kinds` are the signals that there are, `own_fields` what `reengage.toml` declares of a contact.
    """

    kinds: Mapping[str, Mapping[str, Fact]] = field(default_factory=lambda: KINDS)
    own_fields: Mapping[str, Fact] = field(default_factory=dict)

    @cached_property
    def rule_kinds(self) -> tuple[str, ...]:
        """Kinds a rule may wait for, by name: an opt-out is applied before any rule is read."""
        return tuple(sorted(kind for kind in self.kinds if kind != "opt_out"))

    @cached_property
    def sent_kinds(self) -> tuple[str, ...]:
        """Kinds that a test may send, by name; the computed ones follow from the contact's dates."""
        return tuple(kind for kind in self.rule_kinds if kind not in COMPUTED_KINDS)

    @cached_property
    def file_kinds(self) -> tuple[str, ...]:
        """Kinds that a file of signals may bring."""
        return tuple(kind for kind in self.kinds if kind not in COMPUTED_KINDS | {"timer"})

    @cached_property
    def contact_fields(self) -> Mapping[str, Fact]:
        """What `who` may ask."""
        return {**CONTACT_FIELDS, **self.own_fields}

    @cached_property
    def stop_fields(self) -> Mapping[str, Fact]:
        """What `unless` may ask of a contact."""
        return {**STOP_FIELDS, **self.own_fields}

    @cached_property
    def placeholders(self) -> Mapping[str, tuple[str, ...]]:
        """What `{group.name}` may stand in a text, beside `{signal.*}`."""
        return {**PLACEHOLDERS, "contact": (*PLACEHOLDERS["contact"], *self.own_fields)}


STANDARD = Vocabulary()
"""What can be spoken of where a project declares nothing."""
