"""A rule as the engine reads it: typed, ordered, with the place where each line was written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from dateutil.relativedelta import relativedelta

from reengage.model.facts import Fact
from reengage.model.words import Priority

Unit = Literal["day", "week", "month", "year", "business day"]
Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a file; line and column start at 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Span:
    """A duration as written: `14 days`, `3 months` (calendar months), `2 business days`."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'' if self.count == 1 else 's'}"

    @property
    def delta(self) -> timedelta | relativedelta:
        """The span as a difference; raises ValueError for business days."""
        return _delta_of(self.count, self.unit)

    def after(self, moment: datetime) -> datetime:
        """The moment this much later; raises ValueError for business days."""
        return moment + self.delta

    def before_day(self, day: date) -> date:
        """The day this much earlier; raises ValueError for business days."""
        return day - self.delta


@lru_cache(512)
def _delta_of(count: int, unit: Unit) -> timedelta | relativedelta:
    if unit == "business day":
        raise ValueError("business days need a calendar")
    if unit in ("day", "week"):
        return timedelta(days=count * (7 if unit == "week" else 1))
    return relativedelta(months=count * (12 if unit == "year" else 1))


@dataclass(frozen=True, slots=True)
class Is:
    """The value is one of these."""

    values: tuple[Scalar, ...]

    def __str__(self) -> str:
        return " or ".join(str(value).lower() if isinstance(value, bool) else str(value) for value in self.values)


@dataclass(frozen=True, slots=True)
class Between:
    """The value lies within these bounds, both included; None leaves a side open."""

    at_least: int | float | Span | None = None
    at_most: int | float | Span | None = None

    def __str__(self) -> str:
        parts = (("at least", self.at_least), ("at most", self.at_most))
        return " and ".join(f"{word} {bound}" for word, bound in parts if bound is not None)


Test = Is | Between


@dataclass(frozen=True, slots=True)
class Line:
    """One condition: what it asks about, and what its value must be."""

    fact: Fact
    test: Test
    at: Position

    @property
    def name(self) -> str:
        """The name of what it asks about."""
        return self.fact.name

    def __str__(self) -> str:
        return f"{self.name}: {self.test}"


@dataclass(frozen=True, slots=True)
class Who:
    """All `lines` hold; where `any` has alternatives, at least one of them holds too."""

    lines: tuple[Line, ...] = ()
    any: tuple[Who, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """What one signal must be, and how many of them how soon after how long a silence."""

    kind: str
    at: Position
    lines: tuple[Line, ...] = ()
    within: Span | None = None
    count: Between | None = None
    after_quiet: Between | None = None


@dataclass(frozen=True, slots=True)
class When:
    """`one` block, `any` of several, or `all` of them, the signals at most `apart`; `kinds` are those of the blocks."""

    mode: Literal["one", "any", "all"]
    blocks: tuple[Block, ...]
    apart: Span | None = None
    kinds: frozenset[str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kinds", frozenset(block.kind for block in self.blocks))


@dataclass(frozen=True, slots=True)
class Then:
    """The task to create; texts hold `{group.name}` placeholders that were checked at load."""

    subject: str
    note: str = "{conversation.recap}"
    priority: Priority = Priority.NORMAL
    channel: str = "other_than_last"
    owner: str = "conversation_rep"
    due: Span = Span(2, "business day")
    bring: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `revision` is the hash of its meaning, `order` its place in the project.

    Any line of `unless` stops it, and any signal that fits a block of `unless_heard`.
    """

    id: str
    at: Position
    when: When
    then: Then
    who: Who = Who()
    unless: tuple[Line, ...] = ()
    unless_heard: tuple[Block, ...] = ()
    title: str = ""
    description: str = ""
    cooldown: Span = Span(90, "day")
    good_for: Span = Span(90, "day")
    before_promise: bool = False
    formerly: tuple[str, ...] = ()
    enabled: bool = True
    order: int = 0
    revision: str = field(default="", compare=False)

    @property
    def ids(self) -> frozenset[str]:
        """This rule's id and every id it had before."""
        return frozenset((self.id, *self.formerly))
