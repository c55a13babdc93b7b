"""A text as words that are compared without case, accents and marks, each with its place in the text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from reengage.language.phrasing import APOSTROPHES, IN_WORD, bare_word, fold_word

_ADDRESS = r"[\w.+%-]{1,64}@[\w.-]{1,255}\w"
_LINK = r"(?:https?://|www\.)[^\s<>\"]{1,300}"
_SPACED = r"(?<!\w)[^\W\d_](?:[ .*_-]{1,2}[^\W\d_](?!\w)){3,20}"
_WORD = rf"(?:{IN_WORD}){{1,100}}(?:[{APOSTROPHES}](?:{IN_WORD}){{1,100}})?"
_TOKEN = re.compile(f"(?P<address>{_ADDRESS})|(?P<link>{_LINK})|(?P<spaced>{_SPACED})|{_WORD}")
_PARAGRAPH = re.compile(r"(?:\r?\n[^\S\n]{0,50}){2}")
_SENTENCE = re.compile(
    r"[!?;:…。！？]|(?<!\d)\.(?=\s|$)(?!\s{0,3}\d)|(?<=\d{3})\.(?=\s|$)(?!\s{0,3}\d)|\s[-–—|*•]+\s|\n\s{0,20}[-*•>]"
)
_PAUSE, _LINE = re.compile(r"[,()\[\]]"), re.compile(r"[\n\r/]")
_LOOKED_AT = 200
"""Characters between two words that are looked at: more are seldom there."""

MOST_REPEATS = 3
"""Times that a word counts where nothing else stands between: "stop stop stop stop" says no more than three."""

ADDRESS, LINK = "@", "://"
"""What stands for an e-mail address and for a link among folded words."""


class Gap(IntEnum):
    """What parts a word from the one before it."""

    NONE = 0
    LINE = 1
    PAUSE = 2
    SENTENCE = 3
    PARAGRAPH = 4


@dataclass(frozen=True, slots=True)
class Token:
    """One word: folded, as it was spelt but for case and accents, its place, and what parts it from the word before."""

    word: str
    bare: str
    start: int
    end: int
    gap: Gap


def tokenize(text: str) -> tuple[Token, ...]:
    """The words of a text in their order; letters apart from each other ("S T O P") are one word."""
    tokens: list[Token] = []
    end = 0
    for found in _TOKEN.finditer(text):
        bare = _bare(found)
        word = fold_word(bare)
        if word and not _is_repeated(word, tokens):
            gap = _gap(text, end, found.start()) if tokens else Gap.PARAGRAPH
            tokens.append(Token(word, bare, found.start(), found.end(), gap))
            end = found.end()
    return tuple(tokens)


def _is_repeated(word: str, tokens: Sequence[Token]) -> bool:
    return len(tokens) >= MOST_REPEATS and all(token.word == word for token in tokens[-MOST_REPEATS:])


def _bare(found: re.Match[str]) -> str:
    if found.lastgroup == "address":
        return ADDRESS
    if found.lastgroup == "link":
        return LINK
    return bare_word(re.sub(r"[ .*_-]", "", found[0]) if found.lastgroup == "spaced" else found[0])


def _gap(text: str, end: int, start: int) -> Gap:
    """What stands between the end of one word and the start of the next; the first letter of that is looked at too."""
    if text[end:start] == " ":
        return Gap.NONE
    limit = min(start, end + _LOOKED_AT) + 1
    if _PARAGRAPH.search(text, end, limit):
        return Gap.PARAGRAPH
    if _SENTENCE.search(text, end, limit):
        return Gap.SENTENCE
    if _PAUSE.search(text, end, limit):
        return Gap.PAUSE
    return Gap.LINE if _LINE.search(text, end, limit) else Gap.NONE
