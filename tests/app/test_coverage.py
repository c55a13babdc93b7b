"""A condition counts as exercised when one test sees it hold and one fails by it alone."""

from __future__ import annotations

from pathlib import Path

from reengage.app.coverage import Coverage, Covered, Item
from reengage.app.ruletests import run_tests
from reengage.language.ruleset import RuleSet, load_rules
from reengage.model.settings import Settings
from tests.app.rulebook import ROOT, read

RULE = """
rules:
  - id: news
    who: {said: not_now, any: [{seniority: vp}, {held_for: {at_least: 30 days}}]}
    when:
      any:
        - intent: {within: 14 days, score: {at_least: 70}}
        - visit: {page: /pricing, count: {at_least: 2}}
    unless: {account_status: customer}
    then: {create_task: {subject: News}}
  - {id: idle, when: promotion, then: {create_task: {subject: Idle}}}
  - {id: switched-off, enabled: false, when: funding, then: {create_task: {subject: Off}}}
tests:
"""
FIRES = "{name: fires, contact: {held_since: 2026-01-01}, signals: [{day: 2026-03-01, intent: {score: 70}}], "
EXPECTED = "expect: [{day: 2026-03-01, tasks: []}]}"


def covered(*tests: str) -> dict[str, Item]:
    rules = read(RULE + "".join(f"  - {test}\n" for test in tests or (FIRES + EXPECTED,)))
    result = watch(rules)
    assert [one.rule.id for one in result.rules] == ["news", "idle"]
    return {f"{item.section}: {item.wants}": item for item in result.rules[0].items}


def watch(rules: RuleSet) -> Covered:
    coverage = Coverage([rule for rule in rules.rules if rule.enabled])
    run_tests(rules, Settings(), watch=coverage.watch)
    return coverage.result()


def test_every_condition_of_a_rule_is_listed_with_its_place() -> None:
    items = covered()
    assert list(items) == [
        "who: said: not_now",
        "who, any 1: seniority: vp",
        "who, any 2: held_for: at least 30 days",
        "when intent, any 1: a signal",
        "when intent, any 1: score: at least 70",
        "when visit, any 2: a signal",
        "when visit, any 2: page: /pricing",
        "when visit, any 2: count: at least 2",
        "unless: account_status: customer",
    ]
    assert str(items["unless: account_status: customer"].at) == "rules/own.yaml:9:14"
    assert str(items["when visit, any 2: page: /pricing"].at) == "rules/own.yaml:8:19"


def test_what_holds_where_the_rule_fires_of_alternatives_the_one_that_carries() -> None:
    items = covered()
    assert {name for name, item in items.items() if item.holds} == {
        "who: said: not_now",
        "who, any 2: held_for: at least 30 days",
        "when intent, any 1: a signal",
        "when intent, any 1: score: at least 70",
        "unless: account_status: customer",
    }
    assert not any(item.decides for item in items.values())
    assert items["who: said: not_now"].lacks == "no test fails by it alone"
    assert items["when visit, any 2: page: /pricing"].lacks == "no test sees it hold or decide"


def test_what_decides_is_the_only_condition_that_fails() -> None:
    fails = {
        "who: said: not_now": FIRES.replace("{held", "{said: no_budget, held"),
        "when intent, any 1: score: at least 70": FIRES.replace("score: 70", "score: 69"),
        "unless: account_status: customer": FIRES.replace("{held", "{account_status: customer, held"),
    }
    for name, test in fails.items():
        items = covered(test + EXPECTED)
        assert items[name].decides, name
        others = {one for one, item in items.items() if item.decides} - {name}
        assert all(one.startswith("when visit") for one in others) if name.startswith("when") else not others
    both = FIRES.replace("{held", "{said: no_budget, held").replace("score: 70", "score: 69")
    assert not any(item.decides for item in covered(both + EXPECTED).values())
    assert all(covered(FIRES + EXPECTED, fails[name] + EXPECTED)[name].exercised for name in fails)


def test_each_alternative_may_decide() -> None:
    items = covered("{name: silence, contact: {held_since: 2026-01-01}, " + EXPECTED)
    assert {name for name, item in items.items() if item.decides} == {
        "when intent, any 1: a signal",
        "when visit, any 2: a signal",
    }
    items = covered(FIRES.replace("2026-01-01", "2026-02-20") + EXPECTED)
    assert {name for name, item in items.items() if item.decides} == {
        "who, any 1: seniority: vp",
        "who, any 2: held_for: at least 30 days",
    }


def test_whoever_opted_out_exercises_nothing() -> None:
    items = covered(FIRES.replace("{held", "{opted_out_on: 2026-02-01, held") + EXPECTED)
    assert not any(item.holds or item.decides for item in items.values())


def test_the_share_is_counted_over_all_enabled_rules() -> None:
    result = watch(read(RULE + f"  - {FIRES}{EXPECTED}\n  - {{name: silence, {EXPECTED}\n"))
    assert (result.conditions, result.exercised, result.percent) == (10, 1, 10)
    assert [one.fires for one in result.rules] == [True, False]
    assert result.is_below(10.1) and not result.is_below(10)
    assert Covered(()).percent == 100 and not Covered(()).is_below(100)


def test_the_starter_rules_all_fire_in_their_tests() -> None:
    result = watch(load_rules(Path(ROOT, "rules")))
    assert [one.rule.id for one in result.rules if not one.fires] == []
    assert result.percent >= 90
