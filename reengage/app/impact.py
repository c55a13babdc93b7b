"""What a change of rules would do: both sets judged over the whole book, by the path of a run, and nothing written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from reengage.app.judge import Judge, Start
from reengage.app.project import Project
from reengage.engine.allocate import Load, allocate
from reengage.engine.condition import Condition
from reengage.engine.durable import ChildProcess
from reengage.engine.explain import explain_rule
from reengage.engine.impact import SILENT, Difference, Impact, Side, compare, reason_of
from reengage.engine.news import ActiveRule
from reengage.engine.now import Now
from reengage.engine.propose import Playbook, Proposal
from reengage.language.ruleset import RuleSet
from reengage.language.tree import Rule
from reengage.model.base import in_utc
from reengage.model.candidate import Candidate
from reengage.model.errors import RunFailed
from reengage.model.settings import Settings
from reengage.store import candidates, narrowing, optouts, people, runs
from reengage.store.database import Database
from reengage.store.schema import VERSION, require, version_of
from reengage.store.snapshot import snapshot
from reengage.store.versions import chunks

PAGE = 500
"""Contacts read and judged at a time."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which two sets of rules, at which moment; neither set may hold errors.

    Tasks that were made, the signals they used up and the rests that follow are set aside as if this were a first run,
    or both sides would be silent wherever a run has been; `with_past` lets them count.
    """

    before: RuleSet
    after: RuleSet
    at: datetime
    with_past: bool = False

    @property
    def both(self) -> tuple[RuleSet, RuleSet]:
        """The two sets in order."""
        return self.before, self.after


@dataclass(frozen=True, slots=True)
class Answer:
    """The differences, and what else whoever reads them should know."""

    impact: Impact
    notices: tuple[str, ...]


def open_book(project: Project) -> Database:
    """The project's database as it is, with nothing made or mended in it, so that a role that may only read is enough.

    Raises UsageError where it is empty, RunFailed where its schema is not ours.
    """
    database = project.open()
    require(database)
    with database.reading() as connection:
        found = version_of(connection)
    if found != VERSION:
        raise RunFailed(f"this database has schema {found}, this reengage knows {VERSION}")
    return database


def find_impact(
    database: Database,
    project: Project,
    question: Question,
    *,
    start: Start = ChildProcess,
    page: int = PAGE,
    progress: Callable[[int], None] | None = None,
) -> Answer:
    """Judge every held contact by both sets of rules, over every signal that is still good.

    Both judge the same snapshot of a page; no longer one, or stops would have to wait for whoever reads SQLite.
    """
    book = _Book(database, project.settings, Now(in_utc(question.at), project.settings.zone), question.with_past)
    before, after, notices = book.judge(question.both, start, page, progress)
    impact = compare(before, after)
    impact = replace(impact, removed=tuple(book.tell_why(impact.removed, before, after)))
    return Answer(impact, (*notices, *_floods(impact, project.settings), *_unseen(question)))


@dataclass(frozen=True, slots=True)
class _Book:
    """The held contacts at one moment, with or without what earlier runs made."""

    database: Database
    settings: Settings
    now: Now
    with_past: bool

    def judge(
        self, both: Sequence[RuleSet], start: Start, size: int, progress: Callable[[int], None] | None
    ) -> tuple[Side, Side, list[str]]:
        """What each set makes of everybody, and what there is to say of the judging itself."""
        with ExitStack() as stack:
            judges = [stack.enter_context(Judge(self._playbook(rules), start)) for rules in both]
            for ids in self._everybody().pages(size):
                with snapshot(self.database) as connection:
                    page, standings = self._read(connection, ids), optouts.standings(connection, ids)
                for judge in judges:
                    judge.judge(page, standings, self.now)
                if progress:
                    progress(len(page))
        before, after = (self._allocated(rules, judge) for rules, judge in zip(both, judges, strict=True))
        return before, after, list(dict.fromkeys(notice for judge in judges for notice in judge.result.notices))

    def _playbook(self, rules: RuleSet) -> Playbook:
        active = tuple(ActiveRule(rule) for rule in rules.rules if rule.enabled)
        return Playbook(active, self.settings, rules.responses, rules.assets)

    def _allocated(self, rules: RuleSet, judge: Judge) -> Side:
        proposals = judge.result.proposals
        load = self._load(proposals) if self.with_past else Load()
        made = allocate(proposals, load, self.settings.caps)
        return Side(rules.rules, (*judge.result.decisions, *made))

    def _load(self, proposals: Sequence[Proposal]) -> Load:
        accounts, owners = {one.task.account_key for one in proposals}, {one.task.owner for one in proposals}
        with snapshot(self.database) as connection:
            return runs.load_of(connection, self.now, accounts, owners)

    def _everybody(self) -> narrowing.Asked:
        with snapshot(self.database) as connection:
            return narrowing.ask(connection, narrowing.Question(self.now, 0, 0, everybody=True))

    def _read(self, connection: Connection, ids: Sequence[int]) -> list[Candidate]:
        owners = people.read_owners(connection, self.now.at)
        found = candidates.read(connection, ids, self.now.at, owners, self.settings)
        return found if self.with_past else list(map(_without_past, found))

    def tell_why(self, removed: Iterable[Difference], before: Side, after: Side) -> Iterator[Difference]:
        """The same differences, each with what keeps the second set from making the task."""
        for some in chunks(removed):
            silent = sorted(one.after.contact_id for one in some if one.after.outcome in SILENT)
            known = self._known(silent) if silent else {}
            for one in some:
                yield replace(one, why=self._why(one, known.get(one.after.contact_id), before, after))

    def _known(self, ids: Sequence[int]) -> dict[int, Candidate]:
        with snapshot(self.database) as connection:
            return {one.contact.id: one for one in self._read(connection, ids)}

    def _why(self, one: Difference, candidate: Candidate | None, before: Side, after: Side) -> str:
        if candidate is None or one.before.rule is None:
            return reason_of(one.after)
        old = before.by_id[one.before.rule]
        new = after.counterpart(old)
        if new is None:
            return "the rule is gone"
        if not new.enabled:
            return "the rule is switched off"
        return self._lacking(candidate, old, new) or one.after.reason

    def _lacking(self, candidate: Candidate, old: Rule, new: Rule) -> str:
        """The first condition that fails now and did not before, with its value."""
        failed = {(one.section, one.wants) for one in self._failing(candidate, old)}
        fails = (one for one in self._failing(candidate, new) if (one.section, one.wants) not in failed)
        return next((f"{one.section} {one.wants} (it is {one.met})" for one in fails), "")

    def _failing(self, candidate: Candidate, rule: Rule) -> tuple[Condition, ...]:
        return explain_rule(candidate, ActiveRule(rule), self.now).failing


def _without_past(candidate: Candidate) -> Candidate:
    """The contact as a first run would see it."""
    return candidate.model_copy(update={"used": frozenset(), "tasks": (), "waiting": {}})


def _floods(impact: Impact, settings: Settings) -> Iterator[str]:
    most = settings.caps.max_tasks
    for side, made in (("before", impact.before), ("after", impact.after)):
        if made > most:
            yield f"{side}: {made:,} tasks are more than max_tasks = {most:,}; such a run would write nothing"


def _unseen(question: Question) -> Iterator[str]:
    """What differs and acts only when something is taken in."""
    before, after = question.both
    if before.titles != after.titles:
        yield "titles.yaml differs; it is read when something comes in, so what is stored keeps its seniority"
    if before.responses != after.responses:
        yield "responses.yaml differs; it makes holds when a conversation comes in, so what is held stays held"
