"""Job changes with care: which are certain enough to act on, and which a person has to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from reengage.model.people import Account
from reengage.model.signal import FactValue, Heard, Signal
from reengage.model.words import Certainty
from reengage.people.companies import same_company

CORROBORATES_WITHIN = timedelta(days=45)
"""A second source this close confirms a likely move (design decision 11)."""

_RANK = (Certainty.UNCERTAIN, Certainty.LIKELY, Certainty.CONFIRMED)


def judge_move(signal: Signal, history: Sequence[Account], is_side_role: Callable[[str], bool]) -> Certainty:
    """How certain a job change is: both employers known, the old one in this contact's history, no side role.

    A source's own certainty can lower ours, never raise it.
    """
    facts = signal.facts
    if is_side_role(str(facts.get("new_title", ""))) or not (facts.get("new_company") or facts.get("new_domain")):
        ours = Certainty.UNCERTAIN
    elif _was_there(facts, history):
        ours = Certainty.CONFIRMED
    else:
        ours = Certainty.LIKELY
    return min(ours, signal.certainty or Certainty.CONFIRMED, key=_RANK.index)


def corroborate(heard: Iterable[Heard]) -> tuple[Heard, ...]:
    """Raise a likely move to confirmed where another source reports the same one within 45 days."""
    listed = tuple(heard)
    return tuple(
        one.model_copy(update={"certainty": Certainty.CONFIRMED}) if _has_second_source(one, listed) else one
        for one in listed
    )


def _has_second_source(one: Heard, listed: Sequence[Heard]) -> bool:
    if one.kind != "job_change" or one.certainty is not Certainty.LIKELY:
        return False
    return any(
        other.kind == "job_change"
        and other.source != one.source
        and other.certainty is not Certainty.UNCERTAIN
        and abs(other.occurred_at - one.occurred_at) <= CORROBORATES_WITHIN
        and same_place(one.facts, other.facts)
        for other in listed
    )


def same_place(one: dict[str, FactValue], other: dict[str, FactValue]) -> bool:
    """Whether two job changes lead to the same company."""
    return bool(
        same_company(
            _text(one, "new_company"), _text(one, "new_domain"), _text(other, "new_company"), _text(other, "new_domain")
        )
    )


def _was_there(facts: dict[str, FactValue], history: Sequence[Account]) -> bool:
    name, domain = _text(facts, "previous_company"), _text(facts, "previous_domain")
    return any(same_company(name, domain, account.name, account.domain) for account in history)


def _text(facts: dict[str, FactValue], name: str) -> str | None:
    value = facts.get(name)
    return str(value) if value is not None else None
