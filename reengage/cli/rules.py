"""`check` and `test`: what is wrong with the rules, and whether they do what their tests say."""

from __future__ import annotations

from enum import StrEnum
from importlib.metadata import version
from itertools import starmap
from pathlib import Path
from typing import Annotated

import typer

from reengage.app.coverage import Coverage
from reengage.app.ruletests import run_tests
from reengage.app.selection import select_rules, select_tests
from reengage.cli import output, testing
from reengage.cli.commands import Form, Format, app, here
from reengage.cli.junit import junit
from reengage.language import interchange
from reengage.language.diagnostic import in_order, render
from reengage.model.errors import UsageError


class Shape(StrEnum):
    """How the findings of `check` are shown."""

    HUMAN = "human"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


@app.command()
def check(
    form: Annotated[
        Shape,
        typer.Option("--format", help="For people, or for programs: JSON, annotations of a GitHub workflow, SARIF."),
    ] = Shape.HUMAN,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 for warnings too.")] = False,
) -> None:
    """Read all rule and connector files and show everything that is wrong with them.

    Example: reengage check --strict
    """
    project = here()
    rules = project.rules()
    connectors, problems = project.connectors()
    found = in_order((*rules.diagnostics, *project.wording().diagnostics, *problems))
    errors = sum(one.severity == "error" for one in found)
    if form is Shape.JSON:
        output.say_json([one.to_json() for one in found])
    elif form is Shape.SARIF:
        output.say_json(interchange.sarif(found, version("reengage")))
    else:
        if found and form is Shape.GITHUB:
            print(interchange.github(found))
        elif found:
            print(render(found, color=output.console().color_system is not None))
        read = ((len(rules.rules), "rule"), (len(rules.tests), "test"), (len(connectors), "connector"))
        wrong = ((errors, "error"), (len(found) - errors, "warning"))
        told = ": ".join(", ".join(starmap(output.counted, counts)) for counts in (read, wrong))
        output.say(told, style="red" if errors else "green")
    if errors or (strict and found):
        raise typer.Exit(1)


@app.command("test")
def run_inline_tests(
    which: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WHICH]...", help="A rule file, a rule that is expected to make a task, part of a name."
        ),
    ] = None,
    with_coverage: Annotated[
        bool, typer.Option("--coverage", help="Show the conditions that none of these tests exercises.")
    ] = False,
    fail_under: Annotated[
        float | None,
        typer.Option("--fail-under", metavar="PERCENT", min=0, max=100, help="With --coverage: exit 1 below this."),
    ] = None,
    report_file: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Write the results as JUnit XML for a CI server too.")
    ] = None,
    form: Form = Format.HUMAN,
) -> None:
    """Run the tests that stand in the rule files, with the real engine.

    Example: reengage test contract.yaml --coverage
    """
    if fail_under is not None and not with_coverage:
        raise UsageError("--fail-under needs --coverage")
    project = here()
    rules = project.usable_rules()
    tests = select_tests(rules, which or ())
    coverage = Coverage(select_rules(rules, which or ())) if with_coverage else None
    report = run_tests(rules, project.settings, tests=tests, watch=coverage.watch if coverage else None)
    covered = coverage.result() if coverage else None
    if report_file:
        report_file.write_bytes(junit(report))
    if form is Format.JSON:
        output.say_json(testing.as_json(report, covered))
    else:
        testing.show(report, covered)
    if report.failed or (covered and covered.is_below(fail_under or 0)):
        raise typer.Exit(1)
