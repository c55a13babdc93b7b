"""`run` and `export`: what comes out."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from reengage.app import export as exporting
from reengage.app import run as running
from reengage.app.crew import collect_seldom
from reengage.app.moment import judging_moment
from reengage.cli import output
from reengage.cli.commands import At, Form, Format, app, existing, here, moment
from reengage.model.decision import Summary, Task
from reengage.model.errors import UsageError
from reengage.model.text import clip
from reengage.model.words import Outcome


@app.command()
def run(
    at: At = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Judge, show, write nothing.")] = False,
    if_due: Annotated[bool, typer.Option("--if-due", help="Only if a slot of the schedule has not been run.")] = False,
    backfill: Annotated[
        str | None, typer.Option("--backfill", metavar="RULE", help="Let this rule act on earlier signals too.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", help="At most this many tasks of --backfill.")] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Judge in so many processes.")] = 1,
    form: Form = Format.HUMAN,
) -> None:
    """Judge every held contact with news, and create the tasks.

    Example: reengage run --dry-run
    """
    if limit is not None and (backfill is None or limit < 0):
        raise UsageError("--limit goes with --backfill and is 0 or more")
    project = here()
    asked = moment(project, at, writes=not dry_run)
    database = existing(project)
    now = asked if dry_run else judging_moment(database, asked, stated=at is not None)
    slot = None
    if if_due:
        if project.schedule is None:
            raise UsageError("there is no schedule", help='add schedule = "0 6 * * *" to reengage.toml')
        slot = project.schedule.latest(now, project.settings.zone)
    keep = None if form is Format.JSON else MOST_SHOWN
    order = running.Order(now, dry_run=dry_run, slot=slot, backfill=backfill, limit=limit, keep=keep)
    collect_seldom()
    with output.progress("judging contacts") as advance:
        summary = running.run(database, project, order, workers=workers, progress=advance)
    if form is Format.JSON:
        output.say_json(as_json(summary))
    else:
        _show(summary, dry_run, project.settings.zone)
    if any("DISAGREE" in notice for notice in summary.notices):
        raise typer.Exit(1)


def as_json(summary: Summary) -> dict[str, Any]:
    """A run for programs."""
    return {
        "run_id": summary.run_id,
        "at": summary.at.isoformat(),
        "rules": summary.rules,
        "matchers": list(summary.matchers),
        "candidates": summary.candidates,
        "outcomes": summary.outcomes,
        "tasks": [_task_json(task) for task in summary.tasks],
        "notices": list(summary.notices),
    }


def _task_json(task: Task) -> dict[str, Any]:
    names = ("key", "rule", "account", "channel", "priority", "subject", "note", "owner", "because")
    return {
        **{name: str(getattr(task, name)) for name in names},
        "contact_id": task.contact_key,
        "due": task.due.isoformat(),
        "evidence": list(task.evidence),
    }


def _show(summary: Summary, dry_run: bool, zone: str) -> None:
    name = "dry run" if summary.run_id is None else f"run {summary.run_id}"
    counts = " · ".join(f"{outcome} {count:,}" for outcome, count in summary.outcomes.items()) or "nobody to judge"
    output.say(f"{name} at {output.local(summary.at, zone)}: {summary.candidates:,} candidates: {counts}", style="bold")
    for notice in summary.notices:
        output.say(f"  {notice}", style="bold red" if "DISAGREE" in notice else "yellow")
    show_tasks(summary)
    if dry_run:
        output.say("nothing was written")


def show_tasks(summary: Summary) -> None:
    """The tasks as a table: who, why now, last words, due, owner."""
    rows = [
        (
            f"{task.contact_name}\n{task.account} · {task.contact_key}",
            f"{task.subject}\n{task.because}",
            clip(task.last_words, 90),
            f"{task.due:%a %d %b}\n{task.priority} · {task.channel}",
            task.owner,
        )
        for task in summary.tasks
    ]
    output.say_table(("who", "why now", "last words", "due", "owner"), rows)
    if (left := summary.outcomes.get(Outcome.TASK, 0) - len(rows)) > 0:
        output.say_more(left)


MOST_SHOWN = 100
"""Tasks in the table of one run, the most urgent: more than anybody reads."""

export = typer.Typer(help="Write files for other systems.", no_args_is_help=True)
app.add_typer(export, name="export")

Target = StrEnum("Target", {name: name for name in exporting.TARGETS})  # type: ignore[misc]

Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Where to; exports/ of the project by default.")]


@export.command("tasks")
def export_tasks(
    to: Annotated[Target, typer.Option("--to", help="The form of the file.")],
    out: Out = None,
    at: At = None,
    form: Form = Format.HUMAN,
) -> None:
    """Write the tasks that this target has not had, recalls first; the gate is asked again.

    Example: reengage export tasks --to espocrm
    """
    _export(exporting.TASKS, "task", str(to), out, at, form)


@export.command("replies")
def export_replies(
    to: Annotated[Target, typer.Option("--to", help="The form of the file.")],
    out: Out = None,
    at: At = None,
    form: Form = Format.HUMAN,
) -> None:
    """Write what is owed for answers and this target has not had, recalls first; the gate is asked again.

    Example: reengage export replies --to espocrm
    """
    _export(exporting.REPLIES, "reply", str(to), out, at, form)


def _export(shelf: exporting.Shelf, what: str, to: str, out: Path | None, at: str | None, form: Format) -> None:
    project = here()
    database = existing(project)
    now = judging_moment(database, moment(project, at), stated=at is not None)
    collect_seldom()
    done = exporting.export_tasks(database, project, to, out, now, shelf)
    if form is Format.JSON:
        output.say_json(done.to_json())
        return
    many = "replies" if what == "reply" else f"{what}s"
    count = f"{done.tasks:,} {what if done.tasks == 1 else many}"
    output.say(f"{count} and {output.counted(done.recalls, 'recall')} for {to}")
    if done.refused:
        output.say(f"  {done.refused} {many} were cancelled instead: their contact has opted out", style="yellow")
    if done.incomplete:
        output.say(
            f"  {done.incomplete} {many} lack something the CRM needs; a file of their own says what", style="yellow"
        )
    if done.lapsed:
        output.say(f"  {done.lapsed} {many} had lapsed before any export and stay here", style="yellow")
    for file in done.files:
        output.say(f"  {file}")
    if not (done.files or done.refused or done.incomplete or done.lapsed):
        output.say("  nothing new since the last export, so no file was written")


@export.command("opt-outs")
def export_opt_outs(out: Out = None, form: Form = Format.HUMAN) -> None:
    """Write the unified list of everyone who said stop, for the other tools to honour.

    Example: reengage export opt-outs --out ./exports
    """
    project = here()
    database = existing(project)
    file, rows = exporting.export_opt_outs(database, project, out)
    if form is Format.JSON:
        output.say_json({"file": str(file), "rows": rows})
    else:
        output.say(f"{output.counted(rows, 'opt-out')}\n  {file}")
