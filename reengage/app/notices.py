"""What a run says beside its counts, so that no silence is without a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from reengage.model.decision import Decision
from reengage.model.words import Outcome


def why_nothing(last: int | None, candidates: int, decisions: Sequence[Decision]) -> list[str]:
    """Why a run after run `last` made nothing: nothing came, or what holds each kind of outcome back."""
    if last is None or any(decision.task for decision in decisions):
        return []
    if not candidates:
        return [f"nothing new since run {last}: no signal, date, import or outcome that concerns a held contact"]
    first = {decision.outcome: decision for decision in reversed(decisions) if decision.outcome is not Outcome.NO_MATCH}
    told = [f"{outcome}, for example {one.contact_key}: {one.reason}" for outcome, one in sorted(first.items())]
    return [f"no new task since run {last}", *told]


def empty_fields(decisions: Sequence[Decision]) -> list[str]:
    """Which rules stop at empty fields, and what would decide it, so that no first run is silent without a reason."""
    stopped = Counter(decision.rule for decision in decisions if decision.outcome is Outcome.UNKNOWN)
    return [
        f"{rule} stopped at an empty field for {count} contacts; fill the column, or say under [defaults] in "
        f'reengage.toml what empty means (account_status = "prospect")'
        for rule, count in sorted(stopped.items(), key=lambda pair: str(pair[0]))
    ]


def looks_back(rule: str, contacts: int) -> str:
    """What a new or changed rule would have done with what came before it."""
    return (
        f"{rule} is new or changed and judges only what arrives from now on; "
        f"{contacts} contacts with earlier signals would match (reengage run --backfill {rule} --limit N)"
    )
