"""Cuts a message down to what its sender wrote: no quotes, no headers of earlier messages, no signatures, no footers.

What may be their own words stays: a stop that is lost here is lost for good.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import takewhile

from reengage.intake.mail.clients import (
    BEGINS,
    BEGINS_DATED,
    DATED,
    DEVICE_LINE,
    DISCLAIMER_STARTS,
    DISCLAIMERS,
    LABELS,
    OUTSIDE_BANNER,
    POINTS_BELOW,
    SEPARATOR,
    SPEAKS_OF_SELF,
    STAMPED,
    WROTE,
)

MOST_LINES_WROTE = 4
"""Lines over which "On … wrote:" may be broken; our choice: mail programs fold at some 70 characters."""

MOST_LINES_HEADER = 10
"""Lines in which the labels of an earlier message's header stand; our choice."""

MOST_LINES_SIGNATURE = 20
"""Lines below "-- " up to which it is a signature; our choice: good manners allow four."""

MOST_LINES_NOTICE = 30
"""Lines of one paragraph that are read as a legal notice; our choice."""

MOST_NOTICES = 1_000
"""Lines of one message that are tried as the beginning of a legal notice; our choice."""

SHORTEST_FOOTER = 20
"""Letters from which on a line may be our footer: people write "unsubscribe" themselves. Our choice."""

LONGEST_LINE = 1_000
"""Characters of a line that are looked at; RFC 5322 allows 998 in one."""

_QUOTE = re.compile(r"\s{0,3}>")
_FOUND_FROM = re.compile(r">+From ")
_SIGNATURE = re.compile(r"\s{0,3}--\s{0,3}")
_POSTSCRIPT = re.compile(r"\s{0,3}p\.?\s?s\b", re.IGNORECASE)
_COLON = re.compile("[:：]")
_UNDERLINE = re.compile(r"\s{0,3}_{10,}\s*")

_Lines = list[str | None]
"""Lines of the sender; None stands for what was cut between them."""


def own_words(text: str, footers: Collection[str] = ()) -> str:
    """The lines that the sender of a message wrote; empty where there is nothing but quotes.

    `footers` are texts of our own messages. What stands below the header of an earlier message is quoted: as far as the
    lines begin with ">", else to the end.
    """
    lines = _without_notices(_without_signatures(_without_quotes(text.splitlines())))
    own = [line for line in lines if line is not None and not _is_added(line)]
    return "\n".join(_without_footers(own, footers)).strip()


def _without_quotes(lines: Sequence[str]) -> _Lines:
    labels = [_label(line) for line in lines]
    found: _Lines = []
    place, answers_within = 0, False
    while place < len(lines):
        length = _header_at(lines, labels, place)
        if length and not _is_marked(lines, place + length):
            answers_within = answers_within or _points_below(found)
            if not answers_within:
                return [*found, None]
        found.append(None if length or _is_quote(lines, place) else lines[place])
        place += max(length, 1)
    return found


def _is_quote(lines: Sequence[str], place: int) -> bool:
    """Whether a line is quoted; ">From " alone is how mailboxes keep a line of one's own that begins with "From "."""
    line = lines[place]
    if not _QUOTE.match(line):
        return False
    around = (*lines[max(0, place - 1) : place], *lines[place + 1 : place + 2])
    return not _FOUND_FROM.match(line) or any(map(_QUOTE.match, around))


def _is_marked(lines: Sequence[str], place: int) -> bool:
    """Whether what follows a header is a quote that begins with ">"."""
    following = next((lines[one] for one in range(place, len(lines)) if lines[one].strip()), "")
    return bool(_QUOTE.match(following))


def _points_below(found: _Lines) -> bool:
    return bool(POINTS_BELOW.search("\n".join(line[:LONGEST_LINE] for line in found if line)))


def _header_at(lines: Sequence[str], labels: Sequence[str | None], place: int) -> int:
    """How many lines the header of an earlier message has that begins here; 0 where none does."""
    line = lines[place][:LONGEST_LINE]
    if not line.strip():
        return 0
    if SEPARATOR.fullmatch(line):
        return 1
    if _UNDERLINE.fullmatch(line):
        blank = len(list(takewhile(lambda one: not one.strip(), lines[place + 1 : place + 4])))
        block = _labels_at(labels, place + 1 + blank)
        return block and block + 1 + blank
    return _labels_at(labels, place) or _attribution_at(lines, place)


def _labels_at(labels: Sequence[str | None], place: int) -> int:
    """The lines with the labels of a header: from whom and, in any order, two of when, to whom and about what."""
    if place >= len(labels) or labels[place] is None:
        return 0
    window = labels[place : place + MOST_LINES_HEADER]
    named = {label for label in window if label}
    last = max(number for number, label in enumerate(window) if label)
    return last + 1 if "from" in named and len(named) >= 3 else 0


def _label(line: str) -> str | None:
    start = line[:40]
    return next((name for name, label in LABELS.items() if label.match(start)), None) if _COLON.search(start) else None


def _attribution_at(lines: Sequence[str], place: int) -> int:
    """The lines of "On … wrote:"; it names a day, and a time or an address unless marked quotes follow."""
    if not (BEGINS.match(lines[place][:LONGEST_LINE]) or BEGINS_DATED.match(lines[place][:LONGEST_LINE])):
        return 0
    window = list(takewhile(str.strip, lines[place : place + MOST_LINES_WROTE]))
    for length in range(1, len(window) + 1):
        text = " ".join(line[:LONGEST_LINE].strip() for line in window[:length])
        if text.endswith((":", "：")):
            whole = length == 1 or _is_broken(window[:length])
            return length if whole and _is_attribution(text, marked=_is_marked(lines, place + length)) else 0
    return 0


def _is_attribution(text: str, *, marked: bool) -> bool:
    named = WROTE.search(text) or BEGINS_DATED.match(text)
    return bool(named and ((marked and DATED.search(text)) or (STAMPED.search(text) and re.search(r"\d", text))))


def _is_broken(window: Sequence[str]) -> bool:
    """Whether lines can be one that was broken: no sentence ends before the last, and none of them begins another."""
    ends = any(re.search(r"[.!?]\s*$", line) for line in window[:-1])
    again = any(re.match(r"\s{0,3}(?:on|am|le|el|il|op|den)\b", line, re.IGNORECASE) for line in window[1:])
    return not ends and not again and bool(re.search(r"[\d@]", window[0]))


def _without_signatures(lines: _Lines) -> _Lines:
    """Without what stands below "-- ", as far as a quote or a postscript; not where nothing of theirs is above."""
    found: _Lines = []
    place, said = 0, False
    while place < len(lines):
        length = _signature_at(lines, place) if said else 0
        found.append(None if length else lines[place])
        said = said or bool((lines[place] or "").strip())
        place += max(length, 1)
    return found


def _signature_at(lines: _Lines, place: int) -> int:
    if not _SIGNATURE.fullmatch(lines[place] or ""):
        return 0
    signed = list(takewhile(_may_sign, lines[place + 1 : place + 2 + MOST_LINES_SIGNATURE]))
    return len(signed) + 1 if len(signed) <= MOST_LINES_SIGNATURE else 0


def _may_sign(line: str | None) -> bool:
    return line is not None and not _POSTSCRIPT.match(line)


def _without_notices(lines: _Lines) -> _Lines:
    """Without legal notices: they ask to delete and not to copy, which is not meant for us."""
    found: _Lines = []
    place, tried = 0, 0
    while place < len(lines):
        begins = tried < MOST_NOTICES and DISCLAIMER_STARTS.match(lines[place] or "")
        length = _notice_at(lines, place) if begins else 0
        tried += bool(begins)
        found.append(None if length else lines[place])
        place += max(length, 1)
    return found


def _notice_at(lines: _Lines, place: int) -> int:
    paragraph = list(takewhile(lambda one: one and one.strip(), lines[place : place + MOST_LINES_NOTICE]))
    text = " ".join((one or "")[: 5 * LONGEST_LINE] for one in paragraph)
    is_notice = sum(bool(about.search(text)) for about in DISCLAIMERS) >= 2 and not SPEAKS_OF_SELF.search(text)
    return len(paragraph) if is_notice else 0


def _is_added(line: str) -> bool:
    """Whether a telephone or a mail server wrote this line."""
    short = line.strip()[:LONGEST_LINE]
    return bool(DEVICE_LINE.fullmatch(short) or (OUTSIDE_BANNER.fullmatch(short) and not SPEAKS_OF_SELF.search(short)))


def _without_footers(lines: Sequence[str], footers: Collection[str]) -> Sequence[str]:
    """Without lines of our own footers, unless nothing else is left: then somebody may have meant them."""
    ours = [_folded(footer) for footer in footers]
    left = [line for line in lines if not _is_ours(_folded(line), ours)]
    return left if any(map(str.strip, left)) else lines


def _is_ours(line: str, footers: Sequence[str]) -> bool:
    return len(line) >= SHORTEST_FOOTER and any(line in footer for footer in footers)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
