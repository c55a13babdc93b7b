"""What is learnt from answers: counted once, as intervals, in the clock of whoever heard them, and about nobody."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from reengage.app.comparing import Comparison, compare, exactly, percent
from reengage.app.imports.activities import import_activities
from reengage.app.imports.contacts import import_contacts
from reengage.app.learned import Learned
from reengage.app.learning import learn, period_of
from reengage.app.shares import FEWEST, Share, interval, share_of
from reengage.language.benchmarks import Benchmark, Kind, Measure
from reengage.language.ruleset import RuleSet, load_rules
from reengage.language.tree import Between
from reengage.model.errors import UsageError
from reengage.model.facts import Fact, FactType
from reengage.model.optout import OptOut
from reengage.model.words import Channel, Response
from reengage.store import columns as t
from reengage.store import localtime, optouts
from reengage.store.database import Database
from reengage.store.learning import By
from tests.app.story import ROOT, make_project, write_csv

AT = datetime(2026, 6, 1, 9, tzinfo=UTC)
CONTACTS = 8


@lru_cache(1)
def rules() -> RuleSet:
    return load_rules(ROOT / "rules")


class Book:
    """A project with some contacts, and two reps in two zones."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.project, self.talks = database, make_project(folder / "project"), 0
        self.rules = rules()
        told = {"active": True, "recorded_at": AT, "name": ""}
        for email, zone in (("tom@us.example", "Europe/Berlin"), ("zoe@us.example", "Asia/Kolkata")):
            self.put(t.OwnerRow, {**told, "email": email, "time_zone": zone})
        self.put(t.ContactRow, *({"key": f"C{number}", "recorded_at": AT} for number in range(CONTACTS)))

    def put(self, table: Any, *rows: dict[str, Any]) -> None:
        with self.database.deciding(journaled=False) as connection:
            connection.execute(insert(table), list(rows))

    def take(self, take: Callable[..., Any], *rows: dict[str, Any]) -> None:
        report = take(self.database, self.project, write_csv(self.project.folder, rows), AT)
        assert not report.bad, report.bad

    def said(self, *responses: str, who: int = 1, at: str = "2026-05-04T10:00:00Z", **more: Any) -> None:
        """What somebody said, as it is logged."""
        told = {"rep_email": "tom@us.example", "channel": "phone", "wake_on": [], **more}
        told |= {"contact_id": who, "at": datetime.fromisoformat(at), "recorded_at": AT}
        rows = []
        for number, response in enumerate(responses, self.talks):
            policy = self.rules.responses.get(Response(response)) if response else None
            tags = list(policy.desk.tags) if policy else []
            rows.append({**told, "key": f"K{number}", "response": response or None, "tags": tags})
        self.put(t.ConversationRow, *rows)
        self.talks += len(rows)

    def closed(self, who: int, at: str, channel: str = "email") -> None:
        """That somebody is closed on a channel."""
        said_at, channels = datetime.fromisoformat(at), (Channel(channel),)
        entry = OptOut(contact_id=who, source="test", channels=channels, effective_at=said_at)
        with self.database.deciding(journaled=False) as connection:
            optouts.record(connection, [entry], AT)

    def task(self, key: str, who: int = 1, **more: Any) -> None:
        told = dict.fromkeys(("account", "account_key", "revision", "trigger", "subject", "note", "because"), "x")
        told |= {"channel": "email", "priority": "normal", "last_words": "Dana said", "evidence": []}
        told |= {"owner": "tom@us.example", "due": AT.date(), "run_id": 1, "rule": "moves", "state": "open"}
        self.put(t.TaskRow, {**told, "key": key, "contact_id": who, "created_at": AT - timedelta(days=20), **more})

    def run(self) -> None:
        row = {"at": AT, "watermark": 0, "signal_mark": 0, "rules": {}, "outcomes": {}, "candidates": 0}
        self.put(t.RunRow, {**row, "settings": ""})

    def learn(
        self, by: By | None = None, *, first: date | None = None, last: date | None = None, rep: str | None = None
    ) -> Learned:
        period = period_of(self.project, AT, first, last, rep)
        return learn(self.database, self.project, period, AT, by, self.rules)


@pytest.fixture
def book(database: Database, tmp_path: Path) -> Book:
    return Book(database, tmp_path)


def counted(share: Share) -> tuple[int, int]:
    return share.count, share.of


def names(found: Learned) -> dict[str, int]:
    return {group.name: group.conversations for group in found.groups}


# Shares


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(81, 263, 0.2535, 0.3682), (15, 148, 0.0598, 0.1644), (0, 20, 0, 0.2005), (1, 29, 0.0018, 0.1963)],
)
def test_the_interval_is_the_published_one(count: int, of: int, low: float, high: float) -> None:
    """The examples of R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 4."""
    found = share_of(count, of)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(st.integers(0, 3000), st.integers(1, 3000))
def test_an_interval_holds_its_share_and_is_narrower_for_more(count: int, more: int) -> None:
    found = share_of(count, count + more)
    assert found.share is not None
    assert 0 <= found.low <= found.share <= found.high <= 1
    low, high = interval(found.share, 4 * found.of)
    assert high - low <= found.high - found.low


def test_there_is_no_share_of_nothing_nor_of_more_than_all() -> None:
    assert [share_of(*pair).share for pair in ((0, 0), (3, 2), (1, 2))] == [None, None, 0.5]
    assert not share_of(0, FEWEST - 1).enough
    assert share_of(0, FEWEST).enough


# Counting


def test_an_answer_counts_once_by_what_was_last_said_of_it(book: Book) -> None:
    book.said("other", "not_now")
    read = {
        "contact_id": 1,
        "key": "K0/read",
        "at": AT - timedelta(days=9),
        "response": "send_email",
        "recorded_at": AT,
    }
    book.put(t.ConversationRow, {**read, "tags": [], "wake_on": []})
    found = book.learn()
    assert (found.conversations, found.answers, found.noes) == (2, 2, 2)
    assert {bar.name: bar.share.count for bar in found.responses} == {"send_email": 1, "not_now": 1}


def test_a_category_is_the_stated_one_else_that_of_the_policy_and_a_stop_has_none(book: Book) -> None:
    book.said("not_now", "not_relevant", "send_email", "hang_up", "not_interested", "positive", "auto_reply", "")
    book.said("not_now", "stop_calling", category="fit")
    found = book.learn()
    assert {bar.name: bar.share.count for bar in found.categories} == {"timing": 1, "fit": 2, "delivery": 2, "mood": 1}
    assert (found.conversations, found.automatic, found.answers, found.noes) == (10, 1, 8, 6)
    assert counted(found.stops.share) == counted(found.positive) == (1, 8)


def test_what_is_tagged_for_a_second_look_is_counted(book: Book) -> None:
    book.said("not_relevant", "wrong_person", "send_email")
    book.said("wrong_person", referred_to="Eve")
    assert book.learn().to_review == {
        "icp_review": 3,
        "segmentation_defect": 1,
        "manager_review": 0,
        "competitor": 0,
        "script_review": 1,
        "referral": 1,
    }


def test_a_period_has_its_first_and_its_last_day_in_the_projects_zone(book: Book) -> None:
    for at in ("2026-05-03T22:59:00Z", "2026-05-03T23:00:00Z", "2026-05-05T22:59:00Z", "2026-05-05T23:00:00Z"):
        book.said("not_now", at=at)  # midnight in London is at 23:00 UTC
    assert book.learn(first=date(2026, 5, 4), last=date(2026, 5, 5)).conversations == 2
    assert book.learn(last=date(2026, 5, 5)).conversations == 3
    with pytest.raises(UsageError, match="2026-05-06 is later than 2026-05-05"):
        book.learn(first=date(2026, 5, 6), last=date(2026, 5, 5))


def test_a_rep_alone(book: Book) -> None:
    book.said("not_now", "not_now")
    book.said("send_email", rep_email="zoe@us.example")
    assert book.learn(rep="Zoe@us.example").conversations == 1
    assert book.learn(rep="nobody@us.example").is_empty
    with pytest.raises(UsageError, match="is no e-mail"):
        book.learn(rep="zoe")


def test_an_empty_book_teaches_nothing(book: Book) -> None:
    found = book.learn()
    assert found.is_empty
    assert {one.verdict for one in found.benchmarks} == {"no_figure"}


# Groups


def test_groups_by_what_a_conversation_says(book: Book) -> None:
    book.said("not_now", "positive", title="VP Sales", script_variant="question", campaign="spring")
    book.said("send_email", title="vp of sales EMEA", channel="email", rep_email="zoe@us.example")
    book.said("hostile", title="Astronaut")
    assert names(book.learn(By.TITLE)) == {"vp, sales": 3, "(title says neither)": 1}
    assert names(book.learn(By.SCRIPT)) == {"question": 2, "(not said)": 2}
    assert names(book.learn(By.CAMPAIGN)) == {"spring": 2, "(not said)": 2}
    assert names(book.learn(By.CHANNEL)) == {"phone": 3, "email": 1}
    assert names(book.learn(By.REP)) == {"tom@us.example": 3, "zoe@us.example": 1}
    (first, *_) = book.learn(By.RESPONSE).groups
    assert (first.name, first.stops.count, first.harsh) == ("hostile", 1, 1)


def test_the_hour_is_that_of_the_rep_on_that_day(book: Book) -> None:
    book.said("not_now", at="2026-03-27T09:30:00Z")  # 10:30 in Berlin, in winter
    book.said("not_now", at="2026-03-30T08:30:00Z")  # 10:30 in Berlin, in summer
    book.said("not_now", at="2026-03-30T05:00:00Z", rep_email="zoe@us.example")  # 10:30 in India
    book.said("not_now", at="2026-03-30T09:59:59Z", rep_email=None)  # 10:59:59 in London, of the project
    assert names(book.learn(By.HOUR)) == {"10:00": 4}


def test_a_week_begins_on_the_reps_monday(book: Book) -> None:
    book.said("not_now", at="2025-12-28T22:30:00Z")  # Sunday in Berlin
    book.said("not_now", at="2025-12-28T23:30:00Z")  # Monday there
    book.said("not_now", at="2026-01-04T12:00:00Z")
    assert names(book.learn(By.WEEK)) == {"2025-W52": 1, "2026-W01": 2}


def test_hours_and_weeks_are_those_of_the_calendar_at_any_moment(book: Book) -> None:
    dice, zones = (
        Random(7),
        {"tom@us.example": "Europe/Berlin", "zoe@us.example": "Asia/Kolkata", None: "Europe/London"},
    )
    begin, rows = datetime(2019, 1, 1, tzinfo=UTC), []
    for number in range(400):
        at = begin + timedelta(seconds=dice.randrange(7 * 365 * 86_400), microseconds=dice.randrange(1_000_000))
        rows.append({"key": f"R{number}", "contact_id": 1, "at": at, "rep_email": dice.choice([*zones]), "tags": []})
    book.put(t.ConversationRow, *({**row, "wake_on": [], "recorded_at": AT} for row in rows))
    local = [row["at"].astimezone(ZoneInfo(zones[row["rep_email"]])) for row in rows]
    assert names(book.learn(By.HOUR)) == Counter(f"{moment:%H}:00" for moment in local)
    assert names(book.learn(By.WEEK)) == Counter(f"{moment:%G}-W{moment:%V}" for moment in local)


@given(
    st.sampled_from(["Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca", "UTC"]), st.data()
)
def test_an_era_has_one_offset(zone: str, data: st.DataObject) -> None:
    there = ZoneInfo(zone)
    first = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=data.draw(st.integers(0, 600_000)))
    last = first + timedelta(minutes=data.draw(st.integers(1, 2_000_000)))
    moment = first + timedelta(minutes=data.draw(st.integers(0, int((last - first).total_seconds()) // 60 - 1)))
    offset = next(offset for until, offset in localtime.eras(there, first, last) if moment < until)
    assert moment.astimezone(there).utcoffset() == timedelta(minutes=offset)


def test_an_industry_has_to_be_declared(book: Book) -> None:
    with pytest.raises(UsageError) as refused:
        book.learn(By.INDUSTRY)
    assert 'industry = "text"' in (refused.value.help or "")
    told = book.project.settings.model_copy(update={"own_fields": {"industry": Fact("industry", FactType.TEXT)}})
    book.project = replace(book.project, settings=told)
    profile = {"contact_id": 1, "first_name": "", "last_name": "", "own_fields": {"industry": "Retail"}}
    book.put(t.ProfileRow, {**profile, "recorded_at": AT})
    book.said("not_now", "send_email")
    book.said("not_now", who=2)
    assert names(book.learn(By.INDUSTRY)) == {"Retail": 2, "(not said)": 1}


def test_a_group_stands_out_only_for_sure(book: Book) -> None:
    book.said(*["positive"] * 10, *["not_now"] * 10, script_variant="question")
    book.said(*["not_now"] * 40, script_variant="statement")
    book.said(*["positive"] * 3, script_variant="joke")
    found = {group.name: group.stands_out for group in book.learn(By.SCRIPT).groups}
    assert found == {"question": "above", "statement": "below", "joke": None}


# What came of it


def test_what_came_of_the_tasks_of_a_rule(book: Book) -> None:
    book.run()
    closed = {"state": "completed", "closed_at": AT - timedelta(days=3)}
    book.task("T1", 1, outcome="meeting", **closed)
    book.task("T2", 2, outcome="conversation", **closed)
    book.task("T3", 3, state="delivered")
    book.task("T4", 4, state="cancelled", outcome="opted_out")
    book.task("T5", 5, rule="dates")
    book.put(t.DeliveryRow, {"task_key": "T3", "target": "csv", "what": "task", "batch": "b", "recorded_at": AT})
    book.closed(4, "2026-05-25T10:00:00Z")  # after the task
    book.closed(5, "2026-05-01T10:00:00Z", "phone")  # before it
    dates, moves = book.learn().rules
    assert (dates.rule, dates.made, dates.handed_over, dates.stops) == ("dates", 1, 0, 0)
    assert (moves.made, moves.handed_over, moves.conversations, moves.meetings, moves.stops) == (4, 3, 1, 1, 1)
    assert (counted(moves.done), counted(moves.led_on)) == ((2, 3), (2, 2))


def test_who_turned_after_a_no(book: Book) -> None:
    book.run()
    for number in range(6):
        book.said("not_now", who=number + 1, at="2026-04-01T10:00:00Z")
    book.said("positive", who=1, at="2026-05-01T10:00:00Z")
    book.said("positive", who=2, at="2026-03-01T10:00:00Z")  # before the no
    book.said("positive", who=3, at="2026-04-01T10:00:00Z")  # in the same moment
    book.task("T1", 3, state="completed", outcome="meeting", closed_at=AT - timedelta(days=3))
    book.task("T2", 4, state="completed", outcome="no_answer", closed_at=AT - timedelta(days=3))
    book.said("not_interested", who=7, at="2026-04-01T10:00:00Z")
    book.said("positive", who=7, at="2026-05-01T10:00:00Z")
    found = book.learn()
    assert counted(found.not_now.turned) == (2, 6)
    assert counted(found.first_noes.turned) == (3, 7)
    assert counted(book.learn(first=date(2026, 5, 1)).first_noes.turned) == (0, 0)


def test_a_human_in_two_rows_of_the_book_is_one_who_turned(book: Book) -> None:
    same = {"email": "dana@initech.example", "first_name": "Dana"}
    book.take(import_contacts, {"contact_id": "D1", **same}, {"contact_id": "D2", **same})
    book.said("not_now", who=CONTACTS + 1, at="2026-04-01T10:00:00Z")
    book.said("no_budget", who=CONTACTS + 2, at="2026-04-02T10:00:00Z")
    book.said("positive", who=CONTACTS + 2, at="2026-05-01T10:00:00Z")
    assert counted(book.learn().not_now.turned) == (1, 1)


def test_follow_ups_are_days_on_which_something_happened(book: Book) -> None:
    for who, days in ((1, 5), (2, 4)):
        book.said("not_now", who=who, at="2026-04-01T10:00:00Z")
        for day in range(2, days + 1):
            book.said("other", "other", who=who, at=f"2026-04-{day:02}T10:00:00Z")
        book.said("auto_reply", who=who, at="2026-04-20T10:00:00Z")
        book.said("positive", who=who, at="2026-05-01T10:00:00Z")
    assert counted(book.learn().first_noes.many_follow_ups) == (1, 2)


def handled(key: str, minutes: int, **more: Any) -> dict[str, Any]:
    sent = AT - timedelta(days=9)
    row = {"key": key, "contact_id": 1, "sent_at": sent, "suppressed_at": sent + timedelta(minutes=minutes)}
    told = {"response": "stop_emailing", "reading": {}, "answered_at": None, "recorded_at": AT}
    return {**row, **told, **more}


def test_how_long_it_took_from_a_stop_to_its_suppression(book: Book) -> None:
    book.put(t.HandlingRow, *(handled(f"M{minutes}", minutes) for minutes in (1, 2, 3, 24 * 60, 24 * 60 + 1)))
    book.put(t.HandlingRow, handled("M0", 9_999, response="not_now", answered_at=AT))  # it was none
    stops = book.learn().stops
    assert (stops.took.count, stops.took.median, stops.took.longest, stops.late) == (5, 180, 86_460, 1)
    (compared,) = (one for one in book.learn().benchmarks if one.what is Measure.SUPPRESSION_TIME)
    assert (compared.verdict, compared.says) == ("above", "NOT as it should be: too high")


def test_a_stop_by_someone_who_was_closed_is_a_leak(book: Book) -> None:
    book.said(*["stop_emailing"] * 8, at="2026-04-01T10:00:00Z", channel="email")
    book.closed(1, "2026-04-01T10:00:00Z")
    book.said(*["unsubscribe"] * 11, at="2026-04-02T10:00:00Z", channel=None)
    book.said("stop_calling", at="2026-04-02T10:00:00Z")  # the telephone was open
    found = book.learn()
    assert counted(found.stops.repeated) == (11, 20)
    (leak,) = (one for one in found.benchmarks if one.what is Measure.REPEAT_STOPS)
    assert leak.says == "ALARM"
    assert leak.advice


def test_what_was_owed_and_how_soon_it_was_acknowledged(book: Book) -> None:
    book.put(t.HandlingRow, handled("M1", 1))
    names = ("response", "action", "text", "language", "sla", "arithmetic")
    told = dict.fromkeys(names, "x") | {"kind": "reply", "channel": "email", "owner": "tom@us.example"}
    told |= {"handling_id": 1, "contact_id": 1, "created_at": AT - timedelta(days=9), "done_at": None}
    due = AT - timedelta(days=8)
    rows = (
        ("met", "done", due, due),
        ("missed", "done", due, due + timedelta(hours=1)),
        ("late", "open", due, None),
        ("open", "open", AT + timedelta(hours=1), None),
        ("cancelled", "cancelled", due, due),
    )
    for key, state, due_at, done_at in rows:
        book.put(t.SlaReplyRow, {**told, "key": key, "state": state, "due_at": due_at, "done_at": done_at})
    owed = book.learn().owed
    assert owed.counts == dict.fromkeys(("met", "missed", "late", "open", "cancelled"), 1)
    assert counted(owed.met) == (1, 3)
    assert (owed.took.count, owed.took.median) == (2, 86_400)


def test_conversations_per_dial_are_those_on_days_with_dials(book: Book) -> None:
    book.said("not_now", "hang_up", at="2026-05-03T22:30:00Z")  # the 4th in Berlin
    book.said("not_now", at="2026-05-05T10:00:00Z")  # a day of which nothing is known
    book.said("not_now", "auto_reply", at="2026-05-04T10:00:00Z", channel="email")
    mine = {"rep_email": "tom@us.example", "scripts_tested": 1}
    book.take(
        import_activities,
        {**mine, "day": "2026-05-04", "dials": 80, "sends": 50, "unsubscribes": 1},
        {**mine, "day": "2026-05-06", "dials": 40, "sends": 0, "unsubscribes": 0},
        {**mine, "day": "2026-05-11", "dials": 0, "sends": 50, "unsubscribes": 0},
    )
    work = book.learn().work
    assert counted(work.conversations_per_dial) == (2, 120)
    assert counted(work.answers_per_email) == (1, 100)
    assert counted(work.unsubscribes) == (1, 100)
    assert [(week.week, week.days, week.dialled, week.scripts_tested) for week in work.weeks] == [
        ("2026-W20", 1, 0, 1),
        ("2026-W19", 2, 2, 2),
    ]
    dials = next(one for one in book.learn().benchmarks if one.what is Measure.DIALS)
    assert dials.figure == exactly(60)


# Beside what others say


def advice_of(found: Learned, what: Measure) -> Comparison:
    return next(one for one in found.benchmarks if one.what is what)


def test_the_advice_to_work_on_the_pitch_waits_until_it_is_sure(book: Book) -> None:
    book.said(*["send_email"] * 15, *["not_now"] * 4)
    few = advice_of(book.learn(), Measure.DELIVERY_SHARE)
    assert (few.says, few.advice) == ("too few to tell: 19 of at least 20", "")
    book.said(*["send_email"] * 15, *["not_now"] * 4)
    unsure = advice_of(book.learn(), Measure.DELIVERY_SHARE)
    assert unsure.verdict == "unclear"
    assert unsure.advice == ""
    assert unsure.more is not None
    assert unsure.says == f"cannot be told yet; {unsure.more} more like these would tell"
    book.said(*["send_email"] * 60)
    sure = advice_of(book.learn(), Measure.DELIVERY_SHARE)
    assert sure.figure is not None
    assert sure.figure.low >= 70
    assert (sure.says, sure.advice[:17]) == ("ALARM", "Work on the pitch")


def test_without_the_file_nothing_is_compared(book: Book) -> None:
    book.said("not_now")
    book.rules = replace(book.rules, benchmarks=())
    assert book.learn().benchmarks == ()


@pytest.mark.parametrize(
    ("kind", "count", "verdict", "advised"),
    [
        ("goal", 0, "below", True),
        ("goal", 50, "inside", False),
        ("goal", 100, "above", True),
        ("goal", 40, "unclear", False),
        ("alarm", 50, "inside", True),
        ("alarm", 100, "above", False),
        ("alarm", 40, "unclear", False),
        ("typical", 50, "inside", False),
        ("typical", 0, "below", True),
    ],
)
def test_advice_is_given_only_where_the_whole_interval_says_so(
    kind: Kind, count: int, verdict: str, advised: bool
) -> None:
    benchmark = Benchmark("one", Measure.DELIVERY_SHARE, kind, Between(35, 65), "an article", (), "do something")
    found = compare(benchmark, {Measure.DELIVERY_SHARE: percent(share_of(count, 100))})
    assert (found.verdict, bool(found.advice)) == (verdict, advised)


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 100))
def test_so_many_more_like_these_would_tell(yes: int, no: int, bound: int) -> None:
    benchmark = Benchmark("one", Measure.DELIVERY_SHARE, "alarm", Between(bound, None), "an article")
    share = share_of(yes, yes + no)
    found = compare(benchmark, {Measure.DELIVERY_SHARE: percent(share)})
    if found.more is not None and share.share is not None:
        low, high = interval(share.share, share.of + found.more)
        assert 100 * low >= bound or 100 * high < bound


# About nobody


def test_nobody_is_named_or_quoted(book: Book) -> None:
    book.run()
    dana = {"contact_id": "D1", "first_name": "Dana", "last_name": "Secret", "email": "dana@initech.example"}
    book.take(import_contacts, dana)
    words = {"their_words": "Dana said never", "notes": "Dana", "topic": "Dana", "vendor": "Dana", "title": "Dana CFO"}
    book.said("not_now", "positive", who=CONTACTS + 1, **words, referred_to="Eve")
    book.said("stop_emailing", who=2, **words)
    book.closed(2, "2026-05-04T10:00:00Z")
    book.task(
        "T-secret", CONTACTS + 1, state="completed", outcome="meeting", closed_at=AT, subject="Dana", account="Initech"
    )
    for by in (None, *By):
        if by is not By.INDUSTRY:
            told = json.dumps(asdict(book.learn(by)), default=str)
            assert not any(
                name in told for name in ("Dana", "Eve", "Secret", "initech", "Initech", "C1", "D1", "T-secret")
            )
