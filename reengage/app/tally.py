"""What a run came to, counted as its decisions pass by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from reengage.model.decision import Decision, Task
from reengage.model.words import Outcome


@dataclass(slots=True)
class Tally:
    """Counts of outcomes, an example of each, and the first decisions and tasks: at most `most`, or all."""

    most: int | None = None
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    examples: dict[Outcome, Decision] = field(default_factory=dict)
    empty: Counter[str | None] = field(default_factory=Counter)
    decisions: list[Decision] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)

    def add(self, decisions: Iterable[Decision]) -> None:
        """Count these too."""
        for one in decisions:
            self.outcomes[one.outcome] += 1
            self.examples.setdefault(one.outcome, one)
            if one.outcome is Outcome.UNKNOWN:
                self.empty[one.rule] += 1
            if self.most is None or len(self.decisions) < self.most:
                self.decisions.append(one)
            if one.task and (self.most is None or len(self.tasks) < self.most):
                self.tasks.append(one.task)
