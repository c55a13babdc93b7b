"""What every noun has in common."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict

Moment = AwareDatetime
"""A point in time that knows its offset; a naive datetime is refused."""


class Noun(BaseModel):
    """A frozen value that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC; raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs an offset, for example 2026-10-01T09:00:00Z")
    return moment.astimezone(UTC)
