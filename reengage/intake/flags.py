"""Opt-out flags as other systems write them, in cells and in headings."""

from __future__ import annotations

import re
import unicodedata

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


_ALONE = re.compile(
    r"(?:please\W*)?(?:stop|quit|end|revoke|cancel|optout|unsubscribe)\W*(?:thank\W*you|thanks|please|all|now|it)?\W*",
)
"""The words that mean a stop by themselves (47 CFR 64.1200(a)(10)), with anything polite around them."""

_ABROAD = re.compile(
    r"keine?(werbung|mails?|anrufe)|nichtmehr(anrufen|schreiben|kontaktieren)|abmelden|austragen|desabon|desinscri|stoppub"
    r"|baja|noenviar|nollamar|disiscri|cancellami|rimuov|nonchiamare|afmelden|uitschrijven|wypis|rezygn|avregistr|afmeld"
)


def looks_like_stop(text: str) -> bool:
    """Whether a heading or a status looks as if it said who may not be contacted."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    plain = re.sub(r"[^a-z]", "", letters)
    alone = _ALONE.fullmatch(" ".join(letters.split()))
    return bool(alone or _STOP_WORDS.search(plain) or _ABROAD.search(plain))
