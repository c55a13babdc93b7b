"""The reference matcher: interprets the rule tree over the typed values, one contact after another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from heapq import merge

from reengage.engine.match import Finding, Match, Matches, newest_first
from reengage.engine.news import ActiveRule, good_news, stops_heard
from reengage.engine.now import Now
from reengage.engine.relevance import Relevance, compare_number
from reengage.engine.tasks import open_tasks
from reengage.gate.admit import Admitted
from reengage.language.tree import Between, Block, Is, Line, Rule, Scalar, Span, Test, Who
from reengage.language.values import fold_text
from reengage.model.candidate import Candidate
from reengage.model.facts import Fact, FactType
from reengage.model.signal import Heard
from reengage.model.words import AccountStatus, Certainty

Never = float("-inf")
"""The value of something that has not happened: long enough ago for any `at_least`."""


class PlainMatcher:
    """Says what each rule has to say of each contact."""

    name = "plain"

    def __init__(self, rules: Sequence[ActiveRule], relevance: Relevance | None = None) -> None:
        self._relevance = relevance or Relevance(rules)

    def match(self, page: Sequence[Admitted], now: Now) -> Matches:
        """All matches of this page, at this moment."""
        fitting = _Fitting(now)
        return {one.candidate.contact.id: self._judge(one.candidate, fitting, now) for one in page}

    def _judge(self, candidate: Candidate, fitting: _Fitting, now: Now) -> frozenset[Match]:
        rules = (concern.active for concern in self._relevance.concerns(candidate))
        found = (judge(candidate, active, now, fitting.among(candidate, active.rule)) for active in rules)
        return frozenset(match for match in found if match is not None)


class _Fitting:
    """Finds the signals that satisfy any block of a rule by themselves: those of a company once for all its people."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._known: dict[str, dict[int, Heard | None]] = defaultdict(dict)
        self._kept: list[Heard] = []

    def among(self, candidate: Candidate, rule: Rule) -> list[Heard]:
        """Those of this contact, in order of arrival."""
        known = self._known[rule.id]
        asked = (known[id(heard)] if id(heard) in known else self._ask(rule, heard, known) for heard in candidate.heard)
        return [heard for heard in asked if heard is not None]

    def _ask(self, rule: Rule, heard: Heard, known: dict[int, Heard | None]) -> Heard | None:
        self._kept.append(heard)  # or another signal could come to have its place in memory
        known[id(heard)] = heard if any(fits(block, heard, self._now) for block in rule.when.blocks) else None
        return known[id(heard)]


def judge(candidate: Candidate, active: ActiveRule, now: Now, stored: Sequence[Heard] | None = None) -> Match | None:
    """What one rule has to say of one contact; doubtful signals count only where no confirmed one does.

    `stored` are those of the contact's signals that could matter to the rule, where that has been found out.
    """
    news = good_news(candidate, active, now, stored)
    if not news:
        return None
    sure = [heard for heard in news if heard.certainty is Certainty.CONFIRMED]
    used = _when(candidate, active.rule, sure, now)
    if used is not None:
        return _match(active.rule, _finding(candidate, active.rule, used[0], now), used)
    if len(sure) < len(news):
        used = _when(candidate, active.rule, news, now)
        if used is not None:
            return _match(active.rule, Finding.DOUBTFUL, used)
    return None


def _match(rule: Rule, finding: Finding, used: Sequence[Heard]) -> Match:
    return Match(rule.id, finding, used[0].key, tuple(heard.key for heard in used))


def _finding(candidate: Candidate, rule: Rule, trigger: Heard, now: Now) -> Finding:
    holds = [ask(line, candidate, trigger, now).holds for line in rule.unless]
    holds += [ask_heard(block, candidate, now).holds for block in rule.unless_heard]
    if any(holds):
        return Finding.STOPPED
    return Finding.UNKNOWN if None in holds else Finding.FIRES


def _when(candidate: Candidate, rule: Rule, news: Sequence[Heard], now: Now) -> tuple[Heard, ...] | None:
    """The signals that satisfy `when` for someone whom `who` describes, the trigger first."""
    options = [_options(candidate, block, news, now) for block in rule.when.blocks]
    if rule.when.mode == "all":
        return _together(candidate, rule, [list(block) for block in options], now)
    ready = merge(*options, key=lambda used: newest_first(used[0]))
    return next((used for used in ready if is_about(rule.who, candidate, used[0], now)), None)


def _together(
    candidate: Candidate, rule: Rule, options: Sequence[Sequence[tuple[Heard, ...]]], now: Now
) -> tuple[Heard, ...] | None:
    triggers = sorted({used[0].key: used[0] for block in options for used in block}.values(), key=newest_first)
    for trigger in triggers:
        if is_about(rule.who, candidate, trigger, now):
            chosen = _choose(options, trigger, rule.when.apart, ())
            if chosen is not None:
                merged = {heard.key: heard for used in chosen for heard in used}
                return tuple(sorted(merged.values(), key=newest_first))
    return None


def _choose(
    options: Sequence[Sequence[tuple[Heard, ...]]], trigger: Heard, apart: Span | None, heads: tuple[str, ...]
) -> tuple[tuple[Heard, ...], ...] | None:
    """One option a block, each led by another signal, the trigger among them and none newer or too far before."""
    if not options:
        return () if trigger.key in heads else None
    for used in options[0]:
        head = used[0]
        in_reach = apart is None or apart.after(head.occurred_at) >= trigger.occurred_at
        if head.key not in heads and newest_first(head) >= newest_first(trigger) and in_reach:
            rest = _choose(options[1:], trigger, apart, (*heads, head.key))
            if rest is not None:
                return (used, *rest)
    return None


def _options(candidate: Candidate, block: Block, news: Sequence[Heard], now: Now) -> Iterator[tuple[Heard, ...]]:
    """Every way this block can be satisfied, newest trigger first: the trigger, then what it was counted with."""
    for burst in bursts_of(block, news, now):
        counts = block.count is None or compare_number(len(burst), block.count)
        if counts and (block.after_quiet is None or compare_silence(candidate, burst, block.after_quiet)):
            yield burst


def bursts_of(block: Block, news: Sequence[Heard], now: Now) -> Iterator[tuple[Heard, ...]]:
    """For every signal that satisfies the block's own lines, the newest first: it, and the older ones with it.

    One company may have thousands of signals: most of the time nobody asks further than the first burst.
    """
    fit = sorted((heard for heard in news if fits(block, heard, now)), key=newest_first)
    return (_burst(block, fit[place:]) for place in range(len(fit)))


def _burst(block: Block, fit: Sequence[Heard]) -> tuple[Heard, ...]:
    """The first as trigger, and the others as far as they go with it: inside the window where they are counted."""
    window = block.within if block.count or block.after_quiet else None
    if window is None:
        return tuple(fit)
    return tuple(heard for heard in fit if window.after(heard.occurred_at) >= fit[0].received_at)


def compare_silence(candidate: Candidate, burst: Sequence[Heard], bounds: Between) -> bool:
    """Whether the silence on this topic before the burst lies within bounds."""
    first, previous = silence_before(candidate, burst)
    return compare_age(previous, first, bounds)


def silence_before(candidate: Candidate, burst: Sequence[Heard]) -> tuple[datetime, datetime | None]:
    """When the burst began, and when the topic was heard of last before it, if ever."""
    first = min(heard.occurred_at for heard in burst)
    topic = _text(burst[0].facts.get("topic"))
    earlier = [
        heard.occurred_at
        for heard in candidate.heard
        if heard.kind == burst[0].kind and _text(heard.facts.get("topic")) == topic and heard.occurred_at < first
    ]
    return first, max(earlier, default=None)


def fits(block: Block, heard: Heard, now: Now) -> bool:
    """Whether this signal satisfies the block's kind, freshness and facts."""
    if heard.kind != block.kind or (block.within and block.within.after(heard.occurred_at) < heard.received_at):
        return False
    return all(ask_fact(line, heard, now).holds for line in block.lines)


def is_about(who: Who, candidate: Candidate, trigger: Heard, now: Now) -> bool:
    """Whether `who` describes this contact, seen from this signal."""
    if not all(ask(line, candidate, trigger, now).holds for line in who.lines):
        return False
    return not who.any or any(is_about(part, candidate, trigger, now) for part in who.any)


@dataclass(frozen=True, slots=True)
class Answer:
    """One condition, the value it met, and whether it holds; None is unknown."""

    line: Line
    value: str
    holds: bool | None


def ask(line: Line, candidate: Candidate, trigger: Heard | None, now: Now) -> Answer:
    """Ask a `who` or `unless` line of a contact."""
    read = CONTACT_VALUES.get(line.name)
    value = read(candidate, trigger, now) if read else _own_field(line.name, candidate, now)
    return _answer(line, line.fact, value, now)


def ask_fact(line: Line, heard: Heard, now: Now) -> Answer:
    """Ask a line of a signal block."""
    value = heard.facts.get("date") if line.name == "due_in" else heard.facts.get(line.name)
    return _answer(line, line.fact, value, now)


@dataclass(frozen=True, slots=True)
class HeardAnswer:
    """Whether a signal that fits a block under `unless` has come, and the one that decides it; None is unknown."""

    block: Block
    heard: Heard | None
    holds: bool | None


def ask_heard(block: Block, candidate: Candidate, now: Now) -> HeardAnswer:
    """Ask a block under `unless`: one that may fit but is doubtful, or lacks a fact, leaves it unknown."""
    doubtful: Heard | None = None
    for heard in sorted(stops_heard(candidate, block, now), key=newest_first):
        if block.within and block.within.after(heard.occurred_at) < now.at:
            continue
        holds = [ask_fact(line, heard, now).holds for line in block.lines]
        if all(holds) and heard.certainty is Certainty.CONFIRMED:
            return HeardAnswer(block, heard, True)
        if False not in holds:
            doubtful = doubtful or heard
    return HeardAnswer(block, doubtful, None if doubtful else False)


Value = str | int | float | bool | date | datetime | None


def _answer(line: Line, spec: Fact, value: Value, now: Now) -> Answer:
    if value is None or value == "":
        return Answer(line, "unknown", None)
    if value == Never:
        return Answer(line, "never", isinstance(line.test, Between) and line.test.at_most is None)
    shown, holds = _compare(spec, value, line.test, now)
    return Answer(line, shown, holds)


def _compare(spec: Fact, value: Value, test: Test, now: Now) -> tuple[str, bool]:
    if isinstance(value, datetime) and isinstance(test, Between):
        return str(Span((now.at - value).days, "day")), compare_age(value, now.at, test)
    if isinstance(value, date) and spec.type is FactType.DURATION and isinstance(test, Between):
        return str(Span((value - now.today).days, "day")), _compare_due(value, now.today, test)
    if isinstance(test, Is):
        told = fold_text(str(value)) if not isinstance(value, bool | int | float) else value
        return _shown(value), told in _wanted(test.values)
    return str(value), isinstance(value, int | float) and compare_number(value, test)


@lru_cache(4096)
def _wanted(values: tuple[Scalar, ...]) -> frozenset[Scalar]:
    """The values that a line names, texts folded; 1 and true are one and the same to Python, also where it compares."""
    return frozenset(fold_text(value) if isinstance(value, str) else value for value in values)


def _shown(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def compare_age(then: datetime | None, at: datetime, bounds: Between) -> bool:
    """Whether the time from `then` to `at` lies within bounds; None is longer ago than anything."""
    low, high = bounds.at_least, bounds.at_most
    if then is None:
        return not isinstance(high, Span)
    return not (isinstance(low, Span) and low.after(then) > at) and not (
        isinstance(high, Span) and high.after(then) < at
    )


def _compare_due(day: date, today: date, bounds: Between) -> bool:
    low, high = bounds.at_least, bounds.at_most
    return not (isinstance(low, Span) and low.before_day(day) < today) and not (
        isinstance(high, Span) and high.before_day(day) > today
    )


def _text(value: object) -> str | None:
    return fold_text(value) if isinstance(value, str) else None


def _account_status(candidate: Candidate, trigger: Heard | None, now: Now) -> Value:
    account = trigger.account if trigger and trigger.account else candidate.account
    return None if account is None or account.status is AccountStatus.UNKNOWN else account.status.value


def _account_name(candidate: Candidate, trigger: Heard | None, now: Now) -> Value:
    account = trigger.account if trigger and trigger.account else candidate.account
    return account.name if account else None


def _last_contacted(candidate: Candidate, trigger: Heard | None, now: Now) -> Value:
    return candidate.last_contacted or Never


def _open_task(candidate: Candidate, trigger: Heard | None, now: Now) -> Value:
    opened = [task.created_at for task in open_tasks(candidate, now)]
    return max(opened, default=Never)


def _territory(candidate: Candidate, trigger: Heard | None, now: Now) -> Value:
    owner = candidate.owners.get(candidate.contact.owner_email or "")
    return owner.territory if owner else None


def _own_field(name: str, candidate: Candidate, now: Now) -> Value:
    """A field of the project's own; a date is the beginning of that day, and unknown while it lies ahead."""
    value = candidate.contact.own_fields.get(name)
    if not isinstance(value, date):
        return value
    begins = now.start_of(value)
    return begins if begins <= now.at else None


def _employed(name: str) -> Callable[[Candidate, Heard | None, Now], Value]:
    return lambda candidate, trigger, now: getattr(candidate.employment, name, None)


CONTACT_VALUES: dict[str, Callable[[Candidate, Heard | None, Now], Value]] = {
    "said": lambda candidate, trigger, now: candidate.hold.response.value,
    "category": lambda candidate, trigger, now: candidate.hold.category and candidate.hold.category.value,
    "held": lambda candidate, trigger, now: candidate.hold.kind.value,
    "held_for": lambda candidate, trigger, now: candidate.hold.since,
    "promised": lambda candidate, trigger, now: candidate.hold.promised,
    "title": _employed("title"),
    "seniority": _employed("seniority"),
    "department": _employed("department"),
    "account": _account_name,
    "account_status": _account_status,
    "owner": lambda candidate, trigger, now: candidate.contact.owner_email,
    "territory": _territory,
    "country": lambda candidate, trigger, now: candidate.contact.country,
    "last_contacted": _last_contacted,
    "open_task": _open_task,
}
"""How each field a rule may ask about is read off a contact."""
