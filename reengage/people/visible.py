"""What of a text can be seen, in one form."""

from __future__ import annotations

import unicodedata

LONGEST = 2_000
"""Characters looked at; no address, number or link of a person is longer."""

REMEMBERED = 10_000
"""Answers kept, because the same companies and reps come again and again in one file."""


def visible(text: str) -> str:
    """Compatibility forms unified, invisible characters gone (U+200B, a byte order mark), edges trimmed."""
    if text.isascii():
        return text[:LONGEST].strip()
    plain = unicodedata.normalize("NFKC", text[:LONGEST])
    return "".join(char for char in plain if unicodedata.category(char) != "Cf").strip()
