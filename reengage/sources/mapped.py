"""A vendor's record as a signal, by the map of its connector."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reengage.model.signal import FactValue, Keys, Signal, typed_facts
from reengage.model.words import Certainty
from reengage.sources.connector import FieldMap
from reengage.sources.moments import moment_of
from reengage.sources.rows import NotASignal
from reengage.sources.values import certainty_of, keys_of, text_of


@dataclass(frozen=True, slots=True)
class Mapper:
    """Makes signals of the records of one source by its map; what the map says is taken apart once."""

    form: FieldMap
    source: str
    received_at: datetime
    facts: Groups
    crm: Groups
    vendor: Groups

    @classmethod
    def of(cls, form: FieldMap, source: str, received_at: datetime) -> Mapper:
        """The mapper of this map; `received_at` is when the records came."""
        facts, crm, vendor = (_under(group, form.targets) for group in ("facts", "crm", "vendor"))
        return cls(form, source, received_at, facts, crm, vendor)

    def signal(self, record: dict[str, Any]) -> Signal | None:
        """The signal of a record, None where it is not wanted; raises ValueError saying why there is none."""
        form = self.form
        if form.when and not form.when.of(record):
            return None
        values = {target: expression.of(record) for target, expression in form.targets.items()}
        _refuse_missing(form, values)
        facts = typed_facts(form.signal, {name: values[target] for name, target in self.facts}, form.facts)
        for group, theirs in (("crm", self.crm), ("vendor", self.vendor)):
            if theirs:
                values[group] = {name: values[target] for name, target in theirs}
        keys = keys_of(values)
        certainty = certainty_of(values.get("certainty"))
        occurred_at = _occurred_at(form, record)
        if form.keep_if and not form.keep_if.of(_mapped(keys, facts, certainty)):
            return None
        told = {
            "id": _id(form, record) or _digest(form.signal, occurred_at, keys, facts, certainty),
            "source": self.source,
            "kind": form.signal,
            "occurred_at": occurred_at,
            "received_at": self.received_at,
            "certainty": certainty,
            "keys": keys,
            "facts": facts,
        }
        return Signal.model_validate(told)


Groups = tuple[tuple[str, str], ...]
"""The targets `group.name` of one group, each under its name."""


def _under(group: str, targets: Iterable[str]) -> Groups:
    return tuple((target.partition(".")[2], target) for target in targets if target.startswith(f"{group}."))


def _refuse_missing(form: FieldMap, values: Mapping[str, Any]) -> None:
    for target in form.require:
        if _is_empty(values.get(target)):
            raise NotASignal(f'"{target}" is missing')
    if form.require_any and all(_is_empty(values.get(target)) for target in form.require_any):
        raise NotASignal(f"none of {', '.join(form.require_any)} is there")


def _is_empty(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _occurred_at(form: FieldMap, record: dict[str, Any]) -> datetime:
    text = text_of(form.occurred_at.of(record), "occurred_at")
    if text is None:
        raise NotASignal('"occurred_at" is missing')
    return moment_of(text, form.date_formats, form.zone)


def _id(form: FieldMap, record: dict[str, Any]) -> str | None:
    if form.id is None:
        return None
    text = text_of(form.id.of(record), "id")
    if text is None:
        raise NotASignal('"id" is missing')
    return text


def _mapped(keys: Mapping[str, Any], facts: Mapping[str, FactValue], certainty: Certainty | None) -> dict[str, Any]:
    """What was read so far as plain JSON values."""
    named = Keys.model_validate(keys).model_dump(mode="json")
    return {**named, "facts": dict(facts), "certainty": certainty and certainty.value}


def _digest(
    kind: str,
    occurred_at: datetime,
    keys: Mapping[str, Any],
    facts: Mapping[str, FactValue],
    certainty: Certainty | None,
) -> str:
    """An id for records that have none: the SHA-256 of all that is said, so that a repeat is the same signal."""
    said = [kind, occurred_at.isoformat(), _mapped(keys, facts, certainty)]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()
