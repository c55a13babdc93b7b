"""Reads the signals of a rule: what must have happened under `when`, and what must not under `unless`."""

from __future__ import annotations

from functools import partial
from itertools import chain

from reengage.language.conditions import BLOCK_KEYS, bounds, is_opt_out_word, opt_out_in_rule, read_lines, span_bounds
from reengage.language.diagnostic import Diagnostic, quoted
from reengage.language.nodes import Mapping, Node, Pair, Scalar, Sequence
from reengage.language.reader import Fields, Found, Unreadable, attempt, fields_of, filled, mapping_of, one, text_of
from reengage.language.tree import Between, Block, Line, Position, Span, When
from reengage.language.values import advice, calendar_span, whole_number
from reengage.language.windows import exceeds
from reengage.model.facts import COMPUTED_KINDS, Vocabulary


def read_when(node: Node, found: Found) -> When:
    """Reads `when`: one signal, or `any:` or `all:` of several."""
    if isinstance(node, Sequence):
        raise Unreadable(node.at, "when names one signal, not a list", "ambiguous-when", _SEVERAL)
    groups = [pair for pair in node.pairs if pair.key in ("any", "all")] if isinstance(node, Mapping) else []
    if isinstance(node, Scalar) or not groups:
        return When("one", (_block(node, found),))
    return _group(node, groups, found)


_SEVERAL = 'for several signals write "any:" (one of them is enough) or "all:" (each is needed) and a list below it'


def _group(node: Mapping, groups: list[Pair], found: Found) -> When:
    first, *more = groups
    for pair in (*more, *(pair for pair in node.pairs if pair.key not in ("any", "all", "apart"))):
        message = f"when cannot hold {quoted(pair.key)} beside {quoted(first.key)}"
        found.append(Diagnostic(pair.at, message, "ambiguous-when", help=_SEVERAL))
    apart = node.pair("apart")
    if apart and first.key == "any":
        found.append(
            Diagnostic(apart.at, '"apart" has no meaning beside "any"', "ambiguous-when", help='it goes with "all"')
        )
    blocks: tuple[Block, ...] = Fields(node, found).read(first.key, filled(_block), ())
    limit = Fields(node, found).read("apart", _at_most, None)
    return When("any" if first.key == "any" else "all", blocks, limit)


def _at_most(node: Node, found: Found) -> Span | None:
    if isinstance(node, Scalar):
        raise Unreadable(node.at, "apart needs a bound", "wrong-shape", "write apart: {at_most: 30 days}")
    return fields_of(node, ("at_most",), "apart", found, ("at_most",)).read("at_most", one(calendar_span), None)


def _block(node: Node, found: Found) -> Block:
    """One signal: a kind alone, or a kind with conditions."""
    if isinstance(node, Scalar):
        return Block(_kind(text_of(node), node.at, found.vocabulary), node.at)
    pair = _only_kind(mapping_of(node, "a signal"), found)
    help = f'write the signal alone, as in "when: {pair.key}", or its conditions below it'
    return _conditions(_filled(pair, help), found)


Unless = tuple[tuple[Line, ...], tuple[Block, ...]]
"""What stops a rule: lines about the contact, and signals that came."""


def read_unless(node: Node, found: Found) -> Unless:
    """Reads `unless`: any of its lines stops the rule, be it about the contact or about a signal that came."""
    block = mapping_of(node, "unless")
    if pair := block.pair("any"):
        raise Unreadable(
            pair.at, 'unless needs no "any"', "unknown-key", "any line under unless stops the rule already"
        )
    kinds = found.vocabulary.rule_kinds
    lines = read_lines(block, found.vocabulary.stop_fields, "unless", found, beside=kinds)
    signals = (attempt(partial(_heard, pair), pair.value, found) for pair in block.pairs if pair.key in kinds)
    return lines, tuple(chain.from_iterable(signals))


def _heard(pair: Pair, node: Node, found: Found) -> Block:
    """A signal under `unless`; `within` counts from the moment of judgement there."""
    heard = _conditions(_filled(pair, "write within: 60 days below it, for example"), found)
    strange = {"count": _ONE_IS_ENOUGH, "after_quiet": _ONE_IS_ENOUGH}
    strange |= {"within": 'say "due_in" instead'} if pair.key in COMPUTED_KINDS else {}
    for key, help in strange.items():
        if wrong := mapping_of(node, quoted(pair.key)).pair(key):
            message = f"{quoted(key)} cannot stand in {pair.key} under unless"
            raise Unreadable(wrong.at, message, "unknown-key", help)
    if heard.within and exceeds(heard.within, _LOOKS_BACK):
        at = mapping_of(node, quoted(pair.key)).pair("within")
        message = f"{heard.within} is too long under unless"
        raise Unreadable(at.at if at else pair.at, message, "wrong-value", f"at most {_LOOKS_BACK}")
    return heard


_LOOKS_BACK = Span(1, "year")
"""How far back signals are surely read."""


_ONE_IS_ENOUGH = "one signal that fits is enough to stop the rule"


def _filled(pair: Pair, help: str) -> Pair:
    """The pair of a signal with its conditions; raises Unreadable where none stand under it."""
    if isinstance(pair.value, Scalar) and pair.value.text is None:
        raise Unreadable(pair.at, f"nothing stands under {quoted(pair.key)}", "wrong-shape", help)
    return pair


def _only_kind(block: Mapping, found: Found) -> Pair:
    vocabulary = found.vocabulary
    kinds = [pair for pair in block.pairs if pair.key in vocabulary.rule_kinds]
    strays = [_stray(pair, kinds, vocabulary) for pair in block.pairs if pair.key not in vocabulary.rule_kinds]
    if strays or not kinds:
        found.extend(stray.diagnostic for stray in strays[1:])
        raise (
            strays[0]
            if strays
            else Unreadable(
                block.at,
                "a signal is missing here",
                "unknown-signal",
                "write one, for example: job_change: {within: 1 month}",
            )
        )
    if len(kinds) > 1:
        message = f"{quoted(kinds[0].key)} and {quoted(kinds[1].key)} stand side by side"
        raise Unreadable(kinds[1].at, message, "ambiguous-when", _SEVERAL)
    return kinds[0]


def _stray(pair: Pair, kinds: list[Pair], vocabulary: Vocabulary) -> Unreadable:
    if kinds and (pair.key in BLOCK_KEYS or pair.key in vocabulary.kinds[kinds[0].key]):
        message = f"{quoted(pair.key)} belongs to {quoted(kinds[0].key)}"
        return Unreadable(pair.at, message, "unknown-signal", f"indent it under {quoted(kinds[0].key)}")
    if pair.key == "apart":
        return Unreadable(pair.at, '"apart" needs several signals', "ambiguous-when", 'it goes with "all"')
    try:
        _kind(pair.key, pair.at, vocabulary)
    except Unreadable as problem:
        return problem
    return Unreadable(pair.at, f"{quoted(pair.key)} cannot stand here", "ambiguous-when", _SEVERAL)


def _kind(word: str, at: Position, vocabulary: Vocabulary) -> str:
    if word in vocabulary.rule_kinds:
        return word
    if is_opt_out_word(word):
        raise Unreadable.of(opt_out_in_rule(at, word))
    raise Unreadable(at, f"unknown signal {quoted(word)}", "unknown-signal", advice(word, vocabulary.rule_kinds))


def _conditions(pair: Pair, found: Found) -> Block:
    block = mapping_of(pair.value, quoted(pair.key))
    lines = read_lines(block, found.vocabulary.kinds[pair.key], pair.key, found, beside=BLOCK_KEYS)
    fields = Fields(block, found)
    return Block(
        kind=pair.key,
        at=pair.at,
        lines=lines,
        within=fields.read("within", one(calendar_span), None),
        count=fields.read("count", _count, None),
        after_quiet=fields.read("after_quiet", span_bounds, None),
    )


def _count(node: Node, found: Found) -> Between:
    if isinstance(node, Scalar):
        exact = one(whole_number)(node, found)
        return Between(exact, exact)
    return bounds(whole_number, node, found)
