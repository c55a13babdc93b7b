"""`check` and `test`: what is wrong with the rules, and whether they do what their tests say."""

from __future__ import annotations

from enum import StrEnum
from importlib.metadata import version
from typing import Annotated

import typer

from reengage.app.ruletests import run_tests
from reengage.cli import output
from reengage.cli.commands import Form, Format, app, here
from reengage.language import interchange
from reengage.language.diagnostic import in_order, render


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
    found = in_order((*rules.diagnostics, *problems))
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
        counts = f"{len(rules.rules)} rules, {len(rules.tests)} tests, {len(connectors)} connectors"
        output.say(f"{counts}: {errors} errors, {len(found) - errors} warnings", style="red" if errors else "green")
    if errors or (strict and found):
        raise typer.Exit(1)


@app.command("test")
def run_inline_tests(form: Form = Format.HUMAN) -> None:
    """Run the tests that stand in the rule files, with the real engine.

    Example: reengage test
    """
    project = here()
    report = run_tests(project.usable_rules(), project.settings)
    if form is Format.JSON:
        failures = [{"at": str(one.at), "test": one.test, "message": one.message} for one in report.failures]
        output.say_json(
            {"passed": report.passed, "failed": len({one.test for one in report.failures}), "failures": failures}
        )
    else:
        for one in report.failures:
            output.say(f"{one.at}: {one.test}", style="red")
            output.say(f"    {one.message}")
        failed = len({one.test for one in report.failures})
        output.say(f"{report.passed} passed, {failed} failed", style="red" if failed else "green")
    if report.failures:
        raise typer.Exit(1)
