"""What a rule asks of a signal: that one came, may still wake the contact, says the right thing, came often enough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from reengage.engine.brief import tell
from reengage.engine.condition import Condition, ask_bounds, ask_line, day_when, refused
from reengage.engine.match import newest_first
from reengage.engine.news import ActiveRule, everything_heard, good_news, good_until, may_wake
from reengage.engine.now import Now
from reengage.engine.plain import (
    Answer,
    ask,
    ask_fact,
    ask_heard,
    bursts_of,
    compare_silence,
    silence_before,
)
from reengage.engine.relevance import compare_number
from reengage.language.tree import Between, Block, Line, Span
from reengage.model.candidate import Candidate
from reengage.model.facts import COMPUTED_KINDS
from reengage.model.signal import Heard
from reengage.model.words import Certainty

A_SIGNAL = "a signal"
"""What every block wants first."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One contact before one rule at one moment; `ahead` also looks for the days on which time brings what fails."""

    candidate: Candidate
    active: ActiveRule
    now: Now
    ahead: bool = False

    @property
    def begin(self) -> Now | None:
        """Where looking ahead begins, if it does."""
        return self.now if self.ahead else None

    def ask(self, trigger: Heard | None, line: Line, then: Now | None) -> Answer:
        """Ask a line of the contact, seen from a signal."""
        return ask(line, self.candidate, trigger, then or self.now)

    def ask_fact(self, heard: Heard, line: Line, then: Now | None) -> Answer:
        """Ask a line of a signal."""
        return ask_fact(line, heard, then or self.now)

    def occasions(self, block: Block) -> list[Heard]:
        """The signals that a block may look at, the newest first; a date that is known counts before its time."""
        heard = [one for one in everything_heard(self.candidate, self.active.rule, self.now) if one.kind == block.kind]
        return sorted(heard, key=newest_first) or list(self._awaited(block))

    def _awaited(self, block: Block) -> Iterator[Heard]:
        talk = self.candidate.conversation
        ends = talk.contract_ends if talk and block.kind == "contract_renewal" else None
        if ends is not None and ends >= self.now.today:
            yield Heard(
                seq=0,
                source="contract",
                id=str(ends),
                kind=block.kind,
                occurred_at=self.now.at,
                received_at=self.now.at,
                facts={"date": ends},
            )


def ask_block(section: str, block: Block, heard: Heard | None, scene: Scene) -> Iterator[Condition]:
    """Every condition of one block, asked of one signal, or of none where none came."""
    if heard is None:
        yield _ask_for_one(section, block, scene)
        return
    candidate, now = scene.candidate, scene.now
    met = f"{tell(heard, candidate)}, {now.day_of(heard.occurred_at)}"
    yield Condition(section, block.kind, A_SIGNAL, met, True, block.at)
    yield from _usable(section, block, heard, scene)
    if block.within:
        fresh = block.within.after(heard.occurred_at) >= heard.received_at
        age = Span((heard.received_at - heard.occurred_at).days, "day")
        test = Between(at_most=block.within)
        asked = ask_bounds(section, f"{block.kind}.within", test, str(age), block.at, lambda _: fresh)
        yield replace(asked, wants=f"within: {block.within}", met=f"{age} old when received")
    for line in block.lines:
        yield ask_line(section, block.kind, line, partial(scene.ask_fact, heard), scene.begin)
    yield from _ask_many(section, block, heard, scene)


def _ask_for_one(section: str, block: Block, scene: Scene) -> Condition:
    told, change, on = _missing(block, scene)
    return refused(section, block.kind, A_SIGNAL, told, block.at, change=change, on=on)


def _missing(block: Block, scene: Scene) -> tuple[str, str, date | None]:
    """Why there is no signal, what would have to be, and when it will be."""
    hold, talk = scene.candidate.hold, scene.candidate.conversation
    if block.kind == "snooze_ended":
        if hold.until is None:
            return "no date is on record", "a date to come back were known", None
        return f"{hold.until} lies ahead", "the date of their hold had come", hold.until
    if block.kind == "contract_renewal":
        ended = talk.contract_ends if talk else None
        told = f"their contract ended on {ended}" if ended else "no end of a contract is on record"
        return told, "the end of a contract were known and lay ahead", None
    return "none was heard", f"{block.kind} came{_described(block)}", None


def _described(block: Block) -> str:
    told = ", ".join(map(str, block.lines))
    return f" with {told}" if told else ""


def ask_silence(block: Block, scene: Scene) -> Condition:
    """A signal under `unless`, which is in order where none came."""
    answer = ask_heard(block, scene.candidate, scene.now)
    name, wants = silence_of(block)
    if answer.heard is None or answer.holds is False:
        return Condition("unless", name, wants, "none", True, block.at)
    met = f"{answer.heard.kind} of {scene.now.day_of(answer.heard.occurred_at)}"
    doubt = "" if answer.holds else "is in doubt, and doubt "
    told, holds = f"{name}: {met} {doubt}stops it", False if answer.holds else None
    on = (
        day_when(lambda then: ask_heard(block, scene.candidate, then).holds is False, scene.now)
        if scene.ahead
        else None
    )
    return Condition("unless", name, wants, met, holds, block.at, told, f"no such {block.kind} had come", on)


def silence_of(block: Block) -> tuple[str, str]:
    """What a signal under `unless` is called, and what must not have come."""
    window = f" within {block.within}" if block.within else ""
    return f"unless.{block.kind}", f"{block.kind}{_described(block)}{window}"


def _usable(section: str, block: Block, heard: Heard, scene: Scene) -> Iterator[Condition]:
    """What every signal has to be: only what is not in order is worth a line."""
    candidate, rule, now = scene.candidate, scene.active.rule, scene.now
    stale = good_until(heard, rule, candidate, now)
    since = now.day_of(candidate.hold.since)
    checks = (
        ("not used before", "went into an earlier task", heard.key not in candidate.used),
        ("received", "has not been received", heard.received_at <= now.at),
        ("after the hold began", f"came before the hold of {since}", heard.occurred_at >= candidate.hold.since),
        (f"good for {rule.good_for}", f"went stale on {now.day_of(stale)}", now.at <= stale),
        ("arrived after the rule", "is older than this version of the rule", _is_new(heard, scene.active)),
        ("what the contact named", f"they named {', '.join(candidate.hold.wake_on)}", may_wake(heard, candidate)),
    )
    for wants, met, holds in checks:
        if not holds:
            another = "another date" if block.kind in COMPUTED_KINDS else f"another {block.kind}"
            yield refused(section, block.kind, wants, met, block.at, change=f"{another} came")
    if heard.certainty is not Certainty.CONFIRMED:
        met, change = f"is only {heard.certainty}", f"the {block.kind} were confirmed"
        yield refused(section, block.kind, "certain", met, block.at, change=change)


def _is_new(heard: Heard, active: ActiveRule) -> bool:
    if heard.kind in COMPUTED_KINDS:
        return active.since is None or heard.received_at > active.since
    return heard.seq > active.since_seq


def _ask_many(section: str, block: Block, heard: Heard, scene: Scene) -> Iterator[Condition]:
    """How many there were, and how long it had been quiet before: asked of the signals that go with this one."""
    if block.count is None and block.after_quiet is None:
        return
    news = good_news(scene.candidate, scene.active, scene.now)
    sure = [one for one in news if one.certainty is Certainty.CONFIRMED]
    burst = _own(list(bursts_of(block, sure, scene.now)), heard)
    if block.count:
        name = f"{block.kind}.count"
        yield ask_bounds(section, name, block.count, str(len(burst)), block.at, partial(compare_number, len(burst)))
    if block.after_quiet and burst:
        first, previous = silence_before(scene.candidate, burst)
        met = str(Span((first - previous).days, "day")) if previous else "never heard before"
        quiet = partial(compare_silence, scene.candidate, burst)
        yield ask_bounds(section, f"{block.kind}.after_quiet", block.after_quiet, met, block.at, quiet)


def _own(bursts: Sequence[tuple[Heard, ...]], heard: Heard) -> tuple[Heard, ...]:
    """The burst that this signal leads, else the largest."""
    led = next((burst for burst in bursts if burst[0].key == heard.key), None)
    return led or max(bursts, key=len, default=())
