"""Per contact and pure: what the matches of one contact come to, a proposal or the reason why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from reengage.engine.brief import Story, last_words, write_because, write_note, write_subject
from reengage.engine.calendar import Calendar
from reengage.engine.care import crowd_around
from reengage.engine.channel import choose_channel
from reengage.engine.match import Finding, Match
from reengage.engine.news import ActiveRule, dates_heard, everything_heard, good_until
from reengage.engine.now import Now
from reengage.engine.owner import choose_owner
from reengage.engine.plain import ask, ask_heard, judge
from reengage.engine.recheck import next_turn
from reengage.engine.relevance import Relevance
from reengage.engine.tasks import as_past, dedupe_key, open_tasks
from reengage.gate.admit import Admitted
from reengage.language.assets import Asset
from reengage.language.responses import Policy
from reengage.language.tree import Span
from reengage.model.candidate import Candidate, PastTask
from reengage.model.decision import Decision, Task
from reengage.model.settings import Settings
from reengage.model.signal import Heard
from reengage.model.words import Channel, Outcome, Response


@dataclass(frozen=True)
class Playbook:
    """What judgement knows beside the rules: settings, how each response is handled, what there is to bring."""

    rules: tuple[ActiveRule, ...]
    settings: Settings
    responses: Mapping[Response, Policy]
    assets: Mapping[str, Asset]

    def rule(self, id: str) -> ActiveRule:
        """The active rule of this id."""
        return self._by_id[id]

    @cached_property
    def relevance(self) -> Relevance:
        """Which of the rules could say something of a contact."""
        return Relevance(self.rules)

    @cached_property
    def _by_id(self) -> dict[str, ActiveRule]:
        return {active.rule.id: active for active in self.rules}


class Proposal(NamedTuple):
    """A task that nothing about the contact forbids; caps may still."""

    task: Task
    newest: datetime
    used: tuple[str, ...]
    recheck_at: datetime | None

    def accept(self) -> Decision:
        """The decision that creates the task and uses up its signals."""
        return self._decide(Outcome.TASK, self.task.because, self.recheck_at, self.task, self.used)

    def decline(self, outcome: Outcome, reason: str) -> Decision:
        """The decision that keeps the signals for a later run, which looks again whenever it is."""
        return self._decide(outcome, reason, self.task.created_at)

    def _decide(
        self,
        outcome: Outcome,
        reason: str,
        recheck_at: datetime | None,
        created: Task | None = None,
        used: tuple[str, ...] = (),
    ) -> Decision:
        task = self.task
        return Decision(
            contact_id=task.contact_id,
            contact_key=task.contact_key,
            outcome=outcome,
            rule=task.rule,
            revision=task.revision,
            trigger=task.trigger,
            reason=reason,
            task=created,
            used=used,
            recheck_at=recheck_at,
        )


@dataclass(frozen=True)
class _Case:
    """One contact with its matches, at one moment."""

    admitted: Admitted
    matches: tuple[Match, ...]
    book: Playbook
    now: Now

    @property
    def candidate(self) -> Candidate:
        return self.admitted.candidate

    def heard(self, match: Match) -> tuple[Heard, ...]:
        """The signals of a match, the trigger first."""
        rule = self.book.rule(match.rule).rule
        dates = {heard.key: heard for heard in dates_heard(self.candidate, rule, self.now)}
        return tuple(dates.get(key) or self._stored[key] for key in match.evidence)

    @cached_property
    def _stored(self) -> dict[str, Heard]:
        return {heard.key: heard for heard in self.candidate.heard}

    def close(self, outcome: Outcome, reason: str, match: Match | None = None, used: Iterable[str] = ()) -> Decision:
        """A decision without a task, and when to look again."""
        contact = self.candidate.contact
        stale = _gone_stale(self)
        told = "; ".join((*((reason,) if reason else ()), *map(self._tell_stale, stale)))
        gone = tuple(sorted({*used, *(_mark(one.rule, one.trigger) for one in stale)}))
        return Decision(
            contact_id=contact.id,
            contact_key=contact.key,
            outcome=outcome,
            rule=match.rule if match else None,
            revision=self.book.rule(match.rule).rule.revision if match else None,
            trigger=match.trigger if match else None,
            reason=told,
            used=gone,
            recheck_at=self.look_again(gone, self.candidate.tasks),
        )

    def wait(self, outcome: Outcome, reason: str, match: Match) -> Decision:
        """A decision that settings may turn: the next run looks again, whenever it is."""
        return self.close(outcome, reason, match).model_copy(update={"recheck_at": self.now.at})

    def _tell_stale(self, match: Match) -> str:
        heard = self.heard(match)[0]
        return f"the {heard.kind} of {self.now.day_of(heard.occurred_at)} went stale while it waited for {match.rule}"

    def look_again(self, gone: Sequence[str], tasks: tuple[PastTask, ...]) -> datetime | None:
        """When the verdict may next differ, once these signals are used up and these tasks exist.

        What is left may fire at once; then the next run looks again, whenever it is.
        """
        changes = {"used": self.candidate.used.union(gone), "tasks": tasks}
        after = self.candidate.model_copy(update=changes)
        concerns = self.book.relevance.concerns(self.candidate)
        rest = [one for one in concerns if one.dates or any(heard.key not in after.used for heard in one.heard)]
        left = (judge(after, one.active, self.now, one.heard) for one in rest) if gone else ()
        if any(match is not None and match.finding is Finding.FIRES for match in left):
            return self.now.at
        cooldown = timedelta(days=self.book.settings.contact_cooldown_days)
        return next_turn(after, rest, cooldown, self.now)


def propose(admitted: Admitted, matches: Iterable[Match], book: Playbook, now: Now) -> Proposal | Decision:
    """What one contact's matches come to at this moment."""
    ordered = sorted(matches, key=lambda match: book.rule(match.rule).rule.order)
    case = _Case(admitted, tuple(ordered), book, now)
    firing = [match for match in case.matches if match.finding is Finding.FIRES]
    standing = next(open_tasks(case.candidate, now), None)
    if firing and standing:
        used = (key for match in firing for key in match.evidence)
        return case.close(Outcome.ALREADY_TASKED, f"task {standing.key} is open; the news joins it", firing[0], used)
    held_back = [(match, _hold_back(case, match)) for match in firing]
    free = [match for match, kept in held_back if kept is None]
    if free:
        return _draft(case, min(free, key=lambda match: _urgency(case, match)), free)
    kept = [(match, reason) for match, reason in held_back if reason is not None]
    if kept:
        match, (outcome, reason) = min(kept, key=lambda pair: _URGENT.index(pair[1][0]))
        return case.close(outcome, reason, match)
    return _silence(case)


def disagree(admitted: Admitted, book: Playbook, now: Now) -> Decision:
    """The decision where the two matchers do not say the same: nothing fires, a person looks."""
    return _Case(admitted, (), book, now).close(
        Outcome.NEEDS_REVIEW, "the two matchers disagree on this contact; please report it"
    )


_URGENT = (Outcome.DEFERRED, Outcome.COOLDOWN)


def _urgency(case: _Case, match: Match) -> tuple[int, float, int]:
    rule = case.book.rule(match.rule).rule
    newest = case.heard(match)[0].occurred_at.timestamp()
    return (rule.then.priority.rank, -newest, rule.order)


def _hold_back(case: _Case, match: Match) -> tuple[Outcome, str] | None:
    """Why a rule that fires may not create its task yet: a promised date, or a rest."""
    candidate, rule, now = case.candidate, case.book.rule(match.rule).rule, case.now
    hold, trigger = candidate.hold, case.heard(match)[0]
    lifted = rule.before_promise and trigger.kind == "job_change"
    if hold.promised and hold.until and now.today < hold.until and not lifted:
        return Outcome.DEFERRED, f"they asked to be left until {hold.until}; the {trigger.kind} waits until then"
    if crowd := crowd_around(candidate, case.book.settings.caps, now):
        return Outcome.COOLDOWN, crowd.told
    rest = Span(case.book.settings.contact_cooldown_days, "day")
    for task in candidate.tasks:
        if rest.after(task.created_at) > now.at:
            return (
                Outcome.COOLDOWN,
                f"a task was made on {now.day_of(task.created_at)}; the contact rests {rest}",
            )
        over = rule.cooldown.after(task.created_at)
        if task.rule in rule.ids and over > now.at:
            return Outcome.COOLDOWN, f"{rule.id} made a task on {now.day_of(task.created_at)} and rests {rule.cooldown}"
    return None


def _silence(case: _Case) -> Decision:
    """The outcome where nothing fires: doubt first, then what stopped it, then what went stale."""
    for finding, outcome in (
        (Finding.DOUBTFUL, Outcome.NEEDS_REVIEW),
        (Finding.STOPPED, Outcome.STOPPED),
        (Finding.UNKNOWN, Outcome.UNKNOWN),
    ):
        match = next((match for match in case.matches if match.finding is finding), None)
        if match is not None:
            return case.close(outcome, _told(case, match), match)
    if stale := _gone_stale(case):
        return case.close(Outcome.EXPIRED, "", stale[0])
    standing = next(open_tasks(case.candidate, case.now), None)
    if standing:
        day = case.now.day_of(standing.created_at)
        return case.close(Outcome.NO_MATCH, f"nothing new since task {standing.key} of {day}")
    return case.close(Outcome.NO_MATCH, "no rule describes this contact and its news")


def _told(case: _Case, match: Match) -> str:
    trigger, rule = case.heard(match)[0], case.book.rule(match.rule).rule
    if match.finding is Finding.DOUBTFUL:
        return f"the {trigger.kind} is only {trigger.certainty}; confirm or reject it with `reengage review`"
    wanted = True if match.finding is Finding.STOPPED else None
    for line in rule.unless:
        answer = ask(line, case.candidate, trigger, case.now)
        if answer.holds is wanted:
            return (
                f"stopped by unless {line} (it is {answer.value})"
                if wanted
                else f"unless {line.name} is unknown, and unknown never fires"
            )
    heard = next(
        one.heard
        for one in (ask_heard(block, case.candidate, case.now) for block in rule.unless_heard)
        if one.holds is wanted and one.heard
    )
    told = f"{heard.kind} of {case.now.day_of(heard.occurred_at)}"
    return f"stopped by unless {told}" if wanted else f"unless {told} is in doubt, and doubt never fires"


def _gone_stale(case: _Case) -> list[Match]:
    """What an earlier run kept back and what has gone stale since, said once for each rule and signal."""
    candidate, now = case.candidate, case.now
    waiting = set(candidate.waiting.values())
    return [
        Match(active.rule.id, Finding.FIRES, heard.key, (heard.key,))
        for active in (case.book.rules if waiting else ())
        if active.rule.id in waiting
        for heard in everything_heard(candidate, active.rule, now)
        if candidate.waiting.get(heard.key) == active.rule.id
        and not candidate.used & {heard.key, _mark(active.rule.id, heard.key)}
        and good_until(heard, active.rule, candidate, now) < now.at
    ]


def _mark(rule: str, key: str) -> str:
    """What is used up when a signal goes stale: not the signal, which another rule may still want, but its wait."""
    return f"stale/{rule}/{key}"


def _draft(case: _Case, match: Match, free: Sequence[Match]) -> Proposal | Decision:
    """The task of the winning match; the signals of the losing ones go with it."""
    candidate, book, now = case.candidate, case.book, case.now
    rule, used = book.rule(match.rule).rule, case.heard(match)
    policy = book.responses[candidate.hold.response]
    choice = choose_channel(case.admitted, rule, policy.next_channels, book.settings.caps, now)
    if choice is None:
        return case.wait(Outcome.CAPPED, "every open channel has had its touches", match)
    owner, owner_why = choose_owner(candidate, rule, book.settings)
    if owner is None:
        return case.wait(Outcome.NEEDS_REVIEW, owner_why, match)
    calendar = Calendar(owner.time_zone or book.settings.zone, owner.country or book.settings.country)
    due = calendar.due_on(rule.then.due, now.at)
    story = Story(candidate, rule, used, policy, now)
    because = write_because(story)
    account = used[0].account or candidate.account
    asset = book.assets.get(rule.then.bring) if rule.then.bring else None
    contact = candidate.contact
    marks = {_mark(one.rule, one.trigger) for one in _gone_stale(case)}
    gone = tuple(sorted({key for one in free for key in one.evidence} | marks))
    task = Task(
        key=dedupe_key(rule.id, contact.key, match.trigger),
        rule=rule.id,
        revision=rule.revision,
        contact_id=contact.id,
        contact_key=contact.key,
        contact_name=f"{contact.first_name} {contact.last_name}".strip() or contact.key,
        account_id=account.id if account else None,
        account=(account.name or account.domain or "") if account else "",
        account_key=str(account.id or account.domain or account.name) if account else "",
        channel=choice.channel,
        priority=rule.then.priority,
        subject=write_subject(story),
        note=write_note(story, because, choice, due, owner_why, asset, _closed(case.admitted)),
        due=due.day,
        owner=owner.email,
        because=because,
        last_words=last_words(candidate),
        evidence=tuple(_evidence(heard) for heard in used),
        trigger=match.trigger,
        created_at=now.at,
    )
    return Proposal(
        task=task,
        newest=used[0].occurred_at,
        used=gone,
        recheck_at=case.look_again(gone, (*candidate.tasks, as_past(task))),
    )


def _closed(admitted: Admitted) -> str:
    closed = sorted(set(Channel) - admitted.open_channels)
    return f" Closed by their wish: {', '.join(closed)}." if closed else ""


def _evidence(heard: Heard) -> dict[str, object]:
    return {
        "kind": heard.kind,
        "source": heard.source,
        "id": heard.id,
        "occurred_at": heard.occurred_at.isoformat(),
        "facts": {
            name: str(value) if not isinstance(value, int | float) else value for name, value in heard.facts.items()
        },
    }
