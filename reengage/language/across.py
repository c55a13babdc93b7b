"""Checks across the set: rules that cannot fire, that never come first, or that wait for what nothing brings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from reengage.language.covers import alternatives, block_covers, covers, disjoint, follows
from reengage.language.diagnostic import quoted
from reengage.language.responses import Responses
from reengage.language.shadows import shadows
from reengage.language.tree import Block, Is, Line, Position, Rule
from reengage.language.values import advice, fold_text

Problem = tuple[Position, str, str]
"""Where, what is wrong, and advice."""


def contradictions(rule: Rule, responses: Responses) -> Iterator[Problem]:
    """Why nobody can be whom a rule asks for, each with what contradicts what."""
    yield from _unheld(rule, responses)
    yield from _asked_twice(rule)
    yield from _self_stopped(rule)


def _unheld(rule: Rule, responses: Responses) -> Iterator[Problem]:
    lines = {line.name: line for line in rule.who.lines}
    said, held = lines.get("said"), _values(lines.get("held"))
    holds = {str(policy.hold) for policy in responses.values() if policy.response in _values(said)}
    wanted = set(held or {"snooze", "suppressed"})
    if said and holds and not holds & wanted:
        message = f"nobody who said {said.test} is held as {' or '.join(sorted(map(str, wanted)))}"
        yield said.at, message, "see responses.yaml for what each answer leads to"


def _asked_twice(rule: Rule) -> Iterator[Problem]:
    """Every alternative of `who` asks for two things of one field that no value is."""
    clashes = [_clash(lines) for lines in alternatives(rule.who)]
    if clashes and all(clashes):
        first, second = next(clash for clash in clashes if clash)
        yield second.at, f"nobody is both {first} and {second}", "remove one of the two lines"


def _clash(lines: tuple[Line, ...]) -> tuple[Line, Line] | None:
    for number, second in enumerate(lines):
        for first in lines[:number]:
            if first.name == second.name and disjoint(first.test, second.test):
                return first, second
    return None


def _self_stopped(rule: Rule) -> Iterator[Problem]:
    described = alternatives(rule.who)
    for line in rule.unless:
        if all(follows(line, lines) for lines in described):
            yield line.at, f"{quoted(str(line))} stops every contact that who asks for", "remove one of the two lines"
    for stop in rule.unless_heard:
        if stop.within is None and _always_heard(rule, stop):
            yield stop.at, f"the {stop.kind} that this rule waits for stops it too", "tell the two apart by a fact"


def _always_heard(rule: Rule, stop: Block) -> bool:
    met = (block_covers(stop, block) for block in rule.when.blocks)
    return any(met) if rule.when.mode == "all" else all(met)


def _values(line: Line | None) -> set[str | int | float | bool]:
    return set(line.test.values) if line and isinstance(line.test, Is) else set()


def shadowed(rules: Iterable[Rule]) -> Iterator[tuple[Rule, Rule, str]]:
    """Each rule that another one goes before, with that one and what shows it."""
    for rule, first in shadows(tuple(rules)):
        yield rule, first, _proof(first, rule)


def _proof(wide: Rule, narrow: Rule) -> str:
    """What the wide rule asks for less strictly, the first three things."""
    pairs = [pair for one, other in _side_by_side(wide, narrow) for pair in _looser(one, other)]
    return "; ".join(pairs[:3]) or "it asks for nothing that this one does not ask for"


def _side_by_side(wide: Rule, narrow: Rule) -> Iterator[tuple[Iterable[Line], Iterable[Line]]]:
    yield wide.who.lines, narrow.who.lines
    for block in wide.when.blocks:
        for other in narrow.when.blocks:
            if block.kind == other.kind:
                yield block.lines, other.lines


def _looser(wide: Iterable[Line], narrow: Iterable[Line]) -> Iterator[str]:
    for line in wide:
        for other in narrow:
            if other.name == line.name and covers(line.test, other.test) and not covers(other.test, line.test):
                yield f'"{line}" takes in "{other.test}"'


@dataclass(frozen=True, slots=True)
class Made:
    """What the connectors of a project bring: signals, each with the facts that they fill, and timers by name.

    Facts are None where a connector may fill any.
    """

    kinds: Mapping[str, frozenset[str] | None]
    timers: frozenset[str] = frozenset()


def unmade(rule: Rule, made: Made) -> Iterator[Problem]:
    """The signals of a rule that no connector makes; a rule that waits for any of several needs one of them."""
    missing = [problem for block in rule.when.blocks for problem in _unmade(block, made)]
    if rule.when.mode != "any" or len(missing) == len(rule.when.blocks):
        yield from missing


def _unmade(block: Block, made: Made) -> Iterator[Problem]:
    if block.kind not in made.kinds:
        yield block.at, f"no connector of this project makes {quoted(block.kind)}", "add one that does, see connectors/"
    elif block.kind == "timer":
        names = {fold_text(name) for name in made.timers}
        for line in block.lines:
            if line.name == "name" and not _values(line) & names:
                message = f"no timer of this project is called {line.test}"
                yield line.at, message, advice(str(line.test), sorted(made.timers))


def unfilled(rule: Rule, made: Made) -> Iterator[Problem]:
    """The facts that a rule asks for and no connector fills."""
    for block in rule.when.blocks:
        filled = made.kinds.get(block.kind)
        for line in block.lines:
            if filled is not None and line.name not in filled:
                message = f"no connector of this project fills {quoted(line.name)} of {block.kind}"
                yield line.at, message, "map it in the connector, or remove the line: unknown is never enough to fire"
