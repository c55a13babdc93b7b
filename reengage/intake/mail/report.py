"""Messages that a mail server or a mail program wrote about another message: bounces, complaints, receipts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message as Part
from email.parser import HeaderParser
from typing import Literal

from reengage.intake.mail.body import carried_by, parts_of, text_in
from reengage.intake.mail.headers import AsTheyStand, addresses_in, addresses_of, text_of, value_of

_NO_COMPLAINT = frozenset({"not-spam", "auth-failure", "virus"})
"""What a feedback report can say (RFC 5965, RFC 6591) that is no complaint of the reader."""

_DAEMON = re.compile(r"(?:mailer[-_.]?daemon|postmaster|mail-?delivery|mdaemon|microsoftexchange\w*)\b", re.IGNORECASE)
_RETURNED = re.compile(
    r"undeliver|returned mail|delivery (?:status|failure|failed|has failed|incomplete|report)|failure notice"
    r"|mail delivery"
    r"|unzustellbar|nicht zugestellt|zustellung|zurückgesandt|non remis|échec de la remise|no entregado"
    r"|mancato recapito",
    re.IGNORECASE,
)
_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says: of which kind it is, about whom, in a sentence, and the message that it returns, if any."""

    kind: Literal["bounce", "complaint", "receipt"]
    about: tuple[str, ...]
    remark: str
    returned: Part | None = None


def read_report(mail: Part, text: str) -> Report | None:
    """The report that a message is, if it is one; `text` is what it says in words."""
    parts = {part.get_content_type(): part for part in reversed(list(parts_of(mail)))}
    returned = _returned(parts.get("message/rfc822") or parts.get("text/rfc822-headers"))
    if feedback := parts.get("message/feedback-report"):
        return _complaint(_fields(feedback), returned)
    if "message/disposition-notification" in parts:
        return Report("receipt", (), "a receipt that a program sent", returned)
    if status := parts.get("message/delivery-status"):
        return _bounce(_fields(status), returned)
    return _unmarked(mail, text, returned)


def _fields(part: Part) -> list[Part]:
    """The groups of fields that a report consists of; each is read as headers."""
    return carried_by(part) or [_headers(text_in(part, []))]


def _headers(text: str) -> Part:
    return HeaderParser(policy=AsTheyStand()).parsestr(text)


def _returned(part: Part | None) -> Part | None:
    """The headers of the message that is returned."""
    if part is None:
        return None
    return next(iter(carried_by(part)), None) or _headers(text_in(part, []))


def _complaint(groups: Sequence[Part], returned: Part | None) -> Report | None:
    kind = next((value for group in groups if (value := value_of(group, "Feedback-Type").casefold())), "abuse")
    if kind in _NO_COMPLAINT:
        return Report("receipt", (), f"a report of the kind {kind}")
    named = [value for group in groups for name in _COMPLAINING for value in _all(group, name)]
    about = dict.fromkeys(address for value in named for address in addresses_in(value))
    found = tuple(about) or tuple(addresses_of(returned, "To") if returned else ())
    return Report("complaint", found, f"a complaint ({kind})", returned)


_COMPLAINING = ("Original-Rcpt-To", "Removal-Recipient")


def _all(group: Part, name: str) -> Iterator[str]:
    yield from (str(value) for value in group.get_all(name, []))


def _bounce(groups: Sequence[Part], returned: Part | None) -> Report:
    about = dict.fromkeys(address for group in groups for address in _recipients(group))
    told = [
        f"{value_of(group, 'Status') or 'no status'} ({value_of(group, 'Action').casefold() or 'no action'})"
        for group in groups
        if value_of(group, "Status") or value_of(group, "Action")
    ]
    return Report("bounce", tuple(about), f"a delivery report: {', '.join(told[:3])[:120] or 'no status'}", returned)


def _recipients(group: Part) -> list[str]:
    """The address of a recipient as we wrote it, else as the last server knew it."""
    found = (
        addresses_in(value_of(group, name).partition(";")[2]) for name in ("Original-Recipient", "Final-Recipient")
    )
    return next((addresses for addresses in found if addresses), [])


def _unmarked(mail: Part, text: str, returned: Part | None) -> Report | None:
    """A bounce in the words of a server: by its sender, or by an empty return path and its subject."""
    failed = addresses_in(value_of(mail, "X-Failed-Recipients"))
    sender = value_of(mail, "From")
    nobody = value_of(mail, "Return-Path") == "<>" and _RETURNED.search(text_of(mail, "Subject"))
    if not failed and not nobody and not any(map(_DAEMON.match, addresses_in(sender))):
        return None
    ours = {*addresses_of(mail, "To"), *addresses_in(sender)}
    named = [address for address in addresses_in(text[:20_000]) if address not in ours and not _DAEMON.match(address)]
    status = _STATUS.search(text[:20_000])
    about = failed or (addresses_of(returned, "To") if returned else []) or named[:1]
    return Report("bounce", tuple(about), f"a delivery report: {status[0] if status else 'no status'}", returned)
