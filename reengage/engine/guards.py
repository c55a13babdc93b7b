"""What holds a rule back although it fires, and when that ends: an open task, a promised date, a rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from reengage.engine.care import crowd_around
from reengage.engine.now import Now
from reengage.engine.tasks import LAPSES_AFTER, open_tasks
from reengage.language.tree import Rule, Span
from reengage.model.candidate import Candidate, PastTask
from reengage.model.settings import Settings
from reengage.model.words import Outcome


@dataclass(frozen=True, slots=True)
class Guard:
    """One thing that stands before a task, the outcome that it leads to, and when it ends at the latest."""

    outcome: Outcome
    what: str
    until: datetime


def guards_before(
    rule: Rule, candidate: Candidate, settings: Settings, now: Now, kind: str | None = None
) -> tuple[Guard, ...]:
    """What would keep this rule from making a task now, by a signal of this kind (any of its own where None)."""
    found = (
        *(_open_task(candidate, now), _promise(rule, candidate, now, kind), _crowd(candidate, settings, now)),
        *_rests(rule, candidate, settings, now),
    )
    return tuple(guard for guard in found if guard is not None and guard.until > now.at)


def _open_task(candidate: Candidate, now: Now) -> Guard | None:
    task = max(open_tasks(candidate, now), key=lambda task: _lapses(task, now), default=None)
    if task is None:
        return None
    what = f"task {task.key} of {now.day_of(task.created_at)} is open"
    return Guard(Outcome.ALREADY_TASKED, what, _lapses(task, now))


def _lapses(task: PastTask, now: Now) -> datetime:
    return now.start_of(task.due) + LAPSES_AFTER


def _promise(rule: Rule, candidate: Candidate, now: Now, kind: str | None) -> Guard | None:
    hold = candidate.hold
    kinds = {kind} if kind else rule.when.kinds
    if not (hold.promised and hold.until) or (rule.before_promise and "job_change" in kinds):
        return None
    return Guard(Outcome.DEFERRED, f"they asked to be left until {hold.until}", now.start_of(hold.until))


def _crowd(candidate: Candidate, settings: Settings, now: Now) -> Guard | None:
    crowd = crowd_around(candidate, settings.caps, now)
    return Guard(Outcome.COOLDOWN, crowd.told, crowd.until) if crowd else None


def _rests(rule: Rule, candidate: Candidate, settings: Settings, now: Now) -> Iterator[Guard | None]:
    rest = Span(settings.contact_cooldown_days, "day")
    yield _rest(f"the contact rests {rest}", candidate.tasks, lambda task: rest.after(task.created_at), now)
    own = [task for task in candidate.tasks if task.rule in rule.ids]
    yield _rest(f"{rule.id} rests {rule.cooldown}", own, lambda task: rule.cooldown.after(task.created_at), now)


def _rest(what: str, tasks: Sequence[PastTask], ends: Callable[[PastTask], datetime], now: Now) -> Guard | None:
    last = max(tasks, key=ends, default=None)
    if last is None:
        return None
    return Guard(Outcome.COOLDOWN, f"a task was made on {now.day_of(last.created_at)}, and {what}", ends(last))
