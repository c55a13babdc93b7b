"""What a user would pick instead, doing the matching alone over the same flat rows."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from bench.rows import Match, Row
from bench.rulebook import SENIORITIES, Asked


@dataclass(frozen=True, slots=True)
class Peer:
    """A rule engine: what it is called, the module it needs, how it is set up, and how many rows it is given."""

    name: str
    module: str
    start: Callable[[Sequence[Asked]], Match]
    rows: int

    @property
    def installed(self) -> bool:
        """Whether it can be imported here: requirements/bench.txt has all of them."""
        return find_spec(self.module) is not None


def conditions(rule: Asked, words: str = "in [{}]") -> Iterable[str]:
    """The conditions of a rule as nearly every expression language writes them."""

    def among(wanted: Iterable[str]) -> str:
        return words.format(", ".join(f"'{word}'" for word in sorted(wanted)))

    yield f"kind == '{rule.kind}'"
    yield f"word {among(rule.among)}"
    yield f"said {among(rule.said)}"
    yield f"held >= {rule.held_for}"
    least = max(rule.score, rule.open_roles)
    yield from (f"value >= {least}",) if least else ()
    yield from (f"age <= {rule.within}.0",) if rule.within else ()
    yield from (f"level {among(SENIORITIES)}",) if rule.kind == "job_change" else ()
    yield from (f"due >= {rule.due_in[0]}", f"due <= {rule.due_in[1]}") if rule.due_in[1] else ()
    yield from ("promised == true",) if rule.promised else ()
    yield from ("customer == false",) if rule.no_customers else ()


def _each(evaluators: Sequence[tuple[str, Callable[[Row], Any]]]) -> Match:
    """One evaluation for each rule and row."""
    return lambda rows: [frozenset(id for id, holds in evaluators if holds(row)) for row in rows]


def zen_expressions(rules: Sequence[Asked]) -> Match:
    """GoRules ZEN, one compiled expression for each rule."""
    zen: Any = importlib.import_module("zen")
    return _each([(rule.id, zen.compile_expression(" and ".join(conditions(rule))).evaluate) for rule in rules])


def zen_table(rules: Sequence[Asked]) -> Match:
    """GoRules ZEN, one decision table that collects every line that holds."""
    zen: Any = importlib.import_module("zen")
    decision = zen.ZenEngine().create_decision(json.dumps(_table(rules)))
    return lambda rows: [frozenset(hit["rule"] for hit in decision.evaluate(row)["result"]) for row in rows]


def _table(rules: Sequence[Asked]) -> dict[str, Any]:
    columns = ("kind", "word", "said", "held", "value", "age", "level", "due", "promised", "customer")
    content = {
        "hitPolicy": "collect",
        "inputs": [{"id": name, "name": name, "field": name} for name in columns],
        "outputs": [{"id": "rule", "name": "rule", "field": "rule"}],
        "rules": [_line(rule) for rule in rules],
    }
    place = {"x": 0, "y": 0}
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in", "position": place},
        {"id": "table", "type": "decisionTableNode", "name": "table", "position": place, "content": content},
        {"id": "out", "type": "outputNode", "name": "out", "position": place},
    ]
    ways = (("in", "table"), ("table", "out"))
    edges = [{"id": f"{one}-{other}", "sourceId": one, "targetId": other, "type": "edge"} for one, other in ways]
    return {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}


def _line(rule: Asked) -> dict[str, str]:
    def listed(words: Iterable[str]) -> str:
        return ", ".join(f"'{word}'" for word in sorted(words))

    least = max(rule.score, rule.open_roles)
    return {
        "_id": rule.id,
        "kind": f"'{rule.kind}'",
        "word": listed(rule.among),
        "said": listed(rule.said),
        "held": f">= {rule.held_for}",
        "value": f">= {least}" if least else "",
        "age": f"<= {rule.within}" if rule.within else "",
        "level": listed(SENIORITIES) if rule.kind == "job_change" else "",
        "due": f"[{rule.due_in[0]}..{rule.due_in[1]}]" if rule.due_in[1] else "",
        "promised": "true" if rule.promised else "",
        "customer": "false" if rule.no_customers else "",
        "rule": f"'{rule.id}'",
    }


def rule_engine(rules: Sequence[Asked]) -> Match:
    """rule-engine, one rule for each rule."""
    engine: Any = importlib.import_module("rule_engine")
    return _each([(rule.id, engine.Rule(" and ".join(conditions(rule))).matches) for rule in rules])


def cel(rules: Sequence[Asked]) -> Match:
    """The Common Expression Language, one compiled program for each rule."""
    language: Any = importlib.import_module("cel")
    return _each([(rule.id, language.compile(" && ".join(conditions(rule))).execute) for rule in rules])


_AT_ONCE = 1_000
"""Facts asserted before CLIPS runs and forgets them."""


def clips(rules: Sequence[Asked]) -> Match:
    """CLIPS, one template and one rule for each rule, a thousand facts at a time."""
    library: Any = importlib.import_module("clips")
    environment = library.Environment()
    slots = ("row", *Row.__annotations__)
    environment.build(f"(deftemplate heard {' '.join(f'(slot {name})' for name in slots)})")
    fired: list[tuple[int, str]] = []
    environment.define_function(lambda row, rule: fired.append((int(row), str(rule))), name="told")
    for rule in rules:
        environment.build(_defrule(rule))
    template = environment.find_template("heard")

    def match(rows: Sequence[Row]) -> list[frozenset[str]]:
        found: list[set[str]] = [set() for _ in rows]
        for start in range(0, len(rows), _AT_ONCE):
            for number, row in enumerate(rows[start : start + _AT_ONCE], start):
                template.assert_fact(
                    row=number, **{**row, "promised": int(row["promised"]), "customer": int(row["customer"])}
                )
            environment.run()
            environment.reset()
            for number, id in fired:
                found[number].add(id)
            fired.clear()
        return [frozenset(some) for some in found]

    return match


def _defrule(rule: Asked) -> str:
    def listed(words: Iterable[str]) -> str:
        return "|".join(f'"{word}"' for word in sorted(words))

    least = max(rule.score, rule.open_roles)
    low, high = rule.due_in
    slots = [
        f'(kind "{rule.kind}") (word {listed(rule.among)}) (said {listed(rule.said)})',
        f"(held ?held&:(>= ?held {rule.held_for}))",
        f"(value ?value&:(>= ?value {least}))" if least else "",
        f"(age ?age&:(<= ?age {rule.within}))" if rule.within else "",
        f"(level {listed(SENIORITIES)})" if rule.kind == "job_change" else "",
        f"(due ?due&:(<= {low} ?due {high}))" if high else "",
        "(promised 1)" if rule.promised else "",
        "(customer 0)" if rule.no_customers else "",
    ]
    return f'(defrule {rule.id} (heard (row ?row) {" ".join(filter(None, slots))}) => (told ?row "{rule.id}"))'


def durable(rules: Sequence[Asked]) -> Match:
    """durable-rules as its own documentation shows it: strings, `|` for lists, a fact asserted and retracted."""
    language: Any = importlib.import_module("durable.lang")
    fired: set[str] = set()
    with language.ruleset("peers"):
        for rule in rules:
            language.when_all(_durably(rule, language.m))(_firing(rule.id, fired))

    def match(rows: Sequence[Row]) -> list[frozenset[str]]:
        found = []
        for row in rows:
            fired.clear()
            _quietly(language.assert_fact, row)
            _quietly(language.retract_fact, row)
            found.append(frozenset(fired))
        return found

    def _quietly(act: Callable[[str, Row], object], row: Row) -> None:
        try:
            act("peers", row)
        except language.engine.MessageNotHandledException:
            return

    return match


def _firing(id: str, fired: set[str]) -> Callable[[object], None]:
    def act(c: object) -> None:
        fired.add(id)

    return act


def _durably(rule: Asked, m: Any) -> Any:
    def among(name: str, words: Iterable[str]) -> Any:
        first, *others = sorted(words)
        either = getattr(m, name) == first
        for word in others:
            either = either | (getattr(m, name) == word)
        return either

    least = max(rule.score, rule.open_roles)
    low, high = rule.due_in
    both = (m.kind == rule.kind) & among("word", rule.among) & among("said", rule.said) & (m.held >= rule.held_for)
    both = both & (m.value >= least) if least else both
    both = both & (m.age <= float(rule.within)) if rule.within else both
    both = both & among("level", SENIORITIES) if rule.kind == "job_change" else both
    both = both & (m.due >= low) & (m.due <= high) if high else both
    both = both & (m.promised == True) if rule.promised else both  # noqa: E712, it builds an expression
    return both & (m.customer == False) if rule.no_customers else both  # noqa: E712


PEERS = (
    Peer("zen-engine, decision table", "zen", zen_table, 5_000),
    Peer("zen-engine, compiled expressions", "zen", zen_expressions, 20_000),
    Peer("rule-engine", "rule_engine", rule_engine, 5_000),
    Peer("clipspy", "clips", clips, 50_000),
    Peer("common-expression-language", "cel", cel, 5_000),
    Peer("durable-rules, used naively", "durable", durable, 5_000),
)
"""With as many rows as each can do in some seconds."""
