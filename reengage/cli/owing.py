"""`sla`: what we owe people for what they answered."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer

from reengage.app.desk import sla as owing
from reengage.app.moment import settle_moment
from reengage.cli import output
from reengage.cli.commands import At, Form, Format, app, existing, here, moment
from reengage.model.errors import UsageError

sla = typer.Typer(help="What we owe people for what they answered: open, met, late.", invoke_without_command=True)
app.add_typer(sla, name="sla")


@sla.callback()
def list_sla(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="What is done and what fell away too.")] = False,
    owner: Annotated[str | None, typer.Option("--owner", metavar="EMAIL", help="Of this rep only.")] = None,
    at: At = None,
    form: Form = Format.HUMAN,
) -> None:
    """List what is owed, the earliest due first; exit 1 where something is late.

    Example: reengage sla --owner tom@us.example
    """
    if context.invoked_subcommand is not None:
        return
    project = here()
    now = moment(project, at, writes=False)
    found = owing.list_owed(existing(project), now, everything=everything, owner=owner)
    if form is Format.JSON:
        output.say_json([asdict(one) for one in found])
    else:
        zone = project.settings.zone
        rows = [
            (
                one.key,
                output.local(one.due_at, zone),
                one.status,
                one.contact,
                one.response.replace("_", " "),
                f"{one.action}\n{one.channel}",
                one.owner,
            )
            for one in found
        ]
        output.say_table(("key", "due", "status", "contact", "answer", "to do", "owner"), rows)
        counts = Counter(one.status for one in found)
        output.say(" · ".join(f"{status} {count:,}" for status, count in counts.items()) or "nothing is owed")
    if any(one.status == "late" for one in found):
        raise typer.Exit(1)


@sla.command("show")
def show_sla(
    key: Annotated[str, typer.Argument(metavar="KEY", help="As the list has it.")],
    at: At = None,
    form: Form = Format.HUMAN,
) -> None:
    """Show one: what to say, how its due time came about, and the steps with their times.

    Example: reengage sla show sla-0123456789ab
    """
    project = here()
    one = owing.show_owed(existing(project), key, moment(project, at, writes=False))
    if form is Format.JSON:
        output.say_json(asdict(one))
        return
    zone = project.settings.zone
    output.say(f"{one.key}: {one.action}", style="bold")
    output.say(f"  {one.contact} · {one.response.replace('_', ' ')} · {one.channel} · {one.owner} · {one.status}")
    output.say(f"  {one.arithmetic}")
    for line in one.text.splitlines():
        output.say(f"  | {line}")
    output.say_table(
        ("step", "at"), [(name, output.local(when, zone) if when else "-") for name, when in one.steps.items()]
    )


@sla.command("done")
def done_sla(
    key: Annotated[str, typer.Argument(metavar="KEY", help="As the list has it.")],
    at: At = None,
    form: Form = Format.HUMAN,
) -> None:
    """Note that it is done: they have their answer.

    Example: reengage sla done sla-0123456789ab
    """
    _close(key, None, at, form)


@sla.command("drop")
def drop_sla(
    key: Annotated[str, typer.Argument(metavar="KEY", help="As the list has it.")],
    because: Annotated[str, typer.Option("--because", help="Why nothing is owed any more; kept with it.")],
    at: At = None,
    form: Form = Format.HUMAN,
) -> None:
    """Note that it need not be done.

    Example: reengage sla drop sla-0123456789ab --because "they called in the meantime"
    """
    if not because.strip():
        raise UsageError("it needs a reason", help='add --because "…"')
    _close(key, because, at, form)


def _close(key: str, because: str | None, at: str | None, form: Format) -> None:
    project = here()
    database = existing(project)
    done = settle_moment(database, moment(project, at), stated=at is not None)
    one = owing.close_owed(database, key, because, done)
    output.say_json(asdict(one)) if form is Format.JSON else output.say(f"{one.key}: {one.status}")
