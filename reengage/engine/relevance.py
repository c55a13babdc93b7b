"""Which rules could have anything to say of a contact, by what time alone cannot change.

Whether a signal is of the right kind, came soon enough after it occurred and says the right things stays as it is; so a
rule to which none of a contact's signals could matter says nothing of them, now or later, until there is news.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from reengage.engine.news import ActiveRule
from reengage.language.tree import Between, Block, Is, Line, Span, Test
from reengage.language.values import fold_text
from reengage.model.candidate import Candidate
from reengage.model.conversation import Hold
from reengage.model.facts import COMPUTED_KINDS, FactType
from reengage.model.signal import FactValue, Heard

About = tuple[tuple[str, frozenset[str]], ...]
"""What a rule wants of the hold, which stays as it is: for `said`, `category`, `held` and `promised` some words."""


@dataclass(frozen=True, slots=True)
class Interest:
    """One block of a rule: which signals could matter to it, and of whom."""

    number: int
    place: int
    active: ActiveRule
    block: Block
    about: About

    def takes(self, heard: Heard) -> bool:
        """Whether this signal, which is of the right kind, could ever matter here."""
        within = self.block.within
        return (
            heard.seq > self.active.since_seq
            and (within is None or within.after(heard.occurred_at) >= heard.received_at)
            and all(could_hold(line, heard.facts.get(line.name)) for line in self.block.lines)
        )

    def wants(self, hold: Hold) -> bool:
        """Whether the rule is about somebody who is held like this."""
        return all(_HOLD[name](hold) in words for name, words in self.about)

    def opens(self, day: date, since: date, today: date) -> date | None:
        """The first day, from today on, on which the date of a hold or of a contract could matter; None: no more.

        `since` is the day on which the hold began.
        """
        if self.block.kind == "snooze_ended":
            stale = self.active.rule.good_for.after(datetime.combine(max(day, since) + _DAY, time()))
            return day if day > today else today if stale.date() >= today else None
        opens, closes = (window.before_day(day) if window else None for window in due_in(self.block))
        if day < today or (closes and closes < today - _DAY):
            return None
        return opens if opens and opens > today else today


_DAY = timedelta(days=1)
_HOLD: dict[str, Callable[[Hold], str]] = {
    "said": lambda hold: hold.response.value,
    "category": lambda hold: hold.category.value if hold.category else "",
    "held": lambda hold: hold.kind.value,
    "promised": lambda hold: str(hold.promised).lower(),
}


@dataclass(slots=True)
class Concern:
    """A rule that could say something of a contact: because of stored signals in their order, or of dates."""

    active: ActiveRule
    heard: list[Heard] = field(default_factory=list)
    dates: bool = False

    def add(self, heard: Heard | None) -> None:
        """A signal that could matter, maybe to several blocks in turn; None is a date."""
        if heard is None:
            self.dates = True
        elif not self.heard or self.heard[-1] is not heard:
            self.heard.append(heard)


_REMEMBERED = 1_000


class Relevance:
    """Finds the rules that could say something of a contact, without asking all of them."""

    def __init__(self, rules: Sequence[ActiveRule]) -> None:
        self._any: dict[str, list[Interest]] = defaultdict(list)
        self._all = tuple(interests(rules))
        self._about: dict[tuple[object, ...], frozenset[int]] = {}
        self._asked_last: dict[int, tuple[Candidate, tuple[Concern, ...]]] = {}
        self._takers: dict[int, tuple[Heard, tuple[Interest, ...]]] = {}
        self._named: dict[str, dict[str, dict[str, list[Interest]]]] = {}
        for one in self._all:
            line = next(filter(names_words, one.block.lines), None)
            if line is None or one.block.kind in COMPUTED_KINDS:
                self._any[one.block.kind].append(one)
                continue
            words = self._named.setdefault(one.block.kind, {}).setdefault(line.name, {})
            for word in words_of(line):
                words.setdefault(word, []).append(one)

    def concerns(self, candidate: Candidate) -> tuple[Concern, ...]:
        """The rules that could say something of this contact, in their order, each with what could matter to it.

        It is remembered for the contacts asked about last, since both matchers ask, and whoever looks when to ask next.
        """
        known = self._asked_last.get(candidate.contact.id)
        if known and known[0] is candidate:
            return known[1]
        found: dict[int, Concern] = {}
        for one, heard in self._found(candidate):
            concern = found.get(one.place) or found.setdefault(one.place, Concern(one.active))
            concern.add(heard)
        concerns = tuple(found[place] for place in sorted(found))
        if len(self._asked_last) >= _REMEMBERED:
            self._asked_last.clear()
        self._asked_last[candidate.contact.id] = candidate, concerns
        return concerns

    def _found(self, candidate: Candidate) -> Iterator[tuple[Interest, Heard | None]]:
        since, used, wanting = candidate.hold.since, candidate.used, self._wanting(candidate.hold)
        for heard in candidate.heard:
            if heard.occurred_at >= since and heard.key not in used:
                yield from ((one, heard) for one in self._takers_of(heard) if one.number in wanting)
        for kind in computed_kinds(candidate):
            yield from ((one, None) for one in self._any.get(kind, ()) if one.number in wanting)

    def _wanting(self, hold: Hold) -> frozenset[int]:
        """The numbers of the blocks that are about somebody held like this; there are few ways to be held."""
        way = (hold.response, hold.category, hold.kind, hold.promised)
        if way not in self._about:
            self._about[way] = frozenset(one.number for one in self._all if one.wants(hold))
        return self._about[way]

    def _takers_of(self, heard: Heard) -> tuple[Interest, ...]:
        """The blocks to which a signal could matter, remembered: a company's signals concern all its people."""
        known = self._takers.get(id(heard))
        if known and known[0] is heard:
            return known[1]
        asked = () if heard.kind in COMPUTED_KINDS else self._asked(heard)
        takers = tuple(one for one in asked if one.takes(heard))
        if len(self._takers) >= _REMEMBERED:
            self._takers.clear()
        self._takers[id(heard)] = heard, takers
        return takers

    def _asked(self, heard: Heard) -> Iterator[Interest]:
        """The blocks of its kind, without those that ask for words it does not say."""
        yield from self._any.get(heard.kind, ())
        for name, words in self._named.get(heard.kind, {}).items():
            value = heard.facts.get(name)
            if isinstance(value, str):
                yield from words.get(fold_text(value), ())


def interests(rules: Sequence[ActiveRule]) -> Iterator[Interest]:
    """Every block of these rules."""
    number = 0
    for place, active in enumerate(rules):
        about = tuple((line.name, words_of(line)) for line in active.rule.who.lines if _is_about_hold(line))
        for block in active.rule.when.blocks:
            yield Interest(number, place, active, block, about)
            number += 1


def _is_about_hold(line: Line) -> bool:
    return line.name in _HOLD and isinstance(line.test, Is)


def due_in(block: Block) -> tuple[Span | None, Span | None]:
    """How long before its date a computed signal begins and ends to matter to a block; None: it always does."""
    for line in block.lines:
        if line.name == "due_in" and isinstance(line.test, Between):
            low, high = line.test.at_least, line.test.at_most
            return high if isinstance(high, Span) else None, low if isinstance(low, Span) else None
    return None, None


def computed_kinds(candidate: Candidate) -> Iterator[str]:
    """The kinds of signals that follow from hold and conversation and come about on some day."""
    if candidate.hold.until:
        yield "snooze_ended"
    if candidate.conversation and candidate.conversation.contract_ends:
        yield "contract_renewal"


def is_settled(line: Line) -> bool:
    """Whether time cannot change if the line holds of a signal."""
    return line.fact.type not in (FactType.DATE, FactType.DURATION)


def could_hold(line: Line, value: FactValue | None) -> bool:
    """Whether a line about a signal could hold, now or at another time; what is unknown never does."""
    if value is None or value == "":
        return False
    if not is_settled(line):
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
    return _folded(tuple(map(str, line.test.values))) if isinstance(line.test, Is) else frozenset()


@lru_cache(4096)
def _folded(words: tuple[str, ...]) -> frozenset[str]:
    """The words as texts, since 1 and true would be one and the same to the cache."""
    return frozenset(map(fold_text, words))


def names_words(line: Line) -> bool:
    """Whether a line about a signal wants one of some words, and time cannot change if it holds."""
    return is_settled(line) and isinstance(line.test, Is) and all(isinstance(word, str) for word in line.test.values)
