"""A vendor's record as a signal, by the map of its connector."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from reengage.model.signal import FactValue, Keys, Signal, typed_facts
from reengage.model.words import Certainty
from reengage.sources.connector import FieldMap
from reengage.sources.moments import moment_of
from reengage.sources.rows import NotASignal
from reengage.sources.values import certainty_of, keys_of, text_of


def signal_of_record(form: FieldMap, source: str, record: dict[str, Any], received_at: datetime) -> Signal | None:
    """The signal of a record, None where it is not wanted; raises ValueError saying why there is none."""
    if form.when and not form.when.of(record):
        return None
    values = {target: expression.of(record) for target, expression in form.targets.items()}
    _refuse_missing(form, values)
    facts = typed_facts(form.signal, _under("facts", values), form.facts)
    keys = keys_of({**values, "crm": _under("crm", values), "vendor": _under("vendor", values)})
    certainty = certainty_of(values.get("certainty"))
    occurred_at = _occurred_at(form, record)
    if form.keep_if and not form.keep_if.of(_mapped(keys, facts, certainty)):
        return None
    return Signal(
        id=_id(form, record) or _digest(form.signal, occurred_at, keys, facts, certainty),
        source=source,
        kind=form.signal,
        occurred_at=occurred_at,
        received_at=received_at,
        certainty=certainty,
        keys=keys,
        facts=facts,
    )


def _under(group: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of `group.name` targets by name."""
    return {target.partition(".")[2]: value for target, value in values.items() if target.startswith(f"{group}.")}


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


def _mapped(keys: Keys, facts: Mapping[str, FactValue], certainty: Certainty | None) -> dict[str, Any]:
    """What was read so far as plain JSON values."""
    return {**keys.model_dump(mode="json"), "facts": dict(facts), "certainty": certainty and certainty.value}


def _digest(
    kind: str, occurred_at: datetime, keys: Keys, facts: Mapping[str, FactValue], certainty: Certainty | None
) -> str:
    """An id for records that have none: the SHA-256 of all that is said, so that a repeat is the same signal."""
    said = [kind, occurred_at.isoformat(), _mapped(keys, facts, certainty)]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()
