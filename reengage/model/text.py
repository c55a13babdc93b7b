"""Words that came from outside, made safe to show and cut where they are too long; a number with its noun."""

from __future__ import annotations

import unicodedata

_TRIGGERS = "=+-@＝＋－＠\t\r\n "
"""A spreadsheet takes a cell that begins with one of these for a formula (OWASP, CSV injection)."""


def clean(text: str) -> str:
    """One line without control or invisible characters that does not begin like a formula."""
    return " ".join(_visible(text).split()).lstrip(_TRIGGERS)


def clean_lines(text: str) -> str:
    """The same for a text of several lines; a line may begin with a dash, the text may not."""
    if text.isprintable():
        return text.strip().lstrip(_TRIGGERS)
    return "\n".join(_visible(line).rstrip() for line in text.splitlines()).strip().lstrip(_TRIGGERS)


def clip(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words and ending in "…" where something is missing."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    if text[limit - 1] not in " \n" and " " in head.strip():
        head = head[: head.rindex(" ")]
    return head.rstrip(" \n,;:") + "…"


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun in the right form."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def _visible(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(letter for letter in text if _is_shown(letter))


def _is_shown(letter: str) -> bool:
    return letter in "\t\n " or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
