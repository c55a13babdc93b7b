"""Opt-out flags as other systems write them, in cells and in headings."""

from __future__ import annotations

import re

_YES = frozenset({"true", "1", "yes", "y", "x", "opted out", "optedout", "opted-out", "opted_out"})
_NO = frozenset({"", "false", "0", "no", "n"})

_STOP_WORDS = re.compile(
    r"opt(ed|s|ing)?(in|out)|do?nt?ot?(call|email|mail|contact|sms|text|track|process|solicit|disturb)|dont(call|email)"
    r"|dnc|dne|unsub|suppress|blacklist|blocklist|blocked|norobo|robinson|nocall|noemail|nomail|nocontact|remov(e|al)"
    r"|bouncedunsub|spamcomplain|stop(calling|emailing|contact)|abgemeldet|widerspruch|werbesperre|desinscri|desabonn"
)


def read_flag(cell: str) -> bool | None:
    """True for a stop, False for no opinion, None for anything that cannot be read and so has to be doubted."""
    word = " ".join(cell.split()).casefold()
    if word in _YES:
        return True
    return False if word in _NO else None


def looks_like_stop(text: str) -> bool:
    """Whether a heading or a status looks as if it said who may not be contacted."""
    return bool(_STOP_WORDS.search(re.sub(r"[^a-z]", "", text.casefold())))
