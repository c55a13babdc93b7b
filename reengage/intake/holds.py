"""From everything a contact said to the one hold that stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from reengage.language.responses import Policy
from reengage.model.conversation import Conversation
from reengage.model.words import Category, HoldKind, Response


@dataclass(frozen=True, slots=True)
class Stand:
    """A hold as it follows from conversations, and the id of the one it came from."""

    conversation: str
    kind: HoldKind
    since: datetime
    until: date | None
    promised: bool
    response: Response
    category: Category | None
    wake_on: tuple[str, ...]


def fold_holds(talks: Iterable[Conversation], policies: Mapping[Response, Policy]) -> Stand | None:
    """The hold that stands after these conversations, in whatever order they are given.

    A newer no replaces an older one, but a date the contact named stays a floor until it has passed; an answer
    that makes no hold leaves the old one, and a positive one ends it.
    """
    stand: Stand | None = None
    for talk in sorted(talks, key=lambda talk: (talk.at, talk.id)):
        policy = policies.get(talk.response) if talk.response else None
        if policy is None or policy.opt_out or policy.hold == "none":
            continue
        stand = None if policy.hold == "ends" else _after(stand, talk, policy)
    return stand


def _after(before: Stand | None, talk: Conversation, policy: Policy) -> Stand:
    named = talk.call_back_on
    review = policy.review_after.after(talk.at).date() if policy.review_after else None
    stand = Stand(
        conversation=talk.id,
        kind=HoldKind.SUPPRESSED if policy.hold == "suppressed" else HoldKind.SNOOZE,
        since=talk.at,
        until=named or review,
        promised=named is not None,
        response=policy.response,
        category=talk.category or policy.category,
        wake_on=talk.wake_on,
    )
    if before and before.promised and before.until and before.until > talk.at.date() and named is None:
        return replace(stand, until=before.until, promised=True)
    return stand
