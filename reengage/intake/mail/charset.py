"""Bytes to text, whatever a message says of its encoding."""

from __future__ import annotations

import codecs
import re

_NOT_OF_MAIL = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "utf_7"})
"""Codecs that Python has and no mail is written in; some take quadratic time."""

_OFTEN_WRONG = frozenset({"ascii", "iso8859-1", "iso8859-15", "cp1252"})
"""What is declared by habit: bytes that are valid UTF-8 are hardly ever meant as one of these."""


def decoded(content: bytes, charset: str | None = None) -> str:
    """The text of some bytes: as declared, else UTF-8, else each line by itself as UTF-8 or cp1252. Never raises."""
    declared = _codec(charset)
    order = ("utf-8", declared) if declared in _OFTEN_WRONG else (declared, "utf-8")
    for codec in filter(None, order):
        try:
            return content.decode("cp1252" if codec == "iso8859-1" else codec)
        except ValueError:
            continue
    return "".join(map(_line, content.splitlines(keepends=True)))


def _codec(charset: str | None) -> str | None:
    """Python's name of an encoding, None where there is none of that name."""
    try:
        name = codecs.lookup(charset or "").name
        b"".decode(name)
    except (LookupError, ValueError):
        return None
    return None if name.replace("-", "_") in _NOT_OF_MAIL else name


def _line(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(bytes((byte,)).decode("cp1252", "ignore") or chr(byte) for byte in content)


_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")


def visible(text: str) -> str:
    """The text without characters that nobody sees, and with one kind of space."""
    return _INVISIBLE.sub("", _SPACES.sub(" ", text))
