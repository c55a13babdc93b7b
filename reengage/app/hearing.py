"""What we add to a signal before anyone judges it: the seniority its title says, and how sure we are of a move."""

from __future__ import annotations

from collections.abc import Sequence

from reengage.language.titles import Titles
from reengage.model.people import Account
from reengage.model.signal import FactValue, Signal
from reengage.model.words import Certainty
from reengage.people.moves import judge_move


def read_titles(facts: dict[str, FactValue], titles: Titles) -> dict[str, FactValue]:
    """The facts, with the seniority and department of a new title where the source does not say them."""
    title = facts.get("new_title")
    if not isinstance(title, str):
        return facts
    role = titles.read(title)
    said: dict[str, FactValue | None] = {
        "new_seniority": role.seniority.value if role.seniority else None,
        "new_department": role.department,
    }
    return {**{name: value for name, value in said.items() if value is not None}, **facts}


_WITH_DOMAINS = frozenset(("job_change", "left_company"))


def complete(signal: Signal, titles: Titles) -> Signal:
    """The signal with what its keys and its title say among its facts, never received before it was."""
    facts = signal.facts
    if signal.kind not in _WITH_DOMAINS and "new_title" not in facts:
        return signal
    if signal.kind == "job_change":
        domains = (("new_domain", signal.keys.domain), ("previous_domain", signal.keys.previous_domain))
        facts = {**{name: domain for name, domain in domains if domain}, **facts}
    if signal.kind == "left_company" and signal.keys.previous_domain and "previous_domain" not in facts:
        facts = {**facts, "previous_domain": signal.keys.previous_domain}
    facts = read_titles(facts, titles)
    return signal if facts is signal.facts else signal.model_copy(update={"facts": facts})


def certainty_of(signal: Signal, history: Sequence[Account], titles: Titles) -> Certainty:
    """How sure we are of a signal about someone with these employers; only moves are ever doubted."""
    if signal.kind == "job_change":
        return judge_move(signal, history, titles.is_side_role)
    return signal.certainty or Certainty.CONFIRMED
