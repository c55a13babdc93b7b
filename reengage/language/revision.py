"""The revision of a rule: a hash of what it means, so that a reworded title does not count as a change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from reengage.language.tree import Between, Block, Is, Line, Rule, Span, Test, When, Who


def revision_of(rule: Rule) -> str:
    """12 hexadecimal digits of the SHA-256 of everything that changes what fires or what is said."""
    return _hash(_canonical(meaning_of(rule)))


def digest_of(rules: Iterable[Rule]) -> str:
    """12 hexadecimal digits for a set of enabled rules, whatever their order."""
    return _hash("\n".join(sorted(f"{rule.id} {rule.revision}" for rule in rules if rule.enabled)))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def _sorted(values: Iterable[Any]) -> list[Any]:
    listed = list(values)
    return sorted(listed, key=_canonical) if len(listed) > 1 else listed


def meaning_of(rule: Rule) -> dict[str, Any]:
    """What a rule says as plain JSON values, free of order, position, names and wording that decides nothing."""
    then = {name: str(getattr(rule.then, name)) for name in type(rule.then).__dataclass_fields__}
    return {
        "who": _who(rule.who),
        "when": _when(rule.when),
        "unless": [*_lines(rule.unless), *_sorted(map(_block, rule.unless_heard))],
        "then": then,
        "cooldown": str(rule.cooldown),
        "good_for": str(rule.good_for),
        "before_promise": rule.before_promise,
    }


def _who(who: Who) -> dict[str, Any]:
    return {"lines": _lines(who.lines), "any": _sorted(_who(one) for one in who.any)}


def _when(when: When) -> dict[str, Any]:
    mode = when.mode if len(when.blocks) > 1 else "one"
    return {"mode": mode, "blocks": _sorted(map(_block, when.blocks)), "apart": _bound(when.apart)}


def _block(block: Block) -> dict[str, Any]:
    return {
        "kind": block.kind,
        "lines": _lines(block.lines),
        "within": _bound(block.within),
        "count": block.count and _test(block.count),
        "after_quiet": block.after_quiet and _test(block.after_quiet),
    }


def _lines(lines: Iterable[Line]) -> list[Any]:
    return _sorted([line.name, _test(line.test)] for line in lines)


def _test(test: Test) -> Any:
    match test:
        case Is(values=values):
            return {"is": _sorted(values)}
        case Between(at_least=low, at_most=high):
            return {"at_least": _bound(low), "at_most": _bound(high)}


def _bound(value: int | float | Span | None) -> int | float | str | None:
    return str(value) if isinstance(value, Span) else value
