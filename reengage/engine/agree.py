"""The second matcher on durable-rules, and the comparison that lets only agreement fire."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import product
from typing import Any

from reengage.engine.durable import Engine
from reengage.engine.flat import PEOPLE, Number, Person, Program, Ruleset, Target, compile_rules
from reengage.engine.match import Finding, Match, Matches
from reengage.engine.news import ActiveRule, good_news, stops_heard
from reengage.engine.now import Now
from reengage.engine.relevance import Relevance
from reengage.gate.admit import Admitted
from reengage.language.tree import Between, Block, Rule, Span
from reengage.model.candidate import Candidate
from reengage.model.signal import Heard
from reengage.model.words import Certainty

Hits = dict[str, frozenset[Target]]
"""What durable-rules found for each signal of one contact, by the signal's key."""


Places = tuple[int, ...]
"""Where on a sheet the facts stand that say something of one signal, or of one person."""


class DurableMatcher:
    """Lets durable-rules test every condition; counts, silences and combinations are put together per contact."""

    name = "durable"

    def __init__(
        self,
        rules: Sequence[ActiveRule],
        start: Callable[[Sequence[dict[str, Any]]], Engine],
        relevance: Relevance | None = None,
    ) -> None:
        self._relevance = relevance or Relevance(rules)
        self._program: Program = compile_rules(rules)
        self._places: dict[tuple[tuple[str, ...], str], list[int]] = {}
        self._engine = start([ruleset.rules for ruleset in self._program.rulesets])

    def begin(self) -> None:
        """Let the engine get ready."""
        self._engine.begin()

    def match(self, page: Sequence[Admitted], now: Now) -> Matches:
        """All matches of this page; raises Crashed where the engine's process died."""
        scenes = [_scene(one.candidate, self._relevance, now) for one in page]
        hits = self._hits(scenes, now)
        return {one.id: frozenset(_judge(one, hits[one.id], now)) for one in scenes}

    def close(self) -> None:
        """End the engine."""
        self._engine.close()

    def _rulesets_of(self, rules: tuple[str, ...], kind: str) -> list[int]:
        """Which rulesets to ask, remembered: most contacts concern the same few rules."""
        if (rules, kind) not in self._places:
            self._places[rules, kind] = self._program.rulesets_of(rules, kind)
        return self._places[rules, kind]

    def _hits(self, scenes: Sequence[_Scene], now: Now) -> dict[int, Hits]:
        sheet = _Sheet(self._program.rulesets, now)
        asked: list[tuple[int, str, Places, Places]] = []
        for one in scenes:
            ids = tuple(active.rule.id for active in one.rules)
            for heard in one.asked(now):
                of_signal = tuple(sheet.of_signal(number, heard) for number in self._rulesets_of(ids, heard.kind))
                of_person = tuple(sheet.of_person(number, one, heard) for number in self._rulesets_of(ids, PEOPLE))
                asked.append((one.id, heard.key, of_signal, of_person))
        fired = self._engine.fire(sheet.facts)
        met: dict[Places, frozenset[Target]] = {}
        for places in {some for *_, of_signal, of_person in asked for some in (of_signal, of_person)}:
            met[places] = self._program.hits(name for place in places for name in fired[place])
        found: dict[int, Hits] = {one.id: {} for one in scenes}
        for contact, key, of_signal, of_person in asked:
            found[contact][key] = met[of_signal] | met[of_person]
        return found


class _Sheet:
    """The facts that durable-rules is asked about for one page, each once.

    What is asked of a signal is the same for everybody whom it concerns, what is asked of a person for all signals
    about one company.
    """

    def __init__(self, rulesets: Sequence[Ruleset], now: Now) -> None:
        self._rulesets, self._now = rulesets, now
        self._places: dict[tuple[int, int, int], int] = {}
        self._kept: list[Heard] = []
        self.facts: list[tuple[int, dict[str, Number]]] = []

    def of_signal(self, number: int, heard: Heard) -> int:
        """The place of the fact of a signal for this ruleset."""
        return self._place(number, (id(heard), 0), heard, heard)

    def of_person(self, number: int, one: _Scene, heard: Heard) -> int:
        """The place of the fact of a person, in the light of the company that a signal is about, for this ruleset."""
        return self._place(number, (one.id, id(heard.account)), Person(one.candidate, heard.account), heard)

    def _place(self, number: int, who: tuple[int, int], subject: Heard | Person, heard: Heard) -> int:
        place = (number, *who)
        if place not in self._places:
            self._kept.append(heard)  # or another signal could come to have its place in memory
            self._places[place] = len(self.facts)
            self.facts.append((number, self._rulesets[number].fact(subject, self._now)))
        return self._places[place]


@dataclass(frozen=True, slots=True)
class _Scene:
    """A contact, the rules that could concern them, and the good news for each."""

    candidate: Candidate
    rules: tuple[ActiveRule, ...]
    news: dict[str, tuple[Heard, ...]]

    @property
    def id(self) -> int:
        return self.candidate.contact.id

    def asked(self, now: Now) -> Iterable[Heard]:
        """Every signal that durable-rules is asked about: all news and, where there is some, what may stop it."""
        found = {heard.key: heard for group in self.news.values() for heard in group}
        if found:
            blocks = (block for active in self.rules for block in active.rule.unless_heard)
            found |= {heard.key: heard for block in blocks for heard in stops_heard(self.candidate, block, now)}
        return found.values()


def _scene(candidate: Candidate, relevance: Relevance, now: Now) -> _Scene:
    """A contact with what could matter of the news: one company may have thousands of signals and of contacts."""
    concerns = relevance.concerns(candidate)
    news = {one.active.rule.id: good_news(candidate, one.active, now, one.heard) for one in concerns}
    return _Scene(candidate, tuple(one.active for one in concerns), news)


def _judge(scene: _Scene, hits: Hits, now: Now) -> Iterable[Match]:
    for active in scene.rules:
        rule, heard = active.rule, scene.news[active.rule.id]
        if not heard:
            continue
        sure = tuple(one for one in heard if one.certainty == Certainty.CONFIRMED)
        used = _combine(rule, sure, hits, scene.candidate)
        if used:
            said = {target.what for target in hits[used[0].key] if target.rule == rule.id}
            said.update(_said_of_heard(rule, scene.candidate, hits, now))
            yield Match(rule.id, _finding(said), used[0].key, tuple(one.key for one in used))
        elif sure != heard and (used := _combine(rule, heard, hits, scene.candidate)):
            yield Match(rule.id, Finding.DOUBTFUL, used[0].key, tuple(one.key for one in used))


def _finding(said: Collection[str]) -> Finding:
    return Finding.STOPPED if "stop" in said else Finding.UNKNOWN if "unsure" in said else Finding.FIRES


def _said_of_heard(rule: Rule, candidate: Candidate, hits: Hits, now: Now) -> Iterable[str]:
    """ "stop" and "unsure" for the signals that the blocks under `unless` look at."""
    for number, block in enumerate(rule.unless_heard):
        for heard in stops_heard(candidate, block, now):
            met, lacks = (_numbers(hits[heard.key], rule.id, f"{what} {number}") for what in ("unless", "unsure"))
            wanted = set(range(-1 if block.within else 0, len(block.lines)))
            if wanted <= met | lacks:
                yield "stop" if wanted <= met and heard.certainty == Certainty.CONFIRMED else "unsure"


def _numbers(hits: Iterable[Target], rule: str, what: str) -> set[int]:
    return {target.number for target in hits if (target.rule, target.what) == (rule, what)}


def _combine(rule: Rule, news: Sequence[Heard], hits: Hits, candidate: Candidate) -> list[Heard] | None:
    choices = [
        _bursts(block, [one for one in news if Target(rule.id, "met", number) in hits[one.key]], candidate)
        for number, block in enumerate(rule.when.blocks)
    ]
    about = Target(rule.id, "who", 0)
    if rule.when.mode != "all":
        firsts = (next((burst for burst in block if about in hits[burst[0].key]), None) for block in choices)
        return max(filter(None, firsts), key=lambda burst: _rank(burst[0]), default=None)
    best: list[list[Heard]] | None = None
    for combination in product(*choices):
        trigger = max((burst[0] for burst in combination), key=_rank)
        fits = about in hits[trigger.key] and _goes_together(combination, rule.when.apart)
        if fits and (best is None or _order(combination) > _order(best)):
            best = list(combination)
    return sorted({one.key: one for burst in best for one in burst}.values(), key=_rank, reverse=True) if best else None


def _goes_together(combination: Sequence[list[Heard]], apart: Span | None) -> bool:
    heads = sorted((burst[0] for burst in combination), key=_rank)
    distinct = len({head.key for head in heads}) == len(heads)
    return distinct and (apart is None or heads[-1].occurred_at <= apart.after(heads[0].occurred_at))


def _order(combination: Sequence[list[Heard]]) -> tuple[tuple[float, int, tuple[int, ...]], ...]:
    """The newest trigger first, then the newest choice for each block in turn."""
    heads = [_rank(burst[0]) for burst in combination]
    return (max(heads), *heads)


def _bursts(block: Block, fit: Sequence[Heard], candidate: Candidate) -> Iterator[list[Heard]]:
    """Each trigger with the older ones that go with it, the newest first; few are ever asked for."""
    counted = block.count is not None or block.after_quiet is not None
    ranked = sorted(fit, key=_rank, reverse=True)
    for place, trigger in enumerate(ranked, start=1):
        burst = [trigger, *(one for one in ranked[place:] if not counted or _in_window(block, one, trigger))]
        if _count_fits(block, len(burst)) and _quiet_before(block, burst, candidate):
            yield burst


def _in_window(block: Block, one: Heard, trigger: Heard) -> bool:
    return block.within is None or trigger.received_at <= block.within.after(one.occurred_at)


def _count_fits(block: Block, size: int) -> bool:
    if not isinstance(block.count, Between):
        return block.count is None or size in block.count.values
    low, high = block.count.at_least, block.count.at_most
    return not (isinstance(low, int) and size < low) and not (isinstance(high, int) and size > high)


def _quiet_before(block: Block, burst: Sequence[Heard], candidate: Candidate) -> bool:
    if block.after_quiet is None:
        return True
    first: datetime = min(one.occurred_at for one in burst)
    topic = str(burst[0].facts.get("topic", "")).casefold().split()
    previous: datetime | None = None
    for one in candidate.heard:
        same = one.kind == block.kind and str(one.facts.get("topic", "")).casefold().split() == topic
        if same and one.occurred_at < first and (previous is None or previous < one.occurred_at):
            previous = one.occurred_at
    low, high = block.after_quiet.at_least, block.after_quiet.at_most
    if previous is None:
        return not isinstance(high, Span)
    if isinstance(low, Span) and first < low.after(previous):
        return False
    return not (isinstance(high, Span) and high.after(previous) < first)


def _rank(heard: Heard) -> tuple[float, int, tuple[int, ...]]:
    """Newer is greater; the key's characters count down, so that ties fall as the plain matcher lets them fall."""
    return (heard.occurred_at.timestamp(), heard.seq, _counted_down(heard.key))


@lru_cache(4096)
def _counted_down(key: str) -> tuple[int, ...]:
    return tuple(-ord(letter) for letter in key) + (1,)


def differences(one: Matches, other: Matches) -> frozenset[int]:
    """The contacts of whom the two matchers do not say the same."""
    return frozenset(contact for contact in one.keys() | other.keys() if one.get(contact) != other.get(contact))
