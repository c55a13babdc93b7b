"""Which inline tests a word means."""

from __future__ import annotations

import pytest

from reengage.app.selection import select_rules, select_tests
from reengage.language.ruleset import RuleSet
from reengage.model.errors import UsageError
from tests.app.rulebook import read

RULES: RuleSet = read(
    """
rules:
  - {id: research, when: intent, then: {create_task: {subject: x}}}
  - {id: untested, when: visit, then: {create_task: {subject: x}}}
  - {id: switched-off, enabled: false, when: visit, then: {create_task: {subject: x}}}
tests:
  - {name: One strong signal, expect: [{day: 2026-03-01, tasks: [{rule: research}]}]}
  - {name: nothing heard, expect: [{day: 2026-03-01, tasks: []}]}
""",
    "rules/intent.yaml",
)


def names(*words: str) -> list[str]:
    return [test.name for test in select_tests(RULES, words)]


def test_a_word_is_a_file_or_a_rule_or_part_of_a_name() -> None:
    both = ["One strong signal", "nothing heard"]
    for word in ("intent", "intent.yaml", "rules/intent.yaml", "./rules/intent.yaml", "/somewhere/rules/intent.yaml"):
        assert names(word) == both
    assert names() == both
    assert names("research") == ["One strong signal"]
    assert names("HEARD") == ["nothing heard"]
    assert names("heard", "research") == both


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ((), ["research", "untested"]),
        (("intent.yaml",), ["research", "untested"]),
        (("research",), ["research"]),
        (("strong",), ["research"]),
        (("heard",), []),
        (("heard", "rules/intent.yaml"), ["research", "untested"]),
    ],
)
def test_the_rules_that_count_are_those_of_the_file_or_those_that_the_tests_expect(
    words: tuple[str, ...], meant: list[str]
) -> None:
    assert [rule.id for rule in select_rules(RULES, words)] == meant


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("resarch", 'did you mean "research"'),
        ("untested", 'no test expects a task of "untested"'),
        ("rules/other.yaml", "no test is meant by"),
        ("", "no test is meant by"),
    ],
)
def test_a_word_that_means_nothing_is_wrong_usage(word: str, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        names(word)
    assert says in str(refused.value)
