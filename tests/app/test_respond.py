"""What becomes of an answer: who is closed, held, asked about, and what is owed for it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text

from reengage.app.desk.handling import Listening
from reengage.app.desk.many import respond_all
from reengage.app.desk.replyfile import BadReply, read_replies
from reengage.app.desk.respond import Handled, key_of, respond
from reengage.app.desk.sla import close_owed, list_owed, show_owed
from reengage.app.erase import erase
from reengage.app.export import REPLIES, export_tasks
from reengage.app.identity import merge
from reengage.app.imports.outcomes import import_outcomes
from reengage.app.imports.owners import import_owners
from reengage.app.ingest import ingest
from reengage.app.project import Project
from reengage.app.review import answer, open_questions
from reengage.app.stop import opt_out
from reengage.intake.reading.reader import Reader
from reengage.language.ruleset import load_rules
from reengage.language.wording import load_wording
from reengage.model.desk import SlaKind, SlaState
from reengage.model.errors import RunFailed, UsageError
from reengage.model.reading import Clues
from reengage.model.reply import Reply
from reengage.model.words import Channel, HoldKind, Response, TaskState
from reengage.store import columns as t
from reengage.store import optouts, sla
from reengage.store.database import Database
from reengage.store.schema import REFUSAL
from tests.app.desk import AT, Desk
from tests.app.story import ROOT, write_csv

LATER = AT + timedelta(hours=3)
"""A Monday, at noon in UTC."""


RULES = load_rules(ROOT / "rules")
READER = Reader.of(load_wording(ROOT / "rules"))


@pytest.fixture
def office(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The desk with a rep in Berlin, whose manager works in London, and one in Dubai without a manager."""
    rows = [
        {
            "owner_email": "tom@us.example",
            "name": "Tom",
            "time_zone": "Europe/Berlin",
            "country": "DE",
            "manager_email": "mia@us.example",
            "business_hours": "08:00-16:00",
        },
        {"owner_email": "mia@us.example", "name": "Mia", "time_zone": "Europe/London", "country": "GB"},
        {"owner_email": "zoe@us.example", "name": "Zoe", "time_zone": "Asia/Dubai", "country": "AE"},
    ]
    monkeypatch.setattr(Project, "usable_rules", lambda _: RULES)
    monkeypatch.setattr("reengage.app.desk.handling.reader_of", lambda _: READER)
    import_owners(desk.database, desk.project, write_csv(desk.project.folder, rows), AT)
    named = {"email": "dana@initech.example", "first_name": "Dana", "owner_email": "tom@us.example", "title": "CFO"}
    desk.contacts({"contact_id": "C1", "account_domain": "initech.example", **named})
    return desk


def said(desk: Desk, words: str, who: str = "C1", at: datetime = LATER, **more: Any) -> Handled:
    told = {"channel": Channel.EMAIL, "rep": "tom@us.example", **more}
    return respond(desk.database, desk.project, Reply(who=who, at=told.pop("when", at), words=words, **told), at)


def closed(desk: Desk, who: str = "C1") -> set[str]:
    """The channels that are closed for a contact."""
    with desk.database.reading() as connection:
        return set(optouts.standings(connection, [desk.id(who)])[desk.id(who)].closed)


def everything(desk: Desk) -> dict[str, list[Any]]:
    tables = (
        t.ConversationRow,
        t.HoldRow,
        t.OptOutRow,
        t.HandlingRow,
        t.SlaReplyRow,
        t.TaskRow,
        t.ReceivedRow,
        t.SignalRow,
    )
    return {table.__tablename__: desk.rows(table) for table in tables}


def a_task(desk: Desk, key: str, state: TaskState, who: str = "C1") -> None:
    words = dict.fromkeys(
        ("account", "account_key", "rule", "revision", "trigger", "subject", "note", "because", "last_words"), "x"
    )
    with desk.database.writing() as connection:
        if not connection.execute(select(t.RunRow.id)).first():
            connection.execute(insert(t.RunRow), {"id": 1, "at": AT, "watermark": 0, "signal_mark": 0, "candidates": 0})
        row = {
            "key": key,
            "run_id": 1,
            "contact_id": desk.id(who),
            "channel": "email",
            "priority": "low",
            "due": date(2026, 6, 3),
            "owner": "tom@us.example",
            "state": state,
            "created_at": AT,
        }
        connection.execute(insert(t.TaskRow), {**words, **row})


def test_a_stop_closes_at_once_and_is_owed_one_confirmation_in_business_time(office: Desk) -> None:
    a_task(office, "rx-1", TaskState.OPEN)
    found = said(office, "Please take me off your list.")
    assert (found.state, found.closed, found.response) == ("handled", "sure", Response.STOP_EMAILING)
    assert closed(office) == set(Channel)
    assert [row.state for row in office.rows(t.TaskRow)] == ["cancelled"]
    (owed,) = found.owed
    assert (owed.kind, owed.owner, owed.channel) == (SlaKind.CONFIRMATION, "tom@us.example", Channel.EMAIL)
    assert owed.due.moment == datetime(2026, 6, 1, 13, tzinfo=UTC)
    assert (
        owed.due.arithmetic
        == "1 h of 08:00-16:00 Europe/Berlin from Mon 1 Jun 14:00: Mon 1 Jun 14:00 + 1 h = Mon 1 Jun 15:00"
    )
    assert owed.text.startswith("Hello Dana,\ndone:")
    assert "?" not in owed.text


def test_the_same_message_twice_changes_nothing(office: Desk) -> None:
    said(office, "Not now, ask me again in September", id="m-1@initech.example")
    before = everything(office)
    again = said(office, "Not now, ask me again in September", id="m-1@initech.example", at=LATER + timedelta(hours=2))
    assert again.state == "known"
    assert everything(office) == before


def test_without_an_id_a_message_is_named_by_what_it_says() -> None:
    one = Reply(who="C1", at=AT, words="no")
    assert key_of(one) == key_of(one.model_copy(update={"where": "elsewhere"}))
    named = one.model_copy(update={"id": "m-1"})
    assert key_of(named) == key_of(named.model_copy(update={"at": AT + timedelta(days=1), "raw": b"x"}))
    assert key_of(named) != key_of(named.model_copy(update={"words": "stop"})), "an id that is used twice"
    for change in ({"words": "no!"}, {"who": "C2"}, {"at": AT + timedelta(seconds=1)}, {"said": Response.OTHER}):
        assert key_of(one) != key_of(one.model_copy(update=change))
    assert key_of(one.model_copy(update={"id": "x" * 5000})) != key_of(one.model_copy(update={"id": "y" * 5000}))


def test_a_doubtful_stop_closes_until_a_person_has_looked(office: Desk) -> None:
    found = said(office, "who gave you my number?")
    if found.closed == "sure":
        pytest.fail("choose words that are in doubt")
    assert (found.state, found.closed, found.response, found.owed) == ("asked", "doubt", None, ())
    assert closed(office) == set(Channel)
    (question,) = open_questions(office.database)
    assert question.id == found.question
    assert "may be a stop" in question.question


@pytest.mark.parametrize("verdict", ["confirm", "reject"])
def test_the_answer_to_a_doubtful_stop_closes_for_good_or_opens_again(office: Desk, verdict: Any) -> None:
    found = said(office, "call me next year, and stop emailing me", said=Response.NOT_NOW)
    assert (found.closed, found.question is not None) == ("doubt", True)
    answer(office.database, office.project, str(found.question), verdict, "asked them", LATER)
    assert (closed(office) == set(Channel)) is (verdict == "confirm")
    assert open_questions(office.database) == []
    kinds = [row.kind for row in office.rows(t.SlaReplyRow)]
    assert kinds == (["confirmation"] if verdict == "confirm" else [])
    with pytest.raises(UsageError, match="is not open"):
        answer(office.database, office.project, str(found.question), verdict, "again", LATER)


def test_what_it_is_can_be_said_in_place_of_a_doubtful_stop(office: Desk) -> None:
    found = said(office, "call me next year, and stop emailing me", said=Response.NOT_NOW)
    told = answer(office.database, office.project, str(found.question), "confirm", "a joke", LATER, Response.NOT_NOW)
    assert told.startswith("noted as not now")
    assert closed(office) == set()
    assert [row.response for row in office.rows(t.HoldRow)] == ["not_now"]
    assert [row.kind for row in office.rows(t.SlaReplyRow)] == ["reply"]


def test_words_that_may_be_a_stop_close_whatever_anybody_states(office: Desk) -> None:
    assert said(office, "stop writing to me", said=Response.POSITIVE).closed == "doubt"
    assert closed(office) == set(Channel)


def test_a_stop_behind_a_question_is_answered_by_its_question_alone(office: Desk) -> None:
    found = said(office, "stop writing to me", said=Response.POSITIVE)
    entry = office.rows(t.OptOutRow)[-1].id
    with pytest.raises(UsageError, match=f"answer {found.question}"):
        answer(office.database, office.project, f"stop-{entry}", "reject", "why", LATER)


def test_a_no_holds_until_the_day_they_named_and_takes_back_what_no_rep_has_yet(office: Desk) -> None:
    a_task(office, "rx-1", TaskState.OPEN)
    a_task(office, "rx-2", TaskState.DELIVERED)
    found = said(office, "Not now please, come back to us in Q4")
    assert (found.response, found.cancelled, found.kept) == (Response.NOT_NOW, 1, 1)
    assert {row.key: (row.state, row.outcome) for row in office.rows(t.TaskRow)} == {
        "rx-1": ("cancelled", "replied"),
        "rx-2": ("delivered", None),
    }
    (hold,) = office.rows(t.HoldRow)
    assert (hold.kind, hold.until, hold.promised) == (HoldKind.SNOOZE, date(2026, 10, 1), True)
    assert "on 1 October 2026" in found.owed[0].text


def test_hostile_goes_to_the_manager_at_once(office: Desk) -> None:
    (owed,) = said(office, "You lot are a disgrace, I am reporting you to my lawyer").owed
    assert (owed.owner, owed.sla, owed.due.moment) == ("mia@us.example", "immediate", LATER + timedelta(minutes=15))
    assert office.rows(t.ConversationRow)[-1].tags == ["manager_review"]


def test_a_stop_said_again_is_an_incident_for_the_manager_and_no_second_confirmation(office: Desk) -> None:
    first = said(office, "unsubscribe me, please stop emailing me")
    again = said(office, "I told you to stop emailing me", at=LATER + timedelta(days=2))
    assert [one.kind for one in (*first.owed, *again.owed)] == [SlaKind.CONFIRMATION, SlaKind.ESCALATION]
    assert (again.owed[0].owner, again.owed[0].text) == ("mia@us.example", "")
    assert any(remark.startswith("INCIDENT: C1 was contacted") for remark in again.remarks)


def test_a_confirmation_is_given_once_to_a_human_under_two_addresses(office: Desk) -> None:
    merge(office.database, office.project, "C1", "C2", LATER, because="they are one human")
    first = said(office, "stop emailing me")
    again = said(office, "stop emailing me", who="C2", at=LATER + timedelta(days=1))
    assert [one.kind for one in (*first.owed, *again.owed)] == [SlaKind.CONFIRMATION, SlaKind.ESCALATION]


def test_one_click_is_done_by_the_machine_and_owes_nobody_anything(office: Desk) -> None:
    found = said(office, "", said=Response.UNSUBSCRIBE)
    assert (found.closed, found.owed) == ("sure", ())
    (note,) = office.rows(t.HandlingRow)
    assert note.suppressed_at == LATER


def test_a_stop_of_somebody_we_do_not_know_waits_for_them(office: Desk) -> None:
    found = said(office, "remove me from your list", who="new@globex.example")
    assert (found.state, found.contact, found.closed) == ("stranger", None, "sure")
    assert said(office, "remove me from your list", who="new@globex.example").state == "known"
    office.contacts({"contact_id": "C9", "email": "new@globex.example"}, at=LATER)
    assert closed(office, "C9") == set(Channel)


def test_of_an_answer_by_nobody_we_know_nothing_is_kept(office: Desk) -> None:
    before = everything(office)
    found = said(office, "not now, next year", who="new@globex.example", raw=b"From: x")
    assert (found.state, "import the contact first" in found.remarks[-1]) == ("stranger", True)
    assert everything(office) == before


def test_a_stop_from_nobody_who_can_be_named_is_told(office: Desk) -> None:
    found = said(office, "stop emailing me", who="  ")
    assert (found.state, found.closed) == ("stranger", None)
    assert "look at it yourself" in found.remarks[-1]


def test_a_company_is_never_closed_because_one_of_its_people_wrote(office: Desk) -> None:
    said(office, "stop emailing me", who="initech.example")
    assert closed(office, "C1") == closed(office, "C2") == set()


def test_somebody_who_works_there_no_more_is_news_and_no_stop(office: Desk) -> None:
    found = said(office, "Dana Whitfield no longer works for Initech.", said=Response.AUTO_REPLY)
    assert (found.closed, closed(office)) == (None, set())
    if found.reading and found.reading.certainty >= 0.8:
        (heard,) = [row for row in office.signals() if row.kind == "left_company"]
        assert (heard.contact_id, heard.source, heard.facts["previous_domain"]) == (
            office.id("C1"),
            "respond",
            "initech.example",
        )


def test_what_cannot_be_read_waits_for_a_person_and_stays_as_it_was(office: Desk) -> None:
    found = said(office, "hm, the thing with the thing")
    assert (found.state, found.response, found.closed, found.owed) == ("asked", None, None, ())
    answer(
        office.database,
        office.project,
        str(found.question),
        "confirm",
        "rang them",
        LATER + timedelta(hours=1),
        Response.NO_BUDGET,
    )
    first, second = sorted(office.rows(t.ConversationRow), key=lambda row: row.id)
    assert (first.response, second.response, second.key) == (None, "no_budget", f"{first.key}/read")
    assert [row.response for row in office.rows(t.HoldRow)] == ["no_budget"]
    assert [row.due_at for row in office.rows(t.SlaReplyRow)] == [datetime(2026, 6, 2, 8, tzinfo=UTC)]


def test_a_no_to_a_reading_leaves_it_without_a_meaning(office: Desk) -> None:
    found = said(office, "hm, the thing with the thing")
    assert (
        answer(office.database, office.project, str(found.question), "reject", "spam", LATER)
        == "left as it is: it makes no hold"
    )
    assert (office.rows(t.HoldRow), open_questions(office.database)) == ([], [])


def test_nothing_we_know_cannot_be_confirmed(office: Desk) -> None:
    found = said(office, "hm, the thing with the thing")
    with pytest.raises(UsageError, match="read as nothing we know"):
        answer(office.database, office.project, str(found.question), "confirm", "why", LATER)


def test_a_stop_found_by_a_person_closes_even_if_nobody_had_doubted(office: Desk) -> None:
    found = said(office, "hm, the thing with the thing")
    answer(office.database, office.project, str(found.question), "confirm", "rang them", LATER, Response.STOP_CALLING)
    assert closed(office) == set(Channel)
    assert [row.kind for row in office.rows(t.SlaReplyRow)] == ["confirmation"]


def test_what_they_mention_waits_for_a_person_but_the_day_counts_at_once(office: Desk) -> None:
    found = said(office, "Not now, we are with Globex until our contract ends in March 2027. Try me in April 2027.")
    (talk,) = office.rows(t.ConversationRow)
    if found.question and found.response:
        assert (talk.vendor, talk.contract_ends) == (None, None)
        answer(office.database, office.project, found.question, "confirm", "read it", LATER)
        assert office.rows(t.ConversationRow)[-1].vendor == "Globex"
        assert [row.kind for row in office.rows(t.SlaReplyRow)] == ["reply"]
    assert talk.call_back_on == date(2027, 4, 1)


def test_whom_they_name_is_asked_for_and_never_becomes_a_contact(office: Desk) -> None:
    people = len(office.rows(t.ContactRow))
    found = said(office, "I am the wrong person", said=Response.WRONG_PERSON, clues=Clues(referred_to="Jo Berg"))
    (owed,) = found.owed
    assert (owed.kind, owed.action) == (SlaKind.INTRODUCTION, "Ask to be introduced to Jo Berg")
    assert "Jo Berg" in owed.text
    assert len(office.rows(t.ContactRow)) == people


def test_an_introduction_takes_the_place_of_asking_who_it_is(office: Desk) -> None:
    found = said(office, "Wrong person, please talk to Jo Berg, our CRO.", said=Response.WRONG_PERSON)
    if found.question is None:
        pytest.fail("the name was not found")
    assert [one.kind for one in found.owed] == [SlaKind.REPLY]
    answer(office.database, office.project, found.question, "confirm", "read it", LATER)
    assert {row.kind: row.state for row in office.rows(t.SlaReplyRow)} == {"reply": "cancelled", "introduction": "open"}


def test_somebody_who_said_stop_is_owed_no_answer_to_a_later_no(office: Desk) -> None:
    opt_out(office.database, office.project, "C1", AT)
    found = said(office, "not now, maybe next year", said=Response.NOT_NOW)
    assert found.owed == ()
    assert any("INCIDENT" in remark for remark in found.remarks)


def test_a_later_stop_takes_back_what_was_owed(office: Desk) -> None:
    said(office, "not now", said=Response.NOT_NOW)
    said(office, "stop emailing me", at=LATER + timedelta(minutes=5))
    found = {row.kind: (row.state, row.why) for row in office.rows(t.SlaReplyRow)}
    assert found == {"reply": ("cancelled", "opted_out"), "confirmation": ("open", None)}


def test_the_database_itself_refuses_an_answer_to_somebody_closed(office: Desk) -> None:
    said(office, "not now", said=Response.NOT_NOW)
    said(office, "stop emailing me", at=LATER + timedelta(minutes=5))
    with pytest.raises(RunFailed, match=REFUSAL), office.database.writing() as connection:
        connection.execute(text("UPDATE sla_reply SET state = 'open' WHERE kind = 'reply'"))


def test_the_steps_stand_in_their_order_with_their_times(office: Desk) -> None:
    key = (
        said(office, "wrong person, not relevant to me", said=Response.NOT_RELEVANT, when=LATER - timedelta(minutes=30))
        .owed[0]
        .key
    )
    close_owed(office.database, key, None, LATER + timedelta(hours=1))
    one = show_owed(office.database, key, LATER + timedelta(hours=2))
    assert one.steps == {
        "answered by them": LATER - timedelta(minutes=30),
        "acknowledged": LATER + timedelta(hours=1),
        "suppressed": None,
        "logged": LATER,
        "improved": LATER,
    }
    assert (one.status, one.tags) == ("met", ("icp_review", "segmentation_defect"))


def test_open_late_met_and_missed(office: Desk) -> None:
    due = said(office, "not now", said=Response.NOT_NOW).owed[0]
    at = due.due.moment
    assert [one.status for one in list_owed(office.database, at)] == ["open"]
    assert [one.status for one in list_owed(office.database, at + timedelta(seconds=1))] == ["late"]
    assert list_owed(office.database, at, owner="zoe@us.example") == []
    close_owed(office.database, due.key, None, at + timedelta(minutes=1))
    assert list_owed(office.database, at) == []
    assert [one.status for one in list_owed(office.database, at, everything=True)] == ["missed"]
    with pytest.raises(UsageError, match="is not open"):
        close_owed(office.database, due.key, "why", at)
    with pytest.raises(UsageError, match="nothing is owed under"):
        close_owed(office.database, "sla-x", None, at)


def test_an_old_mailbox_owes_no_answers(office: Desk) -> None:
    found = said(office, "not now", said=Response.NOT_NOW, when=LATER - timedelta(days=31))
    assert (found.response, found.owed) == (Response.NOT_NOW, ())


def test_an_answer_from_the_future_is_refused(office: Desk) -> None:
    with pytest.raises(UsageError, match="lies in the future"):
        said(office, "not now", when=LATER + timedelta(days=2))


def test_a_message_is_kept_as_it_came_until_its_time_or_their_stop(office: Desk) -> None:
    said(office, "not now", said=Response.NOT_NOW, raw=b"From: dana")
    assert [row.content is not None for row in office.rows(t.ReceivedRow)] == [True]
    said(office, "stop emailing me", raw=b"From: dana, again", at=LATER + timedelta(hours=1))
    assert [row.content for row in office.rows(t.ReceivedRow)] == [None]


def test_a_message_is_let_go_when_it_is_old(office: Desk) -> None:
    said(office, "not now", said=Response.NOT_NOW, raw=b"From: dana")
    ingest(office.database, office.project, LATER + office.project.keep_received + timedelta(days=1))
    assert [row.content for row in office.rows(t.ReceivedRow)] == [None]


def test_an_erased_person_leaves_no_trace_of_their_answers(office: Desk) -> None:
    said(office, "not now, says dana@initech.example", said=Response.NOT_NOW, raw=b"From: dana")
    erase(office.database, office.project, "C1", LATER + timedelta(hours=1))
    found = everything(office)
    assert (found["handling"], found["sla_reply"], found["conversation"]) == ([], [], [])
    assert [row.content for row in found["received"]] == [None]


def test_what_is_owed_is_handed_over_once_and_recalled_after_a_stop(office: Desk) -> None:
    said(office, "not now", said=Response.NOT_NOW)
    first = export_tasks(office.database, office.project, "csv", None, LATER, REPLIES)
    assert (first.tasks, first.files[0].name.startswith("replies-csv-")) == (1, True)
    assert "Answer by Tue 2 Jun 10:00 CEST" in first.files[0].read_text(encoding="utf-8-sig")
    assert export_tasks(office.database, office.project, "csv", None, LATER, REPLIES).files == ()
    said(office, "stop emailing me", at=LATER + timedelta(hours=1))
    after = export_tasks(office.database, office.project, "csv", None, LATER + timedelta(hours=1), REPLIES)
    assert (after.tasks, after.recalls) == (1, 1)
    written = after.files[0].read_text(encoding="utf-8-sig")
    assert ("recall" in written, "Confirm the removal" in written) == (True, True)


def test_recalls_of_somebody_erased_are_still_handed_over(office: Desk) -> None:
    said(office, "not now", said=Response.NOT_NOW)
    export_tasks(office.database, office.project, "csv", None, LATER, REPLIES)
    opt_out(office.database, office.project, "C1", LATER + timedelta(hours=1))
    erase(office.database, office.project, "C1", LATER + timedelta(hours=2))
    assert export_tasks(office.database, office.project, "csv", None, LATER + timedelta(hours=3), REPLIES).recalls == 1


def test_the_crm_says_that_it_is_done(office: Desk) -> None:
    key = said(office, "not now", said=Response.NOT_NOW).owed[0].key
    rows = [{"task_key": key, "status": "completed", "at": "2026-06-01T13:00:00+00:00"}]
    report = import_outcomes(
        office.database, office.project, write_csv(office.project.folder, rows), LATER + timedelta(days=1)
    )
    assert (report.changed, report.bad) == (1, [])
    assert show_owed(office.database, key, LATER + timedelta(days=2)).status == "met"


def test_the_rep_who_left_hands_over_to_their_manager_and_nobody_is_told(office: Desk) -> None:
    rows = [{"owner_email": "tom@us.example", "active": "no"}]
    import_owners(office.database, office.project, write_csv(office.project.folder, rows), AT)
    assert said(office, "not now", said=Response.NOT_NOW).owed[0].owner == "mia@us.example"
    assert said(office, "not now", who="C2", said=Response.NOT_NOW, rep=None).owed[0].owner == ""


def test_stops_go_first_wherever_they_stand_in_a_file(office: Desk) -> None:
    replies = [
        Reply(who="C1", at=LATER, words="not now", said=Response.NOT_NOW, where="1"),
        Reply(who="C1", at=LATER, words="stop emailing me", where="2"),
    ]
    bad = BadReply("3", "at is empty", b"")
    found = list(respond_all(Listening.begin(office.database, office.project, LATER), lambda: [bad, *replies]))
    assert [one.where for one in found] == ["2", "3", "1"]
    assert [row.kind for row in office.rows(t.SlaReplyRow)] == ["confirmation"]


def test_an_answer_from_the_future_counts_as_of_now_where_it_stands_in_a_file(office: Desk) -> None:
    ahead = Reply(who="C1", at=LATER + timedelta(days=400), words="stop emailing me")
    (found,) = respond_all(Listening.begin(office.database, office.project, LATER), lambda: [ahead])
    assert isinstance(found, Handled)
    assert (found.closed, "lies in the future" in found.remarks[0]) == ("sure", True)
    later = Listening.begin(office.database, office.project, LATER + timedelta(days=1))
    assert [one.state for one in respond_all(later, lambda: [ahead]) if isinstance(one, Handled)] == ["known"]


def test_what_cannot_be_read_but_may_be_a_stop_closes_whom_it_names(office: Desk) -> None:
    bad = [
        BadReply("x.csv:3", "at is empty", b"dana@initech.example,,please remove me from your list"),
        BadReply("x.csv:4", "at is empty", b"eve@initech.example,,see you on Monday"),
        BadReply("x.csv:5", "at is empty", b"?,,please remove me from your list"),
    ]
    handling = Listening.begin(office.database, office.project, LATER)
    found = [one.reason for one in respond_all(handling, lambda: bad) if isinstance(one, BadReply)]
    assert (closed(office, "C1"), closed(office, "C2")) == (set(Channel), set())
    assert ["is closed until" in found[0], found[1], "names nobody" in found[2]] == [True, "at is empty", True]
    entries = len(office.rows(t.OptOutRow))
    list(respond_all(handling, lambda: bad))
    assert len(office.rows(t.OptOutRow)) == entries


def test_a_row_without_a_date_that_may_be_a_stop_closes_whom_its_columns_name(office: Desk, tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    file.write_text("contact_id,words\nC1,stop\nC2,see you on Monday\n", encoding="utf-8")
    handling = Listening.begin(office.database, office.project, LATER)
    found = list(respond_all(handling, lambda: read_replies(file, office.project)))
    assert ["is closed until" in one.reason for one in found if isinstance(one, BadReply)] == [True, False]
    assert (closed(office, "C1"), closed(office, "C2")) == (set(Channel), set())


def test_all_names_of_a_row_count(office: Desk) -> None:
    stop = {"words": "stop emailing me", "others": ("eve@new.example",)}
    assert said(office, who="C1", **stop).contact == "C1"
    office.contacts({"contact_id": "C9", "email": "eve@new.example"}, at=LATER)
    assert closed(office, "C9") == set(Channel)
    assert said(office, who="C1", words="not now", others=("C2",)).state == "stranger"


def test_characters_that_no_database_keeps_do_no_harm(office: Desk) -> None:
    assert said(office, "stop emailing me\x00\ud800 now").closed == "sure"


def test_an_owner_has_hours_of_their_own_or_is_told_what_is_wrong(office: Desk) -> None:
    rows = [{"owner_email": "zoe@us.example", "business_hours": "17:00-09:00"}]
    report = import_owners(office.database, office.project, write_csv(office.project.folder, rows), AT)
    assert "are no business hours" in report.bad[0][1]
    (owed,) = said(office, "not now", rep="zoe@us.example", said=Response.NOT_NOW).owed
    assert owed.due.arithmetic.startswith("4 h of 09:00-17:00 Asia/Dubai from Mon 1 Jun 16:00")


def test_a_confirmation_that_was_not_needed_can_be_dropped_and_is_given_again(office: Desk, database: Database) -> None:
    key = said(office, "stop emailing me").owed[0].key
    assert close_owed(database, key, "said so on the phone", LATER).status == "cancelled"
    again = said(office, "really, stop emailing me", at=LATER + timedelta(hours=1))
    assert [one.kind for one in again.owed] == [SlaKind.CONFIRMATION]
    with database.reading() as connection:
        assert [row.state for row in sla.listed(connection)] == [SlaState.CANCELLED, SlaState.OPEN]


def test_without_phrases_nothing_is_read_and_it_is_said(desk: Desk) -> None:
    with pytest.raises(UsageError, match="no phrases"):
        said(desk, "stop emailing me")
