"""JMESPath expressions, the only thing in a connector that is computed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod
from typing import Any

import jmespath
from jmespath.functions import Functions
from jmespath.parser import ParsedResult

from reengage.language.diagnostic import quoted
from reengage.language.values import NotUnderstood
from reengage.sources.rows import NotASignal

LONGEST = 500
"""Characters of an expression; our choice."""

MOST_GROWTH = 100
"""How many times the record an expression may make out of it: lists in lists double with every few characters."""


@dataclass(frozen=True, slots=True)
class Expression:
    """One JMESPath expression, ready to be applied; `column` where it is no more than the name of a field."""

    text: str
    compiled: ParsedResult = field(compare=False, repr=False)
    column: str | None = None

    def of(self, record: Any) -> Any:
        """The value in a record, None where it has none; raises NotASignal in the user's words."""
        if self.column is not None and isinstance(record, dict):
            return record.get(self.column)
        try:
            return self.compiled.search(record)
        except (ValueError, TypeError, LookupError, ArithmeticError):
            raise NotASignal(f"{quoted(self.text)} meets a value that is missing or of another kind") from None

    @property
    def names(self) -> frozenset[str]:
        """Every field the expression looks at."""
        return frozenset(_names(self.compiled.parsed))


_FUNCTIONS = "there are, among others, join, length, to_string, to_number, not_null, starts_with and contains"


def parse_expression(text: str) -> Expression:
    """Compile an expression; raises NotUnderstood."""
    if len(text) > LONGEST:
        raise NotUnderstood(f"this expression is longer than {LONGEST} characters", help="take what it needs by name")
    try:
        compiled = jmespath.compile(text)
    except (ValueError, RecursionError, LookupError):
        help = "a name with a space, a dash or a dot stands in double quotes inside single ones: '\"Work email\"'"
        raise NotUnderstood(f"{quoted(text)} is not a JMESPath expression", help=help) from None
    if unknown := _functions(compiled.parsed) - Functions.FUNCTION_TABLE.keys():
        raise NotUnderstood(
            f"{quoted(text)} calls a function that JMESPath does not have: {quoted(min(unknown))}", help=_FUNCTIONS
        )
    if _growth(compiled.parsed) > MOST_GROWTH:
        raise NotUnderstood(f"{quoted(text)} puts too many lists into each other", help="take what it needs by name")
    column = compiled.parsed["value"] if compiled.parsed["type"] == "field" else None
    return Expression(text, compiled, column)


def _names(node: Any) -> Iterator[str]:
    if node["type"] == "field":
        yield node["value"]
    for child in _inside(node):
        yield from _names(child)


def _functions(node: Any) -> set[str]:
    own = {node["value"]} if node["type"] == "function_expression" else set[str]()
    return own.union(*map(_functions, _inside(node)))


def _growth(node: Any) -> int:
    """At most how many times the record the value is; `to_string` may double it with backslashes."""
    inside = _inside(node)
    listed = len(inside) if node["type"] in ("multi_select_list", "multi_select_dict") else 1
    written = 2 if node.get("value") == "to_string" else 1
    return listed * written * prod(map(_growth, inside))


def _inside(node: Any) -> list[Any]:
    return [child for child in node["children"] if isinstance(child, dict)]
