"""Words that were probably meant by a misspelt one, found by what is left of both when letters are taken out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

SWAP_FROM, ONE_FROM, TWO_FROM = 4, 6, 9
"""Letters of a word from which on two swapped ones, one wrong one and two wrong ones are forgiven; our choice.

A wrong letter in a shorter word makes too often another right one.
"""

FIRST_FROM = 8
"""Letters of a word from which on the first may be wrong."""

LONGEST = 24
"""Letters of the longest word that is looked at."""


@dataclass(frozen=True, slots=True)
class Speller:
    """The words that are looked for, by what remains of them; `known` are right words, never taken for a typo."""

    remains: Mapping[str, frozenset[str]]
    known: frozenset[str]

    @classmethod
    def of(cls, wanted: Iterable[str], known: Iterable[str]) -> Speller:
        """A speller for these words."""
        remains: dict[str, set[str]] = {}
        for word in wanted:
            for rest in _remains(word):
                remains.setdefault(rest, set()).add(word)
        return cls({rest: frozenset(words) for rest, words in remains.items()}, frozenset(known))

    def meant(self, word: str) -> frozenset[str]:
        """The words that this one may be a misspelling of; none for a right, a short or a very long one."""
        if word in self.known or not SWAP_FROM <= len(word) <= LONGEST or not word.isalpha():
            return frozenset()
        near = {found for rest in _remains(word) for found in self.remains.get(rest, ())}
        return frozenset(found for found in near if _is_near(word, found))


def _remains(word: str) -> set[str]:
    """The word with up to as many letters taken out as may be wrong in it."""
    wrong = 2 if len(word) >= TWO_FROM else 1
    places = range(len(word))
    return {
        "".join(letter for place, letter in enumerate(word) if place not in out)
        for count in range(wrong + 1)
        for out in combinations(places, count)
    }


def _is_near(word: str, meant: str) -> bool:
    """Whether the words differ by no more than is forgiven for their length."""
    if word[0] != meant[0] and len(meant) < FIRST_FROM:
        return False
    if len(word) == len(meant) and sorted(word) == sorted(meant):
        differing = [place for place in range(len(word)) if word[place] != meant[place]]
        if len(differing) == 2 and differing[1] == differing[0] + 1:
            return True
    return len(meant) >= ONE_FROM and distance(word, meant) <= (2 if len(meant) >= TWO_FROM else 1)


def distance(one: str, other: str) -> int:
    """How many letters must be put in, taken out, exchanged or swapped with their neighbour to make one the other."""
    older, before = list[int](), list[int]()
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
