"""Which rules could have anything to say of a contact, by what time alone cannot change.

Whether a signal is of the right kind, came soon enough after it occurred and says the right things stays as it is; so a
rule to which none of a contact's signals could matter says nothing of them, now or later, until there is news.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from reengage.engine.news import ActiveRule
from reengage.language.tree import Block, Is, Line, Rule, Scalar, Test
from reengage.language.values import fold_text
from reengage.model.candidate import Candidate
from reengage.model.facts import COMPUTED_KINDS, FactType
from reengage.model.signal import FactValue, Heard

_MOVING = (FactType.DATE, FactType.DURATION)
"""Facts of which time may change what a rule thinks."""


@dataclass(frozen=True, slots=True)
class Interest:
    """One block of a rule: which signals could matter to it, and (None: any) the answers the rule is about."""

    place: int
    active: ActiveRule
    block: Block
    said: frozenset[str] | None

    def takes(self, heard: Heard, candidate: Candidate) -> bool:
        """Whether this signal of this contact, which is of the right kind, could ever matter here."""
        within = self.block.within
        return (
            self.wants(candidate)
            and heard.seq > self.active.since_seq
            and (within is None or within.after(heard.occurred_at) >= heard.received_at)
            and all(could_hold(line, heard.facts.get(line.name)) for line in self.block.lines)
        )

    def wants(self, candidate: Candidate) -> bool:
        """Whether the rule is about the answer that holds this contact."""
        return self.said is None or candidate.hold.response in self.said


class Relevance:
    """Finds the rules that could say something of a contact, without asking all of them."""

    def __init__(self, rules: Sequence[ActiveRule]) -> None:
        self._any: dict[str, list[Interest]] = defaultdict(list)
        self._named: dict[str, dict[str, dict[str, list[Interest]]]] = defaultdict(lambda: defaultdict(dict))
        for one in interests(rules):
            line = next(filter(_names_words, one.block.lines), None)
            if line is None or one.block.kind in COMPUTED_KINDS:
                self._any[one.block.kind].append(one)
                continue
            words = self._named[one.block.kind][line.name]
            for word in words_of(line):
                words.setdefault(word, []).append(one)

    def rules_for(self, candidate: Candidate) -> tuple[ActiveRule, ...]:
        """The rules that could say something of this contact, in their order."""
        found = {one.place: one.active for one in self._found(candidate)}
        return tuple(found[place] for place in sorted(found))

    def _found(self, candidate: Candidate) -> Iterator[Interest]:
        since, used = candidate.hold.since, candidate.used
        for heard in candidate.heard:
            if heard.kind not in COMPUTED_KINDS and heard.occurred_at >= since and heard.key not in used:
                yield from (one for one in self._asked(heard) if one.takes(heard, candidate))
        for kind in computed_kinds(candidate):
            yield from (one for one in self._any.get(kind, ()) if one.wants(candidate))

    def _asked(self, heard: Heard) -> Iterator[Interest]:
        """The blocks of its kind, without those that ask for words it does not say."""
        yield from self._any.get(heard.kind, ())
        for name, words in self._named.get(heard.kind, {}).items():
            value = heard.facts.get(name)
            if isinstance(value, str):
                yield from words.get(fold_text(value), ())


def interests(rules: Sequence[ActiveRule]) -> Iterator[Interest]:
    """Every block of these rules."""
    for place, active in enumerate(rules):
        said = said_in(active.rule)
        for block in active.rule.when.blocks:
            yield Interest(place, active, block, said)


def said_in(rule: Rule) -> frozenset[str] | None:
    """The answers that a rule is about, or None for any."""
    for line in rule.who.lines:
        if line.name == "said" and isinstance(line.test, Is):
            return frozenset(str(word) for word in line.test.values)
    return None


def computed_kinds(candidate: Candidate) -> Iterator[str]:
    """The kinds of signals that follow from hold and conversation and come about on some day."""
    if candidate.hold.until:
        yield "snooze_ended"
    if candidate.conversation and candidate.conversation.contract_ends:
        yield "contract_renewal"


def could_hold(line: Line, value: FactValue | None) -> bool:
    """Whether a line about a signal could hold, now or at another time; what is unknown never does."""
    if value is None or value == "":
        return False
    if line.fact.type in _MOVING:
        return True
    if isinstance(value, str):
        return fold_text(value) in words_of(line)
    return isinstance(value, int | float) and compare_number(value, line.test)


def compare_number(value: int | float, bounds: Test) -> bool:
    """Whether a number lies within bounds, both included, or is one of the values."""
    if isinstance(bounds, Is):
        return value in bounds.values
    low, high = bounds.at_least, bounds.at_most
    return (not isinstance(low, int | float) or value >= low) and (not isinstance(high, int | float) or value <= high)


def words_of(line: Line) -> frozenset[str]:
    """The words that a line names, folded as they are compared."""
    return _folded(line.test.values) if isinstance(line.test, Is) else frozenset()


@lru_cache(4096)
def _folded(words: tuple[Scalar, ...]) -> frozenset[str]:
    return frozenset(fold_text(str(word)) for word in words)


def _names_words(line: Line) -> bool:
    is_text = line.fact.type not in _MOVING
    return is_text and isinstance(line.test, Is) and all(isinstance(word, str) for word in line.test.values)
