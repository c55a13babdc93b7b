"""The headers of a message as they stand, however broken: texts, addresses, dates."""

from __future__ import annotations

import re
from binascii import Error as NotBase64
from binascii import a2b_base64, a2b_qp
from collections.abc import Iterator
from datetime import UTC, datetime
from email._policybase import Compat32
from email.message import Message as Part
from email.utils import parsedate_to_datetime
from itertools import groupby

from reengage.intake.mail.charset import decoded, visible

LONGEST_VALUE = 16_384
"""Characters of one header that are looked at; our choice: RFC 5322 allows 998 in a line."""

MOST_ADDRESSES = 100
"""Addresses of one header that are looked at; our choice."""

EARLIEST, LATEST = 1970, 2200
"""Years that we believe."""


class AsTheyStand(Compat32):
    """Keeps headers as they are written, but none of them endless: nothing is parsed before it is asked for."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """The name and the value of a header that stands on these lines."""
        name, _, first = sourcelines[0].partition(":")
        return name, "".join((first, *sourcelines[1:]))[:LONGEST_VALUE].strip()

    def header_fetch_parse(self, name: str, value: str) -> str:
        """The value as it is kept."""
        return value


def value_of(part: Part, name: str) -> str:
    """A header as written, on one line; empty where there is none."""
    return " ".join(visible(_readable(str(part.get(name, "")))).split())


def text_of(part: Part, name: str) -> str:
    """A header in words: RFC 2047 decoded as far as it can be, on one line."""
    return " ".join(visible(_decode_words(_readable(str(part.get(name, ""))))).split())


def _readable(value: str) -> str:
    return value if value.isascii() else decoded(value.encode("utf-8", "surrogateescape"))


_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?]*+)\?=")


def _decode_words(value: str) -> str:
    """Words that follow each other in one encoding are put together first: some are cut in the midst of a letter."""
    pieces = list(_pieces(value))
    shown = (
        decoded(b"".join(content for _, content in some), charset) for charset, some in groupby(pieces, lambda p: p[0])
    )
    return "".join(shown)


def _pieces(value: str) -> Iterator[tuple[str, bytes]]:
    """An encoding and bytes in it, in their order; white space between two encoded words is none."""
    end = 0
    for word in _WORD.finditer(value):
        between = value[end : word.start()]
        if end == 0 or between.strip():
            yield "utf-8", between.encode("utf-8", "replace")
        yield word[1].casefold(), _content(word[2], word[3])
        end = word.end()
    yield "utf-8", value[end:].encode("utf-8", "replace")


def _content(encoding: str, text: str) -> bytes:
    """The bytes of an encoded word; the text itself where it cannot be decoded."""
    written = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return a2b_qp(written, header=True)
    try:
        return a2b_base64(written + b"==")
    except NotBase64:
        return written


_ASIDE = re.compile(r'"(?:[^"\\]|\\.)*+"|\([^()]*+\)')
_IN_BRACKETS = re.compile(r"<\s*([^<>\s@]{1,200}@[^<>\s@]{1,255})\s*>")
_BARE = re.compile(r"""(?<![^\s,;:<(\["'])([^\s,;:<>()\[\]@"]{1,64}@[^\s,;:<>()\[\]@"]{1,255})""")


def addresses_in(text: str) -> list[str]:
    """The e-mail addresses of a header, in order: what is quoted or in parentheses is only a name."""
    plain = _ASIDE.sub(" ", text)
    found = _IN_BRACKETS.findall(plain) or _BARE.findall(plain) or _BARE.findall(text)
    return list(dict.fromkeys(address.strip("'.").lower() for address in found[:MOST_ADDRESSES]))


def addresses_of(part: Part, *names: str) -> list[str]:
    """The addresses of the first of these headers that has any."""
    return next((found for name in names if (found := addresses_in(value_of(part, name)))), [])


def date_in(text: str) -> datetime | None:
    """The moment of a Date header, without a zone where it names none; None where it cannot be read or believed."""
    try:
        moment = parsedate_to_datetime(text[:200])
        moment = moment.astimezone(UTC) if moment.tzinfo else moment
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None and "-0000" in text:
        moment = moment.replace(tzinfo=UTC)
    return moment if EARLIEST <= moment.year <= LATEST else None
