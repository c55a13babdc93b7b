"""What became of everybody, laid aside page by page, so that memory does not grow with the book.

Only what caps look at is kept at hand; texts are read again, once, when they are written.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Any, Self

from reengage.app.judge import Judged
from reengage.engine.allocate import Claim, Load, claim_of, conclude, share_out
from reengage.model.decision import Decision
from reengage.model.errors import RunFailed
from reengage.model.settings import Caps

IN_MEMORY = 32 * 2**20
"""Bytes up to which nothing is laid aside on a disk: 18,000 tasks of 1.8 kB each, as in the benchmarks' book."""

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
    """The pages of a run, in their order; a context manager, because of its temporary file, which nobody else sees."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115, closed with this
        self._pages: list[int] = []
        self.claims: list[Claim] = []
        self._shared: list[tuple[int, str | None]] = []
        self.judged = 0
        self.notices: list[str] = []

    def add(self, parcel: Parcel) -> None:
        """Lay one page aside; raises RunFailed where there is no room for it."""
        try:
            self._pages.append(self._put(parcel.decisions))
            self.claims += [
                claim.moved_to(self._put(some)) for claim, some in zip(parcel.claims, parcel.proposals, strict=True)
            ]
            self._file.flush()  # or a full disk would show itself later, wherever the file is next touched
        except OSError as error:
            help = "make room there, or name another folder as TMPDIR; nothing of this run was written"
            raise RunFailed(f"no room in the folder for temporary files: {error.strerror}", help=help) from None
        self.judged += parcel.size
        self.notices += [notice for notice in parcel.notices if notice not in self.notices]

    def share_out(self, load: Load, caps: Caps, limit: Limit | None = None) -> int:
        """Let the caps, and a limit, choose among all proposals; returns how many may become tasks."""
        left = limit.tasks if limit else 0
        for claim, reason in share_out(self.claims, load, caps):
            if limit and reason is None and claim.rule == limit.rule:
                left -= 1
                reason = f"--limit {limit.tasks}" if left < 0 else None
            self._shared.append((claim.place, reason))
        return sum(reason is None for _, reason in self._shared)

    def __iter__(self) -> Iterator[list[Decision]]:
        """All decisions, some at a time: those that caps had no say in, by contact, then the others in their order."""
        for place in self._pages:
            yield self._get(place)
        for start in range(0, len(self._shared), AT_ONCE):
            some = self._shared[start : start + AT_ONCE]
            yield [conclude(self._get(place), reason) for place, reason in some]

    def _put(self, some: bytes) -> int:
        place = self._file.seek(0, 2)
        self._file.write(some)
        return place

    def _get(self, place: int) -> Any:
        self._file.seek(place)
        return pickle.load(self._file)  # noqa: S301, our own, in a file without a name

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # what no room was found for is tried once more, and has been told of
            self._file.close()
