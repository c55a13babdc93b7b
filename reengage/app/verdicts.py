"""What became of everybody, laid aside page by page, so that memory does not grow with the book.

Texts are read again, once, when they are written.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from reengage.app.judge import Judged
from reengage.engine.allocate import Claim, Load, claim_of, conclude, share_out
from reengage.model.decision import Decision
from reengage.model.settings import Caps
from reengage.store.aside import Aside

AT_ONCE = 500
"""Proposals concluded and handed on at a time."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What became of one page, packed: what caps look at, each proposal as bytes, and the decisions that are final."""

    claims: tuple[Claim, ...]
    proposals: tuple[bytes, ...]
    decisions: bytes
    size: int
    notices: tuple[str, ...]


def pack(judged: Judged) -> Parcel:
    """Make a page ready to be laid aside, or to be handed to another process."""
    final = sorted(judged.decisions, key=lambda decision: decision.contact_id)
    return Parcel(
        claims=tuple(claim_of(proposal, place) for place, proposal in enumerate(judged.proposals)),
        proposals=tuple(map(_bytes, judged.proposals)),
        decisions=_bytes(final),
        size=judged.candidates,
        notices=tuple(judged.notices),
    )


def _bytes(value: Any) -> bytes:
    return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many tasks of one rule."""

    rule: str
    tasks: int


class Verdicts:
    """The pages of a run, in their order; a context manager, because of where they are laid aside."""

    def __init__(self) -> None:
        self._aside = Aside()
        self.judged = 0
        self.notices: list[str] = []

    @property
    def accounts(self) -> set[str]:
        """The keys of the companies that proposals are about."""
        return self._aside.accounts()

    @property
    def owners(self) -> set[str]:
        """The reps whom proposals are for."""
        return self._aside.owners()

    def add(self, parcel: Parcel) -> None:
        """Lay one page aside; this and all else here raises RunFailed where there is no room for it."""
        self._aside.put(parcel.decisions, parcel.claims, parcel.proposals)
        self.judged += parcel.size
        self.notices += [notice for notice in parcel.notices if notice not in self.notices]

    def share_out(self, load: Load, caps: Caps, limit: Limit | None = None) -> int:
        """Let the caps, and a limit, choose among all proposals; returns how many may become tasks."""
        return self._aside.share(_limited(share_out(self._aside.claims(), load, caps), limit))

    def __iter__(self) -> Iterator[list[Decision]]:
        """All decisions, some at a time: those that caps had no say in, by contact, then the others in their order."""
        yield from map(_made_of, self._aside.pages())
        for some in self._aside.shared(AT_ONCE):
            yield [conclude(_made_of(proposal), reason) for proposal, reason in some]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._aside.close()


def _limited(shared: Iterable[tuple[Claim, str | None]], limit: Limit | None) -> Iterator[tuple[int, str | None]]:
    """The places of the proposals, each with what a cap or the limit has against it."""
    left = limit.tasks if limit else 0
    for claim, reason in shared:
        if limit and reason is None and claim.rule == limit.rule:
            left -= 1
            reason = f"--limit {limit.tasks}" if left < 0 else None
        yield claim.place, reason


def _made_of(some: bytes) -> Any:
    return pickle.loads(some)  # noqa: S301, our own, in a database without a name
