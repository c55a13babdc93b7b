from __future__ import annotations

import pytest

from reengage.language.reader import Found
from reengage.language.rulefile import read_rule
from reengage.language.tree import Between, Is, Span, Test, Then
from reengage.model.facts import CONTACT_FIELDS, KINDS, RULE_KINDS, STOP_FIELDS, Fact, FactType
from reengage.model.words import Priority
from tests.language.sample import THEN, node_of, rule_of


def asked_in(rule_line: str) -> dict[str, Test]:
    """The conditions of the one signal of a rule."""
    return {line.name: line.test for line in rule_of(rule_line, THEN).when.blocks[0].lines}


def test_what_is_not_written_has_the_documented_values() -> None:
    rule = rule_of("when: intent", THEN)
    assert (rule.cooldown, rule.good_for, rule.enabled, rule.before_promise) == (
        Span(90, "day"),
        Span(90, "day"),
        True,
        False,
    )
    assert rule.then == Then("Hello")
    assert rule.then.due == Span(2, "business day")


def test_a_kind_alone_has_no_conditions() -> None:
    when = rule_of("when: snooze_ended", THEN).when
    assert (when.mode, [(block.kind, block.lines) for block in when.blocks]) == ("one", [("snooze_ended", ())])


def test_a_word_means_is_and_a_list_is_one_of() -> None:
    assert asked_in("when: {intent: {topic: CRM   Migration}}") == {"topic": Is(("crm migration",))}
    assert asked_in("when: {intent: {topic: [A, b, a], score: 70}}") == {"topic": Is(("a", "b")), "score": Is((70,))}


def test_text_keeps_what_yaml_would_have_changed() -> None:
    rule = rule_of("who: {country: [NO, on], department: 12:30}", "when: intent", THEN)
    assert [line.test for line in rule.who.lines] == [Is(("no", "on")), Is(("12:30",))]


def test_bounds() -> None:
    block = rule_of(
        "when: {intent: {score: {at_least: 70}, within: 14 days, count: {at_least: 2},"
        " after_quiet: {at_least: 1 month}}}",
        THEN,
    ).when.blocks[0]
    assert block.lines[0].test == Between(70, None)
    assert (block.within, block.count, block.after_quiet) == (
        Span(14, "day"),
        Between(2, None),
        Between(Span(1, "month")),
    )


def test_a_bare_count_is_exact() -> None:
    assert rule_of("when: {visit: {count: 3}}", THEN).when.blocks[0].count == Between(3, 3)


def test_all_and_any() -> None:
    both = rule_of("when: {all: [visit, {intent: {score: 1}}], apart: {at_most: 30 days}}", THEN).when
    assert (both.mode, [block.kind for block in both.blocks], both.apart) == (
        "all",
        ["visit", "intent"],
        Span(30, "day"),
    )
    assert rule_of("when: {any: [visit, intent]}", THEN).when.mode == "any"


def test_who_has_lines_and_alternatives() -> None:
    who = rule_of("who: {said: not_now, any: [{title: CEO}, {seniority: c_level}]}", "when: intent", THEN).who
    assert [line.name for line in who.lines] == ["said"]
    assert [[line.name for line in one.lines] for one in who.any] == [["title"], ["seniority"]]


def test_the_task() -> None:
    then = rule_of(
        "when: intent",
        "then: {create_task: {subject: x, priority: high, channel: sms, owner: Sam@Seller.example,"
        " due: 1 week, bring: guide}}",
    ).then
    assert then == Then(
        "x", priority=Priority.HIGH, channel="sms", owner="sam@seller.example", due=Span(1, "week"), bring="guide"
    )


def _value(fact: Fact) -> str:
    return {
        FactType.TEXT: "word",
        FactType.CHOICE: fact.choices[0] if fact.choices else "",
        FactType.NUMBER: "{at_least: 1}",
        FactType.DURATION: "{at_least: 1 day, at_most: 2 months}",
        FactType.FLAG: "true",
        FactType.DATE: "2026-03-01",
    }[fact.type]


@pytest.mark.parametrize(
    ("kind", "fact"), [(kind, fact) for kind in sorted(RULE_KINDS) for fact in KINDS[kind].values()]
)
def test_every_fact_of_every_kind_can_be_asked(kind: str, fact: Fact) -> None:
    assert set(asked_in(f"when: {{{kind}: {{{fact.name}: {_value(fact)}}}}}")) == {fact.name}


def test_every_field_of_a_contact_can_be_asked() -> None:
    who = ", ".join(f"{name}: {_value(fact)}" for name, fact in CONTACT_FIELDS.items())
    unless = ", ".join(f"{name}: {_value(fact)}" for name, fact in STOP_FIELDS.items())
    rule = rule_of(f"who: {{{who}}}", "when: intent", f"unless: {{{unless}}}", THEN)
    assert [line.name for line in rule.who.lines] == list(CONTACT_FIELDS)
    assert [line.name for line in rule.unless] == list(STOP_FIELDS)


@pytest.mark.parametrize(
    "word", ["opt_out", "optedOut", "do-not-call", "unsubscribed", "stop_emailing", "hostile", "DNC"]
)
@pytest.mark.parametrize(
    "line", ["who: {{{}: true}}", "unless: {{{}: true}}", "who: {{said: {}}}", "who: {{any: [{{{}: x}}]}}"]
)
def test_a_rule_has_no_word_for_opting_out(word: str, line: str) -> None:
    found = Found()
    read_rule(node_of("\n".join(("id: r", line.format(word), "when: intent", THEN))), found)
    assert [problem.check for problem in found] == ["opt-out-in-rule"]


def test_a_rule_with_a_problem_is_not_answered() -> None:
    found = Found()
    assert not read_rule(node_of(f"id: r\nwhen: intent\nwhat: else\n{THEN}"), found).whole
    assert len(found) == 1


def test_all_problems_of_a_rule_come_at_once() -> None:
    found = Found()
    read_rule(
        node_of("id: X\nwho: {said: nope, held_for: 3d}\nwhen: {intent: {score: a, within: b, topc: c}}\nthen: x"),
        found,
    )
    assert len(found) == 7
