"""Reads conditions: the lines of `who`, `unless` and of a signal, each by the type of what it asks about."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from collections.abc import Mapping as Table
from contextlib import suppress
from functools import partial
from typing import cast

from reengage.language.diagnostic import Diagnostic, quoted
from reengage.language.nodes import Mapping, Node, Pair, Scalar
from reengage.language.reader import (
    Fields,
    Found,
    Read,
    Unreadable,
    attempt,
    fields_of,
    filled,
    mapping_of,
    one,
    some,
    text_of,
    unknown_key,
)
from reengage.language.tree import Between, Is, Line, Position, Span, Test, Who
from reengage.language.values import NotUnderstood, calendar_span, choice, day, flag, fold_text, nearest, number
from reengage.model.facts import Fact, FactType, Vocabulary
from reengage.model.words import STOPS

BLOCK_KEYS = ("within", "count", "after_quiet")
"""What a block may say beside the facts of its kind."""

_OPT_OUT_WORDS = frozenset(
    {re.sub("[^a-z]", "", stop) for stop in STOPS}
    | {
        "optout",
        "optouts",
        "optedout",
        "optedouton",
        "hasoptedout",
        "hasoptedoutofemail",
        "unsubscribed",
        "unsubscribes",
    }
    | {
        "donotcall",
        "donotemail",
        "donotcontact",
        "donotmail",
        "dnc",
        "dnd",
        "stop",
        "stopped",
        "blocklist",
        "blacklist",
    }
)


def is_opt_out_word(word: str) -> bool:
    """Whether a word speaks of someone who said stop, however it is spelled."""
    return re.sub("[^a-z]", "", word.casefold()) in _OPT_OUT_WORDS


def opt_out_in_rule(at: Position, word: str) -> Diagnostic:
    """The diagnostic for a rule that mentions opting out."""
    message = f"a rule cannot speak of opt-outs, as {quoted(word)} does"
    help = "remove it: whoever said stop is left out before any rule is read, so no rule can forget it or undo it"
    return Diagnostic(at, message, "opt-out-in-rule", help=help)


def read_who(node: Node, found: Found) -> Who:
    """Reads `who`: lines that must all hold, and `any:` with alternatives."""
    block = mapping_of(node, "who")
    lines = read_lines(block, found.vocabulary.contact_fields, "who", found, beside=("any",))
    return Who(lines, Fields(block, found).read("any", filled(_alternative), ()))


def _alternative(node: Node, found: Found) -> Who:
    what = "an alternative of who"
    return Who(read_lines(mapping_of(node, what), found.vocabulary.contact_fields, what, found))


def read_lines(
    block: Mapping, specs: Table[str, Fact], what: str, found: Found, beside: Collection[str] = ()
) -> tuple[Line, ...]:
    """The conditions of a block, each typed by its fact; keys `beside` them are read elsewhere."""
    note_unknown(block, (*specs, *beside), what, found)
    pairs = (pair for pair in block.pairs if pair.key in specs and pair.key not in beside)
    return tuple(line for pair in pairs for line in attempt(_line(pair, specs[pair.key]), pair.value, found))


def _line(pair: Pair, spec: Fact) -> Read[Line]:
    def read(node: Node, found: Found) -> Line:
        return Line(spec, _test(spec)(node, found), pair.at)

    return read


def note_unknown(block: Mapping, known: Collection[str], what: str, found: Found) -> None:
    """Note every key that has no business in this block."""
    for pair in block.pairs:
        if pair.key not in known:
            found.append(_unknown(pair, known, what, found.vocabulary))


def _unknown(pair: Pair, known: Collection[str], what: str, vocabulary: Vocabulary) -> Diagnostic:
    if is_opt_out_word(pair.key):
        return opt_out_in_rule(pair.at, pair.key)
    elsewhere = _elsewhere(pair.key, vocabulary)
    if elsewhere is None or nearest(pair.key, known):
        return unknown_key(pair, known, what)
    return Diagnostic(pair.at, f"unknown key {quoted(pair.key)} in {what}", "unknown-key", help=elsewhere)


def _elsewhere(word: str, vocabulary: Vocabulary) -> str | None:
    """Where a word belongs that was written under the wrong heading."""
    kinds = [kind for kind in vocabulary.rule_kinds if word in vocabulary.kinds[kind]]
    if word in vocabulary.contact_fields:
        return f"{quoted(word)} is about the contact: write it under who or unless"
    if word in vocabulary.stop_fields:
        return f"{quoted(word)} can only stand under unless"
    if word in BLOCK_KEYS:
        return f"{quoted(word)} stands under the signal it limits, in when"
    return f"{quoted(word)} is a fact of {' and '.join(kinds)}: write it in when, under that signal" if kinds else None


def _test(spec: Fact) -> Read[Test]:
    """Reads what the value of a fact must be, by the type of the fact."""
    readers: dict[FactType, Read[Test]] = {
        FactType.TEXT: _is(fold_text),
        FactType.CHOICE: partial(_choices, spec),
        FactType.NUMBER: _numbers,
        FactType.DURATION: span_bounds,
        FactType.FLAG: _flag,
        FactType.DATE: _is(lambda text: day(text).isoformat()),
    }
    return readers[spec.type]


def _is(parse: Callable[[str], str]) -> Read[Test]:
    def read(node: Node, found: Found) -> Test:
        return _one_of(some(one(parse))(node, found))

    return read


def _one_of(values: Iterable[str | int | float]) -> Is:
    return Is(tuple(dict.fromkeys(values)))


def _choices(spec: Fact, node: Node, found: Found) -> Test:
    def read(item: Node, found: Found) -> str:
        word = text_of(item)
        if is_opt_out_word(word):
            raise Unreadable.of(opt_out_in_rule(item.at, word))
        return one(partial(choice, known=[known for known in spec.choices if known not in STOPS]))(item, found)

    return _one_of(some(read)(node, found))


def _numbers(node: Node, found: Found) -> Test:
    return bounds(number, node, found) if isinstance(node, Mapping) else _one_of(some(one(number))(node, found))


def _flag(node: Node, found: Found) -> Test:
    return Is((one(flag)(node, found),))


def span_bounds(node: Node, found: Found) -> Between:
    """A range of durations; a bare one is refused, since it says neither at least nor at most."""
    if not isinstance(node, Mapping):
        help = f"write {{at_least: {_example(node)}}} or {{at_most: {_example(node)}}}"
        raise Unreadable(node.at, "a duration needs a bound here", "wrong-shape", help)
    return bounds(calendar_span, node, found)


def _example(node: Node) -> str:
    """The duration that was written, or another where none was."""
    with suppress(NotUnderstood):
        return str(calendar_span(node.text or "")) if isinstance(node, Scalar) else "30 days"
    return "30 days"


Bound = int | float | Span


def bounds(parse: Callable[[str], Bound], node: Node, found: Found) -> Between:
    """A range with `at_least`, `at_most` or both."""
    fields = fields_of(node, ("at_least", "at_most"), "a range", found)
    if not fields.node.pairs:
        raise Unreadable(
            node.at, "a range needs at_least or at_most", "missing-key", "write {at_least: 3}, {at_most: 9} or both"
        )
    read = cast(Read[Bound | None], one(parse))
    return Between(fields.read("at_least", read, None), fields.read("at_most", read, None))
