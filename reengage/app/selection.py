"""Which inline tests are meant by what somebody typed: a rule file, a rule, or part of a test's name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePath

from reengage.language.diagnostic import quoted
from reengage.language.ruleset import RuleSet
from reengage.language.testfile import InlineTest
from reengage.language.tree import Rule
from reengage.language.values import nearest
from reengage.model.errors import UsageError

Fits = Callable[[InlineTest, str], bool]


def select_tests(rules: RuleSet, words: Sequence[str]) -> tuple[InlineTest, ...]:
    """The tests that any of these words means, in the order of the files; all of them where there is no word.

    A word is a file, else a rule that a test expects a task of, else part of a name. Raises UsageError for one that is
    none of these.
    """
    chosen = [test for word in words for test in _meant(rules, word)]
    return tuple(test for test in rules.tests if not words or test in chosen)


def select_rules(rules: RuleSet, words: Sequence[str]) -> tuple[Rule, ...]:
    """The enabled rules that these words mean: those of a file, else those of which the tests meant expect a task.

    Every enabled rule where there is no word. Raises UsageError as `select_tests` does.
    """
    ids = {id for word in words for id in _rules_meant(rules, word)}
    return tuple(rule for rule in rules.rules if rule.enabled and (not words or rule.id in ids))


def _rules_meant(rules: RuleSet, word: str) -> set[str]:
    tests = _meant(rules, word)
    if _stands_in(tests[0], word):
        return {rule.id for rule in rules.rules if _stands_in(rule, word)}
    return {id for test in tests for id in _expected(test)}


def _meant(rules: RuleSet, word: str) -> Sequence[InlineTest]:
    meant: tuple[Fits, ...] = (_stands_in, _expects, _is_named)
    for fits in meant:
        if found := [test for test in rules.tests if fits(test, word)]:
            return found
    if any(rule.id == word for rule in rules.rules):
        raise UsageError(f"no test expects a task of {quoted(word)}", help="name its file to run the tests beside it")
    near = nearest(word, {rule.id for rule in rules.rules} | {PurePath(test.at.file).name for test in rules.tests})
    help = f"did you mean {quoted(near)}?" if near else "name a rule file, a rule, or part of a test's name"
    raise UsageError(f"no test is meant by {quoted(word)}", help=help)


def _stands_in(one: InlineTest | Rule, word: str) -> bool:
    file, named = PurePath(one.at.file), PurePath(word)
    return word in (file.stem, file.name) or named.parts[-len(file.parts) :] == file.parts


def _expects(test: InlineTest, word: str) -> bool:
    return word in _expected(test)


def _expected(test: InlineTest) -> set[str]:
    """The rules that the test expects a task of."""
    return {task.values["rule"] for one in test.expect for task in one.tasks if "rule" in task.values}


def _is_named(test: InlineTest, word: str) -> bool:
    return bool(word.strip()) and word.casefold() in test.name.casefold()
