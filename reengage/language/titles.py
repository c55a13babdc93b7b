"""`rules/titles.yaml`: reads seniority and department out of a job title, where a source does not say them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, NamedTuple, TypeVar

from reengage.language.diagnostic import Diagnostic, quoted
from reengage.language.nodes import Node, Pair
from reengage.language.reader import Found, attempt, each, fields_of, filled, known_pairs, mapping_of, one
from reengage.language.values import NotUnderstood, fold_text
from reengage.model.words import Seniority

M = TypeVar("M")
Phrase = tuple[str, ...]
Special = Literal["side", "support"]

_LADDER = tuple(Seniority)
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
class Phrases(Generic[M]):
    """Phrases of at most `longest` folded words, and what each means."""

    meanings: Mapping[Phrase, M] = field(default_factory=dict)
    longest: int = 0

    @classmethod
    def of(cls, meanings: Mapping[Phrase, M]) -> Phrases[M]:
        """The table of these meanings."""
        return cls(meanings, max(map(len, meanings), default=0))

    def found_in(self, words: Phrase) -> Iterator[tuple[Phrase, M]]:
        """The phrases in some words from left to right, at each place the longest; a word belongs to one only."""
        start = 0
        while start < len(words):
            phrase = self._longest_at(words, start)
            if phrase:
                yield phrase, self.meanings[phrase]
            start += len(phrase) or 1

    def _longest_at(self, words: Phrase, start: int) -> Phrase:
        lengths = range(min(self.longest, len(words) - start), 0, -1)
        return next((words[start : start + n] for n in lengths if words[start : start + n] in self.meanings), ())


@dataclass(frozen=True, slots=True)
class Titles:
    """The phrase table: ranks and the phrases that forbid reading one, and departments."""

    ranks: Phrases[Seniority | Special] = field(default_factory=Phrases)
    departments: Phrases[str] = field(default_factory=Phrases)

    def read(self, title: str) -> Role:
        """The seniority and department of a title: longest phrases first, then the highest rung among those found."""
        words = _words(title)
        ranks = [rank for _, rank in self.ranks.found_in(words)]
        special = _first_special(ranks)
        if special:
            return Role(Seniority.ENTRY if special == "support" else None, None)
        rungs = [rank for rank in ranks if isinstance(rank, Seniority)]
        departments = sorted(self.departments.found_in(words), key=lambda found: -len(found[0]))
        return Role(max(rungs, key=_LADDER.index, default=None), departments[0][1] if departments else None)

    def is_side_role(self, title: str) -> bool:
        """Whether a title is a seat beside a job (adviser, board member); taking one is never a move."""
        return _first_special([rank for _, rank in self.ranks.found_in(_words(title))]) == "side"


def _first_special(ranks: Iterable[Seniority | Special]) -> Special | None:
    return next((rank for rank in ranks if not isinstance(rank, Seniority)), None)


def _words(text: str) -> Phrase:
    """The words of a title without case, accents, umlauts and the dots of initials."""
    composed = unicodedata.normalize("NFC", text[:_LONGEST_TITLE])
    folded = _DOT_OF_INITIAL.sub("", fold_text(composed)).translate(_UMLAUTS)
    return tuple(
        _WORD.findall(
            "".join(char for char in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(char))
        )
    )


def read_titles(node: Node, found: Found) -> Titles:
    """Reads the phrase table; a phrase that stands under two headings of a kind is noted."""
    fields = fields_of(node, _TITLE_KEYS, "titles", found, ("seniority", "department"))
    side: tuple[Phrase, ...] = fields.read("side_roles", each(one(_phrase)), ())
    support: tuple[Phrase, ...] = fields.read("support_roles", each(one(_phrase)), ())
    ranks: dict[Phrase, Seniority | Special] = {**fields.read("seniority", _seniority, {})}
    ranks |= {**dict.fromkeys(support, "support"), **dict.fromkeys(side, "side")}
    return Titles(Phrases.of(ranks), Phrases.of(fields.read("department", _department, {})))


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
        raise NotUnderstood(f"{quoted(text)} holds no word", help="write at least one letter or digit")
    return words
