"""Reads answers with the phrases and the examples of a project."""

from __future__ import annotations

from dataclasses import dataclass

from reengage.intake.reading.likeness import Likeness, learn, second_opinion
from reengage.intake.reading.understand import When, understand
from reengage.language.phrases import Phrases
from reengage.language.wording import Wording
from reengage.model.reading import Reading
from reengage.model.words import Channel


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads what answers say: first by phrases, then, where they found no stop, by likeness to examples."""

    phrases: Phrases
    likeness: Likeness | None

    @classmethod
    def of(cls, wording: Wording) -> Reader:
        """Learn from the wording of a project; takes about a second for 10,000 examples."""
        return cls(wording.phrases, learn(wording.examples))

    def read(self, words: str, when: When, channel: Channel | None = None) -> Reading:
        """What somebody's own words seem to say, without what they quote; `channel` is the one they came by."""
        return second_opinion(understand(words, self.phrases, when, channel=channel), words, self.likeness)
