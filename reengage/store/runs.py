"""Runs, decisions and tasks: read before, written in one transaction under the lock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, insert, or_, select, update

from reengage.engine.allocate import Load
from reengage.engine.news import ActiveRule
from reengage.engine.now import Now
from reengage.engine.tasks import LAPSES_AFTER, stands
from reengage.language.tree import Rule
from reengage.model.candidate import PastTask
from reengage.model.decision import Decision, Task
from reengage.model.words import Outcome, TaskState
from reengage.store import columns as t
from reengage.store.inserts import insert_all, insert_new
from reengage.store.versions import among, chunks


def last_run(connection: Connection) -> Any:
    """The row of the newest run, or None."""
    return connection.execute(select(t.RunRow.__table__).order_by(t.RunRow.id.desc()).limit(1)).first()


def latest_moment(connection: Connection) -> datetime | None:
    """When the last thing was recorded, by a run or by any arrival."""
    news = connection.execute(select(func.max(t.NewsRow.recorded_at))).scalar()
    runs = connection.execute(select(func.max(t.RunRow.at))).scalar()
    return max((moment for moment in (news, runs) if moment is not None), default=None)


def rules_known(connection: Connection, at: datetime) -> dict[str, str]:
    """The rules of the last run up to a moment and their revisions, by id; none where there was no run."""
    row = t.RunRow
    statement = select(row.rules).where(row.at <= at).order_by(row.id.desc()).limit(1)
    return dict(connection.execute(statement).scalar() or {})


def starts(
    connection: Connection, rules: Iterable[Rule], mark: int, at: datetime
) -> tuple[list[ActiveRule], list[str]]:
    """Where each rule's view begins, and the ids of those that are new or changed since an earlier run.

    In a project's first run every rule sees everything (design decision 9).
    """
    rows = connection.execute(select(t.RuleRevisionRow.__table__)).all()
    seen = {(row.rule, row.revision): row for row in rows}
    active, fresh = [], []
    for rule in rules:
        row = next((seen[id, rule.revision] for id in sorted(rule.ids) if (id, rule.revision) in seen), None)
        if row is not None:
            active.append(ActiveRule(rule, row.since_seq, row.since))
        elif not rows:
            active.append(ActiveRule(rule))
        else:
            active.append(ActiveRule(rule, mark, at))
            fresh.append(rule.id)
    return active, fresh


_MARGIN = timedelta(days=2)
"""More than any two time zones differ by."""


def load_of(connection: Connection, now: Now, accounts: Collection[str], owners: Collection[str]) -> Load:
    """What these companies and reps carry: tasks that stand by company, those made today by owner."""
    row = t.TaskRow
    columns = [getattr(row, name) for name in (*PastTask.model_fields, "account_key")]
    may_stand = and_(
        or_(row.closed_at.is_(None), row.closed_at > now.at), row.due >= now.today - LAPSES_AFTER - _MARGIN
    )
    asked = among(connection, row.account_key, {*accounts} - {""})
    by_account: Counter[str] = Counter()
    for found in connection.execute(select(*columns).where(row.created_at <= now.at, may_stand, asked)):
        if stands(PastTask(**{name: getattr(found, name) for name in PastTask.model_fields}), now):
            by_account[found.account_key] += 1
    made_today = and_(row.created_at >= now.start_of(now.today), row.created_at <= now.at)
    theirs = among(connection, row.owner, owners)
    by_owner = select(row.owner, func.count()).where(theirs, made_today).group_by(row.owner)
    return Load(by_account, Counter(dict(map(tuple, connection.execute(by_owner)))))


def begin(
    connection: Connection,
    *,
    at: datetime,
    slot: datetime | None,
    settings: str,
    watermark: int,
    signal_mark: int,
    active: Sequence[ActiveRule],
    candidates: int,
    later: Iterable[tuple[int, datetime]],
) -> int:
    """Begin to write a run, and returns its number; nobody is due any more but those who are told of.

    `later` says when to look at those whom a date brings and of whom nothing was read.
    """
    row = {
        "at": at,
        "slot": slot,
        "settings": settings,
        "watermark": watermark,
        "signal_mark": signal_mark,
        "rules": {one.rule.id: one.rule.revision for one in active},
        "outcomes": {},
        "candidates": candidates,
    }
    run_id = int(connection.execute(insert(t.RunRow).returning(t.RunRow.id), row).scalar_one())
    insert_new(connection, t.RuleRevisionRow, [_revision(one) for one in active])
    connection.execute(update(t.ContactRow).where(t.ContactRow.recheck_at <= at).values(recheck_at=None))
    _look_again(connection, later)
    return run_id


def add(connection: Connection, run_id: int, at: datetime, decisions: Sequence[Decision]) -> None:
    """Write some decisions of a run: with their tasks, the signals they use up, and when to look again."""
    told = [decision for decision in decisions if decision.outcome is not Outcome.NO_MATCH]
    insert_all(connection, insert(t.DecisionRow), [_decision(decision, run_id, at) for decision in told])
    tasks = [decision.task for decision in decisions if decision.task]
    insert_all(connection, insert(t.TaskRow), [_task(task, run_id) for task in tasks])
    used = [
        {
            "contact_id": decision.contact_id,
            "key": key,
            "task_key": decision.task.key if decision.task else decision.outcome.value,
            "recorded_at": at,
        }
        for decision in decisions
        for key in decision.used
    ]
    insert_new(connection, t.SignalUseRow, used)
    _look_again(connection, sorted((decision.contact_id, decision.recheck_at) for decision in decisions))


def end(connection: Connection, run_id: int, outcomes: Mapping[Outcome, int]) -> None:
    """Write what a run came to."""
    told = {outcome.value: count for outcome, count in sorted(outcomes.items()) if count}
    connection.execute(update(t.RunRow).where(t.RunRow.id == run_id).values(outcomes=told))


def existing_keys(connection: Connection, keys: Iterable[str]) -> set[str]:
    """Those of these task keys that were used before."""
    found: set[str] = set()
    for some in chunks(keys):
        asked = among(connection, t.TaskRow.key, some)
        found |= set(connection.execute(select(t.TaskRow.key).where(asked)).scalars())
    return found


def decisions_of(connection: Connection, contact: int, at: datetime, most: int = 10) -> list[Any]:
    """The newest decisions on a contact up to a moment, the newest first."""
    row = t.DecisionRow
    mine = select(row.__table__).where(row.contact_id == contact, row.recorded_at <= at)
    return list(connection.execute(mine.order_by(row.id.desc()).limit(most)))


def claim_slot(connection: Connection, slot: datetime) -> bool:
    """Whether this slot has not been run yet."""
    return connection.execute(select(t.RunRow.id).where(t.RunRow.slot == slot)).first() is None


def _revision(one: ActiveRule) -> dict[str, Any]:
    return {"rule": one.rule.id, "revision": one.rule.revision, "since_seq": one.since_seq, "since": one.since}


def _decision(decision: Decision, run_id: int, at: datetime) -> dict[str, Any]:
    names = ("contact_id", "outcome", "rule", "revision", "trigger", "reason")
    return {**{name: getattr(decision, name) for name in names}, "run_id": run_id, "recorded_at": at}


_TASK = ("key", "contact_id", "account_id", "account", "account_key", "rule", "revision", "trigger", "channel")
_MORE = ("priority", "subject", "note", "due", "owner", "because", "last_words", "created_at")


def _task(task: Task, run_id: int) -> dict[str, Any]:
    values = {name: getattr(task, name) for name in (*_TASK, *_MORE)}
    return {
        **values,
        "evidence": list(task.evidence),
        "run_id": run_id,
        "state": TaskState.OPEN,
    }


def _look_again(connection: Connection, moments: Iterable[tuple[int, datetime | None]]) -> None:
    """Set when time alone may next change the answer of everyone of these."""
    statement = update(t.ContactRow).where(t.ContactRow.id == bindparam("contact"))
    for some in chunks(moments):
        rows = [{"contact": contact, "moment": moment} for contact, moment in some]
        connection.execute(statement.values(recheck_at=bindparam("moment")), rows)
