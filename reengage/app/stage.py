"""The contact of an inline test as a run would find it on a day: what it was told, what it heard, what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from reengage.app.hearing import certainty_of, read_titles
from reengage.engine.tasks import as_past
from reengage.language.ruleset import RuleSet
from reengage.language.testfile import GivenContact, GivenSignal, InlineTest
from reengage.model.candidate import Candidate, PastTask
from reengage.model.conversation import Conversation, Hold
from reengage.model.decision import Decision
from reengage.model.optout import Standing
from reengage.model.people import Account, Contact, Employment, Owner
from reengage.model.signal import Heard, Signal
from reengage.model.words import Certainty, Channel, HoldKind, Response, TaskState
from reengage.people.moves import corroborate

REP = "rep@us.example"
"""Whose contact it is in a test that names no owner."""

NEWS_COMES, RUN_BEGINS = time(9), time(12)
"""When the signals of a test's day arrive and its run begins, UTC."""


@dataclass(slots=True)
class Stage:
    """One test while it runs: what the contact has heard, and what came of it."""

    test: InlineTest
    rules: RuleSet
    tasks: list[PastTask] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def candidate(self, on: date) -> Candidate:
        """The contact as known on a day."""
        given = self.test.contact
        account = Account(id=1, name=given.account, status=given.account_status)
        heard = corroborate(_heard(self.test, account, self.rules, on))
        return Candidate(
            contact=Contact(
                id=1,
                key="test",
                first_name=given.first_name,
                last_name=given.last_name,
                country=given.country,
                owner_email=given.owner or REP,
                own_fields=dict(given.own_fields),
            ),
            hold=_hold(given, self.rules),
            employment=_employment(given, account, heard),
            conversation=_conversation(given),
            last_contacted=noon_of(given.last_contacted_on or given.held_since),
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


def standing_of(given: GivenContact, on: date) -> Standing:
    """What the ledger of stops would say of the contact on a day."""
    if given.opted_out_on is None or given.opted_out_on > on:
        return Standing()
    return Standing(everywhere=True, closed=frozenset(Channel), since=noon_of(given.opted_out_on), source="test")


def noon_of(day: date) -> datetime:
    """When the run of a day begins."""
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
            created_at=noon_of(given.open_task_since),
            due=given.open_task_since + timedelta(days=2),
            channel=Channel.PHONE,
            state=TaskState.OPEN,
        ),
    )


def _heard(test: InlineTest, account: Account, rules: RuleSet, on: date) -> list[Heard]:
    known = [(seq, given) for seq, given in enumerate(test.signals, 1) if given.day <= on]
    return [_one_heard(seq, given, test.contact, account, rules) for seq, given in known]


def _one_heard(seq: int, given: GivenSignal, contact: GivenContact, account: Account, rules: RuleSet) -> Heard:
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
        account=_new_employer(facts, contact) if given.kind == "job_change" else None,
    )


def _new_employer(facts: Mapping[str, object], contact: GivenContact) -> Account:
    return Account(name=str(facts.get("new_company", "")), status=contact.new_account_status)


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
