"""The section `phrases:`: by which words an answer, a date, a vendor or a referral is known, language by language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

from reengage.language.diagnostic import Diagnostic, quoted
from reengage.language.nodes import Node, Pair
from reengage.language.phrasing import Step, Words, parse_phrase, words_of
from reengage.language.reader import Found, attempt, each, fields_of, known_pairs, mapping_of, one
from reengage.language.values import NotUnderstood, slug
from reengage.model.words import Channel, Response

Weight = Literal["sure", "maybe", "alone", "not"]
WEIGHTS: tuple[Weight, ...] = ("sure", "maybe", "alone", "not")
"""What a phrase does: decides, hints, decides where nothing else is said, takes its words out of consideration."""

LEFT_COMPANY = "left_company"
SAYINGS = (*(str(response) for response in Response), LEFT_COMPANY)
"""What phrases may speak for."""

CHANNELS = tuple(str(channel) for channel in Channel)
CLUES = ("call_back_on", "vendor", "contract_ends", "referred_to", "wake_on")
MOST_PHRASES = 3000
"""Most phrases of one language, and most words of one set; our choice: it bounds the work for each reply."""

TERMS = {
    "months": tuple(str(number) for number in range(1, 13)),
    "weekdays": tuple(str(number) for number in range(1, 8)),
    "numbers": (),
    "days": (),
    "quarters": ("1", "2", "3", "4"),
    "units": ("day", "week", "month", "quarter", "half", "year", "fiscal"),
    "parts": ("early", "mid", "late"),
    "feasts": (),
    "signs": ("next", "after_next", "this", "in", "after", "until", "past", "later", "to", "filler", "through"),
}
"""What a date is put together from, and the keys of each table; feasts, days and numbers have keys of their own."""

_FEAST = re.compile(r"(easter[+-][0-9]{1,3}|[0-9]{2}-[0-9]{2}) to (easter[+-][0-9]{1,3}|[0-9]{2}-[0-9]{2})")
_COUNT = re.compile(r"[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One line of the file: what it says when it is found, and how much that weighs."""

    text: str
    language: str
    says: str
    weight: Weight
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """Words that a date is put together from: the table they stand in and their key there."""

    words: Words
    table: str
    key: str


@dataclass(frozen=True, slots=True, eq=False)
class Phrases:
    """All phrases of all languages; `sets` holds for each name what all languages put under it."""

    languages: tuple[str, ...] = ()
    lines: tuple[Phrase, ...] = ()
    terms: tuple[Term, ...] = ()
    sets: tuple[tuple[str, Words], ...] = ()

    def set_of(self, name: str) -> tuple[Words, ...]:
        """The entries of a set over all languages; empty where no language has it."""
        return tuple(words for set_name, words in self.sets if set_name == name)

    def __add__(self, other: Phrases) -> Phrases:
        """The phrases of both."""
        return Phrases(
            self.languages + other.languages,
            self.lines + other.lines,
            self.terms + other.terms,
            self.sets + other.sets,
        )


Sets = dict[str, tuple[Words, ...]]


def read_phrases(sections: Iterable[Pair], found: Found) -> Phrases:
    """The phrases of all `phrases:` sections of a project; a language that is defined twice is noted."""
    phrases, seen = Phrases(), dict[str, Pair]()
    for pair in (pair for section in sections for pair in _languages(section, found)):
        if pair.key in seen:
            message = f"the language {quoted(pair.key)} stands a second time here, first in {seen[pair.key].at}"
            found.append(Diagnostic(pair.at, message, "duplicate-key", help="keep its phrases in one file"))
        elif read := attempt(partial(_language, pair.key), pair.value, found):
            phrases += read[0]
        seen.setdefault(pair.key, pair)
    return phrases


def _languages(section: Pair, found: Found) -> tuple[Pair, ...]:
    blocks = attempt(lambda node, _: mapping_of(node, "phrases"), section.value, found)
    return tuple(pair for block in blocks for pair in block.pairs if _is_named_well(pair, found))


def _is_named_well(pair: Pair, found: Found) -> bool:
    try:
        return bool(slug(pair.key))
    except NotUnderstood as problem:
        found.append(Diagnostic(pair.at, problem.message, "wrong-value", help='write a language, for example "en"'))
        return False


def _language(name: str, node: Node, found: Found) -> Phrases:
    fields = fields_of(node, ("sets", "channels", "says", "clues", "dates"), f"the language {name}", found, ("says",))
    sets: Sets = fields.read("sets", _sets, {})
    nothing: tuple[Phrase, ...] = ()
    says = fields.read("says", partial(_sayings, name, sets), nothing)
    clues = fields.read("clues", partial(_clues, name, sets), nothing)
    channels = fields.read("channels", partial(_channels, name, sets), nothing)
    if len(says) + len(clues) > MOST_PHRASES:
        message = f"{name} has more than {MOST_PHRASES} phrases"
        found.append(Diagnostic(node.at, message, "wrong-shape", help="put words into sets, so that fewer will do"))
    return Phrases(
        (name,),
        says + clues + channels,
        fields.read("dates", _terms, ()),
        tuple((key, words) for key, entries in sets.items() for words in entries),
    )


def _sets(node: Node, found: Found) -> Sets:
    """The sets in their order; one may hold those above it."""
    sets: Sets = {}
    for pair in mapping_of(node, "sets").pairs:
        sets[pair.key] = _entries(pair, sets, found)
        if len(sets[pair.key]) > MOST_PHRASES:
            message = f"the set {quoted(pair.key)} has more than {MOST_PHRASES} entries"
            found.append(Diagnostic(pair.at, message, "wrong-shape", help="keep those that people really write"))
    return sets


def _channels(language: str, sets: Sets, node: Node, found: Found) -> tuple[Phrase, ...]:
    """Words for a channel, as phrases that say its name."""
    pairs = known_pairs(mapping_of(node, "channels"), tuple(Channel), "channels", found)
    return tuple(line for pair in pairs for line in _lines(language, sets, pair.key, "sure", pair, found))


def _entries(pair: Pair, sets: Sets, found: Found) -> tuple[Words, ...]:
    """The words of a list; a set in it stands for its own."""
    read = attempt(each(one(partial(words_of, sets=sets))), pair.value, found)
    return tuple(dict.fromkeys(words for entries in read for entry in entries for words in entry))


def _sayings(language: str, sets: Sets, node: Node, found: Found) -> tuple[Phrase, ...]:
    pairs = known_pairs(mapping_of(node, "says"), SAYINGS, "says", found)
    return tuple(line for pair in pairs for line in _weighed(language, sets, pair, found))


def _weighed(language: str, sets: Sets, saying: Pair, found: Found) -> Iterator[Phrase]:
    for block in attempt(lambda node, _: mapping_of(node, saying.key), saying.value, found):
        known_pairs(block, WEIGHTS, saying.key, found)
        for weight in WEIGHTS:
            if pair := block.pair(weight):
                yield from _lines(language, sets, saying.key, weight, pair, found)


def _clues(language: str, sets: Sets, node: Node, found: Found) -> tuple[Phrase, ...]:
    pairs = known_pairs(mapping_of(node, "clues"), CLUES, "clues", found)
    return tuple(line for pair in pairs for line in _lines(language, sets, pair.key, "sure", pair, found))


def _lines(language: str, sets: Sets, says: str, weight: Weight, pair: Pair, found: Found) -> tuple[Phrase, ...]:
    def parse(text: str) -> Phrase:
        return Phrase(text, language, says, weight, parse_phrase(text, sets))

    return next(iter(attempt(each(one(parse)), pair.value, found)), ())


def _terms(node: Node, found: Found) -> tuple[Term, ...]:
    pairs = known_pairs(mapping_of(node, "dates"), tuple(TERMS), "dates", found)
    return tuple(term for pair in pairs for term in _table(pair, found))


def _table(table: Pair, found: Found) -> Iterator[Term]:
    for block in attempt(lambda node, _: mapping_of(node, table.key), table.value, found):
        keys = TERMS[table.key]
        pairs = known_pairs(block, keys, table.key, found) if keys else _own_keys(table.key, block.pairs, found)
        for pair in pairs:
            yield from (Term(words, table.key, pair.key) for words in _entries(pair, {}, found))


def _own_keys(table: str, pairs: Iterable[Pair], found: Found) -> tuple[Pair, ...]:
    """The pairs whose keys are numbers, or for feasts two days; the others are noted."""
    pattern, help = (
        (_FEAST, 'write two days, for example "12-24 to 01-01" or "easter-2 to easter+1"')
        if table == "feasts"
        else (_COUNT, "write a number of at most three digits")
    )
    for pair in pairs:
        if not pattern.fullmatch(pair.key):
            found.append(Diagnostic(pair.at, f"unknown key {quoted(pair.key)} in {table}", "unknown-key", help=help))
    return tuple(pair for pair in pairs if pattern.fullmatch(pair.key))
