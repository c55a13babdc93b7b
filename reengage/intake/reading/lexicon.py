"""The words of all phrases, and which of them a word of a text stands for: itself, one with a star, one misspelt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from reengage.intake.reading.typos import Speller
from reengage.language.phrases import Phrase, Phrases
from reengage.model.words import STOPS, Response

RIGHT = "right"
"""The set of words that are spelt right, though they look like a typo of a word of a stop."""


_SPELT = STOPS - {Response.HOSTILE}
"""Typos are forgiven in the words of these: swear words are short, and too like others."""


@dataclass(frozen=True, slots=True)
class Forms:
    """The words of phrases that one word stands for; `typo` where it does so only as a misspelling."""

    words: frozenset[str] = frozenset()
    typo: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Words of phrases: whole ones, beginnings, endings and middles; typos are forgiven in the words of stops."""

    whole: frozenset[str]
    beginnings: frozenset[str]
    endings: frozenset[str]
    middles: tuple[str, ...]
    speller: Speller

    @classmethod
    def of(cls, phrases: Phrases) -> Lexicon:
        """The lexicon of these phrases."""
        words = frozenset(word for line in phrases.lines for word in _written(line))
        whole = frozenset(word for word in words if "*" not in word)
        of_stops = {
            word for line in phrases.lines if line.says in _SPELT and line.weight != "not" for word in _written(line)
        }
        right = (*phrases.set_of(RIGHT), *(term.words for term in phrases.terms))
        return cls(
            whole,
            frozenset(word[:-1] for word in words if word[-1] == "*" != word[0]),
            frozenset(word[1:] for word in words if word[0] == "*" != word[-1]),
            tuple(sorted(word[1:-1] for word in words if word[0] == "*" == word[-1])),
            Speller.of(of_stops & whole, whole.union(*right)),
        )

    def forms(self, word: str, bare: str = "") -> Forms:
        """The words of phrases that a folded word of a text stands for; a typo is also looked for as it was spelt."""
        return _forms(self, word, bare or word)

    def all_forms(self, word: str) -> Iterator[str]:
        """The words of phrases that this one is, begins with, ends with or holds."""
        if word in self.whole:
            yield word
        for place in range(1, len(word) + 1):
            if word[:place] in self.beginnings:
                yield f"{word[:place]}*"
            if word[-place:] in self.endings:
                yield f"*{word[-place:]}"
        yield from (f"*{middle}*" for middle in self.middles if middle in word)


@lru_cache(8192)
def _forms(lexicon: Lexicon, word: str, bare: str) -> Forms:
    words = frozenset(lexicon.all_forms(word))
    if word in lexicon.whole:
        return Forms(words)
    meant = lexicon.speller.meant(word) | lexicon.speller.meant(bare)
    return Forms(words | meant, typo=bool(meant) and not words)


def _written(line: Phrase) -> Iterable[str]:
    return (word for step in line.steps for words in step.words for word in words)
