"""`rules/titles.yaml`: reads seniority and department out of a job title, where a source does not say them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeVar

from reengage.language.diagnostic import Diagnostic, quoted
from reengage.language.nodes import Node, Pair
from reengage.language.reader import Found, attempt, each, fields_of, filled, known_pairs, mapping_of, one
from reengage.language.values import NotUnderstood, fold_text
from reengage.model.words import Seniority

M = TypeVar("M")
Phrase = tuple[str, ...]
Special = Literal["side", "support"]

_LONGEST_TITLE = 300
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_DOT_OF_INITIAL = re.compile(r"(?<=\b\w)\.")
_WORD = re.compile(r"[^\W_]+")
_TITLE_KEYS = ("seniority", "department", "side_roles", "support_roles")


class Role(NamedTuple):
    """What a title says; None where it does not say it."""

    seniority: Seniority | None
    department: str | None


@dataclass(frozen=True, slots=True)
class Titles:
    """The phrase table; each phrase is a tuple of folded words."""

    seniority: Mapping[Phrase, Seniority] = field(default_factory=dict)
    department: Mapping[Phrase, str] = field(default_factory=dict)
    special: Mapping[Phrase, Special] = field(default_factory=dict)

    def read(self, title: str) -> Role:
        """The seniority and department of a title: longest phrases first, then the highest rung among those found."""
        words = _words(title)
        special = self._special(words)
        if special:
            return Role(Seniority.ENTRY if special == "support" else None, None)
        rungs = [rung for _, rung in _phrases(words, self._ranks()) if isinstance(rung, Seniority)]
        departments = sorted(_phrases(words, self.department), key=lambda found: -len(found[0]))
        highest = max(rungs, key=list(Seniority).index, default=None)
        return Role(highest, departments[0][1] if departments else None)

    def is_side_role(self, title: str) -> bool:
        """Whether a title is a seat beside a job (adviser, board member); taking one is never a move."""
        return self._special(_words(title)) == "side"

    def _special(self, words: Phrase) -> Special | None:
        found = (mark for _, mark in _phrases(words, self._ranks()) if not isinstance(mark, Seniority))
        return next(found, None)

    def _ranks(self) -> dict[Phrase, Seniority | Special]:
        return {**self.seniority, **self.special}


def _words(text: str) -> Phrase:
    """The words of a title without case, accents, umlauts and the dots of initials."""
    folded = _DOT_OF_INITIAL.sub("", fold_text(text[:_LONGEST_TITLE])).translate(_UMLAUTS)
    return tuple(
        _WORD.findall(
            "".join(char for char in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(char))
        )
    )


def _phrases(words: Phrase, table: Mapping[Phrase, M]) -> Iterator[tuple[Phrase, M]]:
    """The phrases found from left to right, at each place the longest; a word belongs to one phrase only."""
    longest = max(map(len, table), default=0)
    start = 0
    while start < len(words):
        lengths = range(min(longest, len(words) - start), 0, -1)
        phrase = next((words[start : start + n] for n in lengths if words[start : start + n] in table), None)
        if phrase:
            yield phrase, table[phrase]
        start += len(phrase) if phrase else 1


def read_titles(node: Node, found: Found) -> Titles:
    """Reads the phrase table; a phrase that stands under two headings of a kind is noted."""
    fields = fields_of(node, _TITLE_KEYS, "titles", found, ("seniority", "department"))
    side: tuple[Phrase, ...] = fields.read("side_roles", each(one(_phrase)), ())
    support: tuple[Phrase, ...] = fields.read("support_roles", each(one(_phrase)), ())
    return Titles(
        seniority=fields.read("seniority", _seniority, {}),
        department=fields.read("department", _department, {}),
        special={**dict.fromkeys(support, "support"), **dict.fromkeys(side, "side")},
    )


def _seniority(node: Node, found: Found) -> dict[Phrase, Seniority]:
    pairs = known_pairs(mapping_of(node, "seniority"), tuple(Seniority), "seniority", found)
    return {phrase: Seniority(heading) for phrase, heading in _table(pairs, found).items()}


def _department(node: Node, found: Found) -> dict[Phrase, str]:
    table = _table(mapping_of(node, "department").pairs, found)
    return {phrase: fold_text(heading) for phrase, heading in table.items()}


def _table(pairs: tuple[Pair, ...], found: Found) -> dict[Phrase, str]:
    table: dict[Phrase, str] = {}
    for pair in pairs:
        for phrase in (phrase for phrases in attempt(filled(one(_phrase)), pair.value, found) for phrase in phrases):
            if phrase in table:
                message = f"the phrase {quoted(' '.join(phrase))} stands twice"
                found.append(Diagnostic(pair.at, message, "duplicate-phrase", help="keep it under one heading"))
            table[phrase] = pair.key
    return table


def _phrase(text: str) -> Phrase:
    words = _words(text)
    if not words:
        raise NotUnderstood(f"{quoted(text)} holds no word")
    return words
