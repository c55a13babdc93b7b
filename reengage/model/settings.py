"""What a project sets in `reengage.toml`, with its defaults."""

from __future__ import annotations

from pydantic import Field

from reengage.model.base import Noun
from reengage.model.facts import Fact
from reengage.model.words import AccountStatus

MOST = 1_000_000
"""The largest cap; our choice: more is none."""

LONGEST_COOLDOWN = 7_300
"""Days in 20 years, the longest duration that a rule may state too."""


class Caps(Noun):
    """How much a book, a company, a rep and a contact may be asked to bear; above `max_tasks` a run writes nothing."""

    open_tasks_per_account: int = Field(default=3, ge=1, le=MOST)
    new_tasks_per_owner_per_day: int = Field(default=25, ge=1, le=MOST)
    email_touches: int = Field(default=3, ge=0, le=MOST)
    reps_per_week: int = Field(default=3, ge=2, le=MOST)
    max_tasks: int = Field(default=500, ge=1, le=MOST)


class Settings(Noun):
    """Everything that judgement and wording need to know of a project; times are in `zone`.

    `empty_account_status` is what `[defaults] account_status` says an empty field means, `own_fields` what `[fields]`
    declares of a contact.
    """

    zone: str = "UTC"
    country: str | None = None
    contact_cooldown_days: int = Field(default=14, ge=0, le=LONGEST_COOLDOWN)
    default_owner: str | None = None
    empty_account_status: AccountStatus = AccountStatus.UNKNOWN
    caps: Caps = Caps()
    own_fields: dict[str, Fact] = Field(default_factory=dict)
