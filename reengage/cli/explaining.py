"""`explain` and `review`: why, why not, and what waits for a person."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from reengage.app import explain as explaining
from reengage.app import review as reviewing
from reengage.app.impact import open_book
from reengage.app.moment import settle_moment
from reengage.app.project import Project
from reengage.app.signalfile import read_signals
from reengage.cli import explanation, output
from reengage.cli.commands import At, Form, Format, app, existing, here, moment
from reengage.engine.now import Now
from reengage.language.diagnostic import render
from reengage.language.testfile import GivenSignal
from reengage.model.errors import UsageError
from reengage.model.words import Response


@app.command()
def explain(
    contact: Annotated[str, typer.Argument(metavar="CONTACT", help="The contact_id of your import.")],
    at: At = None,
    supposed: Annotated[
        Path | None,
        typer.Option("--with-signal", metavar="FILE", help="Suppose that these signals had come: YAML, as in a test."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Show every rule, however far away.")] = False,
    form: Form = Format.HUMAN,
) -> None:
    """Say why a contact got a task, or why not, and what would have to change. Nothing is written.

    Example: reengage explain C-1042 --at 2026-10-05
    """
    project = here()
    asked = moment(project, at, writes=False)
    signals = _signals(supposed, asked, project) if supposed else ()
    found = explaining.explain(open_book(project), project, contact, asked, signals=signals)
    if form is Format.JSON:
        output.say_json(explanation.as_json(found))
    else:
        explanation.show(found, every, project.settings.zone)


def _signals(path: Path, asked: datetime, project: Project) -> tuple[GivenSignal, ...]:
    """The signals of a file; shows what is wrong with it and exits 2 where anything is."""
    file = read_signals(path, Now(asked, project.settings.zone).today, project.vocabulary())
    if file.diagnostics:
        print(render(file.diagnostics), file=sys.stderr)
        raise typer.Exit(2)
    return file.signals


@app.command()
def review(
    question: Annotated[str | None, typer.Argument(help="Which one to answer, for example move-3.")] = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="Yes, it is so.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="No, it is not.")] = False,
    said: Annotated[Response | None, typer.Option("--as", help="What a reply is, where it was misread.")] = None,
    because: Annotated[str, typer.Option("--because", help="Why; kept with the answer.")] = "",
    at: At = None,
    form: Form = Format.HUMAN,
) -> None:
    """List what waits for a person (doubtful moves, stops and replies that could not be read), or answer one.

    Example: reengage review move-3 --confirm --because "seen on their profile"

    A reply can also be given its meaning: reengage review reply-2 --as not_now --because "they named a date"
    """
    project = here()
    database = existing(project)
    if question is None:
        _list(reviewing.open_questions(database), form, project.settings.zone)
        return
    if [confirm, reject, said is not None].count(True) != 1:
        raise UsageError("say --confirm, --reject, or for a reply --as and what it is")
    done = settle_moment(database, moment(project, at), stated=at is not None)
    verdict: Literal["confirm", "reject"] = "confirm" if confirm or said else "reject"
    told = reviewing.answer(database, project, question, verdict, because, done, said)
    output.say_json({"answered": question, "result": told}) if form is Format.JSON else output.say(
        f"{question}: {told}"
    )


def _list(found: list[reviewing.Question], form: Format, zone: str) -> None:
    if form is Format.JSON:
        output.say_json([asdict(one) for one in found])
        return
    output.say_table(
        ("id", "contact", "question", "since"),
        [(one.id, one.contact, one.question, output.local(one.since, zone)) for one in found],
    )
    output.say(f"{output.counted(len(found), 'question')} waiting" if found else "nothing waits for a person")
