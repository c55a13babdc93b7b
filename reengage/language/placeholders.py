"""`{group.name}` in the texts of a rule: which there are, what is wrong with a text, and filling it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache, reduce

from reengage.language.diagnostic import quoted
from reengage.language.tree import When
from reengage.language.values import nearest
from reengage.model.facts import STANDARD, Vocabulary

_BRACES = re.compile(r"\{([^{}]*)\}")
_TOKEN = re.compile(r"\{\{[^{}]*\}\}|\{([^{}]*)\}|[{}]+")
_NAME = re.compile(r"[a-z_]+\.[a-z0-9_]+")


@lru_cache(1024)
def names(template: str) -> tuple[str, ...]:
    """The `group.name` of every placeholder of a text, in order."""
    return tuple(_BRACES.findall(template))


def fill(template: str, values: Mapping[str, str]) -> str:
    """The text with each placeholder replaced by its value, once; raises KeyError where that is unknown or empty."""

    def value(found: re.Match[str]) -> str:
        text = values[found[1]]
        if not text:
            raise KeyError(found[1])
        return text

    return _BRACES.sub(value, template)


def allowed(when: When, vocabulary: Vocabulary = STANDARD) -> frozenset[str]:
    """The placeholders a rule may use: the fixed ones, and the signal's facts common to every branch."""
    branches = [frozenset(vocabulary.kinds[block.kind]) for block in when.blocks]
    facts = reduce(frozenset.intersection, branches) if branches else frozenset[str]()
    fixed = {f"{group}.{name}" for group, members in vocabulary.placeholders.items() for name in members}
    return frozenset(fixed | {f"signal.{fact}" for fact in facts})


def faults(template: str, known: Collection[str], vocabulary: Vocabulary = STANDARD) -> Iterator[tuple[str, str, str]]:
    """What is wrong with the placeholders of a text: the part in question, what is wrong with it, and advice."""
    for found in _TOKEN.finditer(template):
        part, name = found[0], found[1]
        if name is None:
            yield part, f"{quoted(part)} is no placeholder", "write {group.name}, each brace once"
        elif name not in known:
            yield part, f"unknown placeholder {quoted(part)}", _advice(name, known, vocabulary)


def _advice(name: str, known: Collection[str], vocabulary: Vocabulary) -> str:
    if name.startswith("signal.") and any(name[7:] in facts for facts in vocabulary.kinds.values()):
        return "not every signal of this rule has that fact"
    short = {one.partition(".")[2]: one for one in known}
    if meant := nearest(name, [*known, *short]):
        return f"did you mean {quoted('{' + short.get(meant, meant) + '}')}?"
    if not _NAME.fullmatch(name):
        return "write {group.name}, in small letters: no formats, no indexes, no chains"
    group = [one for one in known if one.partition(".")[0] == name.partition(".")[0]]
    return f"there are {_listed(group or known)}"


def _listed(known: Collection[str]) -> str:
    return ", ".join("{" + name + "}" for name in sorted(known))
