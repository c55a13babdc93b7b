"""One global order over all proposals, and the caps along it; the result does not depend on pages or workers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from reengage.engine.propose import Proposal
from reengage.model.decision import Decision
from reengage.model.settings import Caps
from reengage.model.words import Outcome


@dataclass(frozen=True, slots=True)
class Load:
    """What reps and companies already carry: tasks that stand by account, tasks made today by owner."""

    by_account: Counter[str] = field(default_factory=Counter)
    by_owner_today: Counter[str] = field(default_factory=Counter)


def allocate(proposals: Iterable[Proposal], load: Load, caps: Caps) -> list[Decision]:
    """A decision for every proposal, in the global order: a task while the caps allow it, else `capped`."""
    by_account, by_owner = Counter(load.by_account), Counter(load.by_owner_today)
    decisions = []
    for proposal in sorted(proposals, key=_order):
        reason = _over(proposal, by_account, by_owner, caps)
        if reason is None:
            by_account[proposal.account_key] += 1
            by_owner[proposal.task.owner] += 1
            decisions.append(proposal.accept())
        else:
            decisions.append(proposal.decline(Outcome.CAPPED, reason))
    return decisions


def _order(proposal: Proposal) -> tuple[int, float, str]:
    return (proposal.task.priority.rank, -proposal.newest.timestamp(), proposal.task.contact_key)


def _over(proposal: Proposal, by_account: Counter[str], by_owner: Counter[str], caps: Caps) -> str | None:
    account, owner = proposal.task.account, proposal.task.owner
    if proposal.account_key and by_account[proposal.account_key] >= caps.open_tasks_per_account:
        return f"{account} has {by_account[proposal.account_key]} open tasks, the cap is {caps.open_tasks_per_account}"
    if by_owner[owner] >= caps.new_tasks_per_owner_per_day:
        return f"{owner} has {by_owner[owner]} new tasks today, the cap is {caps.new_tasks_per_owner_per_day}"
    return None
