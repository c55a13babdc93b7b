"""A second opinion on what may be a stop: how much an answer is like those of which somebody knew what they were.

Phrases say why; but nobody can list every way of asking to be left alone. What they find no stop in is weighed by its
words, pairs of words and pieces of words against `rules/reading/examples.csv` (naive Bayes: for each of them how much
more often it stands in stops). That alone never makes a sure stop, only a doubt, which closes the person and asks a
human.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from reengage.intake.reading.tokens import tokenize
from reengage.language.examples import Example, Examples
from reengage.model.reading import Evidence, Reading
from reengage.model.text import clip
from reengage.model.words import STOPS, Response

PIECE = 4
"""Letters of a piece of a word, which finds what is misspelt, bent or compounded; our choice."""

SMOOTHING, SEEN = 0.3, 2
"""What is added to every count, and how many examples must have a feature before it counts; our choice."""

MOST_TOKENS = 400
"""Words of an answer that are weighed; our choice: in a longer text single words say little."""

LONGEST_QUOTE, LONGEST_EXAMPLE = 200, 80
"""Characters of an answer, and of the example that it is like, that a reading shows."""

DOUBT = 0.5
"""The certainty of a stop that only likeness speaks for."""

LIKE, LIKE_AGAINST, UNLIKE = 0.5, 1.5, -2.0
"""Log-odds from which on an answer is in doubt, those where phrases clearly say something else, and those below which
a single hint at a stop is none. Chosen on 1,700 plain replies (docs/desk.md) so that hardly a stop is missed."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much each feature speaks for a stop (log-odds), how much stops do for themselves, and those it knows."""

    weights: Mapping[str, float]
    prior: float
    stops: Examples

    def of(self, words: str) -> float:
        """How much more an answer is like a stop than like anything else, in log-odds; 0 is undecided.

        Features of one answer are anything but independent: their sum is divided by the root of their number.
        """
        known = [weight for one in set(features(words)) if (weight := self.weights.get(one)) is not None]
        return self.prior + sum(known) / math.sqrt(len(known)) if known else self.prior


def features(words: str) -> Iterator[str]:
    """The folded words of an answer, their pairs, and pieces of them."""
    folded = [token.word for token in tokenize(words)[:MOST_TOKENS]]
    yield from folded
    yield from (f"{one} {other}" for one, other in pairwise(folded))
    line = f" {' '.join(folded)} "
    yield from (f"#{line[start : start + PIECE]}" for start in range(len(line) - PIECE + 1))


def learn(examples: Examples) -> Likeness | None:
    """Count the features of these examples; None where there are no stops among them, or nothing else."""
    counts: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    numbers = [0, 0]
    for one in examples:
        stop = one.answer in STOPS
        numbers[stop] += 1
        counts[stop].update(set(features(one.words)))
    if not all(numbers):
        return None
    others, stops = counts
    weights = {
        one: _rate(stops[one], numbers[1]) - _rate(others[one], numbers[0])
        for one in {*others, *stops}
        if others[one] + stops[one] >= SEEN
    }
    return Likeness(weights, math.log(numbers[1] / numbers[0]), tuple(one for one in examples if one.answer in STOPS))


def _rate(count: int, of: int) -> float:
    return math.log((count + SMOOTHING) / (of + 2 * SMOOTHING))


def second_opinion(reading: Reading, words: str, likeness: Likeness | None) -> Reading:
    """The reading, as a doubtful stop where no phrase is one but the answer is like those that were.

    A hint at a stop in an answer that is nothing like one goes to a person as what else it may be.
    """
    sure = reading.response in STOPS and not reading.doubtful_stop
    if sure or likeness is None:
        return reading
    odds = likeness.of(words)
    if reading.doubtful_stop:
        return _without_doubt(reading) if odds < UNLIKE else reading
    if odds < (LIKE_AGAINST if reading.certainty > DOUBT else LIKE):
        return reading
    return _in_doubt(reading, words, _nearest(words, likeness.stops))


def _without_doubt(reading: Reading) -> Reading:
    """What is left without the stop that was only hinted at; too little to act on."""
    others = tuple(one for one in reading.also if one not in STOPS)
    return reading.model_copy(
        update={"response": next(iter(others), Response.OTHER), "doubtful_stop": False, "also": others[1:]}
    )


def _in_doubt(reading: Reading, words: str, like: Example) -> Reading:
    quote = clip(" ".join(words.split()), LONGEST_QUOTE)
    told = Evidence(quote=quote, says=like.answer, phrase=f"like “{clip(like.words, LONGEST_EXAMPLE)}”", language="")
    other = () if reading.response is Response.OTHER else (reading.response,)
    return reading.model_copy(
        update={
            "response": Response(like.answer),
            "certainty": DOUBT,
            "doubtful_stop": True,
            "evidence": (told, *reading.evidence),
            "also": (*other, *reading.also),
        }
    )


def _nearest(words: str, stops: Examples) -> Example:
    """The one that has most in common with an answer."""
    mine = set(features(words))

    def common(one: Example) -> float:
        theirs = set(features(one.words))
        return len(mine & theirs) / len(mine | theirs)

    return max(stops, key=common)
