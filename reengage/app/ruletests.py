"""Runs the tests that stand in rule files, with the real gate, matchers and proposals, on a stepped clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from reengage.app.judge import Judge, Judged, Start
from reengage.app.stage import Stage, noon_of, standing_of
from reengage.engine.allocate import Load, allocate
from reengage.engine.durable import InProcess
from reengage.engine.explain import RuleStory, explain_rule
from reengage.engine.match import Finding
from reengage.engine.nearest import nearest_miss
from reengage.engine.news import ActiveRule
from reengage.engine.now import Now
from reengage.engine.plain import judge
from reengage.engine.propose import Playbook
from reengage.engine.tasks import open_tasks
from reengage.gate.admit import refuse
from reengage.language.ruleset import RuleSet
from reengage.language.testfile import Expectation, ExpectedTask, InlineTest
from reengage.language.tree import Position
from reengage.model.candidate import Candidate
from reengage.model.decision import Decision, Task
from reengage.model.optout import Standing
from reengage.model.settings import Settings
from reengage.model.words import Outcome

Watch = Callable[[Candidate, Now], None]
"""Told of every contact that the gate let through to the rules, and when."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that was not met: where it stands, what came instead, and the first condition that failed."""

    test: str
    at: Position
    message: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """One test and what failed in it."""

    test: InlineTest
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The tests that ran, in the order of the files."""

    results: tuple[Result, ...]

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Everything that failed."""
        return tuple(failure for one in self.results for failure in one.failures)

    @property
    def failed(self) -> tuple[Result, ...]:
        """The tests in which something failed."""
        return tuple(one for one in self.results if one.failures)

    @property
    def passed(self) -> int:
        """How many tests held."""
        return len(self.results) - len(self.failed)


def run_tests(
    rules: RuleSet,
    settings: Settings,
    start: Start = InProcess,
    *,
    tests: Sequence[InlineTest] | None = None,
    watch: Watch | None = None,
) -> Report:
    """Run these inline tests, or every one, against all rules of the project; one engine serves them all."""
    active = tuple(ActiveRule(rule) for rule in rules.rules if rule.enabled)
    book = Playbook(active, settings, rules.responses, rules.assets)
    with Judge(book, start) as judging:
        theatre = _Theatre(rules, book, judging, watch)
        return Report(tuple(theatre.play(test) for test in (rules.tests if tests is None else tests)))


@dataclass(frozen=True, slots=True)
class _Theatre:
    """The rules and the engine that all tests share."""

    rules: RuleSet
    book: Playbook
    judging: Judge
    watch: Watch | None

    def play(self, test: InlineTest) -> Result:
        """One test from its first day to its last."""
        return Result(test, tuple(self._failures(Stage(test, self.rules))))

    def _failures(self, stage: Stage) -> Iterator[Failure]:
        for expected in sorted(stage.test.expect, key=lambda one: one.day):
            now = Now(noon_of(expected.day), self.book.settings.zone)
            candidate, standing = stage.candidate(expected.day), standing_of(stage.test.contact, expected.day)
            decision = self._decide(candidate, standing, now)
            if self.watch and not refuse(standing):
                self.watch(candidate, now)
            yield from _Scene(stage.test.name, self.book, candidate, decision, now).compare(expected)
            stage.remember(decision)

    def _decide(self, candidate: Candidate, standing: Standing, now: Now) -> Decision:
        self.judging.result = Judged()
        self.judging.judge([candidate], {candidate.contact.id: standing}, now)
        result = self.judging.result
        return [*result.decisions, *allocate(result.proposals, Load(), self.book.settings.caps)][0]


_REFUSED = (Outcome.OPTED_OUT, Outcome.EXCLUDED)


@dataclass(frozen=True, slots=True)
class _Scene:
    """What was decided on one day of a test, beside what was expected."""

    test: str
    book: Playbook
    candidate: Candidate
    decision: Decision
    now: Now

    def compare(self, expected: Expectation) -> Iterator[Failure]:
        """What is wrong, in words, the first thing only."""
        task = self.decision.task
        missing = next((wanted for wanted in expected.tasks if not (task and _fits(wanted, task))), None)
        if task and not expected.tasks:
            because = f"silence because {expected.because}" if expected.because else "no task"
            yield self._failure(expected.at, f"expected {because}; a task came: {_shown(task)}")
        elif missing:
            yield self._failure(missing.at, f"expected {_wanted(missing)}; came {self._came()}", self._why(missing))
        elif expected.because and expected.because not in self._reasons():
            told = f"expected silence because {expected.because}; it was {self._outcome()}"
            yield self._failure(expected.because_at or expected.at, told, self._why_silent())

    def _failure(self, at: Position, told: str, why: str = "") -> Failure:
        return Failure(self.test, at, f"{self.now.at:%Y-%m-%d}: {told}", why)

    def _came(self) -> str:
        task = self.decision.task
        return _shown(task) if task else f"no task: {self._outcome()}"

    def _outcome(self) -> str:
        return f"{self.decision.outcome}: {self.decision.reason}"

    def _why(self, missing: ExpectedTask) -> str:
        """Why the expected rule did not make the task: the first condition that failed, with its value."""
        name = missing.values.get("rule")
        if name is None or self.decision.outcome in _REFUSED:
            return self._why_silent()
        active = next((one for one in self.book.rules if one.rule.id == name), None)
        if active is None:  # a rule that no file has is an error of check
            return f"{name} is switched off"
        story = explain_rule(self.candidate, active, self.now)
        if story.failing:
            return story.failing[0].fails
        task = self.decision.task
        return f"{name} fires too, but {task.rule} goes before it" if task and task.rule != name else ""

    def _why_silent(self) -> str:
        """Where nothing matched: the first condition that failed in the rule that came closest."""
        if self.decision.outcome is not Outcome.NO_MATCH:
            return ""
        nearest = nearest_miss(self._stories())
        return f"{nearest.rule.id} comes closest: {nearest.failing[0].fails}" if nearest else ""

    def _stories(self) -> Iterable[RuleStory]:
        return (explain_rule(self.candidate, active, self.now) for active in self.book.rules)

    def _reasons(self) -> set[str]:
        """Every true answer to "why nothing?": the outcome, and whether a signal that would fire was used before."""
        reasons = {str(self.decision.outcome)}
        if self.decision.outcome is Outcome.NO_MATCH and self.candidate.used:
            unused = self.candidate.model_copy(update={"used": frozenset()})
            found = (judge(unused, active, self.now) for active in self.book.rules)
            if any(match is not None and match.finding is Finding.FIRES for match in found):
                reasons.add("already_fired")
                reasons |= {str(Outcome.ALREADY_TASKED)} if any(open_tasks(self.candidate, self.now)) else set()
        return reasons


def _fits(wanted: ExpectedTask, task: Task) -> bool:
    return all(str(getattr(task, name)) == value for name, value in wanted.values.items())


def _shown(task: Task) -> str:
    return f'{task.rule}, {task.priority}, {task.channel}, "{task.subject}"'


def _wanted(wanted: ExpectedTask) -> str:
    return ", ".join(f'{name} "{value}"' for name, value in wanted.values.items())
