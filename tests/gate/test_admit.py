"""The gate: who may be judged at all, and that there is no way round it."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from reengage.gate.admit import Admitted, admit, refuse
from reengage.model.optout import Standing
from reengage.model.words import Channel, Outcome
from tests.engine import chance

ALL = frozenset(Channel)
STOPPED = Standing(everywhere=True, closed=ALL, since=datetime(2026, 5, 1, tzinfo=UTC), source="test")
PACKAGE = Path(__file__).parents[2] / "reengage"


@pytest.mark.parametrize(
    ("standing", "outcome"),
    [
        (STOPPED, Outcome.OPTED_OUT),
        (Standing(readable=False), Outcome.OPTED_OUT),
        (Standing(closed=ALL), Outcome.OPTED_OUT),
        (Standing(excluded=True, closed=ALL), Outcome.EXCLUDED),
        (Standing(excluded=True, everywhere=True, closed=ALL), Outcome.OPTED_OUT),
    ],
)
def test_who_is_refused_and_why(standing: Standing, outcome: Outcome) -> None:
    person = chance.candidate(Random(1), 1)
    admission = admit([person], {1: standing})
    assert admission.admitted == ()
    assert [(one.outcome, one.contact_id) for one in admission.refused] == [(outcome, 1)]
    assert admission.refused[0].reason


def test_a_contact_without_a_standing_is_refused() -> None:
    person = chance.candidate(Random(1), 1)
    assert admit([person], {}).admitted == ()


def test_a_closed_channel_is_not_open_and_the_others_are() -> None:
    person = chance.candidate(Random(1), 1)
    (admitted,) = admit([person], {1: Standing(closed=frozenset({Channel.PHONE}))}).admitted
    assert admitted.candidate is person
    assert admitted.open_channels == ALL - {Channel.PHONE}
    told = Outcome.OPTED_OUT, "opted out of phone"
    assert refuse(Standing(closed=frozenset({Channel.PHONE})), Channel.PHONE) == told
    assert refuse(Standing(closed=frozenset({Channel.PHONE})), Channel.EMAIL) is None


@pytest.mark.parametrize(
    ("standing", "reason"),
    [
        (Standing(everywhere=True), "opted out"),
        (STOPPED, "opted out on 2026-05-01 (test)"),
        (Standing(everywhere=True, provisional=True), "opted out; provisional, see `reengage review`"),
    ],
)
def test_the_reason_says_since_when_and_from_where(standing: Standing, reason: str) -> None:
    assert refuse(standing) == (Outcome.OPTED_OUT, reason)


def test_nothing_but_the_gate_makes_admitted() -> None:
    with pytest.raises(TypeError, match=r"only gate\.admit"):
        Admitted(chance.candidate(Random(1), 1), ALL, _made_by=object())
    with pytest.raises(TypeError):
        Admitted(chance.candidate(Random(1), 1), ALL)  # type: ignore[call-arg]


def modules() -> list[tuple[Path, ast.Module]]:
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in sorted(PACKAGE.rglob("*.py"))]


def calls_of(tree: ast.Module, name: str) -> list[ast.Call]:
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [call for call in found if name in (getattr(call.func, "id", None), getattr(call.func, "attr", None))]


def test_no_word_for_passing_the_gate_exists() -> None:
    forbidden = ("bypass", "force_send", "ignore_opt_out", "skip_gate", "override_opt")
    for path, tree in modules():
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        names |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        assert not [name for name in names if any(word in name.lower() for word in forbidden)], path


def test_nobody_reads_the_clock_but_the_command_line() -> None:
    for path, tree in modules():
        if path.parent.name == "cli":
            continue
        clocks = [call for word in ("now", "today", "utcnow") for call in calls_of(tree, word) if _of_a_clock(call)]
        assert clocks == [], path


def _of_a_clock(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") in ("datetime", "date", "time")
