"""Plain twins of what is done in a shorter way: every run of digits is read by the library, in every region in turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reengage.people import mentions, phones
from reengage.people.reach import Key


def canonical_phone(text: str, regions: Sequence[str]) -> str | None:
    """As `phones.canonical_phone`."""
    dialled = phones._dialled(text)
    digits = dialled.lstrip("+")
    if len(digits) < phones.FEWEST_DIGITS or len(digits.lstrip("0")) > phones.MOST_DIGITS:
        return None
    attempts = (phones._as_read(number, region) for number, region in phones._readings(dialled, regions))
    return next(filter(None, attempts), dialled)


def mentions_in(text: str) -> Iterator[tuple[int, int, Key]]:
    """Where in a text which addresses, profiles and telephone numbers stand."""
    for sign, pattern, read in mentions._READERS:
        for found in pattern.finditer(text) if sign in text.lower() else ():
            key = phone(found[0]) if read is mentions._phone else read(found[0])
            if key:
                yield found.start(), found.end(), key


def phone(text: str) -> Key | None:
    """As `mentions._phone`."""
    number = canonical_phone(text, mentions.REGIONS)
    return ("phone", number) if number and sum(map(str.isdigit, text)) >= mentions.FEWEST else None


def without(text: str, found: Sequence[tuple[int, int, Key]]) -> str:
    """The text with these mentions taken out."""
    for start, end, _ in sorted(found, key=lambda one: one[0], reverse=True):
        text = f"{text[:start]}{mentions.WITHHELD}{text[end:]}"
    return text
