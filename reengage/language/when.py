"""Reads `when`: what must have happened."""

from __future__ import annotations

from reengage.language.conditions import BLOCK_KEYS, bounds, is_opt_out_word, opt_out_in_rule, read_lines, span_bounds
from reengage.language.diagnostic import Diagnostic, quoted
from reengage.language.nodes import Mapping, Node, Pair, Scalar, Sequence
from reengage.language.reader import Fields, Found, Unreadable, fields_of, filled, mapping_of, one, text_of
from reengage.language.tree import Between, Block, Position, Span, When
from reengage.language.values import advice, calendar_span, whole_number
from reengage.model.facts import KINDS, RULE_KINDS


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
        return Block(_kind(text_of(node), node.at), node.at)
    pair = _only_kind(mapping_of(node, "a signal"), found)
    if isinstance(pair.value, Scalar) and pair.value.text is None:
        help = f'write the signal alone, as in "when: {pair.key}", or its conditions below it'
        raise Unreadable(pair.at, f"nothing stands under {quoted(pair.key)}", "wrong-shape", help)
    return _conditions(pair, found)


def _only_kind(block: Mapping, found: Found) -> Pair:
    kinds = [pair for pair in block.pairs if pair.key in RULE_KINDS]
    strays = [pair for pair in block.pairs if pair.key not in RULE_KINDS]
    if strays or not kinds:
        found.extend(_stray(pair, kinds).diagnostic for pair in strays[1:])
        raise _stray(strays[0], kinds) if strays else Unreadable(block.at, "a signal is missing here", "unknown-signal")
    if len(kinds) > 1:
        message = f"{quoted(kinds[0].key)} and {quoted(kinds[1].key)} stand side by side"
        raise Unreadable(kinds[1].at, message, "ambiguous-when", _SEVERAL)
    return kinds[0]


def _stray(pair: Pair, kinds: list[Pair]) -> Unreadable:
    if kinds and (pair.key in BLOCK_KEYS or pair.key in KINDS[kinds[0].key]):
        message = f"{quoted(pair.key)} belongs to {quoted(kinds[0].key)}"
        return Unreadable(pair.at, message, "unknown-signal", f"indent it under {quoted(kinds[0].key)}")
    if pair.key == "apart":
        return Unreadable(pair.at, '"apart" needs several signals', "ambiguous-when", 'it goes with "all"')
    try:
        _kind(pair.key, pair.at)
    except Unreadable as problem:
        return problem
    return Unreadable(pair.at, f"{quoted(pair.key)} cannot stand here", "ambiguous-when", _SEVERAL)


def _kind(word: str, at: Position) -> str:
    if word in RULE_KINDS:
        return word
    if is_opt_out_word(word):
        raise Unreadable.of(opt_out_in_rule(at, word))
    raise Unreadable(at, f"unknown signal {quoted(word)}", "unknown-signal", advice(word, sorted(RULE_KINDS)))


def _conditions(pair: Pair, found: Found) -> Block:
    block = mapping_of(pair.value, quoted(pair.key))
    lines = read_lines(block, KINDS[pair.key], pair.key, found, beside=BLOCK_KEYS)
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
