"""What a message says in text, from whichever of its parts holds it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message as Part

from reengage.intake.mail.charset import decoded, visible
from reengage.intake.mail.markup import text_of_html

MOST_TEXT = 1_000_000
"""Characters of one text that are read, half from its beginning and half from its end; our choice."""

_READABLE = ("text/plain", "text/html", "text/enriched")
_NO_HTML = re.compile(r"\bhtml\b", re.IGNORECASE)
_LONGEST_NOTE = 400
"""Characters of a text that only says that the message is in HTML; our choice."""

_SEALED = {
    "multipart/encrypted": "encrypted (PGP)",
    "application/pkcs7-mime": "encrypted or sealed (S/MIME)",
    "application/x-pkcs7-mime": "encrypted or sealed (S/MIME)",
    "application/ms-tnef": "Outlook's own format (winmail.dat)",
    "application/vnd.ms-tnef": "Outlook's own format (winmail.dat)",
}
_ANSWERS = re.compile(r"^METHOD(?:;[^:\r\n]{0,99})?:\s*(\w+)", re.IGNORECASE | re.MULTILINE)
_PARTSTAT = re.compile(r"PARTSTAT=\"?([\w-]{1,30})", re.IGNORECASE)


@dataclass(slots=True)
class Body:
    """The texts of a message in their order, and what was left out."""

    texts: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(text.strip("\n") for text in self.texts if text.strip())


def body_of(mail: Part) -> Body:
    """The text that a reader of the message sees first; where there is none, the first that is attached."""
    body = Body()
    _read(mail, body)
    attached = (part for part in parts_of(mail) if part.get_content_type() in _READABLE)
    if not body.text and (part := next(attached, None)):
        body.texts.append(text_in(part, body.remarks))
    if not body.text and not body.remarks:
        body.remarks.append("the message is empty")
    return body


def parts_of(mail: Part) -> Iterator[Part]:
    """A message and its parts, without those of messages that it carries."""
    waiting = [mail]
    while waiting:
        part = waiting.pop()
        yield part
        waiting += reversed(_children(part))


def _children(part: Part) -> list[Part]:
    return carried_by(part) if part.get_content_maintype() == "multipart" else []


def carried_by(part: Part) -> list[Part]:
    """The parts or messages that a part consists of."""
    held = part.get_payload() if part.is_multipart() else []
    return [one for one in held if isinstance(one, Part)]


def _read(part: Part, body: Body) -> None:
    kind = part.get_content_type()
    if kind in _SEALED:
        body.remarks.append(f"the message is {_SEALED[kind]}; its text cannot be read")
    elif kind == "multipart/alternative":
        _read_alternative(part, body)
    elif children := _children(part):
        for child in children:
            _read(child, body)
    elif kind == "text/calendar":
        body.remarks.append(_appointment(part))
    elif _is_text(part):
        body.texts.append(text_in(part, body.remarks))
    else:
        body.remarks.append(_left_out(part))


def _read_alternative(part: Part, body: Body) -> None:
    """The first version that says something; other parts are read as they come."""
    versions = [Body() for _ in _children(part)]
    for child, version in zip(_children(part), versions, strict=True):
        _read(child, version)
    chosen = next((one for one in versions if one.text and not _only_says_html(one.text)), None)
    chosen = chosen or next((one for one in versions if one.text), None)
    body.texts += chosen.texts if chosen else []
    body.remarks += dict.fromkeys(remark for version in versions for remark in version.remarks)


def _only_says_html(text: str) -> bool:
    return len(text) <= _LONGEST_NOTE and bool(_NO_HTML.search(text))


def _is_text(part: Part) -> bool:
    """Whether a part is to be read where it stands, as one is that should have parts and has none."""
    kind = part.get_content_type()
    return (kind in _READABLE or kind.startswith("multipart/")) and not _is_attached(part)


def _is_attached(part: Part) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def text_in(part: Part, remarks: list[str]) -> str:
    """The text of a part, without marks that nobody sees."""
    content = part.get_payload(decode=True)
    text = decoded(content if isinstance(content, bytes) else b"", _says(part, "charset"))
    if len(text) > MOST_TEXT:
        remarks.append(f"of a text of {len(text):,} characters the middle was not read")
        text = f"{text[: MOST_TEXT // 2]}\n{text[-MOST_TEXT // 2 :]}"
    if part.get_content_type() == "text/html":
        text = text_of_html(text)
    else:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        text = _unfolded(text, part) if _says(part, "format") == "flowed" else text
    return visible(text)


def _says(part: Part, name: str) -> str:
    """A parameter of the content type in small letters; empty where there is none."""
    told = part.get_param(name)
    return (told[2] if isinstance(told, tuple) else str(told or "")).strip().casefold()


def _unfolded(text: str, part: Part) -> str:
    """Lines as they were written before they were folded (RFC 3676): a space at the end says that one goes on."""
    lines: list[str] = []
    goes_on = None
    cut = -1 if _says(part, "delsp") == "yes" else None
    pieces: list[str] = []
    for line in text.split("\n"):
        depth, rest = _depth(line)
        if goes_on != depth and pieces:
            lines.append("".join(pieces))
            pieces = []
        flows = rest.endswith(" ") and rest != "-- "
        quote = ">" * depth + " " if depth and not pieces else ""
        pieces.append(quote + (rest[:cut] if flows else rest))
        goes_on = depth if flows else None
    return "\n".join([*lines, "".join(pieces)])


def _depth(line: str) -> tuple[int, str]:
    rest = line.lstrip(">")
    return len(line) - len(rest), rest.removeprefix(" ")


def _appointment(part: Part) -> str:
    text = text_in(part, [])
    method, answer = _ANSWERS.search(text), _PARTSTAT.search(text)
    if method and method[1].upper() == "REPLY" and answer:
        return f"the answer to an invitation: {answer[1].lower()}"
    return "an invitation; it was not read"


def _left_out(part: Part) -> str:
    content = part.get_payload(decode=True)
    size = len(content) if isinstance(content, bytes) else 0
    name, kind = _shown(part.get_filename() or "") or "an attachment", _shown(part.get_content_type())
    return f"left out: {name} ({kind}, {max(1, size // 1024):,} KiB)"


def _shown(text: str) -> str:
    return " ".join(visible(decoded(text.encode("utf-8", "surrogateescape"))).split())[:80]
