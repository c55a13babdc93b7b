"""What a task says and to whom, by what channel, and what holds it back."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reengage.engine.allocate import Load, allocate
from reengage.engine.news import ActiveRule
from reengage.engine.now import Now
from reengage.engine.plain import PlainMatcher
from reengage.engine.propose import Playbook, Proposal, propose
from reengage.gate.admit import admit
from reengage.language.ruleset import load_rules
from reengage.language.tree import Rule
from reengage.model.candidate import Candidate, PastTask
from reengage.model.conversation import Conversation, Hold
from reengage.model.decision import Decision, Task
from reengage.model.optout import Standing
from reengage.model.people import Account, Contact, Employment, Owner
from reengage.model.settings import Caps, Settings
from reengage.model.signal import Heard
from reengage.model.words import AccountStatus, Channel, HoldKind, Outcome, Priority, Response, TaskState

STARTER = load_rules(Path(__file__).parents[2] / "rules")
JOB = next(rule for rule in STARTER.rules if rule.id == "job-change-not-now")
AT = datetime(2026, 10, 9, 9, tzinfo=UTC)
NO_STOP = Standing()
INITECH = Account(id=1, name="Initech", domain="initech.example", status=AccountStatus.PROSPECT)
HOOLI = Account(name="Hooli", status=AccountStatus.NEW)
SETTINGS = Settings(zone="America/New_York", country="US")
REPS = {
    "pat@us.example": Owner(email="pat@us.example", time_zone="America/New_York", country="US"),
    "kim@us.example": Owner(email="kim@us.example", active=False, manager_email="lee@us.example"),
    "lee@us.example": Owner(email="lee@us.example"),
}


def moved(seq: int = 1, days: int = 3, **facts: Any) -> Heard:
    told = {
        "new_company": "Hooli",
        "new_title": "VP Sales",
        "new_seniority": "vp",
        "previous_company": "Initech",
        **facts,
    }
    when = AT - timedelta(days=days)
    return Heard(
        seq=seq,
        source="news",
        id=str(seq),
        kind="job_change",
        occurred_at=when,
        received_at=when,
        facts=told,
        account=HOOLI,
    )


def dana(**changes: Any) -> Candidate:
    talk = Conversation(
        id="K1",
        at=AT - timedelta(days=200),
        channel=Channel.PHONE,
        rep_email="pat@us.example",
        response=Response.NOT_NOW,
        their_words="Ask me again after the summer.",
    )
    usual: dict[str, Any] = {
        "contact": Contact(id=1, key="C1", first_name="Dana", last_name="Reyes"),
        "hold": Hold(id=1, kind=HoldKind.SNOOZE, since=talk.at, response=Response.NOT_NOW, category="timing"),
        "employment": Employment(account=INITECH),
        "conversation": talk,
        "last_contacted": talk.at,
        "reachable": frozenset({Channel.EMAIL, Channel.PHONE}),
        "heard": (moved(),),
        "owners": REPS,
    }
    return Candidate(**{**usual, **changes})


def conclude(
    candidate: Candidate,
    *rules: Rule,
    standing: Standing = NO_STOP,
    settings: Settings = SETTINGS,
    at: datetime = AT,
) -> Proposal | Decision:
    book = Playbook(tuple(map(ActiveRule, rules or (JOB,))), settings, STARTER.responses, STARTER.assets)
    now = Now(at, settings.zone)
    (admitted,) = admit([candidate], {1: standing}).admitted
    matches = PlainMatcher(book.rules).match([admitted], now)
    return propose(admitted, matches[1], book, now)


def task_of(candidate: Candidate, *rules: Rule, **how: Any) -> Task:
    concluded = conclude(candidate, *rules, **how)
    assert isinstance(concluded, Proposal), concluded
    return concluded.task


def decision_of(candidate: Candidate, *rules: Rule, **how: Any) -> Decision:
    concluded = conclude(candidate, *rules, **how)
    assert isinstance(concluded, Decision), concluded
    return concluded


def with_talk(**changes: Any) -> Candidate:
    talk = dana().conversation
    assert talk is not None
    return dana(conversation=talk.model_copy(update=changes))


def test_why_now_stands_in_the_first_fifty_characters_of_the_subject() -> None:
    assert task_of(dana()).subject[:50] == "Dana is now VP Sales at Hooli"


def test_the_note_has_everything_a_rep_needs() -> None:
    note = task_of(dana()).note
    for words in (
        "Why now: moved to Hooli as VP Sales, before at Initech (6 Oct 2026, source news)",
        "Last time: 23 Mar 2026 by phone with pat@us.example. Their words: “Ask me again after the summer.”",
        "Open with: “We spoke in March, when the timing was not right.”",
        "Do: reach out by email (the last no came by phone). Bring something new: ",
        "Do not: repeat the old pitch or write only to check in.",
        "Yours because you had the earlier conversation.",
    ):
        assert words in note


def test_due_counts_business_days_of_the_owner_and_shows_how() -> None:
    task = task_of(dana())
    assert task.due == date(2026, 10, 14)
    assert "Columbus Day" in task.note
    abroad = task_of(with_talk(rep_email="lee@us.example"), settings=Settings(zone="Europe/Berlin", country="DE"))
    assert abroad.due == date(2026, 10, 13)


@pytest.mark.parametrize(
    ("closed", "reachable", "last", "chosen"),
    [
        ({}, {Channel.EMAIL, Channel.PHONE}, Channel.PHONE, Channel.EMAIL),
        ({}, {Channel.EMAIL, Channel.PHONE}, Channel.EMAIL, Channel.PHONE),
        ({Channel.EMAIL}, {Channel.EMAIL, Channel.LINKEDIN}, Channel.PHONE, Channel.LINKEDIN),
        ({Channel.EMAIL, Channel.LINKEDIN}, {Channel.PHONE}, Channel.PHONE, Channel.PHONE),
    ],
)
def test_another_channel_than_last_and_never_a_closed_one(
    closed: set[Channel], reachable: set[Channel], last: Channel, chosen: Channel
) -> None:
    person = with_talk(channel=last).model_copy(update={"reachable": frozenset(reachable)})
    task = task_of(person, standing=Standing(closed=frozenset(closed)))
    assert task.channel is chosen
    if closed:
        assert "Closed by their wish" in task.note


def test_a_rule_that_asks_for_a_closed_channel_does_not_get_it() -> None:
    asks = replace(JOB, then=replace(JOB.then, channel="email"))
    assert task_of(dana(), asks).channel is Channel.EMAIL
    assert task_of(dana(), asks, standing=Standing(closed=frozenset({Channel.EMAIL}))).channel is not Channel.EMAIL


def test_after_its_emails_a_hold_changes_the_medium() -> None:
    mailed = PastTask(
        key="x",
        rule="other",
        created_at=AT - timedelta(days=60),
        due=date(2026, 8, 12),
        channel=Channel.EMAIL,
        state=TaskState.COMPLETED,
        closed_at=AT - timedelta(days=50),
    )
    once = Settings(zone="UTC", caps=Caps(email_touches=1))
    assert task_of(dana(tasks=(mailed,)), settings=once).channel is Channel.LINKEDIN
    assert task_of(dana(tasks=(mailed,))).channel is Channel.EMAIL


@pytest.mark.parametrize(
    ("rep", "owner", "default", "gets"),
    [
        ("pat@us.example", None, None, "pat@us.example"),
        ("kim@us.example", None, None, "lee@us.example"),
        (None, "pat@us.example", None, "pat@us.example"),
        (None, None, "lead@us.example", "lead@us.example"),
        ("new@us.example", None, None, "new@us.example"),
    ],
)
def test_the_rep_of_the_conversation_or_the_manager_or_the_default(
    rep: str | None, owner: str | None, default: str | None, gets: str
) -> None:
    person = with_talk(rep_email=rep)
    person = person.model_copy(update={"contact": person.contact.model_copy(update={"owner_email": owner})})
    assert task_of(person, settings=Settings(default_owner=default)).owner == gets


def test_without_any_owner_a_person_has_to_look() -> None:
    decision = decision_of(with_talk(rep_email=None))
    assert decision.outcome is Outcome.NEEDS_REVIEW
    assert "default_owner" in decision.reason


def test_two_managers_who_stand_in_for_each_other_do_not_loop() -> None:
    reps = {
        name: Owner(email=name, active=False, manager_email=other)
        for name, other in (("a@x.example", "b@x.example"), ("b@x.example", "a@x.example"))
    }
    decision = decision_of(with_talk(rep_email="a@x.example").model_copy(update={"owners": reps}))
    assert decision.outcome is Outcome.NEEDS_REVIEW


def test_a_promised_date_defers_and_a_review_date_does_not() -> None:
    hold = dana().hold
    promised = dana(hold=hold.model_copy(update={"until": date(2026, 12, 1), "promised": True}))
    decision = decision_of(promised)
    assert (decision.outcome, decision.used) == (Outcome.DEFERRED, ())
    assert decision.recheck_at == datetime(2026, 12, 1, 5, tzinfo=UTC)
    reviewed = dana(hold=hold.model_copy(update={"until": date(2026, 12, 1)}))
    assert task_of(reviewed)
    lifted = replace(JOB, before_promise=True)
    assert task_of(promised, lifted)


def test_a_date_that_lies_ahead_is_looked_at_again_whatever_else_there_was() -> None:
    contract = next(rule for rule in STARTER.rules if rule.id == "vendor-contract-ends")
    talk = dana().conversation
    assert talk is not None
    ahead = {"response": Response.ALREADY_WITH_VENDOR, "contract_ends": date(2027, 6, 30)}
    held = dana().hold.model_copy(update={"response": Response.ALREADY_WITH_VENDOR, "category": None})
    decision = decision_of(dana(hold=held, conversation=talk.model_copy(update=ahead)), contract, JOB)
    assert decision.outcome is Outcome.NO_MATCH
    assert decision.recheck_at == datetime(2027, 4, 1, 4, tzinfo=UTC)


def test_a_task_that_stands_takes_the_news_in_and_a_rest_keeps_it() -> None:
    made = PastTask(
        key="rx-1",
        rule="other",
        created_at=AT - timedelta(days=5),
        due=date(2026, 10, 6),
        channel=Channel.PHONE,
        state=TaskState.OPEN,
    )
    joined = decision_of(dana(tasks=(made,)))
    assert (joined.outcome, joined.used) == (Outcome.ALREADY_TASKED, ("news/1",))
    closed = made.model_copy(update={"state": TaskState.COMPLETED, "closed_at": AT - timedelta(days=1)})
    resting = decision_of(dana(tasks=(closed,)))
    assert (resting.outcome, resting.used) == (Outcome.COOLDOWN, ())
    assert resting.recheck_at == made.created_at + timedelta(days=14)
    same_rule = closed.model_copy(
        update={"rule": JOB.id, "created_at": AT - timedelta(days=100), "due": date(2026, 7, 3)}
    )
    assert "rests 6 months" in decision_of(dana(tasks=(same_rule,))).reason


def test_the_highest_priority_wins_and_takes_the_signals_of_the_others() -> None:
    low = replace(JOB, id="low", order=0, then=replace(JOB.then, priority=Priority.LOW))
    high = replace(JOB, order=1)
    concluded = conclude(dana(heard=(moved(1, 10), moved(2, 3))), low, high)
    assert isinstance(concluded, Proposal)
    assert concluded.task.rule == JOB.id
    assert concluded.used == ("news/1", "news/2")
    assert "Also heard: moved to Hooli" in concluded.task.note


def test_what_came_before_the_hold_or_was_used_wakes_nobody() -> None:
    early = decision_of(dana(heard=(moved(1, 230),)))
    used = decision_of(dana(used=frozenset({"news/1"})))
    assert early.outcome is used.outcome is Outcome.NO_MATCH


def test_values_from_outside_never_begin_a_cell_and_missing_ones_become_words() -> None:
    hostile = dana(heard=(moved(new_company="=cmd|'/c calc'!A1", new_title="@SUM(1)\r\n+1"),))
    task = task_of(hostile)
    assert task.subject == "Dana is now SUM(1) +1 at cmd|'/c calc'!A1"
    nameless = dana(contact=Contact(id=1, key="C1", first_name="=Dana"))
    assert task_of(nameless).subject.startswith("Dana")
    unknown = dana(contact=Contact(id=1, key="C1"))
    assert task_of(unknown).subject.startswith("This contact is now")


def test_the_key_depends_on_rule_contact_and_trigger_alone() -> None:
    again = replace(JOB, then=replace(JOB.then, subject="Something else"))
    assert task_of(dana()).key == task_of(dana(), again).key
    assert task_of(dana()).key != task_of(dana(heard=(moved(2),))).key


def proposals(number: int, account: int = 1) -> list[Proposal]:
    made = []
    for n in range(number):
        person = dana(
            contact=Contact(id=1, key=f"C{n}"),
            heard=(
                moved(1, n + 1).model_copy(
                    update={"account": Account(id=account, name="X", status=AccountStatus.PROSPECT)}
                ),
            ),
        )
        concluded = conclude(person)
        assert isinstance(concluded, Proposal)
        made.append(concluded)
    return made


def test_caps_cut_along_one_global_order_whatever_the_pages() -> None:
    given = proposals(6)
    caps = Caps(open_tasks_per_account=2)
    decided = allocate(given, Load(), caps)
    assert [one.contact_key for one in decided if one.task] == ["C0", "C1"]
    assert allocate(list(reversed(given)), Load(), caps) == decided
    assert {one.outcome for one in decided if not one.task} == {Outcome.CAPPED}
    assert all(one.recheck_at == AT and one.used == () for one in decided if not one.task)


def test_what_reps_and_companies_already_carry_counts() -> None:
    full = Load(by_account=Counter({"1": 3}))
    assert [one.outcome for one in allocate(proposals(1), full, Caps())] == [Outcome.CAPPED]
    busy = Load(by_owner_today=Counter({"pat@us.example": 25}))
    assert [one.outcome for one in allocate(proposals(1), busy, Caps())] == [Outcome.CAPPED]
