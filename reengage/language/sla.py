"""How soon an answer is owed, as `rules/responses.yaml` writes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from reengage.language.diagnostic import quoted
from reengage.language.values import NotUnderstood

AT_ONCE = timedelta(minutes=15)
"""What `immediate` gives a person, in business hours; our choice. What the machine does, it does in the same moment."""

MOST_HOURS = 80
"""The longest SLA: two weeks of eight hours; our choice."""

_HOURS = re.compile(r"([1-9][0-9]{0,2}) business hours?")


@dataclass(frozen=True, slots=True)
class Sla:
    """How much business time there is, as it is written; None where nothing is left for a person to do."""

    text: str
    within: timedelta | None

    def __str__(self) -> str:
        """As it is written."""
        return self.text


IMMEDIATE = Sla("immediate", AT_ONCE)
REAL_TIME = Sla("real_time", None)


def read_sla(text: str) -> Sla:
    """`immediate`, `real_time` or `4 business hours`; raises NotUnderstood."""
    for known in (IMMEDIATE, REAL_TIME):
        if text == known.text:
            return known
    written = _HOURS.fullmatch(text)
    if written is None:
        raise NotUnderstood(
            f"{quoted(text)} is no time to answer in", help='write immediate, real_time, or as in "4 business hours"'
        )
    hours = int(written[1])
    if hours > MOST_HOURS:
        raise NotUnderstood(f"{quoted(text)} is too long", help=f"at most {MOST_HOURS} business hours")
    return Sla(text, timedelta(hours=hours))
