from __future__ import annotations

from dataclasses import replace

import pytest

from reengage.language.checks import Project, run_checks
from reengage.language.reader import Found
from reengage.language.responses import Policy
from reengage.language.rulefile import Written, read_rule
from reengage.language.testfile import InlineTest, read_test
from reengage.language.tree import Span
from reengage.language.windows import exceeds
from reengage.model.words import Response
from tests.language.sample import THEN, node_of

INTENT = "when: {intent: {topic: crm}}"
WIDE = "when: {intent: {topic: [crm, erp], score: {at_least: 60}, within: 1 month}}"
NARROW = "when: {intent: {topic: crm, score: 80, within: 14 days}}"
ENDS = "when: {{contract_renewal: {{due_in: {{at_most: {}}}}}}}"
HIGH = "then: {create_task: {subject: Hello, priority: high}}"
LOW = "then: {create_task: {subject: Hello, priority: low}}"


def written(*lines: str, id: str = "r", order: int = 0) -> Written:
    found = Found()
    rule = read_rule(node_of("\n".join((f"id: {id}", *lines))), found)
    assert rule.whole, found
    return replace(rule, rule=replace(rule.rule, order=order))


def story(contact: str, signal: str, tasks: str) -> InlineTest:
    signals = f"[{{day: 2026-03-01, {signal}: {{}}}}]" if signal else "[]"
    return read_test(
        node_of(f"name: n\ncontact: {contact}\nsignals: {signals}\nexpect: [{{day: 2026-03-01, tasks: {tasks}}}]"),
        Found(),
    )


def names(*rules: Written, tests: tuple[InlineTest, ...] = (), complete: bool = True) -> set[str]:
    responses = {Response.NOT_NOW: Policy(Response.NOT_NOW, hold="snooze"), Response.OTHER: Policy(Response.OTHER)}
    project = Project(rules, tests, responses, {}, complete)
    return {problem.check for problem in run_checks(project)}


@pytest.mark.parametrize(
    ("low", "high", "above"),
    [
        (Span(90, "day"), Span(1, "month"), True),
        (Span(31, "day"), Span(1, "month"), False),
        (Span(1, "month"), Span(28, "day"), False),
        (Span(1, "month"), Span(27, "day"), True),
        (Span(12, "month"), Span(1, "year"), False),
        (Span(13, "month"), Span(1, "year"), True),
        (Span(2, "week"), Span(14, "day"), False),
        (2, 1, True),
        (1, 1, False),
    ],
)
def test_a_range_is_empty_only_if_it_is_so_on_every_day(low: int | Span, high: int | Span, above: bool) -> None:
    assert exceeds(low, high) is above


@pytest.mark.parametrize(
    ("lines", "date_only"),
    [
        (("when: snooze_ended", THEN), True),
        (("when: timer", THEN), True),
        (("when: {any: [intent, timer]}", THEN), True),
        (("when: {all: [snooze_ended, timer]}", THEN), True),
        (("when: {all: [snooze_ended, intent]}", THEN), False),
        (("when: contract_renewal", THEN), False),
        (("when: snooze_ended", LOW), False),
    ],
)
def test_a_date_alone_may_ask_for_low_priority_only(lines: tuple[str, ...], date_only: bool) -> None:
    assert ("date-only-priority" in names(written(*lines))) is date_only


@pytest.mark.parametrize(
    ("first", "second", "shadowed"),
    [
        ((INTENT, THEN), (INTENT, THEN), True),
        ((INTENT, THEN), (INTENT, LOW), True),
        ((INTENT, LOW), (INTENT, THEN), True),
        ((WIDE, THEN), (NARROW, THEN), True),
        ((NARROW, THEN), (WIDE, THEN), False),
        ((NARROW, LOW), (WIDE, THEN), True),
        ((WIDE, "good_for: 30 days", THEN), (NARROW, THEN), False),
        (
            (WIDE, "unless: {account_status: customer}", THEN),
            (NARROW, "unless: {account_status: customer}", THEN),
            False,
        ),
        ((INTENT, "who: {said: [not_now, no_budget]}", THEN), (INTENT, "who: {said: not_now}", THEN), True),
        ((INTENT, "who: {said: not_now}", THEN), (INTENT, "who: {said: [not_now, no_budget]}", THEN), False),
        ((INTENT, THEN), ("when: {all: [{intent: {topic: crm}}, visit]}", THEN), False),
        ((INTENT, HIGH), ("when: {all: [{intent: {topic: crm}}, visit]}", THEN), True),
        (("when: {any: [intent, visit]}", THEN), ("when: visit", THEN), True),
        ((ENDS.format("6 months"), THEN), (ENDS.format("90 days"), THEN), False),
        ((ENDS.format("90 days"), THEN), (ENDS.format("90 days"), THEN), True),
        (("when: visit", THEN), ("when: {any: [intent, visit]}", THEN), False),
        (("enabled: false", INTENT, THEN), (INTENT, THEN), False),
        (("unless: {title: ceo}", INTENT, THEN), (INTENT, THEN), False),
        ((INTENT, THEN), ("unless: {title: ceo}", INTENT, THEN), True),
        (("good_for: 3 days", INTENT, THEN), (INTENT, THEN), False),
        (("who: {title: ceo}", INTENT, THEN), (INTENT, THEN), False),
    ],
)
def test_a_rule_in_the_shadow_of_another(first: tuple[str, ...], second: tuple[str, ...], shadowed: bool) -> None:
    assert ("shadowed-rule" in names(written(*first, id="a"), written(*second, id="b", order=1))) is shadowed


@pytest.mark.parametrize(
    ("line", "never"),
    [
        ("who: {said: other}", True),
        ("who: {said: [other, not_now]}", False),
        ("who: {said: not_now, held: suppressed}", True),
        ("who: {said: not_now, held: [snooze, suppressed]}", False),
        ("who: {title: ceo}\nunless: {title: [CEO, cfo]}", True),
        ("who: {title: [ceo, cto]}\nunless: {title: [CEO, cfo]}", False),
    ],
)
def test_a_rule_that_never_fires(line: str, never: bool) -> None:
    assert ("never-fires" in names(written(line, INTENT, THEN))) is never


def test_tests_that_speak_of_a_rule() -> None:
    rule = written(INTENT, THEN)
    fires, silent = story("{}", "intent", "[{rule: r}]"), story("{}", "intent", "[]")
    assert names(rule) == {"untested-rule", "no-quiet-test"}
    assert "untested-rule" not in names(rule, tests=(fires,))
    assert names(rule, tests=(silent,)) == {"untested-rule"}
    assert "no-quiet-test" in names(rule, tests=(story("{}", "visit", "[]"),))


def test_a_computed_date_needs_no_signal_to_be_quiet_about() -> None:
    rule = written("when: contract_renewal", THEN)
    assert "no-quiet-test" not in names(rule, tests=(story("{contract_ends: 2027-01-01}", "", "[]"),))


def test_nobody_is_told_what_only_follows_from_unreadable_files() -> None:
    unknown = story("{}", "intent", "[{rule: elsewhere}]")
    assert "unknown-rule" in names(tests=(unknown,))
    assert names(written(INTENT, THEN), tests=(unknown,), complete=False) == set()


def test_a_switched_off_rule_is_not_doubted() -> None:
    assert names(written("enabled: false", "cooldown: 1 day", INTENT, THEN)) == set()
