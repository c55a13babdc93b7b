"""What a matcher answers, in a form that two of them can be compared by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from reengage.engine.now import Now
from reengage.gate.admit import Admitted
from reengage.model.signal import Heard


class Finding(StrEnum):
    """How a rule stands to a contact; a rule that says nothing has no match at all."""

    FIRES = "fires"
    STOPPED = "stopped"
    UNKNOWN = "unknown"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Match:
    """One rule that has something to say of one contact: the signals it used, the newest first, and how it stands."""

    rule: str
    finding: Finding
    trigger: str
    evidence: tuple[str, ...]


Matches = Mapping[int, frozenset[Match]]
"""By contact id."""


class Matcher(Protocol):
    """Judges pages of admitted contacts against the rules it was made with."""

    name: str

    def match(self, page: Sequence[Admitted], now: Now) -> Matches:
        """All matches of this page, at this moment."""
        ...


def newest_first(heard: Heard) -> tuple[float, int, str]:
    """Sort key: what occurred last comes first, then what arrived last."""
    return (-heard.occurred_at.timestamp(), -heard.seq, heard.key)
