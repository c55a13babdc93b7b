"""One evaluation: read, judge, allocate, write everything in one transaction under the lock, or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from reengage.app import elsewhere
from reengage.app.crew import Progress, judge_pages
from reengage.app.judge import Judge, Start
from reengage.app.notices import empty_fields, looks_back, why_nothing
from reengage.app.project import Project
from reengage.app.restore import require_whole
from reengage.app.tally import Tally
from reengage.app.verdicts import Limit, Verdicts
from reengage.engine.durable import ChildProcess
from reengage.engine.news import ActiveRule
from reengage.engine.now import Now
from reengage.engine.propose import Playbook
from reengage.gate.admit import refuse
from reengage.language.ruleset import RuleSet
from reengage.model.base import in_utc
from reengage.model.decision import Decision, Summary
from reengage.model.errors import ReengageError, RunFailed, UsageError
from reengage.model.settings import Settings
from reengage.model.words import Outcome
from reengage.store import narrowing, optouts, runs
from reengage.store.database import Database

PAGE = 500
"""Contacts read and judged at a time."""

TRIES = 5
"""How often a run begins again because another one finished while it was judging."""


@dataclass(frozen=True, slots=True)
class Order:
    """How to run: at which moment, dry or not, for which slot; `backfill` names a rule that may look back.

    `everybody` judges every held contact instead of those with news; the outcome is the same (design decision 4).
    The summary keeps the first `keep` tasks and decisions; None: all of them, however many.
    """

    at: datetime
    dry_run: bool = False
    slot: datetime | None = None
    backfill: str | None = None
    limit: int | None = None
    everybody: bool = False
    keep: int | None = None


@dataclass(frozen=True, slots=True)
class _View:
    """What a run saw of the database when it began."""

    last: int | None
    active: tuple[ActiveRule, ...]
    fresh: tuple[str, ...]
    question: narrowing.Question
    asked: narrowing.Asked
    signal_mark: int


def run(
    database: Database,
    project: Project,
    order: Order,
    *,
    rules: RuleSet | None = None,
    start: Start = ChildProcess,
    page: int = PAGE,
    workers: int = 1,
    progress: Progress | None = None,
) -> Summary:
    """Evaluate once, judging in so many processes; the outcome does not depend on their number.

    Raises ReengageError above `max_tasks` and UsageError for a moment before the last run.
    """
    rules = rules or project.usable_rules()
    for _ in range(TRIES):
        summary = _attempt(database, project, rules, order, start, page, workers, progress)
        if summary is not None:
            return summary
    raise RunFailed("other runs kept finishing first", help="run again; nothing of this run was written")


def _attempt(
    database: Database,
    project: Project,
    rules: RuleSet,
    order: Order,
    start: Start,
    page: int,
    workers: int,
    progress: Progress | None,
) -> Summary | None:
    """One try; None where another run finished in the meantime and everything has to be looked at again."""
    settings = project.settings
    now = Now(in_utc(order.at), settings.zone)
    with database.reading() as connection:
        if not order.dry_run:
            require_whole(database, connection)
        view = _look(connection, rules, settings, order, now)
        heard = elsewhere.listen(connection, project.sources, now.at)
    if view is None:
        return _nothing_due(order, now)
    refusal = elsewhere.refusal(heard, settings.zone, "nothing was written")
    if refusal and not order.dry_run:
        raise refusal
    book = Playbook(view.active, settings, rules.responses, rules.assets)
    with Judge(book, start) as judge, Verdicts() as verdicts:
        for parcel in judge_pages(database, judge, view.asked.pages(page), now, workers=workers, progress=progress):
            verdicts.add(parcel)
        told = _fresh_notices(database, view, settings, rules, now, start, page, workers)
        with database.reading() as connection:
            load = runs.load_of(connection, now, verdicts.accounts, verdicts.owners)
        _refuse_flood(verdicts.share_out(load, settings.caps, _limit(order)), settings)
        tally, run_id = Tally(order.keep), None
        tally.outcomes[Outcome.NO_MATCH] = view.asked.total - verdicts.judged
        if order.dry_run:
            for decisions in verdicts:
                tally.add(decisions)
        elif (run_id := _write(database, order, view, now, verdicts, tally, _digest(settings))) is None:
            return None
        overdue = elsewhere.overdue(heard, settings.zone)
        said = dict.fromkeys((*judge.result.notices, *verdicts.notices))
        return _summary(run_id, order, view, judge.matchers, tally, [*overdue, *said, *told])


def _look(connection: Connection, rules: RuleSet, settings: Settings, order: Order, now: Now) -> _View | None:
    if order.slot is not None and not runs.claim_slot(connection, order.slot):
        return None
    last = runs.last_run(connection)
    if last is not None and now.at < last.at and not order.dry_run:
        raise UsageError(
            f"the last run was at {last.at.isoformat()}, after {now.at.isoformat()}",
            help="add --dry-run to look at an earlier moment",
        )
    mark = narrowing.signal_mark(connection, now.at)
    enabled = [rule for rule in rules.rules if rule.enabled]
    active, fresh = runs.starts(connection, enabled, mark, now.at)
    active = _look_back(active, order)
    replay = last is not None and now.at < last.at
    changed = last is not None and last.settings != _digest(settings)
    question = narrowing.Question(
        now=now,
        after_seq=last.watermark if last and not replay else 0,
        up_to_seq=narrowing.watermark(connection, now.at),
        everybody=order.everybody or replay or changed or last is None or order.backfill is not None,
        rules=None if order.everybody else tuple(active),
    )
    asked = narrowing.ask(connection, question)
    return _View(last.id if last else None, tuple(active), tuple(fresh), question, asked, mark)


def _digest(settings: Settings) -> str:
    """What a run was told; where it is told something else, everybody is judged again."""
    return hashlib.sha256(settings.model_dump_json().encode()).hexdigest()[:12]


def _look_back(active: Sequence[ActiveRule], order: Order) -> list[ActiveRule]:
    if order.backfill is None:
        return list(active)
    if order.backfill not in {one.rule.id for one in active}:
        raise UsageError(f'no enabled rule is called "{order.backfill}"', help="reengage check lists the rules")
    return [ActiveRule(one.rule) if one.rule.id == order.backfill else one for one in active]


def _fresh_notices(
    database: Database,
    view: _View,
    settings: Settings,
    rules: RuleSet,
    now: Now,
    start: Start,
    page: int,
    workers: int,
) -> list[str]:
    """How many earlier signals each new or changed rule would act on, had it been there (design decision 9)."""
    notices = []
    for id in view.fresh:
        rule = next(one.rule for one in view.active if one.rule.id == id)
        book = Playbook((ActiveRule(rule),), settings, rules.responses, rules.assets)
        everybody = narrowing.Question(now, 0, view.question.up_to_seq, everybody=True, rules=book.rules)
        with database.reading() as connection:
            asked = narrowing.ask(connection, everybody)
        with Judge(book, start) as looking_back:
            parcels = judge_pages(database, looking_back, asked.pages(page), now, workers=workers)
            notices.append(looks_back(id, sum(len(parcel.claims) for parcel in parcels)))
    return notices


def _limit(order: Order) -> Limit | None:
    """How many tasks a rule that looks back may make; the rest are capped."""
    return None if order.backfill is None or order.limit is None else Limit(order.backfill, order.limit)


def _refuse_flood(made: int, settings: Settings) -> None:
    if made > settings.caps.max_tasks:
        raise ReengageError(
            f"this run would make {made:,} tasks, more than max_tasks = {settings.caps.max_tasks:,}; none was written",
            help="look at them with --dry-run, then raise max_tasks under [caps] in reengage.toml or narrow the rules",
        )


def _write(
    database: Database,
    order: Order,
    view: _View,
    now: Now,
    verdicts: Verdicts,
    tally: Tally,
    settings: str,
) -> int | None:
    """Everything in one transaction under the lock; the gate is asked again inside it. Returns the run's number."""
    with database.writing() as connection:
        database.one_run_at_a_time(connection)
        latest = runs.last_run(connection)
        if (latest.id if latest else None) != view.last:
            return None
        run_id = runs.begin(
            connection,
            at=now.at,
            slot=order.slot,
            settings=settings,
            watermark=view.question.up_to_seq,
            signal_mark=view.signal_mark,
            active=view.active,
            candidates=view.asked.total,
            later=((contact, now.start_of(day)) for contact, day in sorted(view.asked.later.items())),
        )
        for decisions in verdicts:
            final = _ask_again(connection, decisions)
            runs.add(connection, run_id, now.at, final)
            tally.add(final)
        runs.end(connection, run_id, tally.outcomes)
    return run_id


def _ask_again(connection: Connection, decisions: Sequence[Decision]) -> list[Decision]:
    """Refuse what the ledger or an earlier task forbids at the last moment."""
    tasks = [decision.task for decision in decisions if decision.task]
    standings = optouts.standings(connection, sorted({task.contact_id for task in tasks}))
    known = runs.existing_keys(connection, [task.key for task in tasks])
    final = []
    for decision in decisions:
        if decision.task is not None:
            refusal = refuse(standings[decision.task.contact_id], decision.task.channel)
            if refusal is None and decision.task.key in known:
                refusal = Outcome.ALREADY_TASKED, f"task {decision.task.key} was made before"
            if refusal is not None:
                changes = {"outcome": refusal[0], "reason": refusal[1], "task": None, "used": ()}
                decision = decision.model_copy(update=changes)
        final.append(decision)
    return final


def _summary(
    run_id: int | None,
    order: Order,
    view: _View,
    matchers: tuple[str, ...],
    tally: Tally,
    notices: Sequence[str],
) -> Summary:
    total = view.asked.total
    return Summary(
        run_id=run_id,
        at=in_utc(order.at),
        rules={one.rule.id: one.rule.revision for one in view.active},
        matchers=matchers,
        candidates=total,
        outcomes={outcome.value: tally.outcomes[outcome] for outcome in Outcome if tally.outcomes[outcome]},
        tasks=tuple(tally.tasks),
        notices=(*notices, *why_nothing(view.last, total, tally), *empty_fields(tally)),
        decisions=tuple(tally.decisions),
    )


def _nothing_due(order: Order, now: Now) -> Summary:
    notice = f"the slot of {order.slot.isoformat() if order.slot else ''} has been run"
    return Summary(
        run_id=None, at=now.at, rules={}, matchers=(), candidates=0, outcomes={}, tasks=(), notices=(notice,)
    )
