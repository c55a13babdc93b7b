"""Whom a text mentions: addresses, profiles and telephone numbers in it, and taking those of some people out."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from reengage.people.identifiers import canonical_email, canonical_linkedin
from reengage.people.phones import canonical_phone, endings
from reengage.people.reach import Key

WITHHELD = "[withheld]"
"""What stands where someone was mentioned who said stop."""

REGIONS = ("US", "GB", "DE", "FR")
"""Countries in which a national number is read where nothing says which; nine digits decide in the end."""

_EMAIL = re.compile(r"(?<![^\s<>()\[\],;:\"'])[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+[^\s<>()\[\],;:\"'.!?]")
_PROFILE = re.compile(r"(?<![\w.-])(?:https?:)?/{0,2}[\w.-]*linkedin\.com/[^\s<>()\[\],;\"']+", re.IGNORECASE)
_NUMBER = re.compile(r"\+?\(?\d[\d ()./-]{5,40}\d")

Look = tuple[Callable[[str], Key | None], str]
"""How something is read, and its words."""

_BETWEEN = "\n"
"""What parts texts that are looked through together: nothing that looks like a mention has a line end in it."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """The number of a text, what in it looks like an identifier, from where to where, and how that is read."""

    text: int
    start: int
    end: int
    words: str
    read: Callable[[str], Key | None]

    @property
    def look(self) -> Look:
        """The same wherever it stands: how it is read, and its words."""
        return self.read, self.words

    @property
    def is_number(self) -> bool:
        """Whether it looks like a telephone number, which takes longest to read."""
        return self.read is _phone and sum(map(str.isdigit, self.words)) >= FEWEST


def sightings(texts: Sequence[str]) -> Iterator[Sighting]:
    """Everything in these texts that looks like an address, a profile or a telephone number, in this order."""
    page = _BETWEEN.join(texts)
    starts = [0, *accumulate(len(text) + len(_BETWEEN) for text in texts)]
    lowered = page.lower()
    for sign, pattern, read in _READERS:
        for found in pattern.finditer(page) if sign in lowered else ():
            number = bisect_right(starts, found.start()) - 1
            yield Sighting(number, found.start() - starts[number], found.end() - starts[number], found[0], read)


def may_end_like(words: str, known: frozenset[str | None]) -> bool:
    """Whether the key of what looks like a telephone number may end (`key_ending`) like one of those that are known.

    Reading a number takes a hundred times as long, and most numbers in a text are ids of something.
    """
    own = endings(words, REGIONS)
    return own is None or not known.isdisjoint(own)


def without(text: str, mentions: Iterable[Sighting]) -> str:
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
    if sum(map(str.isdigit, text)) < FEWEST:
        return None
    number = canonical_phone(text, REGIONS)
    return ("phone", number) if number else None


FEWEST = 8
"""Digits of a telephone number in a text; fewer are a date, a time or an amount."""

_READERS: tuple[tuple[str, re.Pattern[str], Callable[[str], Key | None]], ...] = (
    ("@", _EMAIL, _email),
    (".com/", _PROFILE, canonical_linkedin),
    ("", _NUMBER, _phone),
)
"""What a text has to hold, how a mention in it looks, and how that is read."""
