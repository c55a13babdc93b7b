"""What `[replies]` in `reengage.toml` sets: when we work, what our footers say, what marketing leads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from reengage.engine.hours import CLOSES, OPENS, read_hours
from reengage.intake.verdict import ACT_FROM
from reengage.language.values import fold_text
from reengage.model.errors import ReengageError

KEYS = (
    *("business_hours", "footers", "preference_centre", "marketing_campaigns", "fiscal_year_starts"),
    "act_from",
)
FILE = "reengage.toml"


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """How this project answers: business hours where a rep has none, our own footers, the link to the preference
    centre and the campaigns in which it may be offered, the month in which our year begins, and the certainty from
    which on a reading counts without being asked about."""

    opens: time = OPENS
    closes: time = CLOSES
    footers: tuple[str, ...] = ()
    preference_centre: str = ""
    marketing_campaigns: tuple[str, ...] = ()
    fiscal_year_starts: int = 1
    act_from: float = ACT_FROM

    def is_marketing(self, campaign: str | None) -> bool:
        """Whether marketing leads this campaign."""
        return campaign is not None and fold_text(campaign) in {fold_text(one) for one in self.marketing_campaigns}


def read_settings(raw: Mapping[str, Any]) -> DeskSettings:
    """The settings under `[replies]`; raises ReengageError naming what does not fit."""
    opens, closes = _hours(raw.get("business_hours"))
    return DeskSettings(
        opens=opens,
        closes=closes,
        footers=_texts(raw, "footers"),
        preference_centre=_link(raw.get("preference_centre", "")),
        marketing_campaigns=_texts(raw, "marketing_campaigns"),
        fiscal_year_starts=_month(raw.get("fiscal_year_starts", 1)),
        act_from=_share(raw.get("act_from", ACT_FROM)),
    )


def _hours(value: Any) -> tuple[time, time]:
    if value is None:
        return OPENS, CLOSES
    try:
        return read_hours(str(value))
    except ValueError as error:
        raise _wrong("business_hours", str(error)) from error


def _texts(raw: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = raw.get(key, [])
    if isinstance(value, list) and all(isinstance(one, str) and one.strip() for one in value):
        return tuple(value)
    raise _wrong(key, 'write a list of texts, for example ["Unsubscribe from our mails"]')


def _link(value: Any) -> str:
    if value == "" or (isinstance(value, str) and re.fullmatch(r"https://[^\s\"<>]{1,2000}", value)):
        return str(value)
    raise _wrong("preference_centre", "write the whole address, beginning with https://")


def _month(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 12:
        return value
    raise _wrong("fiscal_year_starts", "write the number of a month, 1 to 12")


def _share(value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0.5 <= value <= 1:
        return float(value)
    raise _wrong("act_from", "write a number from 0.5 to 1")


def _wrong(key: str, advice: str) -> ReengageError:
    return ReengageError(f'[replies] "{key}" does not fit', where=FILE, help=advice)
