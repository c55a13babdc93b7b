"""The words of a text that a date may be put together from, each as one letter of a small alphabet."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from reengage.intake.reading.tokens import Gap, Token
from reengage.language.phrases import Phrases
from reengage.language.phrasing import Words

_LETTERS = {"months": "m", "weekdays": "w", "numbers": "n", "days": "d", "quarters": "q", "parts": "p", "feasts": "e"}
_UNITS = {"year": "z", "fiscal": "f", "half": "l"}
_SIGNS = {
    "next": "x",
    "after_next": "v",
    "this": "t",
    "in": "i",
    "after": "a",
    "until": "b",
    "past": "g",
    "later": "k",
    "to": "r",
    "filler": "o",
    "through": "h",
}
OTHER, END, WRITTEN, YEAR, NUMBER = "-", "|", "D", "y", "n"
"""Letters for any other word, the end of a sentence, a date in digits, a year and a number."""

_ORDINAL = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)")
_NUMBER = re.compile(r"[0-9]{1,3}")
_YEAR = re.compile(r"20[0-9]{2}")
_IN_DIGITS = re.compile(
    r"(?P<y1>20\d\d)-(?P<m1>\d{1,2})-(?P<d1>\d{1,2})"
    r"|(?P<d2>\d{1,2})\.\s?(?P<m2>\d{1,2})\.\s?(?P<y2>(?:20)?\d\d(?!\d))?"
    r"|(?P<a3>\d{1,2})/(?P<b3>\d{1,2})/(?P<y3>(?:20)?\d\d)(?!\d)"
    r"|(?P<m4>\d{1,2})/(?P<y4>20\d\d)"
)


class Digits(NamedTuple):
    """A date in digits; 0 where it does not say."""

    year: int
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class Mark:
    """One or more words with one letter, what they stand for, and the words they take up."""

    letter: str
    value: str
    start: int
    end: int
    digits: Digits | None = None


@lru_cache(4)
def _by_first_word(phrases: Phrases) -> Mapping[str, tuple[tuple[Words, str, str], ...]]:
    """The terms by their first word, the longest first, each with its letter and its key."""
    table: dict[str, list[tuple[Words, str, str]]] = {}
    for term in phrases.terms:
        letter = _LETTERS.get(term.table) or _UNITS.get(term.key) or _SIGNS.get(term.key, "u")
        table.setdefault(term.words[0], []).append((term.words, letter, term.key))
    return {word: tuple(sorted(terms, key=lambda term: -len(term[0]))) for word, terms in table.items()}


def marks_of(text: str, tokens: Sequence[Token], phrases: Phrases) -> tuple[Mark, ...]:
    """The marks of a text in their order, one for the end of each sentence."""
    terms, words = _by_first_word(phrases), [token.word for token in tokens]
    marks: list[Mark] = []
    place = 0
    while place < len(tokens):
        if tokens[place].gap >= Gap.SENTENCE:
            marks.append(Mark(END, "", place, place))
        mark = _in_digits(text, tokens, place) or _term(terms, words, place) or _number(words[place], place)
        marks.append(mark or Mark(OTHER, "", place, place + 1))
        place = marks[-1].end
    return tuple(marks)


def _term(terms: Mapping[str, tuple[tuple[Words, str, str], ...]], words: Sequence[str], place: int) -> Mark | None:
    for term, letter, key in terms.get(words[place], ()):
        if tuple(words[place : place + len(term)]) == term:
            return Mark(letter, key, place, place + len(term))
    return None


def _number(word: str, place: int) -> Mark | None:
    if not word[0].isdigit():
        return None
    if _YEAR.fullmatch(word):
        return Mark(YEAR, word, place, place + 1)
    number = _ORDINAL.fullmatch(word)
    digits = number[1] if number else word
    return Mark(NUMBER, digits, place, place + 1) if _NUMBER.fullmatch(digits) else None


def _in_digits(text: str, tokens: Sequence[Token], place: int) -> Mark | None:
    """A date such as 2027-03-01, 3.3.2027, 3.3., 25/03/2027 or 03/2027; None where day and month may be either."""
    if not tokens[place].word[0].isdecimal():
        return None
    found = _IN_DIGITS.match(text, tokens[place].start, tokens[place].start + 14)
    if found is None:
        return None
    digits = _digits(found)
    end = next((more for more in range(place, len(tokens)) if tokens[more].start >= found.end()), len(tokens))
    return Mark(WRITTEN if digits else OTHER, found[0], place, end, digits)


def _digits(found: re.Match[str]) -> Digits | None:
    part = {name: int(value) for name, value in found.groupdict().items() if value}
    years = [value + 2000 if value < 100 else value for name, value in part.items() if name[0] == "y"]
    year = years[0] if years else 0
    if "a3" in part:
        return _either(year, part["a3"], part["b3"])
    month = part.get("m1") or part.get("m2") or part.get("m4") or 0
    return Digits(year, month, part.get("d1") or part.get("d2") or 0) if 1 <= month <= 12 else None


def _either(year: int, one: int, other: int) -> Digits | None:
    """Day and month in an order that only one of them can have; None where both could be the month."""
    if one != other and max(one, other) <= 12:
        return None
    return Digits(year, min(one, other), max(one, other))
