"""Keeping out of a text whoever said stop: nobody is mentioned to a rep or a CRM who may not be approached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Connection

from reengage.people.mentions import Mention, mentions_in, without
from reengage.store import optouts

T = TypeVar("T")


def discreet(connection: Connection, texts: Iterable[str]) -> dict[str, str]:
    """Those of these texts that mention someone closed, with what stands for each of them."""
    found = {text: list(mentions_in(text)) for text in set(texts) if text}
    closed = optouts.closed_keys(connection, {one.key for mentions in found.values() for one in mentions})
    return {text: cut for text, mentions in found.items() if (cut := _cut(text, mentions, closed)) != text}


def _cut(text: str, mentions: list[Mention], closed: set[tuple[str, str]]) -> str:
    return without(text, [one for one in mentions if one.key in closed])


def strings_in(value: Any) -> Iterable[str]:
    """Every text in a value made of lists, tables and plain values."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from strings_in(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from strings_in(part)


def replaced(value: T, cut: Mapping[str, str]) -> T:
    """The same value with these texts in place of those."""
    if not cut:
        return value
    found: Any = value
    if isinstance(value, str):
        found = cut.get(value, value)
    elif isinstance(value, Mapping):
        found = {name: replaced(part, cut) for name, part in value.items()}
    elif isinstance(value, list | tuple):
        found = type(value)(replaced(part, cut) for part in value)
    return found  # type: ignore[no-any-return]
