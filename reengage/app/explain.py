"""Explaining one contact: what the gate says, what each rule says, which comes closest, what earlier runs decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from reengage.app.judge import Judge, Start
from reengage.app.project import Project
from reengage.app.supposed import suppose
from reengage.engine.allocate import Load, allocate
from reengage.engine.durable import ChildProcess
from reengage.engine.explain import RuleStory, explain_rule
from reengage.engine.guards import Guard, guards_before
from reengage.engine.nearest import NearMiss, look_ahead, nearest_miss
from reengage.engine.news import ActiveRule, everything_heard
from reengage.engine.now import Now
from reengage.engine.propose import Playbook
from reengage.gate.admit import refuse
from reengage.language.ruleset import RuleSet
from reengage.language.testfile import GivenSignal
from reengage.language.tree import Rule
from reengage.model.base import in_utc
from reengage.model.candidate import Candidate
from reengage.model.decision import Decision
from reengage.model.errors import UsageError
from reengage.model.optout import Standing
from reengage.model.people import IdentifierKind
from reengage.model.signal import Heard
from reengage.store import candidates, identity, narrowing, optouts, people, runs
from reengage.store.database import Database
from reengage.store.snapshot import snapshot


@dataclass(frozen=True, slots=True)
class Past:
    """What an earlier run decided, and by which revision; `now_revision` is the rule's today, None if it is gone."""

    at: datetime
    outcome: str
    rule: str | None
    revision: str | None
    reason: str
    now_revision: str | None = None

    @property
    def changed(self) -> bool:
        """Whether the rule says something else today than when this was decided."""
        return self.rule is not None and self.revision != self.now_revision


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything about one contact at one moment; someone who opted out is named by what was typed and nothing else.

    `guards` stand before the rule that was decided by, or before the nearest miss. `changed` names the rules that have
    another revision today than in the last run up to that moment. `supposed` are the signals that never came.
    """

    contact: str
    at: datetime
    refusal: str | None = None
    name: str = ""
    decision: Decision | None = None
    rules: tuple[RuleStory, ...] = ()
    nearest: NearMiss | None = None
    guards: tuple[Guard, ...] = ()
    past: tuple[Past, ...] = ()
    changed: tuple[str, ...] = ()
    supposed: tuple[Heard, ...] = ()


def explain(
    database: Database,
    project: Project,
    contact: str,
    at: datetime,
    start: Start = ChildProcess,
    *,
    signals: Sequence[GivenSignal] = (),
) -> Explanation:
    """Explain a contact, by its contact_id, as known at a moment, as if these signals had come by then as well.

    Nothing is written: the transaction can only read. Of someone whom the gate refuses nothing is read but that.
    Raises UsageError where there is no such contact.
    """
    rules = project.usable_rules()
    now = Now(in_utc(at), project.settings.zone)
    with snapshot(database) as connection:
        id = _find(connection, contact)
        standing = optouts.standings(connection, [id])[id]
        if refusal := refuse(standing):
            return Explanation(contact, now.at, f"{refusal[0]}: {refusal[1]}")
        reading = _Reading(connection, project, rules, now, start)
        return reading.explain(Explanation(contact, now.at), id, standing, signals)


def _find(connection: Connection, contact: str) -> int:
    """The number of the human whom a contact_id names."""
    found = people.find_contacts(connection, [(IdentifierKind.IMPORT, contact)])
    if not found:
        raise UsageError(f'no contact has the contact_id "{contact}"', help="it is the first column of your import")
    return next(iter(identity.keepers(connection, found.values()).values()))


@dataclass(frozen=True, slots=True)
class _Reading:
    """One state of the database, read at one moment with the rules as they are today."""

    connection: Connection
    project: Project
    rules: RuleSet
    now: Now
    start: Start

    def explain(self, told: Explanation, id: int, standing: Standing, signals: Sequence[GivenSignal]) -> Explanation:
        """Explain someone whom the gate admits."""
        told = replace(told, past=self._past(id), changed=self._changed())
        candidate = self._candidate(id)
        if candidate is None:
            reason = "not held: no conversation that makes a hold is on record at this moment"
            return replace(told, refusal=reason)
        if signals:
            known = suppose(self.connection, candidate, signals, self.rules, self.project.settings, self.now)
            told, candidate = replace(told, supposed=known.heard[len(candidate.heard) :]), known
        mark = narrowing.signal_mark(self.connection, self.now.at)
        active, _ = runs.starts(self.connection, self._enabled(), mark, self.now.at)
        return self._judged(told, candidate, active, standing)

    def _judged(
        self, told: Explanation, candidate: Candidate, active: Sequence[ActiveRule], standing: Standing
    ) -> Explanation:
        decision = self._decide(candidate, active, standing)
        stories = tuple(explain_rule(candidate, one, self.now) for one in active)
        nearest = nearest_miss(stories)
        by_id = {one.rule.id: one for one in active}
        near = look_ahead(candidate, by_id[nearest.rule.id], self.now) if nearest else None
        return replace(
            told,
            name=f"{candidate.contact.first_name} {candidate.contact.last_name}".strip(),
            decision=decision,
            rules=stories,
            nearest=near,
            guards=self._guards(candidate, stories, decision, near),
        )

    def _candidate(self, id: int) -> Candidate | None:
        owners = people.read_owners(self.connection, self.now.at)
        found = candidates.read(self.connection, [id], self.now.at, owners, self.project.settings)
        return found[0] if found else None

    def _decide(self, candidate: Candidate, active: Sequence[ActiveRule], standing: Standing) -> Decision:
        settings = self.project.settings
        book = Playbook(tuple(active), settings, self.rules.responses, self.rules.assets)
        with Judge(book, self.start) as judge:
            judge.judge([candidate], {candidate.contact.id: standing}, self.now)
            return [*judge.result.decisions, *allocate(judge.result.proposals, Load(), settings.caps)][0]

    def _guards(
        self, candidate: Candidate, stories: Iterable[RuleStory], decision: Decision, near: NearMiss | None
    ) -> tuple[Guard, ...]:
        """What stands before the rule that was decided by, else before the nearest miss."""
        decided = next((one for one in stories if one.rule.id == decision.rule), None)
        story = decided or (near.story if near else None)
        if story is None:
            return ()
        heard = everything_heard(candidate, story.rule, self.now)
        kind = next((one.kind for one in heard if story.match and one.key == story.match.trigger), None)
        return guards_before(story.rule, candidate, self.project.settings, self.now, kind)

    def _enabled(self) -> list[Rule]:
        return [rule for rule in self.rules.rules if rule.enabled]

    def _past(self, id: int) -> tuple[Past, ...]:
        today = {name: rule.revision for rule in self._enabled() for name in rule.ids}
        rows = runs.decisions_of(self.connection, id, self.now.at)
        return tuple(
            Past(row.recorded_at, row.outcome, row.rule, row.revision, row.reason, today.get(row.rule)) for row in rows
        )

    def _changed(self) -> tuple[str, ...]:
        """The rules that a run up to this moment last knew in another form than today."""
        then = runs.rules_known(self.connection, self.now.at)
        return tuple(sorted(_differing(then, self._enabled())))


def _differing(then: Mapping[str, str], today: Iterable[Rule]) -> Iterator[str]:
    for rule in today:
        before = next((then[name] for name in sorted(rule.ids) if name in then), None)
        if then and before != rule.revision:
            yield rule.id
