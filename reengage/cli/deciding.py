"""`re-consent`, `merge`, `split`, `erase`, `audit`, `restore-check`: who someone is, and what they said."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from reengage.app import audit as auditing
from reengage.app import consent, erase, identity, restore
from reengage.app.moment import settle_moment
from reengage.app.project import parse_moment
from reengage.cli import output
from reengage.cli.commands import At, Form, Format, app, existing, here, moment
from reengage.model.words import Channel

Because = Annotated[str, typer.Option("--because", help="The reason, for whoever asks later.")]
ContactId = Annotated[str, typer.Argument(metavar="CONTACT", help="A contact_id.")]


@app.command()
def merge(
    keep: Annotated[str, typer.Argument(help="The contact_id that stands for the human from now on.")],
    other: Annotated[str, typer.Argument(help="The contact_id that is the same human.")],
    because: Because,
    at: At = None,
    form: Form = Format.HUMAN,
) -> None:
    """Make two contacts one human: holds and stops are joined, and the stricter one counts.

    Example: reengage merge C-1 C-2 --because "same person, new job"
    """
    project = here()
    database = existing(project)
    done = settle_moment(database, moment(project, at), stated=at is not None)
    _tell(identity.merge(database, project, keep, other, done, because=because), form)


@app.command()
def split(
    contact: ContactId,
    identifier: Annotated[
        str, typer.Argument(help="A contact_id, e-mail, phone number or profile that is not theirs.")
    ],
    because: Because,
    at: At = None,
    form: Form = Format.HUMAN,
) -> None:
    """Take a contact_id or an identifier away from a human; what was closed until now stays closed for both.

    Example: reengage split C-1 C-2 --because "father and son"
    """
    project = here()
    database = existing(project)
    done = settle_moment(database, moment(project, at), stated=at is not None)
    _tell(identity.split(database, project, contact, identifier, done, because=because), form)


def _tell(joined: identity.Joined, form: Format) -> None:
    if form is Format.JSON:
        output.say_json(asdict(joined))
        return
    closed = "; has opted out" if joined.opted_out else ""
    cancelled = f"; {output.counted(joined.cancelled, 'open task')} cancelled" if joined.cancelled else ""
    output.say(f"{joined.keeper} stands for {output.counted(joined.contacts, 'contact')}{closed}{cancelled}")


@app.command("re-consent")
def re_consent(
    contact: ContactId,
    words: Annotated[str, typer.Option("--words", help="What the person said.")],
    wording: Annotated[str, typer.Option("--wording", help="The text they agreed to.")],
    where: Annotated[str, typer.Option("--where", help="Where: a form, a call, a fair.")],
    when: Annotated[str, typer.Option("--when", metavar="ISO", help="When they said it.")],
    proof: Annotated[str, typer.Option("--proof", help="Where the proof lies.")],
    recorded_by: Annotated[str, typer.Option("--recorded-by", help="Who of us took it.")],
    approved_by: Annotated[str, typer.Option("--approved-by", help="Who else of us looked at it.")],
    channel: Annotated[
        list[Channel] | None, typer.Option("--channel", help="Only this channel; all by default.")
    ] = None,
    at: At = None,
    form: Form = Format.HUMAN,
) -> None:
    """Take one person's word that they want to hear from us again, with evidence and later than their stop.

    Example: reengage re-consent C-1 --words "yes, write to me again" --wording "newsletter form, version 3"
    --where "our web site" --when 2026-10-01T09:00:00Z --proof "form entry 4711" --recorded-by pat@us.example
    --approved-by lee@us.example
    """
    project = here()
    database = existing(project)
    evidence = consent.Evidence(
        words, wording, where, parse_moment(when, project.settings.zone), proof, recorded_by, approved_by
    )
    done = settle_moment(database, moment(project, at), stated=at is not None)
    lifted = consent.allow_again(database, contact, evidence, done, tuple(channel or ()))
    if form is Format.JSON:
        output.say_json({"lifted": lifted})
    else:
        output.say(f"{output.counted(lifted, 'stop')} of {contact} lifted; the ledger keeps all of it")


@app.command("erase")
def erase_contact(
    contact: ContactId,
    forget_only: Annotated[
        bool, typer.Option("--forget-only", help="Do not opt them out; only what they said before stays.")
    ] = False,
    at: At = None,
    form: Form = Format.HUMAN,
) -> None:
    """Take away everything known of a person; keyed digests keep their no, also when they are imported again.

    Example: reengage erase C-1
    """
    project = here()
    database = existing(project)
    done = settle_moment(database, moment(project, at), stated=at is not None)
    with output.progress("erasing"):
        gone = erase.erase(database, project, contact, done, forget_only=forget_only)
    if form is Format.JSON:
        output.say_json({**asdict(gone), "files": [str(path) for path in gone.files]})
        return
    no = "their no stays, in keyed digests" if gone.opted_out else "nothing stays but what they had said"
    output.say(f"erased: {output.counted(gone.contacts, 'contact')}; {no}")
    for path in gone.files:
        output.say(f"  {path} still names them: delete it when its reader is done", style="yellow")
    if not database.is_sqlite:
        output.say("  PostgreSQL keeps dead rows until VACUUM, and its write-ahead log and backups as you set them")


audit = typer.Typer(help="Look at the ledger of stops.", no_args_is_help=True)
app.add_typer(audit, name="audit")


@audit.command("verify")
def verify(form: Form = Format.HUMAN) -> None:
    """Walk the whole ledger, and name every entry that was altered, removed or put in another order. Exit 1 if any.

    Example: reengage audit verify
    """
    database = existing(here())
    with output.progress("walking the ledger"):
        found = auditing.verify(database)
    if form is Format.JSON:
        output.say_json(asdict(found))
    elif found.findings:
        for finding in found.findings:
            output.say(finding, style="red")
    else:
        output.say(f"the ledger is whole: {output.counted(found.entries, 'entry', 'entries')}")
    if found.findings:
        raise typer.Exit(1)


@app.command("restore-check")
def restore_check(
    replay: Annotated[bool, typer.Option("--replay", help="Record the missing stops once more.")] = False,
    at: At = None,
    form: Form = Format.HUMAN,
) -> None:
    """After a backup was put back: which stops the database lacks. Exit 1 while any is missing.

    Example: reengage restore-check --replay
    """
    project = here()
    database = existing(project)
    found = restore.check(database, moment(project, at), replay=replay)
    left = found.missing if not found.kept else 0
    if form is Format.JSON:
        output.say_json({**asdict(found), "kept": str(found.kept) if found.kept else None})
    elif found.kept:
        output.say(f"{output.counted(found.replayed, 'stop')} recorded once more; the old journal is {found.kept.name}")
        for contact in found.to_erase:
            output.say(f"  {contact} had been erased since, and is back: reengage erase {contact}")
        output.say("  import newer opt-outs from your other systems before the next run")
    elif left:
        lost = output.counted(left, "entry", "entries")
        output.say(f"the database lacks {lost} of the ledger: reengage restore-check --replay", style="red")
    else:
        output.say(f"nothing is missing: {output.counted(found.entries, 'entry', 'entries')} in the journal")
    if left:
        raise typer.Exit(1)
