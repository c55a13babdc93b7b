"""Everything that a report says, as plain figures; nobody who was contacted is named or quoted in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from reengage.app.comparing import Comparison
from reengage.app.shares import Share
from reengage.store.activities import Done
from reengage.store.learning import By
from reengage.store.reengaged import Spread


@dataclass(frozen=True, slots=True)
class Bar:
    """How often something was said."""

    name: str
    share: Share


@dataclass(frozen=True, slots=True)
class Group:
    """What was said under one heading; `positive` beside the share of all is where it stands out, for sure."""

    name: str
    conversations: int
    answers: int
    noes: int
    categories: tuple[Bar, ...]
    positive: Share
    stops: Share
    harsh: int
    stands_out: Literal["above", "below"] | None


@dataclass(frozen=True, slots=True)
class Rule:
    """What became of the tasks of a rule: `done` of those handed over, `led_on` of those done, stops of all made."""

    rule: str
    made: int
    handed_over: int
    done: Share
    conversations: int
    meetings: int
    led_on: Share
    stops: int


@dataclass(frozen=True, slots=True)
class Turned:
    """People who said no, the share who turned later, and of those the share who took many follow-ups."""

    turned: Share
    many_follow_ups: Share


@dataclass(frozen=True, slots=True)
class Stops:
    """The stops: their share of the answers, how soon they closed people, how many were said again."""

    share: Share
    took: Spread
    late: int
    repeated: Share


@dataclass(frozen=True, slots=True)
class Owed:
    """What was owed for answers: met of all that came due, the counts by what became of it, time to acknowledge."""

    met: Share
    counts: dict[str, int]
    took: Spread


@dataclass(frozen=True, slots=True)
class Work:
    """What reps did, by week, and what came of it, as far as their activities are known."""

    weeks: tuple[Done, ...]
    complaints: Share
    unsubscribes: Share
    conversations_per_dial: Share
    answers_per_email: Share


@dataclass(frozen=True, slots=True)
class Learned:
    """A report on a period; `to_review` counts what is tagged for a second look, `benchmarks` what others say."""

    at: datetime
    first: date | None
    last: date
    rep: str | None
    conversations: int
    automatic: int
    answers: int
    noes: int
    positive: Share
    categories: tuple[Bar, ...]
    responses: tuple[Bar, ...]
    to_review: dict[str, int]
    stops: Stops
    benchmarks: tuple[Comparison, ...]
    by: By | None
    groups: tuple[Group, ...]
    rules: tuple[Rule, ...]
    first_noes: Turned
    not_now: Turned
    owed: Owed
    work: Work

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to learn from."""
        return not (self.conversations or self.rules or self.work.weeks)
