"""One global order over all proposals, and the caps along it; the result does not depend on pages or workers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from reengage.engine.propose import Proposal
from reengage.model.decision import Decision
from reengage.model.settings import Caps
from reengage.model.words import Outcome


@dataclass(frozen=True, slots=True)
class Load:
    """What reps and companies already carry: tasks that stand by account, tasks made today by owner."""

    by_account: Counter[str] = field(default_factory=Counter)
    by_owner_today: Counter[str] = field(default_factory=Counter)


class Claim(NamedTuple):
    """What caps have to know of a proposal; `place` says where the rest of it is, `newest` is in seconds since 1970."""

    rank: int
    newest: float
    contact_key: str
    account_key: str
    account: str
    owner: str
    rule: str
    place: int

    @property
    def turn(self) -> tuple[int, float, str]:
        """Whose turn it is: the most urgent first, then the newest."""
        return (self.rank, -self.newest, self.contact_key)

    def moved_to(self, place: int) -> Claim:
        """The same claim, with the rest of the proposal at another place."""
        return self._replace(place=place)


def claim_of(proposal: Proposal, place: int) -> Claim:
    """What caps have to know of this proposal, which is found at that place."""
    task = proposal.task
    newest = proposal.newest.timestamp()
    owner, account = task.owner, task.account
    return Claim(task.priority.rank, newest, task.contact_key, task.account_key, account, owner, task.rule, place)


def share_out(claims: Iterable[Claim], load: Load, caps: Caps) -> Iterator[tuple[Claim, str | None]]:
    """Claims, given in their global order, each with why a cap stops it; None: it may become a task."""
    by_account, by_owner = Counter(load.by_account), Counter(load.by_owner_today)
    for claim in claims:
        reason = _over(claim, by_account, by_owner, caps)
        if reason is None:
            by_account[claim.account_key] += 1
            by_owner[claim.owner] += 1
        yield claim, reason


def allocate(proposals: Sequence[Proposal], load: Load, caps: Caps) -> list[Decision]:
    """A decision for every proposal, in the global order: a task while the caps allow it, else `capped`."""
    claims = sorted((claim_of(one, place) for place, one in enumerate(proposals)), key=lambda claim: claim.turn)
    return [conclude(proposals[claim.place], reason) for claim, reason in share_out(claims, load, caps)]


def conclude(proposal: Proposal, reason: str | None) -> Decision:
    """What becomes of a proposal that is stopped for this reason, or by nothing."""
    return proposal.accept() if reason is None else proposal.decline(Outcome.CAPPED, reason)


def _over(claim: Claim, by_account: Counter[str], by_owner: Counter[str], caps: Caps) -> str | None:
    account, owner = claim.account_key, claim.owner
    if account and by_account[account] >= caps.open_tasks_per_account:
        return f"{claim.account} has {by_account[account]} open tasks, the cap is {caps.open_tasks_per_account}"
    if by_owner[owner] >= caps.new_tasks_per_owner_per_day:
        return f"{owner} has {by_owner[owner]} new tasks today, the cap is {caps.new_tasks_per_owner_per_day}"
    return None
