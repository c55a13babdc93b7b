"""Reads the kinds of signals that connectors declare, each with its typed facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from reengage.language.declared import FACT_TYPES, MOST_NAMES, fact_name, fact_of, kind_name
from reengage.language.diagnostic import Diagnostic, quoted
from reengage.language.nodes import Mapping, Node, Pair, Scalar
from reengage.language.reader import Found, Read, TooMany, Unreadable, attempt, each, mapping_of, one, text_of
from reengage.language.values import NotUnderstood
from reengage.model.facts import Fact

Kinds = dict[str, dict[str, Fact]]


def read_declared(roots: Iterable[Node], found: Found) -> Kinds:
    """The kinds under `declares` of all connectors; what is wrong with them is noted."""
    kinds: Kinds = {}
    for root in roots:
        declares = root.pair("declares") if isinstance(root, Mapping) else None
        if declares:
            with suppress(TooMany):
                _read_kinds(declares, kinds, found)
    return kinds


def _read_kinds(declares: Pair, kinds: Kinds, found: Found) -> None:
    for block in attempt(lambda node, _: mapping_of(node, "declares"), declares.value, found):
        for pair in _not_too_many(block, found):
            if named := _named(pair, kind_name, found):
                for facts in attempt(_facts, pair.value, found):
                    if kinds.setdefault(named, facts) != facts:
                        message = f"another connector declares {quoted(named)} with other facts"
                        found.append(Diagnostic(pair.at, message, "duplicate-key", help="declare it once"))


def _facts(node: Node, found: Found) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for pair in _not_too_many(mapping_of(node, "the facts of a signal"), found):
        if named := _named(pair, fact_name, found):
            facts.update((named, fact) for fact in attempt(_typed(named), pair.value, found))
    return facts


def _not_too_many(block: Mapping, found: Found) -> Sequence[Pair]:
    """The first hundred pairs; that there are more is noted."""
    for pair in block.pairs[MOST_NAMES : MOST_NAMES + 1]:
        found.append(
            Diagnostic(
                pair.at,
                f"more than {MOST_NAMES} names are declared here",
                "wrong-value",
                "declare those that rules ask for",
            )
        )
    return block.pairs[:MOST_NAMES]


def _typed(name: str) -> Read[Fact]:
    def read(node: Node, found: Found) -> Fact:
        told = text_of(node) if isinstance(node, Scalar) else each(one(str))(node, found)
        try:
            return fact_of(name, told, FACT_TYPES)
        except NotUnderstood as problem:
            raise Unreadable(node.at, problem.message, "wrong-value", problem.help) from None

    return read


def _named(pair: Pair, parse: Callable[[str], str], found: Found) -> str | None:
    try:
        return parse(pair.key)
    except NotUnderstood as problem:
        found.append(Diagnostic(pair.at, problem.message, "wrong-value", help=problem.help))
        return None
