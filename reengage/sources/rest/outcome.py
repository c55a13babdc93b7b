"""How a pull ended, and the exception that ends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self


class State(StrEnum):
    """What the caller does about the end of a pull."""

    DONE = "done"
    """Every page was given: the cursor may move."""
    LATER = "later"
    """The vendor wants us to wait: not again before `not_before`."""
    REFUSED = "refused"
    """The vendor does not let us in: a human must look."""
    FAILED = "failed"
    """Something broke: the next pull may work."""
    UNFINISHED = "unfinished"
    """The pull stopped on our side, with pages left."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a pull: `reason` is one sentence without secrets, `not_before` a moment in UTC where it is LATER."""

    state: State
    reason: str = ""
    not_before: datetime | None = None


class Stopped(Exception):
    """A pull that cannot go on, and its outcome."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome

    @classmethod
    def failed(cls, reason: str) -> Self:
        """The end of a pull that broke."""
        return cls(Outcome(State.FAILED, reason))


class Passing(Stopped):
    """A failure that may be over in a second."""
