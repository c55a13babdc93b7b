"""Our own envelope: a signal written out as one JSON object."""

from __future__ import annotations

from collections.abc import KeysView
from datetime import datetime
from typing import Any

from reengage.language.values import advice
from reengage.model.facts import STANDARD, Vocabulary
from reengage.model.signal import Keys, Signal, typed_facts
from reengage.sources.moments import moment_of
from reengage.sources.rows import NotASignal
from reengage.sources.values import certainty_of, keys_of, text_of

LONGEST_SOURCE = 100
"""Characters of a source's name; our choice: with an id of 500 it has to fit into an index of PostgreSQL."""

_FIELDS = dict.fromkeys(("id", "source", "type", "time", "received_at", "certainty", "keys", "facts")).keys()

_KEYS = Keys.model_fields.keys()


def signal_of_envelope(record: dict[str, Any], received_at: datetime, vocabulary: Vocabulary = STANDARD) -> Signal:
    """The signal of an envelope, received at this moment unless it says otherwise; raises ValueError saying why not."""
    _refuse_unknown(record, _FIELDS, "the envelope")
    kind = _kind(_required(record, "type"), vocabulary)
    told = {
        "id": _required(record, "id"),
        "source": _source(record),
        "kind": kind,
        "occurred_at": moment_of(_required(record, "time")),
        "received_at": _stated(record) or received_at,
        "certainty": certainty_of(record.get("certainty")),
        "keys": _keys(_object(record, "keys")),
        "facts": typed_facts(kind, _object(record, "facts"), vocabulary.kinds[kind]),
    }
    return Signal.model_validate(told)


def _kind(word: str, vocabulary: Vocabulary) -> str:
    if word == "timer":
        raise NotASignal("a timer comes from a connector of kind timer, not from a file")
    if word not in vocabulary.file_kinds:
        raise NotASignal(f'unknown type "{word[:40]}"; {advice(word, vocabulary.file_kinds)}')
    return word


def _source(record: dict[str, Any]) -> str:
    name = _required(record, "source")
    if len(name) > LONGEST_SOURCE:
        raise NotASignal(f'"source" is longer than {LONGEST_SOURCE} characters')
    return name


def _required(record: dict[str, Any], name: str) -> str:
    text = text_of(record.get(name), name)
    if text is None:
        raise NotASignal(f'"{name}" is missing')
    return text


def _stated(record: dict[str, Any]) -> datetime | None:
    text = text_of(record.get("received_at"), "received_at")
    return moment_of(text) if text else None


def _object(record: dict[str, Any], name: str) -> dict[str, Any]:
    value = record.get(name)
    if not isinstance(value, dict | None):
        raise NotASignal(f'"{name}" is not a block of names and values')
    return value or {}


def _keys(raw: dict[str, Any]) -> dict[str, Any]:
    _refuse_unknown(raw, _KEYS, "keys")
    return keys_of(raw)


def _refuse_unknown(raw: dict[str, Any], known: KeysView[str], what: str) -> None:
    if raw.keys() <= known:
        return
    for name in raw:
        if name not in known:
            raise NotASignal(f'{what} has no "{name[:40]}"; {advice(name, known)}')
