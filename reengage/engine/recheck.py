"""When time alone could next change what is decided of a contact.

Between these moments the verdict is constant, so an incremental run that looks again at each of them misses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from reengage.engine.care import crowd_ends
from reengage.engine.news import ActiveRule, contract_days, everything_heard, good_until, stops_heard
from reengage.engine.now import Now
from reengage.engine.relevance import Concern
from reengage.engine.tasks import LAPSES_AFTER
from reengage.language.tree import Between, Line, Span, Who
from reengage.model.candidate import Candidate

_INSTANT = timedelta(microseconds=1)
_DAY = timedelta(days=1)


def next_turn(
    candidate: Candidate, concerns: Sequence[Concern], contact_cooldown: timedelta, now: Now
) -> datetime | None:
    """The first moment after now at which the verdict on this contact may differ, or None if time cannot change it."""
    moments = (moment for concern in concerns for moment in _turns(candidate, concern, contact_cooldown, now))
    return min((moment for moment in moments if moment > now.at), default=None)


def _turns(candidate: Candidate, concern: Concern, contact_cooldown: timedelta, now: Now) -> Iterator[datetime]:
    active = concern.active
    yield from _dates(candidate, active, now)
    live = [
        heard
        for heard in everything_heard(candidate, active.rule, now, concern.heard)
        if heard.key not in candidate.used and heard.occurred_at >= candidate.hold.since
    ]
    if not live:
        return
    rule, hold = active.rule, candidate.hold
    yield from (good_until(heard, rule, candidate, now) + _INSTANT for heard in live)
    if hold.promised and hold.until:
        yield now.start_of(hold.until)
    yield from crowd_ends(candidate, now)
    for task in candidate.tasks:
        yield task.created_at + contact_cooldown
        yield now.start_of(task.due) + LAPSES_AFTER
        if task.rule in rule.ids:
            yield rule.cooldown.after(task.created_at)
    for line in (*rule.unless, *_lines(rule.who)):
        yield from _ages(line, candidate, now)
    for block in rule.unless_heard:
        heard = stops_heard(candidate, block, now)
        yield from (block.within.after(one.occurred_at) + _INSTANT for one in heard if block.within)


def _dates(candidate: Candidate, active: ActiveRule, now: Now) -> Iterator[datetime]:
    """The days on which a computed signal appears, and on which its `due_in` opens and closes."""
    kinds = {block.kind for block in (*active.rule.when.blocks, *active.rule.unless_heard)}
    talk, hold = candidate.conversation, candidate.hold
    if "snooze_ended" in kinds and hold.until:
        yield now.start_of(hold.until)
    if "contract_renewal" in kinds and talk and talk.contract_ends:
        yield from contract_days(candidate, active.rule, talk.contract_ends, now)
        yield now.start_of(talk.contract_ends + _DAY)
        yield from _windows(active, talk.contract_ends, now)
    if "snooze_ended" in kinds and hold.until:
        yield from _windows(active, hold.until, now)


def _windows(active: ActiveRule, day: date, now: Now) -> Iterator[datetime]:
    blocks = (*active.rule.when.blocks, *active.rule.unless_heard)
    lines = (line for block in blocks for line in block.lines if line.name == "due_in")
    for span in (span for line in lines for span in _spans(line)):
        yield now.start_of(span.before_day(day))
        yield now.start_of(span.before_day(day) + _DAY)


def _ages(line: Line, candidate: Candidate, now: Now) -> Iterator[datetime]:
    known: dict[str, list[datetime | None]] = {
        "held_for": [candidate.hold.since],
        "last_contacted": [candidate.last_contacted],
        "open_task": [task.created_at for task in candidate.tasks],
    }
    own = candidate.contact.own_fields.get(line.name)
    if isinstance(own, date):
        known[line.name] = [now.start_of(own)]
        yield now.start_of(own)
    for anchor in known.get(line.name, []):
        for span in _spans(line):
            if anchor is not None:
                yield span.after(anchor)
                yield span.after(anchor) + _INSTANT


def _spans(line: Line) -> list[Span]:
    if not isinstance(line.test, Between):
        return []
    return [bound for bound in (line.test.at_least, line.test.at_most) if isinstance(bound, Span)]


def _lines(who: Who) -> Iterator[Line]:
    yield from who.lines
    for part in who.any:
        yield from _lines(part)
