"""Ingesting: once each, opt-outs first, whom a signal concerns, and how sure we are of a move."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from reengage.app.imports.stops import import_opt_outs
from reengage.app.ingest import ingest
from reengage.app.review import answer, open_questions
from reengage.app.stop import opt_out
from reengage.model.errors import ReengageError, UsageError
from reengage.model.words import Channel
from reengage.sources.jsonfile import Record
from reengage.store import columns as t
from reengage.store import optouts, stoplist
from tests.app.desk import AT, Desk, move, signal
from tests.app.story import write_csv
from tests.app.test_export import a_task


def test_each_file_and_each_signal_once(desk: Desk) -> None:
    assert desk.drop(signal("1"), signal("1"), signal("2")).new == 2
    again = desk.drop(signal("1"), signal("1"), signal("2"))
    assert (again.files, again.known_files, again.new) == (0, 1, 0)
    assert desk.drop(signal("2"), signal("3"), name="b").new == 1
    assert len(desk.signals()) == 3


def test_bad_lines_are_kept_with_file_line_and_reason(desk: Desk) -> None:
    report = desk.drop(
        signal("1"), "{not json", signal("2", "earthquake"), signal("3", time="2026-05-30T10:00:00"), signal("4")
    )
    assert report.new == 2
    assert [(path, line) for path, line, _ in report.bad] == [("signals/a.jsonl", line) for line in (2, 3, 4)]
    assert {row.line for row in desk.rows(t.QuarantineRow)} == {2, 3, 4}


def test_news_from_the_future_is_kept_back(desk: Desk) -> None:
    report = desk.drop(signal("1", time="2099-01-01T00:00:00Z"), signal("2", time="2026-06-01T22:00:00Z"))
    assert [reason[:22] for _, _, reason in report.bad] == ["occurred in the future"]
    kept = desk.signals()[0]
    assert kept.occurred_at == kept.received_at == AT + timedelta(hours=1)


def test_a_file_that_cannot_be_read_does_not_stop_the_others(desk: Desk) -> None:
    rows = [json.dumps({"nonsense": n}) for n in range(30)]
    (desk.project.folder / "signals" / "broken.jsonl").write_text("\n".join(rows), encoding="utf-8")
    report = desk.drop(signal("1"))
    assert report.new == 1
    assert "rows cannot be read" in report.refused[0]


def test_a_domain_concerns_everyone_at_the_company_and_nobody_by_name(desk: Desk) -> None:
    desk.drop(signal("1", "intent", keys={"domain": "www.initech.example"}, facts={"topic": "crm"}))
    row = desk.signals()[0]
    assert (row.contact_id, row.account_id) == (None, 1)


def test_freemail_concerns_no_company(desk: Desk) -> None:
    assert desk.drop(signal("1", "intent", keys={"domain": "gmail.com"}, facts={"topic": "crm"})).unknown == 1


def test_a_shared_mailbox_names_nobody(desk: Desk) -> None:
    desk.contacts({"contact_id": "C3", "email": "info@initech.example"})
    assert desk.drop(signal("1", keys={"email": "info@initech.example"})).unknown == 1


def test_keys_that_name_two_people_are_doubtful(desk: Desk) -> None:
    desk.contacts({"contact_id": "C1", "phone": "+442079460018"})
    report = desk.drop(signal("1", keys={"email": "eve@initech.example", "phone": "+44 20 7946 0018"}))
    assert report.unknown == 1
    assert desk.signals()[0].contact_id is None


def test_an_identifier_of_someone_in_the_book_twice_is_theirs_by_whom_the_signal_concerns(desk: Desk) -> None:
    ann = {"first_name": "Ann", "last_name": "Lee", "linkedin_url": "https://www.linkedin.com/in/ann-lee"}
    desk.contacts(
        {"contact_id": "C3", "email": "ann@initech.example", **ann},
        {"contact_id": "C4", "email": "ann@hooli.example", **ann},
    )
    desk.drop(signal("1", keys={"linkedin": ann["linkedin_url"], "email": "ann@hooli.example"}))
    assert desk.signals()[0].contact_id == desk.id("C3")
    emails = [(one.contact_id, one.value) for one in desk.rows(t.IdentifierRow) if one.value.startswith("ann@")]
    assert (desk.id("C3"), "ann@hooli.example") in emails
    assert len(emails) == 3


def test_news_about_someone_unknown_waits_for_them(desk: Desk) -> None:
    keys = {"email": "max@new.example", "domain": "new.example"}
    assert (
        desk.drop(
            signal("1", keys=keys), signal("2", "intent", keys={"domain": "new.example"}, facts={"topic": "crm"})
        ).unknown
        == 2
    )
    desk.contacts(
        {"contact_id": "C9", "email": "max@new.example", "account_domain": "new.example"}, at=AT + timedelta(days=1)
    )
    one, other = desk.signals()
    assert one.contact_id == desk.id("C9")
    assert other.account_id is not None
    assert desk.rows(t.SignalKeyRow) == []


def test_a_confirmed_move_changes_the_employer_and_a_doubtful_one_asks(desk: Desk) -> None:
    desk.drop(move("1"), {**move("2", previous="Elsewhere"), "keys": {"email": "eve@initech.example"}})
    assert desk.employers("C1") == ["Initech", "Hooli"]
    assert desk.employers("C2") == ["Initech"]
    assert [one.contact for one in open_questions(desk.database)] == ["C2"]


def test_a_seat_on_a_board_is_no_move(desk: Desk) -> None:
    desk.drop(move("1", new_title="Advisory Board Member"))
    assert desk.employers("C1") == ["Initech"]
    assert desk.signals()[0].certainty == "uncertain"


def test_a_source_can_lower_our_certainty_never_raise_it(desk: Desk) -> None:
    desk.drop({**move("1"), "certainty": "likely"}, {**move("2", previous=None), "certainty": "confirmed"})
    assert [row.certainty for row in desk.signals()] == ["likely", "likely"]


def test_a_second_source_confirms_a_likely_move_and_the_same_one_does_not(desk: Desk) -> None:
    desk.drop(move("1", previous=None), move("2", previous=None))
    assert desk.employers("C1") == ["Initech"]
    desk.drop(move("3", previous=None, source="other"), name="b")
    assert desk.employers("C1")[-1] == "Hooli"
    assert open_questions(desk.database) == []


def test_old_news_never_overwrites_newer(desk: Desk) -> None:
    desk.drop({**move("2", new_company="Umbrella"), "time": "2026-05-30T10:00:00Z"})
    desk.drop({**move("1", new_company="Hooli"), "time": "2026-04-01T10:00:00Z"}, name="b")
    assert desk.employers("C1")[-1] == "Umbrella"


def test_a_title_says_its_seniority(desk: Desk) -> None:
    desk.drop(move("1", new_title="Vice President, Revenue Operations"))
    assert desk.signals()[0].facts["new_seniority"] == "vp"


def test_someone_who_left_is_nowhere(desk: Desk) -> None:
    desk.drop(signal("1", "left_company", facts={"previous_company": "Initech"}))
    assert desk.employers("C1")[-1] == "(nowhere)"


def test_a_stop_goes_before_every_other_signal_of_the_call(desk: Desk) -> None:
    stop = signal("s", "opt_out", facts={"words": "stop"})
    report = desk.drop(move("1", new_company="Hooli"), stop)
    assert report.opt_outs == 1
    assert not desk.may_write_to("C1")
    assert desk.may_write_to("C2")
    desk.drop(stop, name="b")
    assert len([row for row in desk.rows(t.EvidenceRow) if row.contact_id]) == 1


def test_a_stop_by_signal_may_be_for_one_channel_and_for_someone_unknown(desk: Desk) -> None:
    desk.drop(
        signal("s", "opt_out", facts={"channels": "phone"}),
        signal("t", "opt_out", keys={"email": "later@x.example"}, facts={"words": "stop"}),
    )
    desk.contacts({"contact_id": "C9", "email": "later@x.example"}, at=AT + timedelta(days=1))
    assert desk.may_write_to("C1")
    assert not desk.may_write_to("C9")


def test_the_no_follows_someone_to_a_new_address(desk: Desk) -> None:
    opt_out(desk.database, desk.project, "dana@initech.example", AT)
    known = {"email": "dana@initech.example", "emails": ["dana@hooli.example"]}
    desk.drop({**move("1"), "keys": known})
    desk.contacts(
        {"contact_id": "NEW-1", "email": "Dana@Hooli.example", "phone": "+442079460018"}, at=AT + timedelta(days=1)
    )
    desk.contacts({"contact_id": "NEW-2", "email": "d@y.example", "phone": "020 7946 0018"}, at=AT + timedelta(days=2))
    assert not desk.may_write_to("NEW-1")
    assert not desk.may_write_to("NEW-2")


def test_timers_bring_one_signal_a_slot_and_lose_none(desk: Desk) -> None:
    def slots(at: datetime) -> int:
        return next(one.new for one in ingest(desk.database, desk.project, at) if one.connector == "weekly")

    assert slots(AT) == 1
    assert slots(AT) == 0
    assert slots(AT + timedelta(days=30)) == 4


def test_a_connector_that_is_not_there_is_named_with_those_that_are(desk: Desk) -> None:
    with pytest.raises(UsageError, match="nonsense") as caught:
        ingest(desk.database, desk.project, AT, ["nonsense"])
    assert "envelope" in str(caught.value)


def test_a_connector_with_an_error_stops_before_anything_is_read(desk: Desk) -> None:
    (desk.project.folder / "connectors" / "bad.yaml").write_text("name: bad\nkind: csvv\n", encoding="utf-8")
    with pytest.raises(ReengageError, match="1 error"):
        desk.drop(signal("1"))
    assert desk.signals() == []


def test_confirming_a_move_makes_it_count_and_rejecting_leaves_it_out(desk: Desk) -> None:
    desk.drop(move("1", previous=None), {**move("2", previous=None), "keys": {"email": "eve@initech.example"}})
    first, second = open_questions(desk.database)
    answer(desk.database, desk.project, first.id, "confirm", "seen on their profile", AT + timedelta(days=1))
    answer(desk.database, desk.project, second.id, "reject", "a namesake", AT + timedelta(days=1))
    assert desk.employers("C1")[-1] == "Hooli"
    assert desk.employers("C2") == ["Initech"]
    assert open_questions(desk.database) == []
    with pytest.raises(UsageError, match="not open"):
        answer(desk.database, desk.project, first.id, "reject", "again", AT + timedelta(days=2))


def test_only_a_provisional_stop_can_be_rejected_and_only_with_a_reason(desk: Desk) -> None:
    desk.contacts(
        {"contact_id": "C1", "email": "dana@initech.example", "opted_out": "perhaps"}, at=AT + timedelta(days=1)
    )
    (question,) = open_questions(desk.database)
    assert not desk.may_write_to("C1")
    with pytest.raises(UsageError, match="reason"):
        answer(desk.database, desk.project, question.id, "reject", " ", AT + timedelta(days=2))
    answer(desk.database, desk.project, question.id, "reject", "asked them", AT + timedelta(days=2))
    assert desk.may_write_to("C1")
    desk.contacts(
        {"contact_id": "C1", "email": "dana@initech.example", "opted_out": "perhaps"}, at=AT + timedelta(days=3)
    )
    assert desk.may_write_to("C1")
    opt_out(desk.database, desk.project, "C1", AT + timedelta(days=4))
    with pytest.raises(UsageError, match="not open"):
        answer(desk.database, desk.project, "stop-2", "reject", "please", AT + timedelta(days=5))


def test_a_stop_on_one_channel_leaves_the_others(desk: Desk) -> None:
    done = opt_out(desk.database, desk.project, "C1", AT, channels=(Channel.PHONE,))
    assert (done.kind, done.contacts) == ("contact", 1)
    assert desk.may_write_to("C1")
    with desk.database.reading() as connection:
        assert optouts.standings(connection, [desk.id("C1")])[desk.id("C1")].closed == {Channel.PHONE}


@pytest.mark.parametrize("text", ["", "???", "nobody", "12"])
def test_what_names_nobody_is_refused(desk: Desk, text: str) -> None:
    with pytest.raises(UsageError, match="no contact_id, e-mail"):
        opt_out(desk.database, desk.project, text, AT)


def test_the_unified_list_has_every_address_of_everyone_who_said_stop(desk: Desk) -> None:
    opt_out(desk.database, desk.project, "C1", AT, words="no thanks")
    import_opt_outs(desk.database, desk.project, write_csv(desk.project.folder, ({"domain": "umbrella.example"},)), AT)
    with desk.database.reading() as connection:
        listed = {(row["kind"], row["value"]) for row in stoplist.list_all(connection)}
    assert {("email", "dana@initech.example"), ("domain", "umbrella.example")} <= listed


@pytest.mark.parametrize("first", [signal("e1"), signal("e1", "opt_out", keys={"email": "eve@initech.example"})])
def test_a_stop_counts_although_its_id_has_been_used(desk: Desk, first: dict[str, Any]) -> None:
    desk.drop(first)
    report = desk.drop(signal("e1", "opt_out"), name="b", at=AT + timedelta(hours=2))
    assert report.opt_outs == 1
    assert not desk.may_write_to("C1")


def test_a_stop_that_names_nobody_is_kept_back_and_told(desk: Desk) -> None:
    report = desk.drop(signal("e1", "opt_out", keys={"email": "dana at initech.example"}))
    assert [(line, reason) for _, line, reason in report.bad] == [
        (1, "a stop whose keys cannot be read, so it reaches nobody")
    ]
    assert len(desk.rows(t.QuarantineRow)) == 1


def test_a_link_that_closes_a_contact_does_not_overlook_a_task_being_written(desk: Desk) -> None:
    opt_out(desk.database, desk.project, "dana@home.example", AT)
    both = signal("v1", keys={"email": "dana@initech.example", "emails": ["dana@home.example"]})
    with ThreadPoolExecutor() as pool:
        with desk.database.writing() as connection:
            connection.execute(insert(t.RunRow), {"id": 1, "at": AT, "watermark": 0, "signal_mark": 0, "candidates": 1})
            connection.execute(insert(t.TaskRow), a_task("rx-1", desk.id("C1"), account_id=None))
            ingesting = pool.submit(desk.drop, both)
            wait([ingesting], timeout=0.5)
        ingesting.result()
    assert not desk.may_write_to("C1")
    assert [row.state for row in desk.rows(t.TaskRow)] == ["cancelled"]


def test_a_promotion_heard_with_the_move_before_it_is_at_the_new_employer(desk: Desk) -> None:
    promoted = {**signal("p1", "promotion", facts={"new_title": "SVP Sales"}), "time": "2026-05-31T10:00:00Z"}
    desk.drop(promoted, move("m1"))
    assert desk.employers("C1") == ["Initech", "Hooli", "Hooli"]


def stop(id: str, **more: Any) -> dict[str, Any]:
    return signal(id, "opt_out", **more)


UNREADABLE = [
    stop("s", facts={"mood": "angry"}),
    stop("s", time="last week"),
    stop("s", certainty="perhaps"),
    stop("s", keys={"e-mail": "dana@initech.example"}),
    stop("s", keys={"email": ["dana@initech.example"]}),
    {**stop("s"), "note": "x" * 3_000},
    {**signal("s"), "type": "unsubscribed"},
    json.dumps(stop("s"))[:-1],
]


@pytest.mark.parametrize("row", UNREADABLE, ids=range(len(UNREADABLE)))
def test_a_stop_that_cannot_be_read_closes_whom_it_names_until_somebody_looks(desk: Desk, row: Any) -> None:
    report = desk.drop(signal("1"), row)
    assert not desk.may_write_to("C1")
    assert desk.may_write_to("C2")
    assert report.opt_outs == 1
    ((_, line, reason),) = report.bad
    assert line == 2
    assert "may be a stop" in reason
    assert "reengage review" in reason
    (question,) = open_questions(desk.database)
    assert "signal envelope: signals/a.jsonl, line 2" in question.question
    assert question.contact == "C1"
    answer(desk.database, desk.project, question.id, "reject", "asked them", AT + timedelta(days=1))
    assert desk.may_write_to("C1")


def test_a_bad_row_of_another_kind_closes_nobody(desk: Desk) -> None:
    desk.drop(signal("1", time="last week"), signal("2", "earthquake"))
    assert desk.may_write_to("C1")
    assert open_questions(desk.database) == []


def many(*stops: dict[str, Any]) -> list[dict[str, Any] | str]:
    """So many unreadable rows around these that the file is refused."""
    return [*stops, *(json.dumps({"nonsense": n}) for n in range(30))]


def test_a_file_that_changed_its_shape_keeps_its_stops_once(desk: Desk) -> None:
    rows = many(stop("s"), stop("t", time="?", keys={"email": "eve@initech.example"}))
    report = desk.drop(*rows)
    assert "rows cannot be read" in report.refused[0]
    assert report.opt_outs == 2
    assert not desk.may_write_to("C1")
    assert not desk.may_write_to("C2")
    entries = len(desk.rows(t.OptOutRow))
    assert desk.drop(*rows, at=AT + timedelta(hours=2)).opt_outs == 0
    assert len(desk.rows(t.OptOutRow)) == entries


UNSUBSCRIBED = """
name: unsubscribed
kind: csv
signal: opt_out
path: signals/*.csv
occurred_at: When
map: {email: Email, phone: Phone}
"""


@pytest.mark.parametrize(
    ("headings", "provisional"), [("Email,Telephone,When", ""), ("E-Mail,Phone,Day", "yes"), ("Email,Phone,When", "")]
)
def test_a_list_of_stops_with_renamed_columns_still_closes(desk: Desk, headings: str, provisional: str) -> None:
    (desk.project.folder / "connectors" / "unsubscribed.yaml").write_text(UNSUBSCRIBED, encoding="utf-8")
    rows = f"{headings}\ndana@initech.example,+44 20 7946 0018,2026-05-30\n"
    (desk.project.folder / "signals" / "stops.csv").write_text(rows, encoding="utf-8")
    (report,) = ingest(desk.database, desk.project, AT, ["unsubscribed"])
    assert (report.opt_outs, len(report.refused)) == (1, headings != "Email,Phone,When")
    assert not desk.may_write_to("C1")
    with desk.database.reading() as connection:
        listed = {row["value"]: row["provisional"] for row in stoplist.list_all(connection)}
    assert listed["dana@initech.example"] == provisional


def test_what_was_read_before_a_file_breaks_off_counts(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaking(path: Path, _: object) -> Iterator[Record]:
        yield Record(1, stop("s"), "")
        raise ReengageError("the file breaks off", where=str(path))

    monkeypatch.setattr("reengage.sources.signals.read_objects", breaking)
    report = desk.drop(stop("s"))
    assert (report.opt_outs, len(report.refused)) == (1, 1)
    assert not desk.may_write_to("C1")


def test_a_stop_from_the_future_is_taken_and_not_listed_as_bad(desk: Desk) -> None:
    report = desk.drop(stop("s", time="2099-01-01T00:00:00Z"))
    assert (report.opt_outs, report.bad) == (1, [])
    assert desk.rows(t.QuarantineRow) == []
    assert not desk.may_write_to("C1")
