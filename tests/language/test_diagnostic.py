from __future__ import annotations

from reengage.language.diagnostic import Diagnostic, in_order, quoted, render, with_source
from reengage.language.tree import Position

LINES = {"rules/spring.yaml": ("rules:", *[""] * 5, "        withn: 45 days", "  a: [日本語, x]", "\tb: \x1b[31m")}
WITHN = Diagnostic(
    Position("rules/spring.yaml", 7, 9),
    'unknown key "withn" in job_change',
    "unknown-key",
    help='did you mean "within"?',
)


def test_the_five_parts() -> None:
    assert render([with_source(WITHN, LINES)]) == (
        'rules/spring.yaml:7:9: unknown key "withn" in job_change [unknown-key]\n'
        "  |\n"
        "7 |         withn: 45 days\n"
        "  |         ^^^^^\n"
        '  = help: did you mean "within"?'
    )


def test_wide_characters_take_two_columns() -> None:
    shown = render([with_source(Diagnostic(Position("rules/spring.yaml", 8, 7), "m", "c", "h"), LINES)])
    assert shown.splitlines()[2:4] == ["8 |   a: [日本語, x]", "  |       ^^^^^^"]


def test_a_source_line_cannot_steer_the_terminal() -> None:
    shown = render([with_source(Diagnostic(Position("rules/spring.yaml", 9, 5), "m", "c", "h"), LINES)])
    assert "\x1b" not in shown and "\t" not in shown
    assert quoted("a\u202eb\n" + "x" * 100) == '"a\ufffdb\ufffd' + "x" * 55 + '…"'


def test_a_warning_says_so_and_colour_is_only_added() -> None:
    warning = Diagnostic(Position("f", 1, 1), "m", "c", "h", "warning")
    assert render([warning]) == "f:1:1: warning: m [c]\n  = help: h"
    assert render([warning], color=True) == "f:1:1: \x1b[1;33mwarning: m\x1b[0m [c]\n  = \x1b[36mhelp:\x1b[0m h"


def test_a_line_that_is_not_there_is_left_out() -> None:
    assert with_source(Diagnostic(Position("f", 9, 1), "m", "c", "h"), {"f": ("x",)}).source_line == ""


def test_order_is_file_line_column() -> None:
    places = [("b", 1, 1), ("a", 2, 1), ("a", 1, 9), ("a", 1, 10)]
    ordered = in_order(Diagnostic(Position(*place), "m", "c", "h") for place in places)
    assert [str(one.position) for one in ordered] == ["a:1:9", "a:1:10", "a:2:1", "b:1:1"]


def test_json() -> None:
    assert with_source(WITHN, LINES).to_json() == {
        "file": "rules/spring.yaml",
        "line": 7,
        "column": 9,
        "width": 5,
        "severity": "error",
        "check": "unknown-key",
        "message": 'unknown key "withn" in job_change',
        "help": 'did you mean "within"?',
        "source_line": "        withn: 45 days",
    }


def test_a_secret_in_a_file_is_not_shown() -> None:
    lines = (
        'rest: {auth: {type: bearer, token: "abc def", x: 1}}',
        "X-Api-Key: k3y",
        "token: ${env:TOKEN}",
        "keyword: crm",
    )
    shown = [with_source(Diagnostic(Position("f", number, 1), "m", "c", "h"), {"f": lines}) for number in (1, 2, 3, 4)]
    assert [one.source_line for one in shown] == [
        "rest: {auth: {type: bearer, token: *********, x: 1}}",
        "X-Api-Key: ***",
        "token: ${env:TOKEN}",
        "keyword: crm",
    ]
