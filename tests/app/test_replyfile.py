"""Answers from files: every one becomes a reply or says why not, and nothing that may be a stop vanishes."""

from __future__ import annotations

import csv
import json
import os
import tracemalloc
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reengage.app.desk.mailbox import read_mailbox
from reengage.app.desk.replyfile import BadReply, read_replies
from reengage.app.project import Project
from reengage.model.errors import ReengageError
from reengage.model.reading import Clues
from reengage.model.reply import Reply
from reengage.model.words import Channel, Response
from tests.app.story import make_project

MAILS = Path(__file__).parents[1] / "intake" / "mail" / "mails"
WRITTEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
AT = "2026-02-03T10:00:00+01:00"
FROM = b"From dana@initech.example Tue Feb  3 09:00:00 2026\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    own = '[import.columns]\n"Their Answer" = "said"\n"DNC list" = "ignore"\n[import.responses]\n"Bad Timing" = "not_now"\n'
    return make_project(tmp_path_factory.mktemp("replies") / "project", own)


def put(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    os.utime(path, (WRITTEN.timestamp(), WRITTEN.timestamp()))
    return path


def lines(folder: Path, *rows: dict[str, Any] | str) -> Path:
    told = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    return put(folder, "replies.jsonl", "\n".join(told))


def table(folder: Path, *rows: Iterable[str]) -> Path:
    path = folder / "replies.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def good(found: Iterable[Reply | BadReply]) -> list[Reply]:
    replies = list(found)
    assert all(isinstance(one, Reply) for one in replies), replies
    return [one for one in replies if isinstance(one, Reply)]


def only(found: Iterable[Reply | BadReply]) -> Reply:
    (reply,) = good(found)
    return reply


def bad(found: Iterable[Reply | BadReply]) -> BadReply:
    (one,) = found
    assert isinstance(one, BadReply)
    return one


FULL = {
    "contact_id": "C1",
    "at": AT,
    "their_words": "We use Globex until 2027, ask Jane",
    "message_id": "m1",
    "channel": "Call",
    "rep_email": "anna@us.example",
    "response": "Already with vendor",
    "topic": "crm",
    "title": "VP Sales",
    "campaign": "spring",
    "script_variant": "B",
    "notes": "friendly",
    "recording_url": "https://calls.example/1",
    "call_back_on": "2026-09-01",
    "vendor": "Globex",
    "contract_ends": "2027-01-31",
    "referred_to": "Jane",
    "wake_on": "sap;sso",
    "subject": "Hi",
}


@pytest.mark.parametrize("as_table", [True, False])
def test_a_row_says_all_that_a_reply_can(tmp_path: Path, project: Project, as_table: bool) -> None:
    path = table(tmp_path, FULL, FULL.values()) if as_table else lines(tmp_path, FULL)
    clues = Clues(
        call_back_on=date(2026, 9, 1),
        vendor="Globex",
        contract_ends=date(2027, 1, 31),
        referred_to="Jane",
        wake_on=("sap", "sso"),
    )
    assert only(read_replies(path, project)) == Reply(
        who="C1",
        at=datetime.fromisoformat(AT),
        words=FULL["their_words"],
        id="m1",
        channel=Channel.PHONE,
        rep="anna@us.example",
        said=Response.ALREADY_WITH_VENDOR,
        subject="Hi",
        topic="crm",
        title="VP Sales",
        campaign="spring",
        script_variant="B",
        notes="friendly",
        recording_url="https://calls.example/1",
        clues=clues,
        where=f"{path}:{2 if as_table else 1}",
    )


def test_what_a_row_does_not_say_whoever_hands_it_in_says(tmp_path: Path, project: Project) -> None:
    path = lines(
        tmp_path, {"who": "C1", "at": AT}, {"who": "C2", "at": AT, "channel": "sms", "rep": "x", "campaign": "y"}
    )
    first, second = good(read_replies(path, project, channel=Channel.EMAIL, rep="anna", campaign="spring"))
    assert (first.channel, first.rep, first.campaign) == (Channel.EMAIL, "anna", "spring")
    assert (second.channel, second.rep, second.campaign) == (Channel.SMS, "x", "y")


def test_own_headings_words_and_zone_of_the_project_count(tmp_path: Path, project: Project) -> None:
    path = table(
        tmp_path, ["Email", "At", "Their Answer", "DNC list"], ["d@i.example", "2026-06-03 10:00", "bad timing", "x"]
    )
    reply = only(read_replies(path, project))
    assert reply.said is Response.NOT_NOW
    assert reply.at == datetime(2026, 6, 3, 9, tzinfo=UTC)
    assert reply.remarks == ()


def test_values_of_json_are_taken_as_they_are_meant(tmp_path: Path, project: Project) -> None:
    row = {"phone": 493012345, "at": AT, "words": None, "text": "stop", "body": "now", "wake_on": ["sap", " sso "]}
    reply = only(read_replies(lines(tmp_path, row), project))
    assert (reply.who, reply.words, reply.clues.wake_on) == ("493012345", "stop\nnow", ("sap", "sso"))


def test_columns_that_are_not_read_are_told_once(tmp_path: Path, project: Project) -> None:
    row = {"who": "C1", "at": AT}
    path = lines(tmp_path, {**row, "mood": "x"}, {**row, "mood": "y"}, {**row, "mood": "z", "color": "red"})
    assert [reply.remarks for reply in good(read_replies(path, project))] == [
        ("not read: mood",),
        (),
        ("not read: color",),
    ]


def test_of_several_names_all_count(tmp_path: Path, project: Project) -> None:
    reply = only(read_replies(lines(tmp_path, {"contact_id": "C1", "email": "d@i.example", "at": AT}), project))
    assert reply.who == "C1"
    assert reply.others == ("d@i.example",)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"at": AT, "words": "stop"}, "names nobody"),
        ({"who": " ", "at": AT}, "names nobody"),
        ({"who": "C1", "words": "stop"}, "at is empty"),
        ({"who": "C1", "at": "yesterday"}, 'at "yesterday" is not a moment'),
        ({"who": "C1", "at": "0001-01-01"}, "lies outside the years"),
        ({"who": "C1", "at": AT, "said": "stop!!"}, "map it in reengage.toml"),
        ({"who": "C1", "at": AT, "channel": "pigeon"}, "is not one of email"),
        ({"who": "C1", "at": AT, "call_back_on": "soon"}, "is not a date"),
        ({"who": "C1", "at": AT, "words": {"a": 1}}, "is no text"),
        ({"who": "C1", "at": AT, "words": True}, "is no text"),
        ({"who": "C1", "at": AT, "id": "x" * 501}, "longer than 500"),
        ({"who": "C1", "at": AT, "opted_out": "true"}, "looks like an opt-out"),
        ('{"who": "C1", "words": "stop calling"', "is not JSON"),
        ('["stop"]', "is not a JSON object"),
    ],
)
def test_a_row_that_cannot_be_read_is_kept_with_its_reason(
    tmp_path: Path, project: Project, row: dict[str, Any] | str, reason: str
) -> None:
    path = lines(tmp_path, {"who": "C0", "at": AT}, row, {"who": "C9", "at": AT})
    first, refused, last = read_replies(path, project)
    assert isinstance(first, Reply) and isinstance(refused, BadReply) and isinstance(last, Reply)
    assert refused.where == f"{path}:2"
    assert reason in refused.reason
    assert refused.raw.rstrip(b"\n") == (row if isinstance(row, str) else json.dumps(row)).encode()


def test_a_row_of_a_table_that_cannot_be_read_is_kept(tmp_path: Path, project: Project) -> None:
    path = put(tmp_path, "replies.csv", f"who,at,words\nC1,{AT}\nC2,{AT},stop\nC3,never,please stop\n")
    ragged, fine, late = read_replies(path, project)
    assert isinstance(ragged, BadReply) and "2 cells where 3" in ragged.reason
    assert isinstance(fine, Reply)
    assert isinstance(late, BadReply) and late.raw == b"C3,never,please stop\n" and late.where == f"{path}:4"


def test_a_heading_that_may_be_a_stop_is_not_overlooked(tmp_path: Path, project: Project) -> None:
    path = table(tmp_path, ["who", "at", "Do not call"], ["C1", AT, "yes"])
    with pytest.raises(ReengageError, match="looks like an opt-out"):
        list(read_replies(path, project))


@pytest.mark.parametrize("name", ["replies.xlsx", "replies", "replies.json", ".csv.gz"])
def test_other_files_are_refused_at_once(tmp_path: Path, project: Project, name: str) -> None:
    with pytest.raises(ReengageError, match=r"\.jsonl, \.csv, \.mbox or \.eml"):
        read_replies(tmp_path / name, project)


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "mbox", "eml"])
def test_a_file_that_is_not_there_is_told(tmp_path: Path, project: Project, suffix: str) -> None:
    with pytest.raises(ReengageError):
        list(read_replies(tmp_path / f"no.{suffix}", project))


def test_a_single_mail(tmp_path: Path, project: Project) -> None:
    raw = (MAILS / "gmail.eml").read_bytes()
    path = put(tmp_path, "a.EML", raw)
    reply = only(read_replies(path, project, campaign="spring"))
    assert (reply.who, reply.channel, reply.rep) == ("dana@initech.example", Channel.EMAIL, "anna@us.example")
    assert reply.words == "We’re happy with what we have, so please take me off your list."
    assert (reply.id, reply.campaign, reply.where, reply.raw) == ("gmail@initech.example", "spring", str(path), raw)


def test_a_complaint_is_a_stop_for_everyone_it_names(tmp_path: Path, project: Project) -> None:
    first, second = good(read_replies(put(tmp_path, "c.eml", (MAILS / "complaint.eml").read_bytes()), project))
    assert [first.who, second.who] == ["dana@initech.example", "eve@initech.example"]
    assert first.said is second.said is Response.UNSUBSCRIBE
    assert first.id != second.id
    assert first.campaign == "spring"


def test_a_bounce_is_about_the_recipient(tmp_path: Path, project: Project) -> None:
    reply = only(read_replies(put(tmp_path, "b.eml", (MAILS / "bounce.eml").read_bytes()), project))
    assert (reply.who, reply.said) == ("dana@initech.example", Response.AUTO_REPLY)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"Subject: STOP\n\nSTOP", "does not say whom it is from"),
        (b"stop", "does not say whom it is from"),
        (b"", "does not say whom it is from"),
        (b"From: MAILER-DAEMON@x.example\nTo: a@us.example\n\nno such user", "does not say whom it is about"),
    ],
)
def test_a_mail_that_names_nobody_is_kept(tmp_path: Path, project: Project, raw: bytes, reason: str) -> None:
    refused = bad(read_replies(put(tmp_path, "a.eml", raw), project))
    assert reason in refused.reason
    assert refused.raw == raw


def mbox(*mails: bytes) -> bytes:
    return b"".join(FROM + mail.rstrip(b"\n") + b"\n\n" for mail in mails)


def mail(
    body: str = "Stop.", date: str = "Tue, 3 Feb 2026 10:00:00 +0100", sender: str = "dana@initech.example"
) -> bytes:
    return f"From: {sender}\nTo: anna@us.example, b@us.example\nDate: {date}\nSubject: Re: x\n\n{body}\n".encode()


def test_a_mailbox_message_by_message(tmp_path: Path, project: Project) -> None:
    path = put(tmp_path, "a.mbox", mbox(mail("Stop."), b"Subject: x\n\nstop", mail(sender="eve@initech.example")))
    first, refused, last = read_replies(path, project, rep="anna@us.example")
    assert isinstance(first, Reply) and isinstance(last, Reply)
    assert isinstance(refused, BadReply) and refused.where == f"{path}: message 2" and b"stop" in refused.raw
    assert [first.who, last.who] == ["dana@initech.example", "eve@initech.example"]
    assert first.rep == "anna@us.example"
    assert first.where == f"{path}: message 1"


def test_the_recipient_is_the_rep_only_where_there_is_one(tmp_path: Path, project: Project) -> None:
    assert only(read_replies(put(tmp_path, "a.mbox", mbox(mail())), project)).rep is None


@pytest.mark.parametrize(
    ("date", "at", "remark"),
    [
        ("Tue, 3 Feb 2026 10:00:00 +0100", datetime(2026, 2, 3, 9, tzinfo=UTC), None),
        ("Tue, 30 Jun 2020 10:00:00", datetime(2020, 6, 30, 9, tzinfo=UTC), None),
        ("Tue, 3 Feb 2126 10:00:00 +0100", datetime(2026, 2, 3, 9, tzinfo=UTC), "is later than the file"),
        ("some day", datetime(2026, 2, 3, 9, tzinfo=UTC), "no date that can be read"),
    ],
)
def test_when_a_message_was_sent(tmp_path: Path, project: Project, date: str, at: datetime, remark: str | None) -> None:
    reply = only(read_replies(put(tmp_path, "a.mbox", mbox(mail(date=date))), project))
    assert reply.at == at
    assert any(remark in one for one in reply.remarks) if remark else not reply.remarks


def test_without_any_date_a_message_is_as_old_as_its_file(tmp_path: Path, project: Project) -> None:
    reply = only(read_replies(put(tmp_path, "a.eml", mail(date="never")), project))
    assert reply.at == WRITTEN
    assert "the day on which the file was written" in reply.remarks[0]
    late = put(tmp_path, "b.mbox", mbox(mail(date="never")).replace(b"2026\n", b"2099\n", 1))
    assert only(read_replies(late, project)).at == WRITTEN


@pytest.mark.parametrize(
    "line",
    ["From now on, stop.", "From Mon to Fri 10:00 you call me. Stop", ">From now on, stop.", "From x Mon 10:00 2026"],
)
def test_a_line_that_begins_with_from_begins_no_message(tmp_path: Path, project: Project, line: str) -> None:
    path = put(tmp_path, "a.mbox", mbox(mail(f"Hi\n\n{line}\n\nDana"), mail()))
    first, _ = good(read_replies(path, project))
    assert first.words == f"Hi\n\n{line.removeprefix('>')}\n\nDana"


@pytest.mark.parametrize(
    "first",
    [
        b"From - Tue Feb 03 09:00:00 2026\r\n",
        b"From 1234567890@xxx Tue Feb 03 09:00:00 +0000 2026\n",
        b"From dana@initech.example  Tue Feb  3 10:00:00 2026 +0100\n",
    ],
)
def test_first_lines_of_other_programs(tmp_path: Path, first: bytes) -> None:
    (letter,) = read_mailbox(put(tmp_path, "a.mbox", first + mail()))
    assert letter.at == datetime(2026, 2, 3, 9, tzinfo=UTC)


def test_a_file_that_is_no_mailbox_is_refused(tmp_path: Path, project: Project) -> None:
    with pytest.raises(ReengageError, match="this is no mailbox"):
        list(read_replies(put(tmp_path, "a.mbox", mail()), project))
    assert list(read_replies(put(tmp_path, "b.mbox", b"\n\n"), project)) == []


def test_a_truncated_mailbox_gives_what_it_has(tmp_path: Path, project: Project) -> None:
    whole = mbox(mail("Stop."), mail("Stop. " * 50))
    path = put(tmp_path, "a.mbox", whole[: len(whole) - 200])
    assert [reply.words[:5] for reply in good(read_replies(path, project))] == ["Stop.", "Stop."]


def test_a_mailbox_is_streamed_and_too_large_a_message_left_out(
    tmp_path: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reengage.app.desk.mailbox.LARGEST", 1 << 20)
    monkeypatch.setattr("reengage.app.desk.mailbox.KEPT", 1 << 17)
    path = put(tmp_path, "a.mbox", mbox(mail("x" * (8 << 20)), *[mail("y " * 30_000)] * 300, mail()))
    tracemalloc.start()
    sizes = [len(letter.raw) for letter in read_mailbox(path)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(sizes) == 302 and sizes[0] == 1 << 17
    assert peak < 6 << 20
    replies = read_replies(path, project)
    refused = next(replies)
    assert isinstance(refused, BadReply) and "larger than" in refused.reason
    assert refused.raw.startswith(b"From: dana@initech.example")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=200)
    | st.lists(
        st.sampled_from([FROM, b"\n", mail(), b"From: x\n", b"\0\xff", b'{"who": "C1", "at": "2026-01-01"}\n', b'",'])
    ).map(b"".join),
    suffix=st.sampled_from(["jsonl", "csv", "mbox", "eml"]),
)
def test_any_file_is_read_or_refused_in_words(tmp_path: Path, project: Project, content: bytes, suffix: str) -> None:
    path = put(tmp_path, f"any.{suffix}", content)
    try:
        found = list(read_replies(path, project, footers=["a footer"]))
    except ReengageError as error:
        found = [BadReply(error.where or "", error.message, b"")]
    assert all(one.where.startswith(str(path)) for one in found)
