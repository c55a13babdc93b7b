"""Finds phrases among the words of a text, in a number of steps that text and phrases bound."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from reengage.intake.reading.lexicon import Forms, Lexicon
from reengage.intake.reading.tokens import Gap, Token
from reengage.language.phrases import Phrase, Phrases
from reengage.language.phrasing import Capture, Step, Words

Spot = tuple[int, int]
"""The word that something begins with, and the one behind its last."""

DATE = -1
"""The number of a date among those of words: a phrase may begin with one, for where they stand is known."""

Catch = Callable[[int], Iterable[int]]
"""From the word that something caught begins with to the words that may stand behind it, best first."""


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase that was found.

    `path` are the places of the words it needs, without those in its gaps; `crossed` is whether it runs over the end
    of a sentence, `caught` what it caught, `typo` whether a word of it is misspelt.
    """

    phrase: Phrase
    path: tuple[int, ...]
    crossed: bool
    caught: Spot | None
    typo: bool

    @property
    def spot(self) -> Spot:
        """Where it stands, its gaps included."""
        return self.path[0], self.path[-1] + 1


class Reach(NamedTuple):
    """How far a phrase has come."""

    path: tuple[int, ...]
    crossed: bool
    caught: Spot | None


@dataclass(frozen=True, slots=True)
class Line:
    """A phrase with the number of the words of each step (None where something is caught), and those it needs."""

    phrase: Phrase
    numbers: tuple[int | None, ...]
    needed: frozenset[int]


@dataclass(frozen=True, slots=True)
class Index:
    """All phrases by what they begin with; the same words have the same number in all of them."""

    lexicon: Lexicon
    openings: Mapping[str, tuple[tuple[Words, tuple[int, ...]], ...]]
    starts: Mapping[int, tuple[tuple[Line, int], ...]]

    @classmethod
    def of(cls, phrases: Phrases) -> Index:
        """The index of these phrases."""
        numbers: dict[tuple[Words, ...], int] = {}
        starts: dict[int, list[tuple[Line, int]]] = defaultdict(list)
        for phrase in phrases.lines:
            line = _numbered(phrase, numbers)
            for place in _first_places(phrase.steps):
                for number in _opened_by(phrase.steps[place], line.numbers[place]):
                    starts[number].append((line, place))
        return cls(Lexicon.of(phrases), _openings(numbers), {number: tuple(lines) for number, lines in starts.items()})


def _openings(numbers: Mapping[tuple[Words, ...], int]) -> dict[str, tuple[tuple[Words, tuple[int, ...]], ...]]:
    """For each word what may follow it, and the numbers that are then there."""
    openings: dict[str, dict[Words, list[int]]] = defaultdict(lambda: defaultdict(list))
    for entries, number in numbers.items():
        for words in entries:
            openings[words[0]][words[1:]].append(number)
    return {
        word: tuple((rest, tuple(of_rest)) for rest, of_rest in opened.items()) for word, opened in openings.items()
    }


def _numbered(phrase: Phrase, numbers: dict[tuple[Words, ...], int]) -> Line:
    of_steps = tuple(numbers.setdefault(step.words, len(numbers)) if step.words else None for step in phrase.steps)
    needed = (
        number
        for number, step in zip(of_steps, phrase.steps, strict=True)
        if number is not None and not step.optional and not step.catches
    )
    return Line(phrase, of_steps, frozenset(needed))


def _first_places(steps: Sequence[Step]) -> range:
    """The steps that a phrase may begin with: the first that must be there, and what may stand before it."""
    return range(next(place for place, step in enumerate(steps) if not step.optional) + 1)


def _opened_by(step: Step, number: int | None) -> Iterator[int]:
    if number is not None:
        yield number
    if "date" in step.catches:
        yield DATE


@dataclass(slots=True)
class Search:
    """One text in which phrases are looked for; `dates` are the words where a date begins, `steps` counts the work."""

    index: Index
    tokens: Sequence[Token]
    catches: Mapping[Capture, Catch] = field(default_factory=dict)
    dates: Collection[int] = ()
    steps: int = 0
    forms: list[Forms] = field(init=False)
    ends: dict[int, dict[int, list[int]]] = field(init=False)

    def __post_init__(self) -> None:
        self.forms = [self.index.lexicon.forms(token.word, token.bare) for token in self.tokens]
        self.ends = defaultdict(dict)
        for place, forms in enumerate(self.forms):
            for word in forms.words:
                for rest, numbers in self.index.openings.get(word, ()):
                    if not rest or self._follow(rest, place + 1):
                        for number in numbers:
                            self.ends[number].setdefault(place, []).append(place + 1 + len(rest))
        if self.dates:
            self.ends[DATE] = {place: [] for place in self.dates}

    def _follow(self, rest: Words, place: int) -> bool:
        """Whether these words stand from a place on."""
        if place + len(rest) > len(self.forms):
            return False
        return all(word in self.forms[place + more].words for more, word in enumerate(rest))

    def matches(self, says: Collection[str] = ()) -> Iterator[Match]:
        """Every phrase at every place where it stands, those for `says` alone where that names any."""
        present = self.ends.keys()
        for number, places in list(self.ends.items()):
            for line, step in self.index.starts.get(number, ()):
                if line.needed <= present and (not says or line.phrase.says in says):
                    for place in places:
                        if reach := self._reach(line, step, place):
                            yield self._match(line.phrase, reach)

    def _match(self, phrase: Phrase, reach: Reach) -> Match:
        typo = any(self.forms[place].typo for place in reach.path)
        return Match(phrase, reach.path, reach.crossed, reach.caught, typo)

    def _reach(self, line: Line, first: int, start: int) -> Reach | None:
        """The longest way that a phrase can go from a word on, or None."""
        ends = self._ends(line.phrase.steps[first], line.numbers[first], start)
        reached = {
            end: Reach(tuple(range(start, end)), False, (start, end) if caught else None) for end, caught in ends
        }
        for step, number in zip(line.phrase.steps[first + 1 :], line.numbers[first + 1 :], strict=True):
            further = self._further(reached, step, number)
            reached = {**reached, **further} if step.optional else further
            if not reached:
                return None
        return max(reached.values(), key=lambda reach: (not reach.crossed, len(reach.path), -reach.path[-1]))

    def _further(self, reached: Mapping[int, Reach], step: Step, number: int | None) -> dict[int, Reach]:
        further: dict[int, Reach] = {}
        for end, reach in reached.items():
            for start, crossed in self._places(end, step.gap):
                for behind, caught in self._ends(step, number, start):
                    self.steps += 1
                    path = reach.path + tuple(range(start, behind))
                    spot = (start, behind) if caught else reach.caught
                    further.setdefault(behind, Reach(path, reach.crossed or crossed, spot))
        return further

    def _places(self, end: int, gap: int) -> Iterator[tuple[int, bool]]:
        """Where a next step may begin, and whether the end of a sentence lies before it: only one without a gap may."""
        for place in range(end, min(end + gap + 1, len(self.tokens))):
            between = self.tokens[place].gap
            if between is Gap.PARAGRAPH or (between is Gap.SENTENCE and gap) or (between is Gap.PAUSE and place > end):
                return
            yield place, between is Gap.SENTENCE

    def _ends(self, step: Step, number: int | None, start: int) -> Iterator[tuple[int, bool]]:
        """The words that may stand behind a step, and whether it is something caught."""
        for capture in step.catches:
            yield from ((behind, True) for behind in self.catches.get(capture, _nothing)(start))
        if number in self.ends:
            yield from ((behind, False) for behind in self.ends[number].get(start, ()))


def _nothing(_: int) -> Iterable[int]:
    return ()
