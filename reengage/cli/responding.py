"""`respond`: what people answered."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from reengage.app import review as reviewing
from reengage.app.desk.handling import Listening, read, reader_of
from reengage.app.desk.many import respond_all
from reengage.app.desk.replyfile import BadReply, read_replies
from reengage.app.desk.respond import Handled, handle
from reengage.app.moment import settle_moment
from reengage.app.project import Project, parse_moment
from reengage.cli import output
from reengage.cli.commands import At, Form, Format, app, existing, here, moment
from reengage.intake.verdict import told
from reengage.language.values import NotUnderstood, day
from reengage.model.errors import UsageError
from reengage.model.reading import Clues, Reading
from reengage.model.reply import Reply
from reengage.model.words import Channel, Response

MOST_SHOWN = 20
"""Answers that are shown one by one; the rest is counted."""


@app.command()
def respond(
    who: Annotated[
        str | None, typer.Argument(metavar="[WHO]", help="Their contact_id, e-mail, phone number or LinkedIn profile.")
    ] = None,
    words: Annotated[str | None, typer.Option("--words", help="What they wrote or said.")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="Many at once: .mbox, .eml, .csv or .jsonl.")
    ] = None,
    said: Annotated[Response | None, typer.Option("--said", help="What it is; else the words are read.")] = None,
    channel: Annotated[Channel | None, typer.Option("--channel", help="By what it came; e-mail by default.")] = None,
    when: Annotated[
        str | None, typer.Option("--when", metavar="ISO", help="When they said it; now by default.")
    ] = None,
    rep: Annotated[str | None, typer.Option("--rep", metavar="EMAIL", help="To whom.")] = None,
    title: Annotated[str | None, typer.Option("--title", help="Their job title.")] = None,
    topic: Annotated[str | None, typer.Option("--topic", help="What it was about.")] = None,
    campaign: Annotated[str | None, typer.Option("--campaign", help="Of which campaign.")] = None,
    script: Annotated[str | None, typer.Option("--script", help="Which variant of the script was used.")] = None,
    call_back: Annotated[
        str | None, typer.Option("--call-back", metavar="DAY", help="From when on they want to hear from us.")
    ] = None,
    vendor: Annotated[str | None, typer.Option("--vendor", help="Whom they work with.")] = None,
    contract_ends: Annotated[
        str | None, typer.Option("--contract-ends", metavar="DAY", help="When that contract ends.")
    ] = None,
    referred_to: Annotated[str | None, typer.Option("--referred-to", help="Whom they named.")] = None,
    wake_on: Annotated[
        list[str] | None, typer.Option("--wake-on", help="The only topic, vendor or signal that may wake them.")
    ] = None,
    id: Annotated[str | None, typer.Option("--id", help="What names the message, so that it counts once.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show how it would be read, write nothing.")] = False,
    at: At = None,
    form: Form = Format.HUMAN,
) -> None:
    """Take in what somebody answered: close them if it is a stop, hold them, and note what we owe them for it.

    Example: reengage respond dana@initech.example --words "not this year, try me again in Q2"

    Without WHO it asks for what it needs. Many at once: reengage respond --file replies.mbox
    """
    project = here()
    if file is not None:
        if words is not None or who is not None:
            raise UsageError("--file goes without WHO and --words", help="the file says who said what")
        _take_file(project, file, channel, rep, campaign, at, dry_run, form)
        return
    if who is None and words is None and dry_run is False:
        who, words, channel = _ask(channel)
    if not dry_run and not who:
        raise UsageError("say who answered", help="their contact_id or e-mail: reengage respond C-1042 --words …")
    asked = moment(project, at)
    reply = Reply(
        who=who or "",
        at=parse_moment(when, project.settings.zone) if when else asked,
        words=words or "",
        id=id,
        channel=channel or Channel.EMAIL,
        rep=rep,
        said=said,
        topic=topic,
        title=title,
        campaign=campaign,
        script_variant=script,
        clues=_clues(call_back, vendor, contract_ends, referred_to, wake_on),
    )
    if not (reply.words.strip() or said):
        raise UsageError("there is nothing to read", help='give --words "…", or --said and what it is')
    if dry_run:
        _show_readings([(reply, read(reply, project, reader_of(project)))], form)
        return
    database = existing(project)
    done = settle_moment(database, asked, stated=at is not None, stop=True)
    found = handle(Listening.begin(database, project, max(done, reply.at) if when is None else done), reply)
    if form is Format.JSON:
        output.say_json(asdict(found))
    else:
        _show(found, project.settings.zone)
        _settle(found, project, database, done)
    if found.state == "stranger":
        raise typer.Exit(1)


def _ask(channel: Channel | None) -> tuple[str, str, Channel]:
    """Ask a person at a terminal; raises UsageError where there is none."""
    if not sys.stdin.isatty():
        raise UsageError("say who answered what", help='reengage respond C-1042 --words "not this year"')
    who = typer.prompt("Who answered (contact_id, e-mail, phone number, profile)")
    by = channel or typer.prompt(f"By which channel ({', '.join(Channel)})", default="email").strip().casefold()
    if by not in tuple(Channel):
        raise UsageError(f'"{by}" is no channel', help=f"one of {', '.join(Channel)}")
    return who, typer.prompt("What did they say, in their own words"), Channel(by)


def _clues(
    call_back: str | None,
    vendor: str | None,
    contract_ends: str | None,
    referred_to: str | None,
    wake_on: Sequence[str] | None,
) -> Clues:
    try:
        return Clues(
            call_back_on=day(call_back) if call_back else None,
            vendor=vendor,
            contract_ends=day(contract_ends) if contract_ends else None,
            referred_to=referred_to,
            wake_on=tuple(wake_on or ()),
        )
    except NotUnderstood as error:
        raise UsageError(error.message, help=error.help) from error


def _settle(found: Handled, project: Project, database: Any, at: datetime) -> None:
    """Ask the person at the terminal what could not be read for sure."""
    if found.question is None or not sys.stdin.isatty():
        return
    answer = typer.prompt(
        "  y: yes · n: no · or what it is, for example not_now · Enter: later", default="", show_default=False
    ).strip()
    if not answer:
        return
    because = "said so at the terminal"
    if answer in tuple(Response):
        outcome = reviewing.answer(database, project, found.question, "confirm", because, at, Response(answer))
    else:
        verdict = "confirm" if answer.casefold() in ("y", "yes") else "reject"
        outcome = reviewing.answer(database, project, found.question, verdict, because, at)  # type: ignore[arg-type]
    output.say(f"  {found.question}: {outcome}")


def _take_file(
    project: Project,
    file: Path,
    channel: Channel | None,
    rep: str | None,
    campaign: str | None,
    at: str | None,
    dry_run: bool,
    form: Format,
) -> None:
    def replies() -> Iterator[Reply | BadReply]:
        return read_replies(file, project, channel=channel, rep=rep, campaign=campaign, footers=project.desk.footers)

    asked = moment(project, at)
    if dry_run:
        reader = reader_of(project)
        _show_readings([(one, read(one, project, reader)) for one in replies() if isinstance(one, Reply)], form)
        return
    database = existing(project)
    handling = Listening.begin(database, project, settle_moment(database, asked, stated=at is not None, stop=True))
    found: list[Handled] = []
    bad: list[BadReply] = []
    with output.progress(f"handling {file.name}") as advance:
        for one in respond_all(handling, replies):
            if isinstance(one, Handled):
                found.append(one)
            else:
                bad.append(one)
            advance(1)
    if form is Format.JSON:
        output.say_json({"handled": [asdict(one) for one in found], "bad": [_bad(one) for one in bad]})
    else:
        _show_many(found, bad, file)
    if bad or any(one.state == "stranger" for one in found):
        raise typer.Exit(1)


def _bad(one: BadReply) -> dict[str, str]:
    return {"where": one.where, "reason": one.reason}


def _show_readings(readings: Sequence[tuple[Reply, Reading]], form: Format) -> None:
    if form is Format.JSON:
        output.say_json(
            [{"who": reply.who, "words": reply.words, **one.model_dump(mode="json")} for reply, one in readings]
        )
        return
    output.say_table(
        ("words", "reads as", "certainty", "because", "mentions"),
        [
            (reply.words[:120], _reads(one), f"{one.certainty:.0%}", _because(one), "\n".join(told(one.clues)))
            for reply, one in readings
        ],
    )
    output.say("nothing was written")


def _reads(one: Reading) -> str:
    doubt = " (in doubt)" if one.doubtful_stop else ""
    left = "\nworks there no more" if one.left_company else ""
    return f"{str(one.response).replace('_', ' ')}{doubt}{left}"


def _because(one: Reading) -> str:
    return "\n".join(dict.fromkeys(f"“{found.quote}”" for found in one.evidence[:3]))


def _show(one: Handled, zone: str) -> None:
    """What became of one answer, in the order of the steps."""
    if one.state == "known":
        output.say(f"{one.who}: handled before; nothing changed")
        return
    output.say(f"{one.contact or one.who}: {_headline(one)}", style="bold red" if one.closed else "bold")
    if one.reading and one.certainty is not None and one.reading.evidence:
        output.say(f"  read from {_because(one.reading).splitlines()[0]}, {one.certainty:.0%} sure")
    if one.closed:
        output.say(
            "  suppressed: at once, on every channel"
            if one.closed == "sure"
            else "  suppressed until somebody has looked"
        )
    if one.cancelled or one.kept:
        output.say(f"  {output.counted(one.cancelled, 'task')} cancelled; {one.kept:,} with a rep already")
    for owed in one.owed:
        output.say(f"  owed by {owed.owner or 'nobody: name a default_owner'}: {owed.action} ({owed.channel})")
        output.say(f"    {owed.due.arithmetic}")
        for line in owed.text.splitlines():
            output.say(f"    | {line}")
    for remark in one.remarks:
        output.say(f"  {remark}", style="bold red" if remark.startswith("INCIDENT") else "yellow")
    if one.question:
        output.say(f"  {one.question} waits for a person: {one.asks}", style="yellow")


def _headline(one: Handled) -> str:
    if one.closed == "doubt":
        return "this may be a stop"
    if one.response is None:
        return "what this means is not clear" if one.contact else "nobody we know"
    return str(one.response).replace("_", " ")


def _show_many(found: Sequence[Handled], bad: Sequence[BadReply], file: Path) -> None:
    counts = Counter(str(one.response or "unclear").replace("_", " ") for one in found if one.state != "known")
    told = " · ".join(f"{name} {count:,}" for name, count in counts.most_common()) or "nothing new"
    known = sum(one.state == "known" for one in found)
    closed = sum(one.closed is not None for one in found)
    asked = sum(one.question is not None for one in found)
    output.say(f"{file.name}: {output.counted(len(found), 'answer')}: {told}", style="bold")
    owed = sum(len(one.owed) for one in found)
    output.say(f"  {known:,} known before · {closed:,} closed at once · {asked:,} to review · {owed:,} owed an answer")
    strangers = [f"{one.where}: {one.who} {one.remarks[-1]}" for one in found if one.state == "stranger"]
    lines = [*(f"{one.where}: {one.reason}" for one in bad), *strangers]
    lines += [
        f"{one.where}: {remark}"
        for one in found
        if one.state != "stranger"
        for remark in one.remarks
        if remark.startswith("INCIDENT")
    ]
    for line in lines[:MOST_SHOWN]:
        output.say(line, style="red")
    if len(lines) > MOST_SHOWN:
        output.say_more(len(lines) - MOST_SHOWN)
