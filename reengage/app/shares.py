"""Shares of small numbers, as the interval in which they may lie."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

CERTAINTY = 0.95
"""How often such an interval holds the truth; the usual choice."""

FEWEST = 20
"""Of fewer nothing is said: the article on cold-call rejection asks for 20 calls before a change is judged (B44)."""

_Z = NormalDist().inv_cdf((1 + CERTAINTY) / 2)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with the interval in which the share may lie, all from 0 to 1.

    There is no `share` of nothing, nor where more were counted than there can be.
    """

    count: int
    of: int
    share: float | None
    low: float
    high: float

    @property
    def enough(self) -> bool:
        """Whether there are enough to say anything."""
        return self.share is not None and self.of >= FEWEST


def share_of(count: int, of: int) -> Share:
    """The share of some among all."""
    if not 0 <= count <= of or not of:
        return Share(count, of, None, 0.0, 1.0)
    return Share(count, of, count / of, *interval(count / of, of))


def interval(share: float, of: int) -> tuple[float, float]:
    """Wilson's interval with a continuity correction (R. G. Newcombe, Statistics in Medicine 17, 1998, method 4).

    Without the correction one complaint among a hundred mails would be taken for a rate of more than 0.1 percent.
    """
    low = 0.0 if share <= 0 else max(0.0, _bound(share, of))
    high = 1.0 if share >= 1 else min(1.0, 1 - _bound(1 - share, of))
    return low, high


def _bound(share: float, of: int) -> float:
    """The lower bound; the upper one is that of the rest."""
    square = _Z * _Z
    root = square - 1 / of + 4 * of * share * (1 - share) + (4 * share - 2)
    return (2 * of * share + square - (_Z * math.sqrt(max(0.0, root)) + 1)) / (2 * (of + square))
