"""What happened: one event from one source, with the keys that say whom it concerns."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import Field

from reengage.model.base import Moment, Noun
from reengage.model.facts import KINDS, Fact, FactType
from reengage.model.people import Account
from reengage.model.words import Certainty

FactValue = str | int | float | date


class Keys(Noun):
    """Whom a signal concerns, as the source wrote it; canonical forms are made by `people`."""

    email: str | None = None
    emails: tuple[str, ...] = ()
    linkedin: str | None = None
    phone: str | None = None
    phones: tuple[str, ...] = ()
    domain: str | None = None
    previous_domain: str | None = None
    crm: dict[str, str] = Field(default_factory=dict)
    vendor: dict[str, str] = Field(default_factory=dict)


class Signal(Noun):
    """One event; (`source`, `id`) is its duplicate key."""

    id: str
    source: str
    kind: str
    occurred_at: Moment
    received_at: Moment
    certainty: Certainty | None = None
    keys: Keys = Keys()
    facts: dict[str, FactValue] = Field(default_factory=dict)


class Heard(Noun):
    """A signal as it concerns one contact: `seq` is our order of arrival, `account` the company it is about."""

    seq: int
    source: str
    id: str
    kind: str
    occurred_at: Moment
    received_at: Moment
    certainty: Certainty = Certainty.CONFIRMED
    facts: dict[str, FactValue] = Field(default_factory=dict)
    account: Account | None = None

    @property
    def key(self) -> str:
        """What names this signal in a dedupe key, for ever."""
        return f"{self.source}/{self.id}"


def typed_facts(kind: str, raw: dict[str, Any]) -> dict[str, FactValue]:
    """The facts of a kind with their types; empty values are left out.

    Raises ValueError naming the fact that does not belong or does not fit.
    """
    specs = KINDS.get(kind)
    if specs is None:
        raise ValueError(f'unknown signal type "{kind}"; known: {", ".join(sorted(KINDS))}')
    typed: dict[str, FactValue] = {}
    for name, value in raw.items():
        if value is None or value == "":
            continue
        if name not in specs:
            raise ValueError(f'{kind} has no fact "{name}"; it has {", ".join(specs)}')
        typed[name] = _typed(specs[name], value)
    return typed


def _typed(spec: Fact, value: Any) -> FactValue:
    if spec.type is FactType.NUMBER:
        return _number(spec.name, value)
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise ValueError(f'"{spec.name}" is not a word')
    text = " ".join(str(value).split())
    if spec.type is FactType.CHOICE:
        word = text.lower().replace("-", "_").replace(" ", "_")
        if word not in spec.choices:
            raise ValueError(f'"{spec.name}" is "{text}"; expected one of {", ".join(spec.choices)}')
        return word
    if spec.type is FactType.DATE:
        return date.fromisoformat(text)
    return text


def _number(name: str, value: Any) -> int | float:
    try:
        number = float(str(value).replace(",", "").strip()) if not isinstance(value, bool) else None
    except ValueError:
        number = None
    if number is None or not abs(number) <= 1e15:
        raise ValueError(f'"{name}" is not a number')
    return int(number) if number.is_integer() else number
