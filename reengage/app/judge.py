"""A page of contacts through the gate, both matchers and the proposals; what a run, a test and `explain` share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from reengage.engine.agree import DurableMatcher, differences
from reengage.engine.durable import ChildProcess, Crashed, Engine, available
from reengage.engine.match import Matcher, Matches
from reengage.engine.now import Now
from reengage.engine.plain import PlainMatcher
from reengage.engine.propose import Playbook, Proposal, disagree, propose
from reengage.gate.admit import Admitted, admit
from reengage.model.candidate import Candidate
from reengage.model.decision import Decision
from reengage.model.optout import Standing
from reengage.model.words import Outcome

Start = Callable[[Sequence[dict[str, Any]]], Engine]


@dataclass(slots=True)
class Judged:
    """What became of the pages so far: proposals that caps may still stop, and decisions that are final."""

    proposals: list[Proposal] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    @property
    def candidates(self) -> int:
        """How many contacts were judged."""
        return len(self.proposals) + len(self.decisions)


class Judge:
    """Both matchers for one set of rules; a context manager, because one of them may be a process of its own."""

    def __init__(self, book: Playbook, start: Start = ChildProcess) -> None:
        self.book = book
        self.start = start
        self._plain = PlainMatcher(book.rules, book.relevance)
        self._durable = DurableMatcher(book.rules, start, book.relevance) if available() else None
        self.result = Judged()
        if self._durable is None:
            self.result.notices.append("durable-rules cannot be imported here; the plain matcher judged alone")

    @property
    def matchers(self) -> tuple[str, ...]:
        """The names of the matchers that judge."""
        both: tuple[Matcher | None, ...] = (self._durable, self._plain)
        return tuple(matcher.name for matcher in both if matcher)

    def begin(self) -> None:
        """Let the matchers get ready while the first page is read."""
        if self._durable:
            self._durable.begin()

    def take(self) -> Judged:
        """What became of the pages since the last time, which is handed over."""
        taken, self.result = self.result, Judged()
        return taken

    def judge(self, page: Sequence[Candidate], standings: Mapping[int, Standing], now: Now) -> None:
        """Take one page through the gate and both matchers, and add what became of it to the result."""
        admission = admit(page, standings)
        self.result.decisions.extend(admission.refused)
        plainly = self._plain.match(admission.admitted, now)
        doubted = self._doubted(admission.admitted, plainly, now)
        for admitted in admission.admitted:
            self._conclude(admitted, plainly, admitted.candidate.contact.id in doubted, now)

    def _doubted(self, page: Sequence[Admitted], plainly: Matches, now: Now) -> frozenset[int]:
        """The contacts of whom the second matcher says something else, or could not say anything."""
        if self._durable is None:
            return frozenset()
        try:
            found = differences(plainly, self._durable.match(page, now))
        except Crashed:
            self.result.notices.append(f"durable-rules died on a page of {len(page)} contacts; they need a review")
            return frozenset(contact for contact, matches in plainly.items() if matches)
        if found:
            self.result.notices.append(f"THE TWO MATCHERS DISAGREE on {len(found)} contacts; none of them gets a task")
        return found

    def _conclude(self, admitted: Admitted, matches: Matches, doubted: bool, now: Now) -> None:
        contact = admitted.candidate.contact
        try:
            if doubted:
                concluded: Proposal | Decision = disagree(admitted, self.book, now)
            else:
                concluded = propose(admitted, matches[contact.id], self.book, now)
        except Exception as error:  # one contact's data must not end the run; nothing fires for it
            reason = f"could not be judged ({type(error).__name__}); nothing fires"
            concluded = Decision(
                contact_id=contact.id,
                contact_key=contact.key,
                outcome=Outcome.ERROR,
                reason=reason,
                recheck_at=now.at,
            )
        if isinstance(concluded, Proposal):
            self.result.proposals.append(concluded)
        else:
            self.result.decisions.append(concluded)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._durable:
            self._durable.close()
