"""Runs the tests that stand in rule files, with the real gate, matchers and proposals, on a stepped clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from reengage.app.hearing import certainty_of, read_titles
from reengage.app.judge import Judge, Judged, Start
from reengage.engine.allocate import Load, allocate
from reengage.engine.durable import InProcess
from reengage.engine.match import Finding
from reengage.engine.news import ActiveRule
from reengage.engine.now import Now
from reengage.engine.plain import judge
from reengage.engine.propose import Playbook
from reengage.engine.tasks import as_past, open_tasks
from reengage.language.ruleset import RuleSet
from reengage.language.testfile import Expectation, ExpectedTask, GivenContact, GivenSignal, InlineTest
from reengage.language.tree import Position
from reengage.model.candidate import Candidate, PastTask
from reengage.model.conversation import Conversation, Hold
from reengage.model.decision import Decision, Task
from reengage.model.optout import Standing
from reengage.model.people import Account, Contact, Employment, Owner
from reengage.model.settings import Settings
from reengage.model.signal import Heard, Signal
from reengage.model.words import AccountStatus, Certainty, Channel, HoldKind, Outcome, Response, TaskState
from reengage.people.moves import corroborate

REP = "rep@us.example"
"""Whose contact it is in a test that names no owner."""

NEWS_COMES, RUN_BEGINS = time(9), time(12)
"""When the signals of a test's day arrive and its run begins, UTC."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that was not met: where it stands, and what came instead."""

    test: str
    at: Position
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """All tests of a project: how many ran, and what failed."""

    passed: int
    failures: tuple[Failure, ...]


@dataclass(slots=True)
class _Story:
    """One test while it runs: what the contact has heard, and what came of it."""

    test: InlineTest
    rules: RuleSet
    tasks: list[PastTask] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def candidate(self, on: date) -> Candidate:
        """The contact as known on a day."""
        given = self.test.contact
        account = Account(id=1, name=given.account, status=given.account_status)
        heard = corroborate(_heard(self.test.signals, account, self.rules, on))
        return Candidate(
            contact=Contact(
                id=1,
                key="test",
                first_name=given.first_name,
                last_name=given.last_name,
                country=given.country,
                owner_email=given.owner or REP,
            ),
            hold=_hold(given, self.rules),
            employment=_employment(given, account, heard),
            conversation=_conversation(given),
            last_contacted=_noon(given.last_contacted_on or given.held_since),
            reachable=frozenset({Channel.EMAIL, Channel.PHONE, Channel.LINKEDIN}),
            heard=heard,
            used=frozenset(self.used),
            tasks=(*_earlier_task(given), *self.tasks),
            owners={given.owner or REP: Owner(email=given.owner or REP, territory=given.territory)},
        )

    def remember(self, decision: Decision) -> None:
        """Keep the task that was made, and the signals it used up."""
        self.used.update(decision.used)
        if decision.task:
            self.tasks.append(as_past(decision.task))


def run_tests(rules: RuleSet, settings: Settings, start: Start = InProcess) -> Report:
    """Run every inline test of the project against all its rules."""
    book = Playbook(
        tuple(ActiveRule(rule) for rule in rules.rules if rule.enabled), settings, rules.responses, rules.assets
    )
    failures: list[Failure] = []
    failed = 0
    with Judge(book, start) as judging:
        for test in rules.tests:
            found = list(_run_test(test, rules, book, judging))
            failures += found
            failed += bool(found)
    return Report(len(rules.tests) - failed, tuple(failures))


def _run_test(test: InlineTest, rules: RuleSet, book: Playbook, judging: Judge) -> Iterator[Failure]:
    story = _Story(test, rules)
    for expected in sorted(test.expect, key=lambda one: one.day):
        now = Now(_noon(expected.day), book.settings.zone)
        candidate = story.candidate(expected.day)
        decision = _decide(candidate, _standing(test.contact, expected.day), book, judging, now)
        message = _compare(expected, decision, candidate, book, now)
        if message:
            yield Failure(test.name, expected.at, message)
        story.remember(decision)


def _decide(candidate: Candidate, standing: Standing, book: Playbook, judging: Judge, now: Now) -> Decision:
    judging.result = Judged()
    judging.judge([candidate], {candidate.contact.id: standing}, now)
    result = judging.result
    return [*result.decisions, *allocate(result.proposals, Load(), book.settings.caps)][0]


def _compare(expected: Expectation, decision: Decision, candidate: Candidate, book: Playbook, now: Now) -> str | None:
    """What is wrong, in words, or None."""
    made = [decision.task] if decision.task else []
    missing = [wanted for wanted in expected.tasks if not any(_fits(wanted, task) for task in made)]
    if len(made) > len(expected.tasks):
        return f"{expected.day}: a task came that was not expected: {_shown(made[0])}"
    if missing:
        came = _shown(made[0]) if made else f"no task: {decision.outcome}, {decision.reason}"
        return f"{expected.day}: expected {_wanted(missing[0])}; came {came}"
    if expected.because and expected.because not in _reasons(decision, candidate, book, now):
        return (
            f"{expected.day}: expected silence because {expected.because}; it was {decision.outcome}: {decision.reason}"
        )
    return None


def _reasons(decision: Decision, candidate: Candidate, book: Playbook, now: Now) -> set[str]:
    """Every true answer to "why nothing?": the outcome, and whether a signal that would fire was used before."""
    reasons = {str(decision.outcome)}
    if decision.outcome is Outcome.NO_MATCH and candidate.used:
        unused = candidate.model_copy(update={"used": frozenset()})
        found = (judge(unused, active, now) for active in book.rules)
        if any(match is not None and match.finding is Finding.FIRES for match in found):
            reasons.add("already_fired")
            reasons |= {str(Outcome.ALREADY_TASKED)} if any(open_tasks(candidate, now)) else set()
    return reasons


def _fits(wanted: ExpectedTask, task: Task) -> bool:
    return all(_value(task, name) == value for name, value in wanted.values.items())


def _value(task: Task, name: str) -> str:
    return str(getattr(task, name))


def _shown(task: Task) -> str:
    return f'{task.rule}, {task.priority}, {task.channel}, "{task.subject}"'


def _wanted(wanted: ExpectedTask) -> str:
    return ", ".join(f'{name} "{value}"' for name, value in wanted.values.items())


def _standing(given: GivenContact, on: date) -> Standing:
    if given.opted_out_on is None or given.opted_out_on > on:
        return Standing()
    return Standing(everywhere=True, closed=frozenset(Channel), since=_noon(given.opted_out_on), source="test")


def _noon(day: date) -> datetime:
    return datetime.combine(day, RUN_BEGINS, UTC)


def _hold(given: GivenContact, rules: RuleSet) -> Hold:
    policy = rules.responses[Response(given.said)]
    kind = given.held or (HoldKind.SUPPRESSED if policy.hold == "suppressed" else HoldKind.SNOOZE)
    since = datetime.combine(given.held_since, time(), UTC)
    until = given.until or (policy.review_after.after(since).date() if policy.review_after else None)
    return Hold(
        id=1,
        kind=kind,
        since=since,
        until=until,
        promised=given.promised,
        response=given.said,
        category=given.category or policy.category,
        wake_on=given.wake_on,
    )


def _conversation(given: GivenContact) -> Conversation:
    return Conversation(
        id="test",
        at=datetime.combine(given.held_since, time(), UTC),
        channel=Channel.PHONE,
        rep_email=given.owner or REP,
        response=given.said,
        vendor=given.vendor,
        contract_ends=given.contract_ends,
    )


def _earlier_task(given: GivenContact) -> tuple[PastTask, ...]:
    if given.open_task_since is None:
        return ()
    return (
        PastTask(
            key="rx-earlier",
            rule="(an earlier task)",
            created_at=_noon(given.open_task_since),
            due=given.open_task_since + timedelta(days=2),
            channel=Channel.PHONE,
            state=TaskState.OPEN,
        ),
    )


def _heard(signals: Iterable[GivenSignal], account: Account, rules: RuleSet, on: date) -> list[Heard]:
    known = [(seq, given) for seq, given in enumerate(signals, 1) if given.day <= on]
    return [_one_heard(seq, given, account, rules) for seq, given in known]


def _one_heard(seq: int, given: GivenSignal, account: Account, rules: RuleSet) -> Heard:
    moment = datetime.combine(given.day, NEWS_COMES, UTC)
    facts = read_titles(dict(given.facts), rules.titles)
    signal = Signal(id=str(seq), source="test", kind=given.kind, occurred_at=moment, received_at=moment, facts=facts)
    return Heard(
        seq=seq,
        source="test",
        id=str(seq),
        kind=given.kind,
        occurred_at=moment,
        received_at=moment,
        certainty=certainty_of(signal, [account], rules.titles),
        facts=facts,
        account=_new_employer(facts) if given.kind == "job_change" else None,
    )


def _new_employer(facts: Mapping[str, object]) -> Account:
    return Account(name=str(facts.get("new_company", "")), status=AccountStatus.NEW)


def _employment(given: GivenContact, account: Account, heard: Sequence[Heard]) -> Employment:
    moves = [one for one in heard if one.kind == "job_change" and one.certainty is Certainty.CONFIRMED]
    last = max(moves, key=lambda one: one.occurred_at, default=None)
    if last is None or last.account is None:
        return Employment(account=account, title=given.title, seniority=given.seniority, department=given.department)
    return Employment(
        account=last.account,
        title=_fact(last, "new_title"),
        seniority=_fact(last, "new_seniority"),
        department=_fact(last, "new_department"),
    )


def _fact(heard: Heard, name: str) -> str | None:
    value = heard.facts.get(name)
    return str(value) if value is not None else None
