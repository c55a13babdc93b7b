"""What it costs to check many rules and to run many tests: `python -m bench.language`.

Times are seconds of CPU of this process, the best of three, after one round that is not counted. What matters is how
they grow: twice the rules should cost about twice as much.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from reengage.app.ruletests import run_tests
from reengage.language.ruleset import TABLES, RuleSet, load_rules
from reengage.model.settings import Settings

ROOT = Path(__file__).parents[1]
SIZES = (250, 500, 1_000, 2_000)
"""Rules in a project that is checked."""

TESTS, TESTED = (125, 250, 500), 50
"""Inline tests, and the rules of their project: each test is judged by all of them on each of its days."""

PER_FILE = 250

_WHENS = (
    "intent: {{within: 14 days, topic: [topic {n}, crm], score: {{at_least: {score}}}, count: {{at_least: 2}}}}",
    "job_change: {{within: 45 days, new_seniority: [director, vp], new_department: [sales, dept {n}]}}",
    "contract_renewal: {{due_in: {{at_least: 30 days, at_most: {days} days}}}}",
    "team_expansion: {{within: 1 month, department: [sales, dept {n}], open_roles: {{at_least: {few}}}}}",
)
_RULE = """\
  - id: rule-{n}
    title: What rule {n} is for
    who: {{said: [not_now, no_budget], held_for: {{at_least: {days} days}}}}
    when:
      {when}
    unless:
      last_contacted: {{at_most: 14 days}}
      account_status: customer
    then:
      create_task: {{subject: "{{account.name}} has news", bring: topic-briefing}}
"""
_TEST = """\
  - name: story {n}
    contact: {{said: not_now, held_since: 2026-01-10{stop}}}
    signals:
      - {{day: 2026-05-01, intent: {{topic: topic {n}, score: 95}}}}
      - {{day: 2026-05-03, intent: {{topic: topic {n}, score: 95}}}}
    expect:
      - {{day: 2026-05-01, tasks: []}}
      - {{day: 2026-05-03, tasks: [{task}]}}
"""


def rule(number: int) -> str:
    """One of many rules, no two of which ask the same."""
    parts = {"n": number, "score": 40 + number % 50, "days": 40 + number % 50, "few": 2 + number % 7}
    return _RULE.format(when=_WHENS[number % len(_WHENS)].format(**parts), **parts)


def story(number: int) -> str:
    """A test of a rule on intent: of its task, or of its silence for someone who said stop."""
    about = number // 2 % (TESTED // len(_WHENS)) * len(_WHENS)
    silent = number % 2
    return _TEST.format(
        n=about, stop=", opted_out_on: 2026-02-01" if silent else "", task="" if silent else f"{{rule: rule-{about}}}"
    )


def project(folder: Path, rules: int, tests: int = 0) -> Path:
    """A folder of rules with so many rules and tests."""
    folder.mkdir()
    for table in TABLES:
        shutil.copy(ROOT / "rules" / f"{table}.yaml", folder)
    for start in range(0, rules, PER_FILE):
        numbers = range(start, min(rules, start + PER_FILE))
        (folder / f"rules-{start:05}.yaml").write_text("rules:\n" + "".join(map(rule, numbers)), encoding="utf-8")
    if tests:
        (folder / "tests.yaml").write_text("tests:\n" + "".join(map(story, range(tests))), encoding="utf-8")
    return folder


def seconds(do: Callable[[], object]) -> float:
    """CPU seconds of the best of three, after one that is not counted."""
    do()
    return min(_once(do) for _ in range(3))


def _once(do: Callable[[], object]) -> float:
    began = time.process_time()
    do()
    return time.process_time() - began


def checking(folder: Path) -> Iterator[tuple[int, float]]:
    """How long reading and checking takes, by number of rules."""
    for size in SIZES:
        rules = project(folder / f"check-{size}", size)
        assert load_rules(rules).errors == ()
        yield size, seconds(lambda rules=rules: load_rules(rules))  # type: ignore[misc]


def testing(folder: Path) -> Iterator[tuple[int, float]]:
    """How long inline tests take, by their number."""
    for size in TESTS:
        rules: RuleSet = load_rules(project(folder / f"test-{size}", TESTED, size))
        report = run_tests(rules, Settings())
        assert report.passed == size, report.failures[:3]
        yield size, seconds(lambda rules=rules: run_tests(rules, Settings()))  # type: ignore[misc]


def main() -> None:
    """Print both tables."""
    with tempfile.TemporaryDirectory() as place:
        for title, measured in (("rules checked", checking), ("inline tests run", testing)):
            shown = Table(title, "CPU seconds", "per thousand")
            for size, cost in measured(Path(place)):
                shown.add_row(f"{size:,}", f"{cost:.2f}", f"{cost / size * 1000:.2f}")
            Console().print(shown)


if __name__ == "__main__":
    main()
