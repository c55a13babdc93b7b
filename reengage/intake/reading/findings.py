"""Which of the phrases found count: not those whose words are taken out of consideration, nor parts of longer ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from reengage.intake.reading.matching import Match
from reengage.intake.reading.tokens import Gap, Token
from reengage.language.phrases import CHANNELS, CLUES, Phrases
from reengage.language.phrasing import Words
from reengage.model.words import STOPS

LIGHT = "light"
"""The set of words that add nothing to a phrase of which all others are taken out."""

POLITE, GREETING = "polite", "greeting"
"""Sets of words that may stand around a word that else is the whole answer, and of those before a name."""

STRANGERS = 2
"""Words that belong to nothing, beside a word that is the whole answer: mostly the names in greeting and closing."""


class Hold(IntEnum):
    """How much of a phrase that was found is taken out of consideration by others."""

    NOTHING = 0
    PART = 1
    ALL = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """A phrase that counts, and whether it decides or only hints."""

    match: Match
    sure: bool

    @property
    def says(self) -> str:
        """The response it speaks for, or that somebody has left."""
        return self.match.phrase.says

    @property
    def weight(self) -> tuple[bool, int]:
        """By this the better of two is known: it decides, and it needs more words."""
        return self.sure, len(self.match.path)


def findings_of(matches: Iterable[Match], tokens: Sequence[Token], phrases: Phrases) -> list[Finding]:
    """The findings among some matches, the best first."""
    matches = [match for match in matches if match.phrase.says not in (*CLUES, *CHANNELS)]
    masks = _masks(matches)
    polite = _polite(tokens, phrases)
    light = _places_of(tokens, _entries(phrases, LIGHT))
    findings = (
        _weighed(match, _hold(match, masks, light), tokens, polite)
        for match in matches
        if match.phrase.weight != "not" and _fits(match, tokens, polite)
    )
    whole = _whole([one for one in findings if one])
    return sorted(whole, key=lambda one: (*one.weight, -one.match.path[0], one.match.phrase.text), reverse=True)


def _weighed(match: Match, hold: Hold, tokens: Sequence[Token], polite: frozenset[int]) -> Finding | None:
    """What a match counts for: a clear stop of which only a part is taken out is still a hint at one."""
    sure = _is_sure(match, tokens, polite)
    if hold is Hold.NOTHING:
        return Finding(match, sure)
    return Finding(match, False) if hold is Hold.PART and match.phrase.says in STOPS else None


def _group(says: str) -> str:
    """Words that are taken out for one stop are taken out for all."""
    return "stop" if says in STOPS else says


Masks = Mapping[tuple[str, int], Sequence[frozenset[int]]]
"""For what is said and a place, the words that are taken out together with those there."""


def _masks(matches: Iterable[Match]) -> Masks:
    masks: dict[tuple[str, int], list[frozenset[int]]] = defaultdict(list)
    for match in matches:
        if match.phrase.weight == "not" and not match.crossed:
            path = frozenset(match.path)
            for place in path:
                masks[_group(match.phrase.says), place].append(path)
    return masks


def _hold(match: Match, masks: Masks, light: frozenset[int]) -> Hold:
    """How much of a match is taken out; nothing where it needs all of the words that are taken out, and more."""
    path, group = frozenset(match.path), _group(match.phrase.says)
    holds = [mask for place in match.path for mask in masks.get((group, place), ()) if not mask < path]
    if any(path - light <= mask for mask in holds):
        return Hold.ALL
    return Hold.PART if holds else Hold.NOTHING


def _whole(findings: Sequence[Finding]) -> Iterator[Finding]:
    """The findings without those that are part of a longer one that says something else and is as sure; stops stay."""
    at: dict[int, list[tuple[Finding, frozenset[int]]]] = defaultdict(list)
    for one in findings:
        for place in one.match.path:
            at[place].append((one, frozenset(one.match.path)))
    for one in findings:
        path = frozenset(one.match.path)
        around = at[one.match.path[0]]
        if one.says in STOPS or not any(
            path < wider and other.says != one.says and other.sure >= one.sure for other, wider in around
        ):
            yield one


def _is_sure(match: Match, tokens: Sequence[Token], polite: frozenset[int]) -> bool:
    if match.typo or match.crossed or match.phrase.weight == "maybe":
        return False
    strangers = len(tokens) - len(polite) - sum(place not in polite for place in match.path)
    return match.phrase.weight == "sure" or strangers <= STRANGERS


def _fits(match: Match, tokens: Sequence[Token], polite: frozenset[int]) -> bool:
    """Whether a phrase that must stand alone does: its clause holds nothing else but politeness."""
    if match.phrase.weight != "alone":
        return True
    first, behind = match.spot
    inside = all(place in polite for place in range(first, behind) if place not in match.path)
    return inside and _polite_before(first, tokens, polite) and _polite_behind(behind, tokens, polite)


def _polite_before(first: int, tokens: Sequence[Token], polite: frozenset[int]) -> bool:
    while tokens[first].gap <= Gap.LINE:
        first -= 1
        if first not in polite:
            return False
    return True


def _polite_behind(behind: int, tokens: Sequence[Token], polite: frozenset[int]) -> bool:
    while behind < len(tokens) and tokens[behind].gap <= Gap.LINE:
        if behind not in polite:
            return False
        behind += 1
    return True


@lru_cache(8)
def _entries(phrases: Phrases, name: str) -> frozenset[Words]:
    return frozenset(phrases.set_of(name))


def _polite(tokens: Sequence[Token], phrases: Phrases) -> frozenset[int]:
    """The places of words of politeness, of greetings, and of the word behind a greeting."""
    words = [token.word for token in tokens]
    polite, greeting = _entries(phrases, POLITE), _entries(phrases, GREETING)
    places: set[int] = set()
    for place in range(len(words)):
        for length in (1, 2, 3):
            some = tuple(words[place : place + length])
            if some in polite or some in greeting:
                places.update(range(place, place + length + (some in greeting)))
    return frozenset(places & set(range(len(words))))


def _places_of(tokens: Sequence[Token], entries: frozenset[Words]) -> frozenset[int]:
    return frozenset(place for place, token in enumerate(tokens) if (token.word,) in entries)
