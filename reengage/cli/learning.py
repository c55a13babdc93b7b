"""`report`: what can be learnt from answers, with bars, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from typing import Annotated

import typer
from rich.table import Table

from reengage.app.comparing import Figure
from reengage.app.learned import Bar, Group, Learned, Rule, Turned, Work
from reengage.app.learning import learn, period_of
from reengage.app.shares import FEWEST, Share
from reengage.cli import output
from reengage.cli.commands import At, Form, Format, app, here, moment, writable
from reengage.model.errors import UsageError
from reengage.store.learning import By
from reengage.store.reengaged import FOLLOW_UPS, Spread

MOST_SHOWN = 20
"""Groups and weeks that are shown; the rest is counted. JSON has all of them."""

WIDTH = 24
"""Letters of a bar that stands for all."""

_NOTHING = "nothing to learn from yet: reengage import conversations FILE.csv, or reengage respond"


@app.command()
def report(
    first: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="The first day; all there is by default.")
    ] = None,
    last: Annotated[str | None, typer.Option("--until", metavar="DAY", help="The last day; today by default.")] = None,
    by: Annotated[By | None, typer.Option("--by", help="Compare parts of the period.")] = None,
    rep: Annotated[
        str | None, typer.Option("--rep", metavar="EMAIL", help="What this rep alone did and heard.")
    ] = None,
    at: At = None,
    form: Form = Format.HUMAN,
) -> None:
    """Show what can be learnt from answers: why people say no, and what came of it.

    Example: reengage report --from 2026-07-01 --by script

    Shares stand with the interval in which they may lie. Nobody who was contacted is named.
    """
    project = here()
    now = moment(project, at)
    period = period_of(project, now, _day(first, "--from"), _day(last, "--until"), rep)
    found = learn(writable(project), project, period, now, by)
    if form is Format.JSON:
        output.say_json(asdict(found))
    elif found.is_empty:
        output.say(_NOTHING)
    else:
        _show(found)


def _day(text: str | None, option: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f'{option} "{text}" is not a day', help="write it as in 2026-10-01") from None


def _show(found: Learned) -> None:
    _show_head(found)
    _show_bars(f"why they said no, of {output.counted(found.noes, 'no', 'noes')}", found.categories)
    _show_bars(f"what they said, of {output.counted(found.answers, 'answer')}", found.responses)
    _show_groups(found)
    _show_rules(found.rules)
    for line in _lines(found):
        output.say(line)
    _show_work(found.work)
    _show_benchmarks(found)


def _show_head(found: Learned) -> None:
    since = f"from {found.first} " if found.first else ""
    whose = f" of {found.rep}" if found.rep else ""
    stops = output.counted(found.stops.share.count, "stop")
    counts = (output.counted(found.conversations, "conversation"), output.counted(found.answers, "answer"), stops)
    output.say(f"{since}until {found.last}{whose}: {', '.join(counts)}", style="bold")
    if found.automatic:
        output.say(f"  {output.counted(found.automatic, 'automatic reply', 'automatic replies')}, in no share")


def _show_bars(title: str, bars: Sequence[Bar]) -> None:
    """A bar for each share, as long as it is, with its interval."""
    if not any(bar.share.of for bar in bars):
        return
    shown = output.console()
    block = "#" if shown.options.ascii_only else "█"
    table = Table(title=title, title_justify="left", title_style="bold", box=None, show_header=False)
    for justify in ("left", "right", "left", "left"):
        table.add_column(justify=justify, no_wrap=True)
    for bar in bars:
        length = round(WIDTH * (bar.share.share or 0))
        table.add_row(_plain(bar.name), f"{bar.share.count:,}", f"[cyan]{block * length}[/]", _share(bar.share))
    shown.print(table)


def _plain(word: str) -> str:
    return word.replace("_", " ")


def _share(share: Share) -> str:
    """A share with its interval, and whether it says anything."""
    if share.share is None:
        return f"{share.count:,} of {share.of:,}: more than there can be" if share.of else "-"
    if not share.enough:
        return f"{share.count:,} of {share.of:,} ({_percents(share, share.low, share.high)} %), too few to tell"
    return f"{_percents(share, share.share)} % ({_percents(share, share.low, share.high)})"


def _percents(share: Share, *numbers: float) -> str:
    """Percents, with more places for what is small or known closely."""
    size = min(share.high / 5, share.high - share.low)
    places = 0 if size > 0.02 else 1 if size > 0.002 else 2
    return " to ".join(f"{100 * number:.{places}f}" for number in numbers)


def _short(share: Share) -> str:
    """The interval alone, for a cell of a wide table; the counts where there are too few."""
    if not share.enough:
        return f"{share.count:,} of {share.of:,}" if share.of else "-"
    return f"{_percents(share, share.low, share.high).replace(' to ', '-')} %"


def _show_groups(found: Learned) -> None:
    headings = (found.by or "", "talks", "noes", "timing", "fit", "delivery", "mood", "positive", "stops", "harsh")
    output.say_table(headings, map(_group, found.groups[:MOST_SHOWN]), title=f"by {found.by}")
    left = found.groups[MOST_SHOWN:]
    if left:
        talks = sum(group.conversations for group in left)
        output.say(f"  and {len(left):,} more with {output.counted(talks, 'conversation')} (--format json has all)")


def _group(group: Group) -> Sequence[str]:
    stands_out = f" {group.stands_out} all" if group.stands_out else ""
    return (
        group.name,
        f"{group.conversations:,}",
        f"{group.noes:,}",
        *(_short(bar.share) for bar in group.categories),
        f"{_short(group.positive)}{stands_out}",
        _short(group.stops),
        f"{group.harsh:,}",
    )


def _show_rules(rules: Sequence[Rule]) -> None:
    headings = ("rule", "tasks", "handed over", "done", "conversations", "meetings", "of those done", "stops after")
    rows = (
        (
            rule.rule,
            f"{rule.made:,}",
            f"{rule.handed_over:,}",
            _short(rule.done),
            f"{rule.conversations:,}",
            f"{rule.meetings:,}",
            _short(rule.led_on),
            f"{rule.stops:,}",
        )
        for rule in rules
    )
    output.say_table(headings, rows, title="what came of tasks")


def _lines(found: Learned) -> Iterator[str]:
    """What fits into a sentence."""
    yield from _turned("a first no", found.first_noes)
    yield from _turned("a no of timing", found.not_now)
    stops = found.stops
    if stops.took.count:
        late = f"{stops.late:,} of {stops.took.count:,} took more than 24 hours"
        yield f"from stop to suppression: {_took(stops.took)}; {late}"
    if stops.repeated.of:
        repeated = output.counted(stops.repeated.count, "stop")
        yield f"{repeated} by people who were closed already: {_share(stops.repeated)}"
    if found.owed.counts:
        counts = ", ".join(f"{number:,} {state}" for state, number in sorted(found.owed.counts.items()))
        yield f"answers owed: {counts}; in time: {_share(found.owed.met)}"
    if found.owed.took.count:
        yield f"time to acknowledge: {_took(found.owed.took)}"
    tagged = [f"{_plain(name)} {number:,}" for name, number in found.to_review.items() if number]
    if tagged:
        yield f"to look at: {', '.join(tagged)}"


def _turned(after: str, turned: Turned) -> Iterator[str]:
    share, many = turned.turned, turned.many_follow_ups
    if not share.of:
        return
    counts = f", {share.count:,} of {share.of:,} people" if share.enough else ""
    patient = f"; {many.count:,} of them after {FOLLOW_UPS} follow-ups or more" if many.count else ""
    yield f"turned after {after}: {_share(share)}{counts}{patient}"


def _took(spread: Spread) -> str:
    if spread.median is None or spread.most is None or spread.longest is None:
        return "-"
    return f"half within {_time(spread.median)}, 95 % within {_time(spread.most)}, at worst {_time(spread.longest)}"


def _time(seconds: int) -> str:
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * size:
            return output.counted(round(seconds / size), unit)
    return output.counted(seconds, "second")


def _show_work(work: Work) -> None:
    headings = ("rep", "week", "days", "dials", "voicemails", "e-mails", "researched", "scripts tested")
    rows = (
        (one.rep, one.week, one.days, one.dials, one.voicemails, one.sends, one.contacts_researched, one.scripts_tested)
        for one in work.weeks[:MOST_SHOWN]
    )
    output.say_table(headings, rows, title="what is yours to decide")
    if len(work.weeks) > MOST_SHOWN:
        output.say(f"  and {len(work.weeks) - MOST_SHOWN:,} more weeks of reps (--format json has all)")
    rates = {
        "conversations per dial": work.conversations_per_dial,
        "answers per e-mail": work.answers_per_email,
        "complaints per e-mail": work.complaints,
        "unsubscribes per e-mail": work.unsubscribes,
    }
    for name, share in rates.items():
        if share.of:
            output.say(f"{name}: {_share(share)}")
    if not work.weeks:
        output.say("how much it took is not known: reengage import activities FILE.csv")


def _show_benchmarks(found: Learned) -> None:
    rows = [
        (one.about, _figure(one.figure, one.unit), f"{one.kind}: {one.theirs}", one.says, one.source)
        for one in found.benchmarks
        if one.figure
    ]
    output.say_table(("figure", "ours", "theirs", "so", "who says so"), rows, title="beside what others say")
    for one in found.benchmarks:
        if one.advice:
            output.say(f"  {one.about}: {one.advice}", style="yellow")
    if rows:
        output.say(
            f"  their numbers are claims; rules/benchmarks.yaml has them. Under {FEWEST} nothing is said of a share"
        )


def _figure(figure: Figure, unit: str) -> str:
    return _share(figure.share) if figure.share else f"{figure.value:,.1f} {unit}"
