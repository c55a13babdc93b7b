"""`explain` and `review`: why, why not, and what waits for a person."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from reengage.app import explain as explaining
from reengage.app import review as reviewing
from reengage.app.moment import settle_moment
from reengage.cli import output
from reengage.cli.commands import At, Form, Format, app, existing, here, moment
from reengage.engine.explain import RuleStory
from reengage.model.errors import UsageError

MOST_RULES = 3
"""Rules that are shown where nobody asks for all: those that say something, then the nearest."""

_MARKS = {True: "yes", False: "NO", None: "unknown"}


@app.command()
def explain(
    contact: Annotated[str, typer.Argument(metavar="CONTACT", help="The contact_id of your import.")],
    at: At = None,
    every: Annotated[bool, typer.Option("--all", help="Show every rule, however far away.")] = False,
    form: Form = Format.HUMAN,
) -> None:
    """Say why a contact got a task, or why not: the guard that stopped it, each rule, each condition, its value.

    Example: reengage explain C-1042 --at 2026-10-05
    """
    project = here()
    found = explaining.explain(existing(project), project, contact, moment(project, at, writes=False))
    if form is Format.JSON:
        output.say_json(_as_json(found))
    else:
        _show(found, every, project.settings.zone)


def _as_json(found: explaining.Explanation) -> dict[str, Any]:
    decision = found.decision
    return {
        "contact_id": found.contact,
        "at": found.at.isoformat(),
        "refusal": found.refusal,
        "verdict": decision and {"outcome": decision.outcome, "rule": decision.rule, "reason": decision.reason},
        "rules": [_story_json(story) for story in found.rules],
        "past": [asdict(past) for past in found.past],
    }


def _story_json(story: RuleStory) -> dict[str, Any]:
    return {
        "rule": story.rule,
        "revision": story.revision,
        "finding": story.match.finding if story.match else "says nothing",
        "conditions": [asdict(condition) for condition in story.conditions],
    }


def _show(found: explaining.Explanation, every: bool, zone: str) -> None:
    name = f" {found.name}" if found.name else ""
    output.say(f"{found.contact}{name} at {output.local(found.at, zone)}", style="bold")
    if found.refusal:
        output.say(f"  {found.refusal}; no rule is asked", style="red")
    if found.decision:
        output.say(f"  judged now: {found.decision.outcome}: {found.decision.reason}")
    if found.past:
        output.say("  earlier runs:")
        for past in found.past:
            rule = f" ({past.rule})" if past.rule else ""
            output.say(f"    {output.local(past.at, zone)}  {past.outcome}{rule}: {past.reason}")
    heard = [story for story in found.rules if every or _has_news(story)]
    last = next((past.rule for past in found.past if past.outcome == "task"), None)
    heard.sort(key=lambda story: (story.match is None, story.rule != last, len(story.failing)))
    shown = heard if every else heard[:MOST_RULES]
    for story in shown:
        _show_rule(story)
    if len(shown) < len(found.rules):
        output.say(f"{len(found.rules) - len(shown)} rules are further away, or heard nothing (--all shows them)")


def _has_news(story: RuleStory) -> bool:
    return story.match is not None or any(
        condition.section.startswith("when") and condition.holds for condition in story.conditions
    )


def _show_rule(story: RuleStory) -> None:
    says = str(story.match.finding) if story.match else f"{output.counted(len(story.failing), 'condition')} short"
    rows = [(one.section, one.wants, one.met, _MARKS[one.holds]) for one in story.conditions]
    output.say_table(("part", "condition", "value", "in order"), rows, title=f"{story.rule} ({story.revision}): {says}")


@app.command()
def review(
    question: Annotated[str | None, typer.Argument(help="Which one to answer, for example move-3.")] = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="Yes, it is so.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="No, it is not.")] = False,
    because: Annotated[str, typer.Option("--because", help="Why; kept with the answer.")] = "",
    at: At = None,
    form: Form = Format.HUMAN,
) -> None:
    """List what waits for a person (doubtful moves, stops that could not be read), or answer one.

    Example: reengage review move-3 --confirm --because "seen on their profile"
    """
    project = here()
    database = existing(project)
    if question is None:
        _list(reviewing.open_questions(database), form, project.settings.zone)
        return
    if confirm == reject:
        raise UsageError("say --confirm or --reject")
    done = settle_moment(database, moment(project, at), stated=at is not None)
    told = reviewing.answer(database, project, question, "confirm" if confirm else "reject", because, done)
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
