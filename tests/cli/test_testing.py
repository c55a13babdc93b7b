"""`reengage test` as a person and a CI server use it: which tests, what failed, what is not exercised, JUnit."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from reengage.app.ruletests import Failure, Report, Result
from reengage.cli.junit import junit
from reengage.language.testfile import InlineTest
from reengage.language.tree import Position
from tests.cli.conftest import Reengage

FAILING = """
  - name: a day too early
    contact: {said: already_with_vendor, vendor: Hooli, contract_ends: 2026-09-30, held_since: 2026-03-01}
    expect:
      - {day: 2026-07-01, tasks: [{rule: vendor-contract-ends}]}
"""
HOSTILE = (
    "]]>",
    "\"quoted\" & <tag attr='x'>",
    "null \x00 bell \x07 escape \x1b",
    "half a letter \ud800",
    "￾ ￿",
    "‮abc",
    "ä 漢 🙂",
)


def spoil(project: Path) -> int:
    """Add a test that fails; returns the line of what it expects."""
    file = project / "rules" / "contract.yaml"
    text = file.read_text(encoding="utf-8") + FAILING
    file.write_text(text, encoding="utf-8")
    return len(text.splitlines())


def test_a_failure_says_where_what_came_and_which_condition_failed(project: Path, reengage: Reengage) -> None:
    line = spoil(project)
    ran = reengage("test", "contract")
    assert ran.code == 1
    assert ran.out.splitlines()[:3] == [
        f"rules/contract.yaml:{line}:35: a day too early",
        '    2026-07-01: expected rule "vendor-contract-ends"; came no task: no_match: no rule describes this contact'
        " and its news",
        "    contract_renewal.due_in: 91 days is more than 90 days",
    ]
    assert ran.out.splitlines()[-1].endswith("passed, 1 failed")
    told = reengage("test", "a day too early", "--format", "json")
    assert told.code == 1
    assert told.json() == {
        "passed": 0,
        "failed": 1,
        "failures": [
            {
                "at": f"rules/contract.yaml:{line}:35",
                "test": "a day too early",
                "message": ran.out.splitlines()[1].strip(),
                "why": "contract_renewal.due_in: 91 days is more than 90 days",
            }
        ],
    }
    assert reengage("test", "dates.yaml").code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nonsense-that-is-nowhere",), "no test is meant by"),
        (("--fail-under", "50"), "--fail-under needs --coverage"),
        (("--coverage", "--fail-under", "101"), "--fail-under"),
    ],
)
def test_wrong_usage(project: Path, reengage: Reengage, arguments: tuple[str, ...], says: str) -> None:
    ran = reengage("test", *arguments)
    assert (ran.code, says in ran.err) == (2, True)


def test_coverage_informs_unless_a_share_is_asked_for(project: Path, reengage: Reengage) -> None:
    ran = reengage("test", "--coverage")
    assert ran.code == 0
    told = reengage("test", "--coverage", "--format", "json").json()["coverage"]
    assert f"{told['exercised']} of {told['conditions']} conditions exercised ({told['percent']} %)" in ran.out
    listed = [one for rule in told["rules"] for one in rule["conditions"]]
    lacking = [one["at"] for one in listed if not one["exercised"]]
    assert lacking and all(at in ran.out for at in lacking)
    assert len(listed) == told["conditions"] and sum(one["exercised"] for one in listed) == told["exercised"]
    assert {one["rule"] for one in told["rules"]} >= {"vendor-contract-ends", "intent-not-now"}
    assert reengage("test", "--coverage", "--fail-under", str(told["percent"])).code == 0
    assert reengage("test", "--coverage", "--fail-under", "100").code == 1


def test_coverage_keeps_to_what_was_selected(project: Path, reengage: Reengage) -> None:
    told = reengage("test", "contract", "--coverage", "--format", "json").json()["coverage"]
    assert {one["rule"] for one in told["rules"]} == {"vendor-contract-ends", "contract-ends-and-researching"}
    told = reengage("test", "pricing-visits", "--coverage", "--format", "json").json()["coverage"]
    assert [one["rule"] for one in told["rules"]] == ["pricing-visits"]


def test_junit_has_a_suite_for_each_file_and_a_case_for_each_test(project: Path, reengage: Reengage) -> None:
    line = spoil(project)
    ran = reengage("test", "--junit", "results.xml")
    assert ran.code == 1
    root = ElementTree.parse(project / "results.xml").getroot()
    assert {suite.get("name") for suite in root} >= {"rules/contract.yaml", "rules/intent.yaml"}
    passed, failed = (int(word.split()[0]) for word in ran.out.splitlines()[-1].split(", "))
    assert (root.get("tests"), root.get("failures")) == (str(passed + failed), str(failed))
    assert sum(int(suite.get("tests", "")) for suite in root) == len(root.findall(".//testcase")) == passed + failed
    (case,) = (case for case in root.iter("testcase") if case.find("failure") is not None)
    assert (case.get("name"), case.get("file")) == ("a day too early", "rules/contract.yaml")
    assert int(case.get("line", "")) == line - 3
    failure = case.find("failure")
    assert failure is not None and failure.text is not None
    assert failure.text.startswith(f"rules/contract.yaml:{line}:35: 2026-07-01: expected")
    assert "91 days is more than 90 days" in failure.text


def test_a_file_that_cannot_be_written_is_one_message(project: Path, reengage: Reengage) -> None:
    ran = reengage("test", "contract", "--junit", "no/such/folder/results.xml")
    assert ran.code == 3
    assert "results.xml" in ran.err and "Traceback" not in ran.err


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_make_xml_that_a_parser_reads(name: str) -> None:
    at = Position(f"rules/{name}.yaml", 3, 5)
    result = Result(InlineTest(name, at), (Failure(name, at, name, name),))
    (suite,) = ElementTree.fromstring(junit(Report((result,))))
    (case,) = suite
    shown = "".join(letter if _is_fine(letter) else "\N{REPLACEMENT CHARACTER}" for letter in name)
    assert case.get("name") == shown
    assert suite.get("name") == f"rules/{shown}.yaml"
    failure = case.find("failure")
    assert failure is not None and (failure.get("message"), failure.text) == (
        shown,
        f"{at_of(shown)}: {shown}\n    {shown}",
    )


def at_of(name: str) -> str:
    return f"rules/{name}.yaml:3:5"


def _is_fine(letter: str) -> bool:
    return letter >= " " and not "\ud800" <= letter <= "\udfff" and letter not in "￾￿"
