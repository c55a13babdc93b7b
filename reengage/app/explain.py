"""Explaining one contact: what the gate says, what each rule says, and what earlier runs decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from reengage.app.judge import Judge, Start
from reengage.app.project import Project
from reengage.engine.allocate import Load, allocate
from reengage.engine.durable import ChildProcess
from reengage.engine.explain import RuleStory, explain_rule
from reengage.engine.now import Now
from reengage.engine.propose import Playbook
from reengage.gate.admit import refuse
from reengage.language.ruleset import RuleSet
from reengage.model.base import in_utc
from reengage.model.candidate import Candidate
from reengage.model.decision import Decision
from reengage.model.errors import UsageError
from reengage.model.optout import Standing
from reengage.model.people import IdentifierKind
from reengage.store import candidates, identity, optouts, people, runs
from reengage.store.database import Database


@dataclass(frozen=True, slots=True)
class Past:
    """What an earlier run decided."""

    at: datetime
    outcome: str
    rule: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything about one contact at one moment; someone who opted out is shown by number alone."""

    contact: str
    name: str
    at: datetime
    refusal: str | None
    candidate: Candidate | None
    decision: Decision | None
    rules: tuple[RuleStory, ...]
    past: tuple[Past, ...]


def explain(
    database: Database, project: Project, contact: str, at: datetime, start: Start = ChildProcess
) -> Explanation:
    """Explain a contact by its contact_id; raises UsageError where there is none."""
    rules = project.usable_rules()
    now = Now(in_utc(at), project.settings.zone)
    with database.reading() as connection:
        found = people.find_contacts(connection, [(IdentifierKind.IMPORT, contact)])
        if not found:
            raise UsageError(f'no contact has the contact_id "{contact}"', help="it is the first column of your import")
        id = next(iter(identity.keepers(connection, found.values()).values()))
        standing = optouts.standings(connection, [id])[id]
        past = tuple(
            Past(row.recorded_at, row.outcome, row.rule, row.reason)
            for row in runs.decisions_of(connection, id, now.at)
        )
        refusal = refuse(standing)
        if refusal is not None:
            return Explanation(contact, "", now.at, f"{refusal[0]}: {refusal[1]}", None, None, (), past)
        return _judged(connection, project, rules, contact, id, standing, now, past, start)


def _judged(
    connection: Connection,
    project: Project,
    rules: RuleSet,
    contact: str,
    id: int,
    standing: Standing,
    now: Now,
    past: tuple[Past, ...],
    start: Start,
) -> Explanation:
    owners = people.read_owners(connection, now.at)
    found = candidates.read(connection, [id], now.at, owners, project.settings)
    if not found:
        reason = "not held: no conversation that makes a hold is on record at this moment"
        return Explanation(contact, "", now.at, reason, None, None, (), past)
    candidate = found[0]
    enabled = [rule for rule in rules.rules if rule.enabled]
    active, _ = runs.starts(connection, enabled, candidates.signal_mark(connection, now.at), now.at)
    book = Playbook(tuple(active), project.settings, rules.responses, rules.assets)
    with Judge(book, start) as judge:
        judge.judge([candidate], {id: standing}, now)
        decisions = [*judge.result.decisions, *allocate(judge.result.proposals, Load(), project.settings.caps)]
    name = f"{candidate.contact.first_name} {candidate.contact.last_name}".strip()
    stories = tuple(explain_rule(candidate, one, now) for one in active)
    return Explanation(contact, name, now.at, None, candidate, decisions[0], stories, past)
