"""A reader of comma-separated values that forgives nothing, and what an importer says when it takes no row at all."""

from __future__ import annotations

import re
from datetime import date

_FIELD = re.compile(r'(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)')


class Refused(Exception):
    """The whole file, and why."""


def rows_of(content: bytes, end: str = "\n") -> list[dict[str, str]]:
    """The rows under their headings: UTF-8 without a mark, no space outside quotes, each line as wide as the first."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("encoding") from error
    if text.startswith("\ufeff"):
        raise Refused("byte order mark")
    if not text.endswith(end) or "\r" in text:
        raise Refused("line ends")
    heading, *lines = _lines(text)
    if len(set(heading)) < len(heading) or any(len(line) != len(heading) for line in lines):
        raise Refused("columns")
    return [dict(zip(heading, line, strict=True)) for line in lines]


def _lines(text: str) -> list[list[str]]:
    lines: list[list[str]] = [[]]
    at = 0
    while at < len(text):
        found = _FIELD.match(text, at)
        if not found:
            raise Refused("quotes")
        quoted, plain, closing = found.groups()
        lines[-1].append(plain if quoted is None else quoted.replace('""', '"'))
        at = found.end()
        if closing == "\n" and at < len(text):
            lines.append([])
    return lines


def is_day(text: str) -> bool:
    """Whether this is a day of the calendar, written YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
