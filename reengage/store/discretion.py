"""Keeping out of a text whoever said stop: nobody is mentioned to a rep or a CRM who may not be approached."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from reengage.people.mentions import Look, Sighting, may_end_like, sightings, without
from reengage.people.phones import key_ending
from reengage.people.reach import FOLLOWED_PHONE, Key
from reengage.store import columns as t
from reengage.store import keys, optouts
from reengage.store.versions import chunks

T = TypeVar("T")

PAGE = 1_000
"""Texts looked through at once."""

LINES = ("phone", "phone9", FOLLOWED_PHONE)
"""Kinds of keys that close a telephone number, beside digests, which tell nothing of it."""

CHEAPER = 20
"""Keys of the ledger that are looked through in the time in which one number is read."""


def discreet(connection: Connection, texts: Iterable[str]) -> dict[str, str]:
    """Those of these texts that mention someone closed, with what stands for each of them."""
    seen: dict[str, list[Sighting]] = defaultdict(list)
    for page in chunks(filter(None, set(texts)), PAGE):
        for one in sightings(page):
            seen[page[one.text]].append(one)
    keys_of = _read(connection, [one for found in seen.values() for one in found])
    closed = optouts.closed_keys(connection, set(keys_of.values()))
    named = {text: [one for one in found if keys_of.get(one.look) in closed] for text, found in seen.items()}
    return {text: without(text, found) for text, found in named.items() if found}


def _read(connection: Connection, seen: Iterable[Sighting]) -> dict[Look, Key]:
    """The identifiers that these are; telephone numbers only where the ledger may know them."""
    looks = {one.look: one for one in seen}
    closable = _closable(connection, {one.words for one in looks.values() if one.is_number})
    read = {look: look[0](look[1]) for look, one in looks.items() if not one.is_number or one.words in closable}
    return {look: key for look, key in read.items() if key}


def _closable(connection: Connection, numbers: Collection[str]) -> Collection[str]:
    """Those of these telephone numbers that a key of the ledger ends like, or all where that takes longer to know."""
    if not numbers or keys.any_digests(connection):
        return numbers
    row, most = t.OptOutKeyRow, CHEAPER * len(numbers)
    known = connection.execute(select(row.value).where(row.kind.in_(LINES)).limit(most + 1)).scalars().all()
    ends = frozenset(map(key_ending, known))
    if len(known) > most or None in ends:
        return numbers
    return {words for words in numbers if may_end_like(words, ends)}


def strings_in(value: Any) -> Iterable[str]:
    """Every text in a value made of lists, tables and plain values, in no order."""
    found, left = list[str](), [value]
    while left:
        part = left.pop()
        if isinstance(part, str):
            found.append(part)
        elif isinstance(part, list | tuple):
            left += part
        elif isinstance(part, dict) or (part is not None and isinstance(part, Mapping)):
            left += part.values()
    return found


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
