"""What a run says beside its counts, so that no silence is without a reason."""

from __future__ import annotations

from reengage.app.tally import Tally
from reengage.model.words import Outcome


def why_nothing(last: int | None, candidates: int, tally: Tally) -> list[str]:
    """Why a run after run `last` made nothing: nothing came, or what holds each kind of outcome back."""
    if last is None or tally.outcomes[Outcome.TASK]:
        return []
    if not candidates:
        return [f"nothing new since run {last}: no signal, date, import or outcome that concerns a held contact"]
    first = sorted(pair for pair in tally.examples.items() if pair[0] is not Outcome.NO_MATCH)
    told = [f"{outcome}, for example {one.contact_key}: {one.reason}" for outcome, one in first]
    return [f"no new task since run {last}", *told]


def empty_fields(tally: Tally) -> list[str]:
    """Which rules stop at empty fields, and what would decide it, so that no first run is silent without a reason."""
    return [
        f"{rule} stopped at an empty field for {count} contacts; fill the column, or say under [defaults] in "
        f'reengage.toml what empty means (account_status = "prospect")'
        for rule, count in sorted(tally.empty.items(), key=lambda pair: str(pair[0]))
    ]


def looks_back(rule: str, contacts: int) -> str:
    """What a new or changed rule would have done with what came before it."""
    return (
        f"{rule} is new or changed and judges only what arrives from now on; "
        f"{contacts} contacts with earlier signals would match (reengage run --backfill {rule} --limit N)"
    )
