"""A failing inline test says where it stands, what came instead, and the first condition that failed."""

from __future__ import annotations

from textwrap import indent
from typing import Any

import pytest

from reengage.app.ruletests import Failure, run_tests
from reengage.engine.durable import InProcess
from reengage.model.settings import Settings
from tests.app.rulebook import play, read

RULE = """\
rules:
  - id: news
{body}
    then: {{create_task: {{subject: News, priority: low}}}}
  - id: other
    who: {{said: wrong_person, held_for: {{at_least: 400 days}}}}
    when: {{promotion: {{new_seniority: vp}}}}
    then: {{create_task: {{subject: Other}}}}
tests:
  - name: it should fire
    contact: {{said: not_now, held_since: 2026-01-10{contact}}}
    signals: [{signals}]
    expect: [{{day: {day}, {expected}}}]
"""
INTENT = "{day: 2026-03-01, intent: {topic: crm migration, score: 62}}"
WANTED = "tasks: [{rule: news}]"


def failure(
    body: str, signals: str = "", contact: str = "", day: str = "2026-03-01", expected: str = WANTED
) -> Failure:
    text = RULE.format(body=indent(body, "    "), contact=contact, signals=signals, day=day, expected=expected)
    (result,) = play(read(text)).results
    (found,) = result.failures
    return found


MOVE = "{day: 2026-03-01, job_change: {new_title: Sales Manager, new_company: Globex, previous_company: Initech}}"
DATED = ", contract_ends: 2026-05-31, vendor: Hooli"
REASONS: dict[str, dict[str, str]] = {
    "contract_renewal.due_in: 91 days is more than 90 days": {
        "body": "when: {contract_renewal: {due_in: {at_least: 30 days, at_most: 90 days}}}",
        "contact": ", contract_ends: 2026-05-31, vendor: Hooli",
    },
    "contract_renewal.due_in: 29 days is less than 30 days": {
        "body": "when: {contract_renewal: {due_in: {at_least: 30 days, at_most: 90 days}}}",
        "contact": ", contract_ends: 2026-03-30, vendor: Hooli",
    },
    "contract_renewal.due_in: 1 day is less than 30 days": {
        "body": "when: {contract_renewal: {due_in: {at_least: 30 days, at_most: 90 days}}}",
        "contact": ", contract_ends: 2026-03-02, vendor: Hooli",
    },
    "contract_renewal: no end of a contract is on record": {"body": "when: contract_renewal"},
    "contract_renewal: their contract ended on 2026-02-01": {
        "body": "when: contract_renewal",
        "contact": ", contract_ends: 2026-02-01, vendor: Hooli",
    },
    "snooze_ended: 2026-07-01 lies ahead": {"body": "when: snooze_ended", "contact": ", until: 2026-07-01"},
    "who.held_for: 50 days is less than 60 days": {
        "body": "who: {said: not_now, held_for: {at_least: 60 days}}\nwhen: intent",
        "signals": INTENT,
    },
    "who.held_for: 50 days is a little more than 50 days": {
        "body": "who: {held_for: {at_most: 50 days}}\nwhen: intent",
        "signals": INTENT,
    },
    "who.said: not_now is not no_budget or wrong_person": {
        "body": "who: {said: [no_budget, wrong_person]}\nwhen: intent",
        "signals": INTENT,
    },
    "who.title: unknown": {"body": "who: {title: vp sales}\nwhen: intent", "signals": INTENT},
    "who.promised: false is not true": {"body": "who: {promised: true}\nwhen: intent", "signals": INTENT},
    "intent.score: 62 is less than 70": {"body": "when: {intent: {score: {at_least: 70}}}", "signals": INTENT},
    "intent.count: 1 is less than 2": {"body": "when: {intent: {count: {at_least: 2}}}", "signals": INTENT},
    "intent.after_quiet: 27 days is less than 30 days": {
        "body": "when: {intent: {within: 5 days, after_quiet: {at_least: 30 days}}}",
        "signals": INTENT.replace("03-01", "01-05") + ", {day: 2026-02-01, intent: {topic: CRM Migration}}",
    },
    "intent: none was heard": {"body": "when: {intent: {score: {at_least: 70}}}"},
    "intent: came before the hold of 2026-01-10": {
        "body": "when: intent",
        "signals": INTENT.replace("2026-03", "2025-03"),
    },
    "job_change.new_seniority: manager is not director or vp or c_level": {
        "body": "when: {job_change: {new_seniority: [director, vp, c_level]}}",
        "signals": MOVE,
    },
    "job_change: is only likely": {
        "body": "when: {job_change: {new_seniority: manager}}",
        "signals": MOVE.replace("Initech", "Umbrella"),
    },
    "unless.account_status: customer stops it": {
        "body": "when: intent\nunless: {account_status: customer}",
        "signals": INTENT,
        "contact": ", account_status: customer",
    },
    "unless.account_status: unknown, and unknown stops it": {
        "body": "when: intent\nunless: {account_status: customer}",
        "signals": INTENT,
        "contact": ", account_status: unknown",
    },
    "unless.last_contacted: 3 days stops it": {
        "body": "when: intent\nunless: {last_contacted: {at_most: 14 days}}",
        "signals": INTENT,
        "contact": ", last_contacted_on: 2026-02-26",
    },
    "when.apart: 9 days is more than 5 days": {
        "body": "when:\n  all: [intent, visit]\n  apart: {at_most: 5 days}",
        "signals": INTENT + ", {day: 2026-02-20, visit: {page: /pricing}}",
    },
    "who.held: snooze is not suppressed": {
        "body": "who: {any: [{said: no_budget, promised: true}, {held: suppressed}]}\nwhen: intent",
        "signals": INTENT,
    },
}


@pytest.mark.parametrize("why", REASONS)
def test_the_first_condition_that_failed_is_told_with_its_value(why: str) -> None:
    found = failure(**REASONS[why])
    assert found.why == why
    assert found.message.startswith('2026-03-01: expected rule "news"; came no task: ')


def test_a_failure_points_at_the_task_or_the_expectation() -> None:
    text = RULE.format(body="    when: intent", contact="", signals=INTENT, day="2026-03-01", expected=WANTED)
    lines = text.splitlines()
    missing = failure("when: {intent: {score: 99}}", INTENT)
    assert str(missing.at) == f"rules/own.yaml:{len(lines)}:{lines[-1].index('{rule') + 1}"
    unwanted = failure("when: intent", INTENT, expected="tasks: []")
    assert str(unwanted.at) == f"rules/own.yaml:{len(lines)}:{lines[-1].index('{day') + 1}"
    assert unwanted.message == '2026-03-01: expected no task; a task came: news, low, email, "News"'
    assert not unwanted.why


def test_silence_for_another_reason_says_what_came_closest() -> None:
    found = failure("when: {intent: {score: 99}}", INTENT, expected="tasks: [], because: already_tasked")
    assert found.message.startswith("2026-03-01: expected silence because already_tasked; it was no_match: ")
    line = "    expect: [{day: 2026-03-01, tasks: [], because: already_tasked}]"
    assert str(found.at).endswith(f":{line.index('because') + 1}")
    assert found.why == "news comes closest: intent.score: 62 is not 99"
    found = failure("when: intent", INTENT, ", opted_out_on: 2026-02-01", expected="tasks: [], because: no_match")
    assert "it was opted_out: opted out on 2026-02-01" in found.message
    assert not found.why


def test_a_task_that_differs_and_a_rule_that_is_none() -> None:
    found = failure("when: intent", INTENT, expected="tasks: [{rule: news, priority: high}]")
    assert found.message.endswith('expected rule "news", priority "high"; came news, low, email, "News"')
    assert failure("enabled: false\nwhen: intent", INTENT).why == "news is switched off"
    urgent = "when: intent\nwho: {said: not_now}"
    text = RULE.format(body=indent(urgent, "    "), contact="", signals=INTENT, day="2026-03-01", expected=WANTED)
    text = text.replace("{said: wrong_person, held_for: {at_least: 400 days}}", "{said: not_now}")
    text = text.replace("{promotion: {new_seniority: vp}}", "intent").replace(
        "{subject: Other}", "{subject: O, priority: high}"
    )
    (result,) = play(read(text)).results
    assert result.failures[0].why == "news fires too, but other goes before it"


def test_one_engine_serves_all_tests() -> None:
    started: list[InProcess] = []

    def start(rulesets: Any) -> InProcess:
        started.append(InProcess(rulesets))
        return started[-1]

    one = "  - {name: story NUMBER, contact: {said: not_now}, expect: [{day: 2026-03-01, tasks: []}]}\n"
    tests = "".join(one.replace("NUMBER", str(number)) for number in range(40))
    rules = read("rules:\n  - {id: a, when: intent, then: {create_task: {subject: x}}}\ntests:\n" + tests)
    report = run_tests(rules, Settings(), start)
    assert (report.passed, len(report.results), len(started)) == (40, 40, 1)
