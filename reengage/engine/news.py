"""Which signals may still lead a rule to a task: not used, not before the hold, not stale, not older than the rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from reengage.engine.now import Now
from reengage.language.tree import Between, Block, Rule, Span
from reengage.language.values import fold_text
from reengage.model.candidate import Candidate
from reengage.model.facts import COMPUTED_KINDS
from reengage.model.signal import FactValue, Heard

GRACE_AFTER_PROMISE = timedelta(days=30)
"""How long a signal that waited for a promised date stays good after it (design decision 4)."""


@dataclass(frozen=True, slots=True)
class ActiveRule:
    """A rule and where its view begins: it judges signals that arrived after `since_seq`, dates after `since`."""

    rule: Rule
    since_seq: int = 0
    since: datetime | None = None


def good_news(
    candidate: Candidate, active: ActiveRule, now: Now, stored: Iterable[Heard] | None = None
) -> tuple[Heard, ...]:
    """The signals of this contact that this rule may still act on, in order of arrival.

    `stored` are those of the stored ones that could matter to it, where that has been found out.
    """
    rule, hold = active.rule, candidate.hold
    return tuple(
        heard
        for heard in everything_heard(candidate, rule, now, stored)
        if heard.key not in candidate.used
        and hold.since <= heard.occurred_at
        and heard.received_at <= now.at <= good_until(heard, rule, candidate, now)
        and _after_start(heard, active)
        and may_wake(heard, candidate)
    )


def everything_heard(
    candidate: Candidate, rule: Rule, now: Now, stored: Iterable[Heard] | None = None
) -> Iterator[Heard]:
    """Stored signals of the kinds this rule names (or some of them), and the dates that follow from hold and talk."""
    kinds = rule.when.kinds
    for heard in candidate.heard if stored is None else stored:
        if heard.kind in kinds and heard.kind not in COMPUTED_KINDS:
            yield heard
    yield from dates_heard(candidate, rule, now)


def dates_heard(candidate: Candidate, rule: Rule, now: Now) -> Iterator[Heard]:
    """The dates of hold and conversation that this rule names and that have come."""
    kinds = rule.when.kinds
    if "snooze_ended" in kinds:
        yield from _snooze_ended(candidate, now)
    if "contract_renewal" in kinds:
        yield from _contract_renewal(candidate, rule, now)


def stops_heard(candidate: Candidate, block: Block, now: Now) -> Iterator[Heard]:
    """The signals that a block under `unless` looks at, used ones and those from before the hold among them."""
    yield from (heard for heard in candidate.heard if heard.kind == block.kind and heard.kind not in COMPUTED_KINDS)
    hold, talk = candidate.hold, candidate.conversation
    if block.kind == "snooze_ended" and hold.until and hold.until <= now.today:
        yield _computed("snooze_ended", f"unless/{hold.until}", hold.since, {"date": hold.until})
    if block.kind == "contract_renewal" and talk and talk.contract_ends and talk.contract_ends >= now.today:
        yield _computed("contract_renewal", f"unless/{talk.contract_ends}", hold.since, {"date": talk.contract_ends})


def good_until(heard: Heard, rule: Rule, candidate: Candidate, now: Now) -> datetime:
    """When this signal goes stale for this rule."""
    stale = rule.good_for.after(heard.received_at)
    hold = candidate.hold
    if hold.promised and hold.until and heard.received_at < now.start_of(hold.until):
        return max(stale, now.start_of(hold.until) + GRACE_AFTER_PROMISE)
    return stale


def window_opens(block: Block) -> Span | None:
    """How long before its date a computed signal enters this block's `due_in` window."""
    for line in block.lines:
        if line.name == "due_in" and isinstance(line.test, Between) and isinstance(line.test.at_most, Span):
            return line.test.at_most
    return None


def _after_start(heard: Heard, active: ActiveRule) -> bool:
    if heard.kind in COMPUTED_KINDS:
        return active.since is None or heard.received_at > active.since
    return heard.seq > active.since_seq


def may_wake(heard: Heard, candidate: Candidate) -> bool:
    """Whether the contact, who may have named what to come back for, would have this signal wake them."""
    wake_on = candidate.hold.wake_on
    if not wake_on or (heard.kind == "snooze_ended" and candidate.hold.promised):
        return True
    words = {heard.kind, *(fold_text(value) for value in heard.facts.values() if isinstance(value, str))}
    return any(fold_text(word) in words for word in wake_on)


def _snooze_ended(candidate: Candidate, now: Now) -> Iterator[Heard]:
    until = candidate.hold.until
    if until is None or until > now.today:
        return
    day = now.start_of(until)
    yield _computed("snooze_ended", f"hold/{until}", max(day, candidate.hold.since), {"date": until})


def _contract_renewal(candidate: Candidate, rule: Rule, now: Now) -> Iterator[Heard]:
    talk = candidate.conversation
    if talk is None or talk.contract_ends is None or talk.contract_ends < now.today:
        return
    ends = talk.contract_ends
    day = min(contract_days(candidate, rule, ends, now))
    if day <= now.at:
        yield _computed("contract_renewal", f"contract/{ends}", day, {"date": ends})


def contract_days(candidate: Candidate, rule: Rule, ends: date, now: Now) -> list[datetime]:
    """When a contract that ends on this day becomes news to each block of the rule that asks about it."""
    since = candidate.hold.since
    spans = [window_opens(block) for block in rule.when.blocks if block.kind == "contract_renewal"]
    return [max(since, now.start_of(span.before_day(ends))) if span else since for span in spans]


def _computed(kind: str, key: str, day: datetime, facts: dict[str, FactValue]) -> Heard:
    source, _, id = key.partition("/")
    return Heard(seq=0, source=source, id=id, kind=kind, occurred_at=day, received_at=day, facts=facts)
