"""The syntax of one phrase of `rules/reading/*.yaml`: words, sets of words, gaps, alternatives and options."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from reengage.language.diagnostic import quoted
from reengage.language.values import NotUnderstood, advice

Words = tuple[str, ...]
"""Folded words one behind the other; one may begin or end with "*"."""

Capture = Literal["date", "name", "person", "thing"]
"""What a phrase can catch beside words: a time, a name, someone to talk to, the rest of a clause."""

CAPTURES: tuple[Capture, ...] = get_args(Capture)
_CATCHES = {f"<{one}>": one for one in CAPTURES}
GAP = 4
"""Most words that "..." stands for; our choice: with more, two halves seldom belong together."""

LONGEST_PHRASE = 1000
"""Most characters of a phrase; our choice."""

MOST_STEPS = 12
"""Most words, sets and alternatives in a phrase; our choice."""

FEWEST_LETTERS = 3
"""Letters that a word with "*" needs, so that it does not stand for everything."""

INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff"
"""Characters that show nothing and may stand inside a word, as a range of a regular expression."""

APOSTROPHES = "'’‘ʼ`´＇′"
IN_WORD = rf"[^\W_{APOSTROPHES}]|[\u0300-\u036f{INVISIBLE}]"
"""One character of a word, without apostrophes, as a regular expression."""

_PIECE = re.compile(r"\.\.\.|<[^<>]*>|\([^()]*\)|\[[^\[\]]*\]|[^\s()<>\[\]|]+")
_STAR = re.compile(rf"\*?(?:{IN_WORD}|[{APOSTROPHES}])+\*?")
_DROPPED = re.compile(rf"[{APOSTROPHES}{INVISIBLE}\u0300-\u036f]")
_REPEATED = re.compile(r"([^\W\d])\1{2,}")
_UMLAUT = re.compile("([aou])e")


@dataclass(frozen=True, slots=True)
class Step:
    """One piece of a phrase: any of these words, or something caught; at most `gap` other words stand before it."""

    words: tuple[Words, ...] = ()
    catches: tuple[Capture, ...] = ()
    optional: bool = False
    gap: int = 0


@lru_cache(8192)
def fold_word(word: str) -> str:
    """A word without case, accents, apostrophes and repeated letters; ü, ue and u are one letter to it, ß is ss."""
    return _UMLAUT.sub(r"\1", bare_word(word))


@lru_cache(8192)
def bare_word(word: str) -> str:
    """A word without case, accents, apostrophes and repeated letters; ü is u to it, but ue stays."""
    folded = word.casefold()
    if not folded.isascii():
        folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", word).casefold())
    plain = _DROPPED.sub("", folded)
    short = _REPEATED.sub(r"\1", plain)
    return short if len(short) > 1 else plain


def fold_words(text: str) -> Words:
    """The words of a phrase or of an entry of a set; raises NotUnderstood where there is none."""
    words = tuple(fold_word(word) for word in _STAR.findall(text))
    if not any(word.strip("*") for word in words):
        raise NotUnderstood(f"{quoted(text)} holds no word", help="write at least one letter or digit")
    for word in words:
        if len(words) == 1 and "*" in word and len(word.strip("*")) < FEWEST_LETTERS:
            message = f"{quoted(word)} stands for too many words"
            raise NotUnderstood(message, help=f"write at least {FEWEST_LETTERS} letters beside the *")
    return words


def parse_phrase(text: str, sets: Mapping[str, tuple[Words, ...]]) -> tuple[Step, ...]:
    """The steps of a phrase; raises NotUnderstood with what is wrong in it and how to write it."""
    if len(text) > LONGEST_PHRASE:
        raise NotUnderstood(f"this phrase is longer than {LONGEST_PHRASE} characters", help="write two shorter ones")
    _refuse_strays(text)
    steps = tuple(_steps(_PIECE.findall(text), sets))
    if not any(step.words and not step.optional for step in steps):
        help = "write at least one word that must be there, outside of [ ]"
        raise NotUnderstood(f"the phrase {quoted(text)} would match everything", help=help)
    first = next(step for step in steps if not step.optional)
    if not first.words and first.catches != ("date",):
        help = "put a word before it, or begin with the word behind it"
        raise NotUnderstood("a phrase cannot begin with something that is caught", help=help)
    if len(steps) > MOST_STEPS:
        raise NotUnderstood(f"this phrase has more than {MOST_STEPS} parts", help="write two shorter ones")
    return steps


def _refuse_strays(text: str) -> None:
    stray = re.search(r"[()<>\[\]|]", _PIECE.sub(" ", text))
    if stray:
        help = "write (one|two) for alternatives, [one] for what may be missing, <set> for a set of words"
        raise NotUnderstood(f"this phrase has a {quoted(stray[0])} that belongs to nothing", help=help)


def _steps(pieces: list[str], sets: Mapping[str, tuple[Words, ...]]) -> Iterator[Step]:
    gap, first = 0, True
    for piece in pieces:
        if piece == "...":
            gap += GAP
            continue
        if gap and first:
            raise NotUnderstood('a phrase cannot begin with "..."', help="leave it out: a phrase may stand anywhere")
        for step in _step(piece, gap, sets):
            yield step
            gap, first = (gap if step.optional else 0), False
    if pieces[-1:] == ["..."]:
        raise NotUnderstood('a phrase cannot end with "..."', help="leave it out: anything may follow a phrase")


def _step(piece: str, gap: int, sets: Mapping[str, tuple[Words, ...]]) -> Iterator[Step]:
    if piece[0] in "<([":
        parts = [part.strip() for part in (piece if piece[0] == "<" else piece[1:-1]).split("|")]
        words = tuple(dict.fromkeys(words for part in parts if part not in _CATCHES for words in words_of(part, sets)))
        catches = tuple(_CATCHES[part] for part in parts if part in _CATCHES)
        yield Step(words, catches, optional=piece[0] == "[", gap=gap)
    elif _STAR.search(piece):
        for number, word in enumerate(fold_words(piece)):
            yield Step(((word,),), gap=0 if number else gap)


def words_of(entry: str, sets: Mapping[str, tuple[Words, ...]]) -> tuple[Words, ...]:
    """What an entry stands for: the words of `<a set>`, or its own; raises NotUnderstood for an unknown set."""
    if not entry.startswith("<"):
        return (fold_words(entry),)
    name = entry[1:-1]
    if name not in sets:
        raise NotUnderstood(f"unknown set {quoted(name)}", help=advice(name, tuple(sets)))
    return sets[name]
