"""Raw values of a source as keys and texts of a signal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from reengage.model.words import Certainty
from reengage.sources.rows import NotASignal

LONGEST = 500
"""Characters of a key or an id; our choice: the longest real ones are links."""

LONGEST_SYSTEM = 64
"""Characters of the name of a CRM or vendor; as many as in the map of a connector."""

_SINGLE = ("email", "linkedin", "phone", "domain", "previous_domain")
_SEVERAL = ("emails", "phones")
_BY_SYSTEM = ("crm", "vendor")


def text_of(value: Any, name: str) -> str | None:
    """A text or a whole number as text, None for nothing; raises NotASignal naming the field."""
    if value is None:
        return None
    if not isinstance(value, str) and (isinstance(value, bool) or not isinstance(value, int)):
        raise NotASignal(f'"{name}" is not a text')
    text = str(value).strip()
    if len(text) > LONGEST:
        raise NotASignal(f'"{name}" is longer than {LONGEST} characters')
    return text or None


def texts_of(value: Any, name: str) -> tuple[str, ...]:
    """A list of texts, or one text that parts them by semicolons; raises NotASignal naming the field."""
    parts = value.split(";") if isinstance(value, str) else [value] if not isinstance(value, list) else value
    return tuple(filter(None, (text_of(part, name) for part in parts)))


def keys_of(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a signal (the fields of Keys) from values by name; `crm` and `vendor` hold an id for each system.

    Raises NotASignal for a value of another kind, and where no key is left.
    """
    said = {name: read(raw[name], name) for name, read in _READERS.items() if raw.get(name) is not None}
    keys = {name: value for name, value in said.items() if value}
    if not keys:
        raise NotASignal("no key says whom this concerns")
    return keys


def certainty_of(value: Any) -> Certainty | None:
    """The word for how sure the source is; raises NotASignal for any other."""
    if value is None:
        return None
    word = text_of(value, "certainty")
    if word is None:
        return None
    try:
        return Certainty(word.lower())
    except ValueError:
        raise NotASignal(f'"certainty" is "{word[:40]}"; expected one of {", ".join(Certainty)}') from None


def _ids(raw: Any, name: str) -> dict[str, str]:
    if not isinstance(raw, dict | None):
        raise NotASignal(f'"{name}" is not a list of systems with their ids')
    if long := next((system for system in raw or {} if len(system) > LONGEST_SYSTEM), None):
        raise NotASignal(f'"{name}" names a system by more than {LONGEST_SYSTEM} characters: {long[:40]}…')
    texts = {system: text_of(value, f"{name}.{system}") for system, value in (raw or {}).items()}
    return {system: text for system, text in texts.items() if text}


_READERS: dict[str, Callable[[Any, str], Any]] = {
    **dict.fromkeys(_SINGLE, text_of),
    **dict.fromkeys(_SEVERAL, texts_of),
    **dict.fromkeys(_BY_SYSTEM, _ids),
}
"""How each key is read, in the order in which they are."""
