"""What can be saved of a row that cannot be read: whether it may be a stop, and whom it mentions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from reengage.intake.flags import looks_like_stop
from reengage.language.values import nearest

FEWEST_DIGITS = 9
"""Digits from which on a number may be a phone; what is shorter stands for too much else."""

_OPT_OUT = re.compile(r"opt(?:ed|s|ing)?[\W_]{0,3}out", re.IGNORECASE)
_KIND = re.compile(r"\b(?:type|signal|kind|event)\W{1,8}(\w[\w .-]{0,60})", re.IGNORECASE)

# Of a whole page: no kind reaches into the next line, and none hides in what another one took.
_OF_PAGE = r"(?:type|signal|kind|event)(?=[^\w\n]{1,8}(\w[\w .-]{0,60}))"
_KINDS, _ANY_KINDS = re.compile(_OF_PAGE), re.compile(_OF_PAGE, re.IGNORECASE)

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))")
_AROUND = r"\s\"<>()\[\]{},;:=|/?#&"
_EMAIL = re.compile(rf"(?<![^{_AROUND}])[^{_AROUND}@]{{1,64}}\s{{0,2}}@\s{{0,2}}[^{_AROUND}@']{{3,255}}")
_PROFILE = re.compile(r"linkedin\.com/[^\s\"'<>,;\\]{1,500}", re.IGNORECASE)

_PHONE_KEY = re.compile(
    r"\w{0,40}(?:phone|mobile|cell|tel|fax|msisdn|whatsapp|sms|handy)\w{0,40}[\"']?\s{0,9}:\s{0,9}"
    r"(\[[^\]]{0,2000}\]|\"[^\"]{0,100}\"|'[^']{0,100}'|[+\d]{1,30})",
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{4}[-/.]\d|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}")


def looks_like_stop_row(raw: str) -> bool:
    """Whether the text of a row speaks of opting out, or names a kind of signal that looks like it."""
    plain = _unescaped(raw)
    return bool(_OPT_OUT.search(plain)) or any(_may_mean_stop(found[1]) for found in _KIND.finditer(plain))


def may_hold_stop_row(lines: str) -> bool:
    """Whether to look at each of these lines: True wherever `looks_like_stop_row` says so of one of them.

    A page of lines is looked through in a fifth of the time that its lines take one by one.
    """
    plain = _unescaped(lines)
    lowered = plain.lower()
    if "opt" in lowered and _OPT_OUT.search(plain):
        return True
    kinds = _KINDS.findall(lowered) if plain.isascii() else _ANY_KINDS.findall(plain)
    return any(map(_may_mean_stop, set(kinds)))


@lru_cache(1_000)
def _may_mean_stop(kind: str) -> bool:
    """The same few kinds stand in every row of a file."""
    return looks_like_stop(kind) or bool(nearest(kind, ("opt_out",)))


def mentions(raw: str) -> Iterator[str]:
    """What looks like an address, a LinkedIn profile or a phone number in the text of a row, as it is written."""
    plain = _unescaped(raw)
    yield from _EMAIL.findall(plain)
    yield from _PROFILE.findall(plain)
    found = _PHONE_KEY.findall(plain) if _is_json(raw) else [plain]
    yield from (text for some in found for text in _numbers(some))


def _is_json(raw: str) -> bool:
    return raw.lstrip("\ufeff \t").startswith(("{", "["))


def _numbers(text: str) -> Iterator[str]:
    """The parts of a list or of a table's row that hold enough digits and no word or date."""
    for part in re.split(r"[,;|\t\r\n\"'\[\]]", text):
        number = part.strip()
        words = re.search(r"[^\W\d_]{4}|@", number)
        if sum(map(str.isdecimal, number)) >= FEWEST_DIGITS and not words and not _DATE.match(number):
            yield number


def _unescaped(raw: str) -> str:
    """JSON's escapes as the characters they stand for; white space for those that part words."""
    return _ESCAPE.sub(_character, raw) if "\\" in raw else raw


def _character(escape: re.Match[str]) -> str:
    code = int(escape[1], 16) if escape[1] else ord("/" if escape[2] == "/" else " ")
    return " " if 0xD800 <= code <= 0xDFFF or code < 0x20 else chr(code)
