"""What happened: one event from one source, with the keys that say whom it concerns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any

from pydantic import Field

from reengage.model.base import Moment, Noun
from reengage.model.facts import Fact, FactType
from reengage.model.people import Account
from reengage.model.words import Certainty

FactValue = bool | str | int | float | date


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

    @cached_property
    def key(self) -> str:
        """What names this signal in a dedupe key, for ever."""
        return f"{self.source}/{self.id}"


def typed_facts(kind: str, raw: dict[str, Any], specs: Mapping[str, Fact]) -> dict[str, FactValue]:
    """The facts of a kind with their types; empty values are left out.

    Raises ValueError naming the fact that does not belong or does not fit.
    """
    typed: dict[str, FactValue] = {}
    for name, value in raw.items():
        if value is None or value == "":
            continue
        if name not in specs:
            raise ValueError(f'{kind} has no fact "{name}"; it has {", ".join(specs)}')
        told = typed_fact(specs[name], value)
        if told is not None:
            typed[name] = told
    return typed


def typed_fact(spec: Fact, value: Any) -> FactValue | None:
    """A value by the type of its fact, None where it is empty; raises ValueError where it does not fit."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if spec.type is FactType.NUMBER:
        return _number(spec.name, value)
    if spec.type is FactType.FLAG:
        return _flag(spec.name, value)
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise ValueError(f'"{spec.name}" is not a word')
    text = " ".join(str(value).split())
    if spec.type is FactType.CHOICE:
        word = text.lower().replace("-", "_").replace(" ", "_")
        if word not in spec.choices:
            raise ValueError(f'"{spec.name}" is "{text}"; expected one of {", ".join(spec.choices)}')
        return word
    if spec.type in (FactType.DATE, FactType.DURATION):
        return _date(spec.name, text)
    return text


def _date(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text[:10] if text[10:11] in ("T", " ") else text)
    except ValueError:
        raise ValueError(f'"{name}" is "{text[:40]}", which is no date such as 2026-03-01') from None


_LARGEST = 10**15
"""Up to which every whole number is itself as a float."""

_FLAGS = {**dict.fromkeys(("true", "yes", "1"), True), **dict.fromkeys(("false", "no", "0"), False)}


def _flag(name: str, value: Any) -> bool:
    found = _FLAGS.get(str(value).strip().casefold())
    if found is None:
        raise ValueError(f'"{name}" is neither true nor false')
    return found


def _number(name: str, value: Any) -> int | float:
    if type(value) is int and -_LARGEST <= value <= _LARGEST:
        return value
    try:
        number = float(str(value).replace(",", "").strip()) if not isinstance(value, bool) else None
    except ValueError:
        number = None
    if number is None or not abs(number) <= _LARGEST:
        raise ValueError(f'"{name}" is not a number')
    return int(number) if number.is_integer() else number
