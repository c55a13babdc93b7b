"""What the inline tests came to, and what they do not exercise, for people and as JSON."""

from __future__ import annotations

from typing import Any

from reengage.app.coverage import Covered, Item, RuleCoverage
from reengage.app.ruletests import Report
from reengage.cli import output


def as_json(report: Report, covered: Covered | None) -> dict[str, Any]:
    """The counts, each failure, and the coverage where it was asked for."""
    failures = [
        {"at": str(one.at), "test": one.test, "message": one.message, "why": one.why} for one in report.failures
    ]
    told: dict[str, Any] = {"passed": report.passed, "failed": len(report.failed), "failures": failures}
    return told if covered is None else {**told, "coverage": _covered_json(covered)}


def _covered_json(covered: Covered) -> dict[str, Any]:
    return {
        "percent": covered.percent,
        "conditions": covered.conditions,
        "exercised": covered.exercised,
        "rules": [_rule_json(one) for one in covered.rules],
    }


def _rule_json(one: RuleCoverage) -> dict[str, Any]:
    names = ("section", "name", "wants", "holds", "decides", "exercised")
    conditions = [{**{name: getattr(item, name) for name in names}, "at": str(item.at)} for item in one.items]
    return {"rule": one.rule.id, "at": str(one.rule.at), "fires": one.fires, "conditions": conditions}


def show(report: Report, covered: Covered | None) -> None:
    """Each failure under its place, what no test exercises, and the counts."""
    for one in report.failures:
        output.say(f"{one.at}: {one.test}", style="red")
        output.say(f"    {one.message}")
        if one.why:
            output.say(f"    {one.why}")
    if covered is not None:
        _show_covered(covered)
    failed = len(report.failed)
    output.say(f"{report.passed} passed, {failed} failed", style="red" if failed else "green")


def _show_covered(covered: Covered) -> None:
    rows = [(str(item.at), one.rule.id, _asked(item), item.lacks) for one in covered.rules for item in _open(one)]
    output.say_table(("where", "rule", "condition", "not exercised"), rows)
    silent = [one.rule.id for one in covered.rules if not one.fires]
    if silent:
        output.say(f"fire in no test: {', '.join(silent)}")
    exercised = f"{covered.exercised} of {output.counted(covered.conditions, 'condition')} exercised"
    output.say(f"{exercised} ({covered.percent} %), {output.counted(len(covered.rules), 'rule')}")


def _open(one: RuleCoverage) -> list[Item]:
    return [item for item in one.items if not item.exercised]


def _asked(item: Item) -> str:
    return f"{item.section}: {item.wants}"
