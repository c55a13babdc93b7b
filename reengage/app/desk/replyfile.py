"""Reads a file of answers: a table with one in each row, a mailbox, or one e-mail."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from reengage.app.desk.mailbox import KEPT, LARGEST, read_mailbox
from reengage.app.desk.replyrow import NAMES, Given, Headings, reply_of
from reengage.app.imports.sheet import Unusable
from reengage.app.project import Project
from reengage.intake.mail.message import Message, read_mail
from reengage.model.errors import ReengageError
from reengage.model.reply import Reply
from reengage.model.words import Channel
from reengage.sources.csvfile import BadCells, open_table
from reengage.sources.jsonfile import read_objects
from reengage.sources.opening import opened
from reengage.sources.rows import Bad


@dataclass(frozen=True, slots=True)
class BadReply:
    """An answer that cannot be read: where it stands, what is wrong and what to do, what there is of it, and whom its
    columns name."""

    where: str
    reason: str
    raw: bytes
    names: tuple[str, ...] = ()


def read_replies(
    path: Path,
    project: Project,
    *,
    channel: Channel | None = None,
    rep: str | None = None,
    campaign: str | None = None,
    footers: Collection[str] = (),
) -> Iterator[Reply | BadReply]:
    """Every answer of a file (.jsonl, .csv, .mbox or .eml), in order.

    `channel`, `rep` and `campaign` hold where a row or a message says nothing; `footers` are texts of our own messages.
    Raises ReengageError for a file of another kind, and while reading for one that cannot be opened or is no such file.
    """
    read = _READERS.get(path.suffix.casefold())
    if read is None:
        raise ReengageError(
            "answers are read from files that end in .jsonl, .csv, .mbox or .eml",
            where=str(path),
            help="save the table as CSV, or the mailbox as mbox",
        )
    return read(path, Given(project, channel, rep, campaign, tuple(footers)))


def _read_table(path: Path, given: Given) -> Iterator[Reply | BadReply]:
    table = open_table(path)
    try:
        headings = Headings.of(table.headings, given.project)
    except Unusable as error:
        raise ReengageError(f"nothing was read: {error}", where=str(path)) from None
    rows = _Rows(path, given)
    for row in table.rows():
        if isinstance(row, BadCells):
            yield rows.bad(row.line, row.reason, row.raw)
        else:
            yield rows.read(row.line, headings, row.values, row.raw)


def _read_lines(path: Path, given: Given) -> Iterator[Reply | BadReply]:
    rows = _Rows(path, given)
    for record in read_objects(path):
        if isinstance(record, Bad):
            yield rows.bad(record.line, record.reason, record.raw)
            continue
        try:
            headings = Headings.of(record.value, given.project)
        except Unusable as error:
            yield rows.bad(record.line, str(error), record.raw)
            continue
        yield rows.read(record.line, headings, record.value, record.raw)


class _Rows:
    """The rows of one file, which says once which of its columns are not read."""

    def __init__(self, path: Path, given: Given) -> None:
        self.path, self.given = path, given
        self.told: set[str] = set()

    def bad(self, line: int, reason: str, raw: str, names: tuple[str, ...] = ()) -> BadReply:
        return BadReply(f"{self.path}:{line}", reason, raw.encode("utf-8", "surrogateescape"), names)

    def read(self, line: int, headings: Headings, values: Mapping[str, Any], raw: str) -> Reply | BadReply:
        names: tuple[str, ...] = ()
        try:
            row = headings.row(line, values, raw)
            names = tuple(row.cells[name] for name in NAMES if row.get(name))
            reply = reply_of(row, f"{self.path}:{line}", self.given)
        except Unusable as error:
            return self.bad(line, str(error), raw, names)
        new = [heading for heading in headings.unread if heading not in self.told]
        self.told.update(new)
        remark = (f"not read: {', '.join(heading[:60] for heading in new[:20])}",) if new else ()
        return reply.model_copy(update={"remarks": (*reply.remarks, *remark)})


def _read_mails(path: Path, given: Given) -> Iterator[Reply | BadReply]:
    latest = _written(path)
    for letter in read_mailbox(path):
        where = f"{path}: message {letter.number}"
        if letter.is_whole:
            yield from _replies(letter.raw, where, given, letter.at, latest)
        else:
            yield _too_large(where, letter.raw)


def _read_mail(path: Path, given: Given) -> Iterator[Reply | BadReply]:
    with opened(path) as file:
        raw = file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        yield _too_large(str(path), raw[:KEPT])
    else:
        yield from _replies(raw, str(path), given, None, _written(path))


def _too_large(where: str, raw: bytes) -> BadReply:
    return BadReply(where, f"the message is larger than {LARGEST >> 20} MiB; hand in its text as a row", raw)


def _written(path: Path) -> datetime:
    """When a file was written: no message in it can be younger."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as error:
        raise ReengageError("there is no such file", where=str(path), help="give the path of a file") from error


def _replies(
    raw: bytes, where: str, given: Given, delivered: datetime | None, latest: datetime
) -> Iterator[Reply | BadReply]:
    """The answer that a message is; of a report about several people one for each."""
    message = read_mail(raw, given.footers)
    people = message.about if message.is_report else tuple(filter(None, [message.sender]))
    if not people:
        told = f" ({message.remarks[0]})" if message.is_report else ""
        reason = f"the message does not say whom it is {'about' if message.is_report else 'from'}{told}"
        yield BadReply(where, f"{reason}; hand in a row that names the person", raw)
    at, remark = _moment(message, given, delivered, latest)
    for person in people:
        yield Reply(
            who=person,
            at=at,
            words=message.words,
            id=message.id if len(people) == 1 else f"{message.id or hashlib.sha256(raw).hexdigest()[:32]} {person}",
            channel=Channel.EMAIL,
            rep=given.rep or (message.recipients[0] if len(message.recipients) == 1 else None),
            said=message.said,
            subject=message.subject or None,
            campaign=message.campaign or given.campaign,
            raw=raw,
            where=where,
            remarks=(*message.remarks, *remark),
        )


def _moment(
    message: Message, given: Given, delivered: datetime | None, latest: datetime
) -> tuple[datetime, tuple[str, ...]]:
    """When a message was sent, else when it was delivered, else when the file was written; and a remark on that."""
    at = message.at
    if at and at.tzinfo is None:
        at = at.replace(tzinfo=ZoneInfo(given.project.settings.zone))
    if at and at <= latest:
        return at, ()
    wrong = f"its date {at:%Y-%m-%d %H:%M} is later than the file" if at else "it has no date that can be read"
    if delivered and delivered <= latest:
        return delivered, (f"{wrong}; it counts as of its delivery",)
    return latest, (f"{wrong}; it counts as of the day on which the file was written",)


_READERS: dict[str, Callable[[Path, Given], Iterator[Reply | BadReply]]] = {
    ".jsonl": _read_lines,
    ".csv": _read_table,
    ".mbox": _read_mails,
    ".eml": _read_mail,
}
