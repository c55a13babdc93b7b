"""`diff`: what a change of rules would do, before it is merged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar

import typer

from reengage.app.edition import FOLDER, Edition, read_edition
from reengage.app.impact import Question, find_impact, open_book
from reengage.app.project import Project
from reengage.cli import output
from reengage.cli.commands import At, app, here, moment
from reengage.cli.report import Report, cut, markdown, told
from reengage.engine.impact import Change, Count, Difference, reason_of
from reengage.language.diagnostic import render
from reengage.model.decision import Decision, Task
from reengage.model.text import clip

T = TypeVar("T")
SHOWN = 20
"""Rows of each table, where nobody says how many; our choice: a comment that is read to its end."""

LONGEST = 120
"""Characters of a text that is shown before and after."""


class Shape(StrEnum):
    """How differences are shown."""

    HUMAN = "human"
    JSON = "json"
    MARKDOWN = "markdown"


@app.command()
def diff(
    before: Annotated[
        str, typer.Option("--rules-from", metavar="REV|DIR", help="The rules as they are: a git revision or a folder.")
    ] = "HEAD",
    after: Annotated[
        str | None,
        typer.Option("--rules-to", metavar="DIR|REV", help="The new rules; the project's rules/ by default."),
    ] = None,
    max_added: Annotated[
        int | None, typer.Option("--max-added", metavar="N", min=0, help="Exit 1 above this many added tasks.")
    ] = None,
    with_past: Annotated[
        bool, typer.Option("--with-past", help="Let earlier tasks, used signals and rests count.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=0, help="Rows of each table; JSON has all.")] = SHOWN,
    at: At = None,
    form: Annotated[
        Shape, typer.Option("--format", help="For people, for programs, or for a pull request.")
    ] = Shape.HUMAN,
) -> None:
    """Say what a change of rules would do: both sets judge every held contact, and nothing is written.

    Example: reengage diff --rules-from main --max-added 25
    """
    project = here()
    first, second = read_edition(project, before), _wanted(project, after)
    _require_sound((first, second), form)
    asked = moment(project, at, writes=False)
    question = Question(first.rules, second.rules, asked, with_past)
    with output.progress("judging contacts") as advance:
        answer = find_impact(open_book(project), project, question, progress=advance)
    verdict = _verdict(len(answer.impact.added), max_added)
    local = output.local(asked, project.settings.zone)
    report = Report(answer, first.name, second.name, local, with_past, limit, verdict)
    if form is Shape.JSON:
        output.say_json(_as_json(report, asked))
    elif form is Shape.MARKDOWN:
        print(markdown(report))
    else:
        _show(report)
    if verdict or any("DISAGREE" in notice for notice in answer.notices):
        raise typer.Exit(1)


def _wanted(project: Project, name: str | None) -> Edition:
    return Edition(f"{FOLDER}/", project.rules()) if name is None else read_edition(project, name)


def _require_sound(editions: Sequence[Edition], form: Shape) -> None:
    """Show what is wrong with either set, as `check` does, and exit 1 where anything is."""
    broken = [one for one in editions if one.rules.errors]
    if form is Shape.JSON and broken:
        output.say_json({one.name: [error.to_json() for error in one.rules.errors] for one in broken})
    elif broken:
        for one in broken:
            print(render(one.rules.errors, color=output.console().color_system is not None))
            output.say(f"the rules of {one.name}: {output.counted(len(one.rules.errors), 'error')}", style="red")
    if broken:
        raise typer.Exit(1)


def _verdict(added: int, most: int | None) -> str:
    too_many = most is not None and added > most
    return f"{output.counted(added, 'task')} added, more than --max-added {most}" if too_many else ""


def _as_json(report: Report, at: datetime) -> dict[str, Any]:
    found = report.answer.impact
    groups = ("added", "removed", "changed", "blocked", "unblocked")
    return {
        "at": at.isoformat(),
        "rules_from": report.before,
        "rules_to": report.after,
        "with_past": report.with_past,
        "judged": found.judged,
        "opted_out": found.opted_out,
        "tasks": {"before": found.before, "after": found.after},
        **{name: [_difference_json(one) for one in getattr(found, name)] for name in groups},
        "rules": [asdict(one) for one in found.rules],
        "owners": [{"name": one.name, "before": one.before, "after": one.after} for one in found.owners],
        "notices": list(report.answer.notices),
        "too_many": bool(report.verdict),
    }


def _difference_json(one: Difference) -> dict[str, Any]:
    return {
        "contact_id": one.contact,
        "before": _decision_json(one.before),
        "after": _decision_json(one.after),
        "changes": [asdict(change) for change in one.changes],
        "why": one.why,
    }


def _decision_json(one: Decision) -> dict[str, Any]:
    names = ("account", "priority", "channel", "owner", "due", "subject", "because")
    task = {name: str(getattr(one.task, name)) for name in names} if one.task else None
    return {"outcome": one.outcome, "rule": one.rule, "reason": one.reason, "task": task}


def _show(report: Report) -> None:
    found = report.answer.impact
    output.say(f"{report.before} → {report.after} at {report.at}: {report.headline}", style="bold")
    output.say(f"  {report.scope}")
    output.say(f"  {report.people}")
    for notice in report.answer.notices:
        output.say(f"  {notice}", style="bold red" if "DISAGREE" in notice else "yellow")
    _table(report, "rules", ("rule", "itself", "tasks before", "after"), found.rules, _rule)
    _table(report, "added", ("who", "task", "due", "owner"), found.added, _task)
    _table(report, "removed", ("who", "task", "because"), found.removed, _removed)
    _table(report, "changed", ("who", "what"), found.changed, _changed)
    held = ("contact", "rule", "because")
    _table(report, "newly held back", held, found.blocked, lambda one: _held(one.after))
    _table(report, "no longer held back", held, found.unblocked, lambda one: _held(one.before))
    _table(report, "owners", ("owner", "tasks before", "after"), found.owners, _owner)
    if report.verdict:
        output.say(report.verdict, style="red")


def _table(
    report: Report, title: str, headings: Sequence[str], some: Sequence[T], row: Callable[[T], Sequence[object]]
) -> None:
    shown, more = cut(some, report.limit)
    output.say_table(headings, map(row, shown), title=f"{title}: {len(some):,}")
    if more:
        output.say(f"{title}: {more}" if not shown else more)


def _rule(one: Count) -> Sequence[object]:
    return one.name, one.change or "as it was", one.before, one.after


def _owner(one: Count) -> Sequence[object]:
    return one.name, one.before, one.after


def _who(task: Task) -> str:
    return f"{task.contact_name}\n{task.account} · {task.contact_key}"


def _task(one: Difference) -> Sequence[object]:
    task = one.task
    return (
        _who(task),
        f"{task.subject}\n{task.rule}",
        f"{task.due:%a %d %b}\n{task.priority} · {task.channel}",
        task.owner,
    )


def _removed(one: Difference) -> Sequence[object]:
    task = one.task
    return _who(task), f"{task.subject}\n{task.rule}", one.why


def _changed(one: Difference) -> Sequence[object]:
    return _who(one.task), "\n".join(map(_change, told(one.changes)))


def _change(one: Change) -> str:
    return f"{one.what}: {clip(one.before, LONGEST) or 'nothing'} → {clip(one.after, LONGEST) or 'nothing'}"


def _held(one: Decision) -> Sequence[object]:
    return one.contact_key, one.rule or "", reason_of(one)
