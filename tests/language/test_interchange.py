"""Diagnostics as other programs read them."""

from __future__ import annotations

from reengage.language.diagnostic import Diagnostic
from reengage.language.interchange import github, sarif
from reengage.language.tree import Position

ONE = Diagnostic(
    Position("rules/a,b: 100%.yaml", 3, 5),
    'unknown key "whenn", 50% sure',
    "unknown-key",
    help="did you mean when?",
    source_line="    whenn: x",
)
TWO = Diagnostic(
    Position("rules/b.yaml", 1, 1), "nothing fires", "never-fires", "widen it", "warning", source_line="rules: []"
)


def test_a_workflow_command_is_one_line_and_escapes_what_would_end_it() -> None:
    first, second = github([ONE, TWO]).split("\n")
    assert first == (
        "::error file=rules/a%2Cb%3A 100%25.yaml,line=3,col=5,endColumn=10,title=unknown-key"
        '::unknown key "whenn", 50%25 sure%0Ahelp: did you mean when?'
    )
    assert (
        second
        == "::warning file=rules/b.yaml,line=1,col=1,endColumn=6,title=never-fires::nothing fires%0Ahelp: widen it"
    )
    assert github([]) == ""


def test_a_sarif_log_names_the_tool_the_checks_and_every_place() -> None:
    log = sarif([ONE, TWO], "1.2.3")
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert run["tool"]["driver"]["version"] == "1.2.3"
    rules = run["tool"]["driver"]["rules"]
    checks = [rule["id"] for rule in rules]
    assert checks == ["never-fires", "unknown-key"]
    assert rules[1]["fullDescription"] == {"text": "A block has a line that means nothing there."}
    assert rules[1]["help"]["markdown"] == "**unknown-key**: A block has a line that means nothing there."
    assert rules[1]["help"]["text"] and "helpUri" not in rules[1]
    for result, one, uri in zip(
        run["results"], (ONE, TWO), ("rules/a%2Cb%3A%20100%25.yaml", "rules/b.yaml"), strict=True
    ):
        assert checks[result["ruleIndex"]] == result["ruleId"] == one.check
        assert result["level"] == one.severity
        (place,) = result["locations"]
        assert place["physicalLocation"]["artifactLocation"]["uri"] == uri
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 3,
        "startColumn": 5,
        "endColumn": 10,
    }


def test_without_findings_there_is_a_run_without_results() -> None:
    assert sarif([], "1")["runs"][0]["results"] == []
