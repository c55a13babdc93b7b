"""Short rules for the tests of the rule language."""

from __future__ import annotations

from reengage.language import yamlfile
from reengage.language.nodes import Node
from reengage.language.reader import Found
from reengage.language.rulefile import read_rule
from reengage.language.tree import Rule

THEN = "then: {create_task: {subject: Hello}}"


def node_of(text: str) -> Node:
    """The tree of a text that is YAML as we allow it."""
    document = yamlfile.read(text.encode(), "rules/sample.yaml")
    assert document.root is not None, document.diagnostics
    return document.root


def rule_of(*lines: str, id: str = "sample") -> Rule:
    """The rule written by these lines."""
    found = Found()
    written = read_rule(node_of("\n".join((f"id: {id}", *lines))), found)
    assert written.whole, found
    return written.rule
