"""What one e-mail says: who wrote it, when, in which words, and what its headers state of it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from email.feedparser import BytesFeedParser
from email.message import Message as Part
from email.parser import BytesHeaderParser
from itertools import islice

from reengage.intake.flags import looks_like_stop
from reengage.intake.mail.body import Body, body_of
from reengage.intake.mail.charset import decoded, visible
from reengage.intake.mail.headers import AsTheyStand, addresses_of, date_in, text_of, value_of
from reengage.intake.mail.quoted import own_words
from reengage.intake.mail.report import Report, read_report
from reengage.model.words import Response

MOST_PARTS, MOST_LINES = 20_000, 2_000_000
"""Lines that may part a message, and lines of one; our choice: what follows the last one is not read."""

_BLOCK = 1 << 16
_LINE = re.compile(rb"\n")
_PARTING = re.compile(rb"^--", re.MULTILINE)
_BLANK = re.compile(rb"\r?\n\r?\n")
_NO_HEADER = re.compile(rb"^(?![ \t]|[!-9;-~]++[ \t]*:|>?From )(?=[^\r\n])", re.MULTILINE)
_KNOWN_HEADER = re.compile(rb"^(?:From|To|Subject|Date|Content-Type|Message-ID)[ \t]*:", re.MULTILINE | re.IGNORECASE)

_ANSWERED = re.compile(
    r"\s*(?:(?:re|aw|antw|antwort|sv|vs|rv|res|ref|r|odp|ynt|fwd?|wg|tr|rif|enc|doorst|vl|i|回复|答复|转发|返信|atb)\s?"
    r"(?:\[\d{1,3}\]|\(\d{1,3}\))?|declined|accepted|tentative|abgelehnt|zugesagt|angenommen|mit vorbehalt"
    r"|refusé|accepté"
    r"|rechazada|aceptada|read|not read|gelesen)\s?[:：]",
    re.IGNORECASE,
)
_AUTOMATIC_SUBJECT = re.compile(
    r"\s*(?:automatic reply|auto(?:matic|mated)?[- ]?(?:reply|response)|automatische antwort|abwesenheitsnotiz"
    r"|out of (?:the )?office(?: auto-?reply)?|réponse automatique|respuesta automática|risposta automatica"
    r"|automatisch antwoord|autosvar|autoreply)\s?[:：]",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"\b(?:out of (?:the )?office|ooo|away|on leave|vacation|on holiday|annual leave|parental leave|absen[ct]\w{0,2}"
    r"|abwesen\w{0,12}|urlaub\w{0,6}|nicht im (?:büro|haus|hause)|außer haus|elternzeit|congés?|ausente"
    r"|vacaciones|ferie)\b",
    re.IGNORECASE,
)
_UNSUBSCRIBE_BOX = re.compile(
    r"(?:list-?)?(?:unsubscribe|unsub|opt-?out|abmelden|abmeldung|austragen|desinscription|baja)(?:[+.=_-][^@]*)?@"
)
_UNSUBSCRIBE = re.compile(r"\W*(?:unsubscribe|abmelden|opt[ -]?out)(?: (?:me|please|bitte))?\W*", re.IGNORECASE)

SHORT_BODY = 40
"""Characters up to which a body says no more than its subject; our choice."""


@dataclass(frozen=True, slots=True)
class Message:
    """What one e-mail says; `words` are the sender's own, without quotes, signatures and footers.

    `at` has no zone where the message names none. `said` is what headers state. `about` are those whom a bounce or a
    complaint is about: then the sender is a machine. `recipients` are those it was sent to.
    """

    sender: str | None
    at: datetime | None
    id: str | None
    subject: str
    words: str
    said: Response | None = None
    is_report: bool = False
    about: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    campaign: str | None = None
    remarks: tuple[str, ...] = ()


def read_mail(raw: bytes, footers: Collection[str] = ()) -> Message:
    """Read one message; never raises, whatever the bytes. `footers` are texts of our own messages."""
    try:
        return _read(_parsed(raw), footers)
    except Exception:  # Python's parser fails in many ways on hostile input; no message may be lost by that
        return _salvaged(raw, footers)


def _parsed(raw: bytes) -> Part:
    """The message in its parts, as far as there are not too many."""
    parser = BytesFeedParser(policy=AsTheyStand())
    mended = _mended(raw)
    end = _end(mended)
    for start in range(0, end, _BLOCK):
        parser.feed(mended[start : min(end, start + _BLOCK)])
    mail = parser.close()
    if end < len(mended):
        mail["X-Not-Read"] = "the message has too many parts or lines; the last ones were not read"
    return mail


def _end(raw: bytes) -> int:
    """Where the message has too many parts or lines to be read further: each of them takes memory."""
    ends = (_nth(_PARTING, raw, MOST_PARTS), _nth(_LINE, raw, MOST_LINES) if raw.count(b"\n") > MOST_LINES else None)
    return min((end for end in ends if end is not None), default=len(raw))


def _nth(pattern: re.Pattern[bytes], raw: bytes, number: int) -> int | None:
    """Where a pattern is found for the nth time, counted from 0."""
    found = next(islice(pattern.finditer(raw), number, None), None)
    return found.start() if found else None


def _mended(raw: bytes) -> bytes:
    """Lines amid the headers that are none become some, else everything below them would be taken for the text."""
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    blank = _BLANK.search(raw)
    head = raw[: blank.start()] if blank else b""
    known = [found.start() for found in _KNOWN_HEADER.finditer(head)]
    if not known or not _NO_HEADER.search(head, 0, known[-1]):
        return raw
    return _NO_HEADER.sub(b"X-Broken: ", head[: known[-1]]) + raw[known[-1] :]


def _read(mail: Part, footers: Collection[str]) -> Message:
    body = body_of(mail)
    report = read_report(mail, body.text)
    own = own_words(body.text, footers) if report is None or report.kind == "bounce" else ""
    subject = text_of(mail, "Subject")
    said = _stated(mail, report, own)
    words = own if report else _with_subject(subject, own)
    return Message(
        sender=_sender(mail),
        at=date_in(value_of(mail, "Date")),
        id=value_of(mail, "Message-ID").strip("<> ")[:500] or None,
        subject=subject,
        words=words,
        said=said,
        is_report=report is not None and report.kind != "receipt",
        about=report.about if report else (),
        recipients=tuple(addresses_of(mail, "Delivered-To", "X-Original-To", "To")),
        campaign=_campaign(mail) or (_campaign(report.returned) if report and report.returned else None),
        remarks=tuple(_remarks(mail, body, report, words)),
    )


def _remarks(mail: Part, body: Body, report: Report | None, words: str) -> list[str]:
    told = [*([report.remark] if report else ()), *body.remarks]
    if not_read := value_of(mail, "X-Not-Read"):
        told.append(not_read)
    if body.text and not words and report is None:
        told.append("nothing in it is the sender's own: it is quoted, a signature or a footer")
    return [remark[:300] for remark in dict.fromkeys(told)]


def _sender(mail: Part) -> str | None:
    """Who wrote it; a group that sends in its own name says who in X-Original-From."""
    found = addresses_of(mail, "X-Original-From", "From", "Sender", "Return-Path")
    return found[0] if found else None


def _campaign(mail: Part) -> str | None:
    """The campaign of ours that a message names; of a Feedback-ID the first field is that."""
    named = text_of(mail, "X-Campaign") or text_of(mail, "X-Campaign-ID")
    return (named or text_of(mail, "Feedback-ID").partition(":")[0]).strip()[:200] or None


def _with_subject(subject: str, own: str) -> str:
    """The words with a subject of the sender's own; that of our message counts only where it reads like a stop."""
    alone = subject
    while prefix := _ANSWERED.match(alone) or _AUTOMATIC_SUBJECT.match(alone):
        alone = alone[prefix.end() :]
    is_own = alone == subject or (not own and looks_like_stop(alone))
    return "\n\n".join(filter(None, (alone.strip() if is_own else "", own)))


def _stated(mail: Part, report: Report | None, own: str) -> Response | None:
    """What the headers state."""
    if report:
        return Response.UNSUBSCRIBE if report.kind == "complaint" else Response.AUTO_REPLY
    if _asks_to_unsubscribe(mail, own):
        return Response.UNSUBSCRIBE
    if not _is_automatic(mail):
        return None
    return Response.OUT_OF_OFFICE if _AWAY.search(text_of(mail, "Subject")) else Response.AUTO_REPLY


def _asks_to_unsubscribe(mail: Part, own: str) -> bool:
    named = [address for name in ("To", "Delivered-To", "X-Original-To") for address in addresses_of(mail, name)]
    if any(map(_UNSUBSCRIBE_BOX.match, named)):
        return True
    return len(own) <= SHORT_BODY and bool(_UNSUBSCRIBE.fullmatch(text_of(mail, "Subject")))


def _is_automatic(mail: Part) -> bool:
    """Whether a program answered. X-Auto-Response-Suppress says nothing of that: it only asks others not to."""
    submitted = re.sub(r"\([^()]*\)", "", value_of(mail, "Auto-Submitted")).partition(";")[0].strip().casefold()
    precedence = value_of(mail, "Precedence").casefold()
    to_many = bool(value_of(mail, "List-Unsubscribe")) and not value_of(mail, "List-Post")
    return (
        submitted not in ("", "no")
        or precedence in ("auto_reply", "bulk", "junk")
        or any(value_of(mail, name) for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Mail-Autoreply"))
        or to_many
        or bool(_AUTOMATIC_SUBJECT.match(text_of(mail, "Subject")))
    )


def _salvaged(raw: bytes, footers: Collection[str]) -> Message:
    """What can be saved of a message that cannot be taken apart: its headers, and the rest as one text."""
    mail = BytesHeaderParser(policy=AsTheyStand()).parsebytes(raw[: 1 << 20])
    blank = _BLANK.search(raw)
    text = visible(decoded(raw[blank.end() if blank else 0 :][: 1 << 20]))
    return Message(
        sender=_sender(mail),
        at=date_in(value_of(mail, "Date")),
        id=None,
        subject=text_of(mail, "Subject"),
        words=_with_subject(text_of(mail, "Subject"), own_words(text, footers)),
        remarks=("the message is broken; its text is shown as it came",),
    )
