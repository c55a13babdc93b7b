"""Whom a text mentions: addresses, profiles and telephone numbers in it, and taking those of some people out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from reengage.people.identifiers import canonical_email, canonical_linkedin, canonical_phone
from reengage.people.reach import Key

WITHHELD = "[withheld]"
"""What stands where someone was mentioned who said stop."""

REGIONS = ("US", "GB", "DE", "FR")
"""Countries in which a national number is read where nothing says which; nine digits decide in the end."""

_EMAIL = re.compile(r"(?<![^\s<>()\[\],;:\"'])[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+[^\s<>()\[\],;:\"'.!?]")
_PROFILE = re.compile(r"(?<![\w.-])(?:https?:)?/{0,2}[\w.-]*linkedin\.com/[^\s<>()\[\],;\"']+", re.IGNORECASE)
_NUMBER = re.compile(r"\+?\(?\d[\d ()./-]{5,40}\d")


@dataclass(frozen=True, slots=True)
class Mention:
    """A part of a text, from where to where, and the identifier that it is."""

    start: int
    end: int
    key: Key


def mentions_in(text: str) -> Iterator[Mention]:
    """Every address, profile and telephone number in a text."""
    for sign, pattern, read in _READERS:
        for found in pattern.finditer(text) if sign in text.lower() else ():
            key = read(found[0])
            if key:
                yield Mention(found.start(), found.end(), key)


def without(text: str, mentions: list[Mention]) -> str:
    """The text with these mentions taken out."""
    for one in sorted(mentions, key=lambda one: one.start, reverse=True):
        text = f"{text[: one.start]}{WITHHELD}{text[one.end :]}"
    return text


def _email(text: str) -> Key | None:
    address = canonical_email(text)
    return ("email", address) if address else None


@lru_cache(10_000)
def _phone(text: str) -> Key | None:
    """The same dates stand in text after text; a number in digits takes half a millisecond to be told from them."""
    number = canonical_phone(text, REGIONS)
    return ("phone", number) if number and sum(map(str.isdigit, text)) >= FEWEST else None


FEWEST = 8
"""Digits of a telephone number in a text; fewer are a date, a time or an amount."""

_READERS: tuple[tuple[str, re.Pattern[str], Callable[[str], Key | None]], ...] = (
    ("@", _EMAIL, _email),
    (".com/", _PROFILE, canonical_linkedin),
    ("", _NUMBER, _phone),
)
"""What a text has to hold, how a mention in it looks, and how that is read."""
