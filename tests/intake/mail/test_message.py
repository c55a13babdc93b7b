"""What one e-mail says, however it is written, and that no bytes can stop us from reading it."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reengage.intake.mail.markup import text_of_html
from reengage.intake.mail.message import Message, read_mail
from reengage.model.words import Response

MAILS = Path(__file__).parent / "mails"
HEAD = b"From: Dana <dana@initech.example>\nTo: anna@us.example\nSubject: Re: our offer\n"


def read(name: str) -> Message:
    return read_mail((MAILS / f"{name}.eml").read_bytes())


def mail(*headers: str, body: str | bytes = "", subject: str = "Re: our offer") -> Message:
    told = ["From: Dana <dana@initech.example>", "To: anna@us.example", f"Subject: {subject}", *headers]
    content = body.encode() if isinstance(body, str) else body
    return read_mail("\n".join([*told, "", ""]).encode() + content)


def words_of(*headers: str, body: str | bytes) -> str:
    return mail(*headers, body=body).words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gmail", "We’re happy with what we have, so please take me off your list."),
        ("outlook-html", "Guten Tag,\n\nim Moment kein Budget – gern im März.\n\nDana"),
        ("apple-html-only", "Not now, call me in June."),
        ("inline-answer", "No. Stop writing to me."),
        ("out-of-office", "Ich bin bis 14. August nicht im Büro.\nFrau Jäger ist nicht mehr im Unternehmen."),
        ("left-company", "Your sales team\n\nDana no longer works here. Please remove her from your list."),
        ("bounce", "<dana@initech.example>: user unknown, Dana no longer works here"),
        ("complaint", ""),
        ("unsubscribe-mailbox", "c42"),
        ("calendar-declined", "Sorry, ask again after Easter."),
        ("encrypted", ""),
        ("broken", "Stopx =?utf-8?Q?half\n\nGrüße. Schreiben Sie mir nicht mehr."),
        ("mixed-encodings", "Grüße aus Köln\nund grüße auch"),
        ("flowed", "Please do not write to me any more."),
    ],
)
def test_the_words_are_the_senders_own(name: str, words: str) -> None:
    assert read(name).words == words


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gmail", None),
        ("out-of-office", Response.OUT_OF_OFFICE),
        ("left-company", Response.AUTO_REPLY),
        ("bounce", Response.AUTO_REPLY),
        ("bounce-unmarked", Response.AUTO_REPLY),
        ("complaint", Response.UNSUBSCRIBE),
        ("unsubscribe-mailbox", Response.UNSUBSCRIBE),
        ("calendar-declined", None),
    ],
)
def test_what_headers_state(name: str, said: Response | None) -> None:
    assert read(name).said is said


def test_who_wrote_when_and_under_which_name() -> None:
    found = read("gmail")
    assert (found.sender, found.id, found.subject) == (
        "dana@initech.example",
        "gmail@initech.example",
        "Re: Your sales team",
    )
    assert found.at == datetime(2026, 2, 3, 9, tzinfo=UTC)
    assert found.recipients == ("anna@us.example",)
    assert found.remarks == ()


@pytest.mark.parametrize(
    ("name", "about", "remark", "campaign"),
    [
        ("bounce", ("dana@initech.example",), "a delivery report: 5.1.1 (failed)", "spring"),
        ("bounce-unmarked", ("dana@initech.example",), "a delivery report: 5.2.2", None),
        ("complaint", ("dana@initech.example", "eve@initech.example"), "a complaint (abuse)", "spring"),
    ],
)
def test_a_report_names_whom_it_is_about(name: str, about: tuple[str, ...], remark: str, campaign: str | None) -> None:
    found = read(name)
    assert found.is_report
    assert found.about == about
    assert found.remarks[0] == remark
    assert found.campaign == campaign


def test_a_report_that_is_no_complaint_stops_nobody() -> None:
    raw = (MAILS / "complaint.eml").read_bytes().replace(b"Feedback-Type: abuse", b"Feedback-Type: not-spam")
    assert read_mail(raw).said is Response.AUTO_REPLY


def test_a_complaint_without_recipients_takes_that_of_the_message() -> None:
    raw = b"\n".join(line for line in (MAILS / "complaint.eml").read_bytes().split(b"\n") if b"Rcpt" not in line)
    assert read_mail(raw).about == ("undisclosed@initech.example",)


def test_what_cannot_be_read_is_told() -> None:
    assert "encrypted (PGP)" in read("encrypted").remarks[0]
    assert read("calendar-declined").remarks == ("the answer to an invitation: declined",)
    assert (
        mail("Content-Type: application/ms-tnef; name=winmail.dat", body="x")
        .remarks[0]
        .startswith("the message is Out")
    )
    assert mail("Content-Type: application/pkcs7-mime", body="x").remarks[0].startswith("the message is encrypted or")
    assert mail("Content-Type: image/png; name=a.png", body="x").remarks == ("left out: a.png (image/png, 1 KiB)",)
    assert mail().remarks == ("the message is empty",)
    assert "nothing in it" in mail(body="> may I call?").remarks[0]


@pytest.mark.parametrize(
    ("subject", "body", "words"),
    [
        ("STOP", "", "STOP"),
        ("Re: STOP", "", "STOP"),
        ("Unsubscribe me", "Thanks", "Unsubscribe me\n\nThanks"),
        ("AW: Re[2]: FWD: stop wasting time", "No", "No"),
        ("Automatic reply: stop wasting time", "I am away", "I am away"),
        ("Re: our offer", "", ""),
        ("=?utf-8?B?QWJtZWxkZW4=?=", "", "Abmelden"),
    ],
)
def test_a_subject_of_their_own_is_part_of_the_words(subject: str, body: str, words: str) -> None:
    assert mail(subject=subject, body=body).words == words


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        (["Auto-Submitted: no"], None),
        (["Auto-Submitted: auto-replied; x=y"], Response.AUTO_REPLY),
        (["X-Autoreply: yes"], Response.AUTO_REPLY),
        (["Precedence: Auto_Reply"], Response.AUTO_REPLY),
        (["Precedence: list", "List-Id: x", "List-Post: <mailto:x>", "List-Unsubscribe: <y>"], None),
        (["List-Unsubscribe: <mailto:x@news.example>"], Response.AUTO_REPLY),
        (["X-Auto-Response-Suppress: All"], None),
        (["Delivered-To: abmelden@us.example"], Response.UNSUBSCRIBE),
        (["Auto-Submitted: auto-generated", "Delivered-To: unsubscribe@us.example"], Response.UNSUBSCRIBE),
    ],
)
def test_headers_that_a_program_writes(headers: list[str], said: Response | None) -> None:
    assert mail(*headers, body="Hello").said is said


def test_a_subject_that_only_unsubscribes_states_it_where_the_body_says_no_more() -> None:
    assert mail(subject="unsubscribe", body="thanks").said is Response.UNSUBSCRIBE
    assert mail(subject="Unsubscribe", body="rates are what we care about, could you call us next week?").said is None


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        ('From: "Eve <eve@evil.example>" <dana@initech.example>', "dana@initech.example"),
        ("From: dana@initech.example (eve@evil.example)", "dana@initech.example"),
        ("From: Dana <dana@initech.example> on behalf of x", "dana@initech.example"),
        ("From: =?utf-8?Q?eve=40evil.example_?= <Dana@Initech.example>", "dana@initech.example"),
        ("From: Dana <dana@initech.example", "dana@initech.example"),
        ('From: "dana@initech.example"', "dana@initech.example"),
        ("From: Dana\nSender: dana@initech.example", "dana@initech.example"),
        ("From: Sales <sales@us.example>\nX-Original-From: Dana <dana@initech.example>", "dana@initech.example"),
        ("From: Dana", None),
        ("From:", None),
    ],
)
def test_the_sender_is_an_address_and_no_name(header: str, sender: str | None) -> None:
    assert read_mail(f"{header}\n\nHi".encode()).sender == sender


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("Tue, 3 Feb 2026 10:00:00 -0000", datetime(2026, 2, 3, 10, tzinfo=UTC)),
        ("Tue, 3 Feb 2026 10:00:00", datetime(2026, 2, 3, 10)),
        ("3 Feb 26 10:00 GMT", datetime(2026, 2, 3, 10, tzinfo=UTC)),
        ("Tue, 3 Feb 1026 10:00:00 +0000", None),
        ("Tue, 32 Feb 2026 10:00:00 +0000", None),
        ("Tue, 3 Feb 2026 10:00:00 +9999999999", None),
        ("", None),
    ],
)
def test_dates(date: str, at: datetime | None) -> None:
    assert mail(f"Date: {date}").at == at


@pytest.mark.parametrize(
    ("headers", "body", "words"),
    [
        (["Content-Type: text/plain; charset=iso-8859-1"], "schöne Grüße".encode(), "schöne Grüße"),
        (["Content-Type: text/plain; charset=us-ascii"], "schöne Grüße".encode("cp1252"), "schöne Grüße"),
        (["Content-Type: text/plain; charset=utf-16"], "schöne Grüße".encode("utf-16"), "schöne Grüße"),
        (["Content-Type: text/plain; charset=iso-2022-jp"], "停止".encode("iso-2022-jp"), "停止"),
        (["Content-Type: text/plain; charset=unicode_escape"], b"\\u0041", "\\u0041"),
        (["Content-Type: text/plain; charset=\x00\xe9"], b"Stop", "Stop"),
        (["Content-Transfer-Encoding: base64"], b"U3Rv\ncCE", "Stop!"),
        (["Content-Transfer-Encoding: quoted-printable"], b"St=6Fp=\n now=ZZ", "Stop now=ZZ"),
        (["Content-Type: multipart/mixed"], b"Stop", "Stop"),
        (["Content-Type: multipart/mixed; boundary=B"], b"Stop", "Stop"),
        (["Content-Type: multipart/mixed; boundary=B"], b"--B\n\nStop", "Stop"),
        (["Content-Type: ;;;/"], b"Stop", "Stop"),
        ([], "S\u200bto\u00adp\u00a0it\x00".encode(), "Stop it"),
        (["Content-Type: text/html"], b"<p>Stop&nbsp;<b>it</b>&#33;<script>x</script>", "Stop it!"),
    ],
)
def test_broken_and_odd_encodings(headers: list[str], body: bytes, words: str) -> None:
    assert words_of(*headers, body=body) == words


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<div>a<div>b</div></div>c", "a\nb\nc"),
        ("a<br>b<br><br>c", "a\nb\n\nc"),
        ("<!-- x > y -->a<!-- never ends <p>stop</p>", "a never ends\nstop"),
        ("<style>never ends <p>stop</p>", "never ends\nstop"),
        ("<div style='display : none'>x<div>y</div>z</div>a", "a"),
        ("<span style='display:none'>never ends <p>stop</p>", "never ends\nstop"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>c", "> a\n> b\nc"),
        ("<blockquote style='margin:0 0 0 40px;border:none'>own words</blockquote>", "own words"),
        ("<blockquote style='border:none;border-left:solid'>theirs</blockquote>", "> theirs"),
        ("3 < 5 &lt; 6 &amp;c <not a tag", "3 < 5 < 6 &c <not a tag"),
        ("<td>a</td><td>b</td>", "a b"),
        ("&#99999999999999999999;stop", "stop"),
    ],
)
def test_html_as_text(html: str, text: str) -> None:
    shown = [line.rstrip() for line in text_of_html(html).splitlines()]
    assert "\n".join(line for line in shown if line not in ("", ">")) == text.replace("\n\n", "\n")


def test_where_there_is_no_other_text_an_attached_one_is_read() -> None:
    """Gateways of telephone companies send a text message so."""
    attached = b"--B\nContent-Type: text/plain; name=text_0.txt\n\nSTOP\n"
    assert words_of("Content-Type: multipart/mixed; boundary=B", body=attached) == "STOP"
    assert words_of("Content-Type: multipart/mixed; boundary=B", body=b"--B\n\nNo.\n" + attached) == "No."
    assert words_of("Content-Type: text/plain", "Content-Disposition: attachment", body="STOP") == "STOP"


def test_a_large_attachment_is_left_out() -> None:
    part = b"--B\nContent-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\n"
    content = base64.encodebytes(bytes(15 << 20))
    body = b"--B\n\nStop writing.\n" + part + content + b"--B--\n"
    found = mail("Content-Type: multipart/mixed; boundary=B", body=body)
    assert found.words == "Stop writing."
    assert found.remarks == ("left out: a.pdf (application/pdf, 15,360 KiB)",)


def nested(levels: int) -> bytes:
    opened = [b"Content-Type: multipart/mixed; boundary=B%d\n\n--B%d\n" % (level, level) for level in range(levels)]
    return HEAD + b"".join(opened) + b"\nStop writing to me.\n"


@pytest.mark.parametrize(
    "raw",
    [
        nested(100),
        nested(1_500),
        HEAD + b"Content-Type: message/rfc822\n\n" * 2_000 + b"\nStop writing to me.",
        HEAD + b"Content-Type: multipart/mixed; boundary=B\n\n--B\n\nStop writing to me.\n" + b"--B\n\nx\n" * 10_000,
        HEAD + b"Content-Type: multipart/mixed; boundary=B\n\n--B\n\nStop writing to me.\n" + b"--B\n" * 200_000,
        HEAD + b"To: " + b'"\\"' * 350_000 + b"\n\nStop writing to me.",
        HEAD + b"X: 1\n" * 50_000 + b"\nStop writing to me.",
        HEAD + b"X: 1\n" + b" 2\n" * 300_000 + b"\nStop writing to me.",
        HEAD + b"Content-Type: text/plain; " + b';"' * 500_000 + b"\n\nStop writing to me.",
        HEAD + b"Comments: \x00\xff\r\r\n\x0b\x85\nReferences" + b"<x>" * 9 + b"\nSubject: x\n\nStop writing to me.",
        b"\xef\xbb\xbf\r\n" + HEAD + b"\nStop writing to me.",
        HEAD + b"Content-Type: text/html\n\n<p>Stop writing to me.</p>" + b"<div>" * 100_000 + b"<a " * 100_000,
        HEAD + b"Content-Type: text/html\n\n<p>Stop writing to me.</p>" + b"<!--" * 50_000 + b"<style>" * 50_000,
    ],
    ids=range(13),
)
def test_a_stop_is_found_in_hostile_messages(raw: bytes) -> None:
    found = read_mail(raw)
    assert found.sender == "dana@initech.example"
    assert "Stop writing to me." in found.words


def test_of_a_very_long_text_both_ends_are_read() -> None:
    found = mail(body="Stop writing.\n" + "x " * 3_000_000 + "\nNever again.")
    assert found.words.startswith("Stop writing.") and found.words.endswith("Never again.")
    assert "the middle was not read" in found.remarks[0]


HEADERS = st.sampled_from(
    [
        *(
            "From: ",
            "To: ",
            "Subject: ",
            "Date: ",
            "Content-Type: multipart/mixed; boundary=B",
            "Content-Type: text/html",
        ),
        *(
            "Content-Type: message/rfc822",
            "Content-Type: message/delivery-status",
            "Content-Type: text/plain; charset=",
        ),
        *(
            "Content-Type: multipart/report; boundary=B",
            "Content-Type: message/feedback-report",
            "--B",
            "--B--",
            " x",
            "",
        ),
        *(
            "Content-Transfer-Encoding: base64",
            "Content-Transfer-Encoding: x-uuencode",
            "Content-Disposition: x; filename*=",
        ),
        *(
            "Content-Type: multipart/alternative; boundary=B",
            "Content-Type: text/plain; format=flowed",
            "begin 644 x",
            "M",
        ),
        *(
            "=?utf-8?Q?",
            "=?x?b?",
            "?=",
            "<a@b.example>",
            '"',
            "Final-Recipient: rfc822; a@b.example",
            "Return-Path: <>",
        ),
    ]
)
LINES = st.lists(st.tuples(HEADERS, st.binary(max_size=12)).map(lambda pair: pair[0].encode() + pair[1]), max_size=25)


@given(st.binary(max_size=300) | LINES.map(b"\n".join) | LINES.map(b"\r\n".join))
def test_no_bytes_are_refused(raw: bytes) -> None:
    found = read_mail(raw, ["a footer of ours that is long enough"])
    for text in (found.words, found.subject, found.sender or "", found.id or "", *found.remarks, *found.about):
        assert "\0" not in text and text.encode() is not None


@given(st.text(st.characters(codec="utf-8"), max_size=60), st.sampled_from(["utf-8", "base64", "quoted-printable"]))
def test_a_stop_below_any_line_is_read(line: str, encoding: str) -> None:
    body = f"{' '.join(line.split())} \nStop writing to me.\n".encode()
    coded = base64.encodebytes(body) if encoding == "base64" else body.replace(b"=", b"=3D")
    head = f"Content-Transfer-Encoding: {encoding}" if encoding != "utf-8" else "X: y"
    content = coded if encoding != "utf-8" else body
    assert "Stop writing to me." in words_of("Content-Type: text/plain; charset=utf-8", head, body=content)


@given(st.text("<>!-/ab=\"' &;", max_size=200))
def test_html_of_any_kind_is_read(html: str) -> None:
    assert "stop it" in text_of_html(f"stop it<br>{html}")
