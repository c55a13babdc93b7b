"""Signals that never came, added to what is known of a contact as if they had."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import Connection

from reengage.app.hearing import certainty_of, read_titles
from reengage.app.linking import place_of
from reengage.engine.now import Now
from reengage.language.ruleset import RuleSet
from reengage.language.testfile import GivenSignal
from reengage.language.titles import Titles
from reengage.model.candidate import Candidate
from reengage.model.people import Account, Employment
from reengage.model.settings import Settings
from reengage.model.signal import FactValue, Heard, Signal
from reengage.model.words import AccountStatus, Certainty
from reengage.people.moves import corroborate
from reengage.store import accounts, narrowing, signals

SOURCE = "supposed"
"""The source of a signal that never came."""

MIDDAY = timedelta(hours=12)
"""When on its day a supposed signal occurs, in the project's time zone."""


def suppose(
    connection: Connection,
    candidate: Candidate,
    given: Sequence[GivenSignal],
    rules: RuleSet,
    settings: Settings,
    now: Now,
) -> Candidate:
    """The contact as if these signals had been received now, as certain as ingest would find them.

    A move that is certain changes the job; by which channels the contact can be reached stays as it is.
    """
    came = [_signal(number, one, rules.titles, now) for number, one in enumerate(given, 1)]
    mark = narrowing.signal_mark(connection, now.at)
    history = signals.histories(connection, [candidate.contact.id], now.at).get(candidate.contact.id, [])
    places = _places(connection, came, settings.empty_account_status, now)
    supposed = [
        _heard(mark + number, one, certainty_of(one, history, rules.titles), place)
        for number, (one, place) in enumerate(zip(came, places, strict=True), 1)
    ]
    heard = corroborate((*candidate.heard, *supposed))
    return candidate.model_copy(update={"heard": heard, "employment": _job(candidate, heard)})


def _signal(number: int, given: GivenSignal, titles: Titles, now: Now) -> Signal:
    return Signal(
        id=str(number),
        source=SOURCE,
        kind=given.kind,
        occurred_at=min(now.at, now.start_of(given.day) + MIDDAY),
        received_at=now.at,
        facts=read_titles(dict(given.facts), titles),
    )


def _places(connection: Connection, came: Iterable[Signal], empty: AccountStatus, now: Now) -> list[Account | None]:
    """The company that each signal is about, where it says one; `new` where our book does not have it."""
    named = [place_of(signal) for signal in came]
    found = accounts.find_accounts(connection, named)
    ids = [accounts.account_of(found, *place) for place in named]
    known = accounts.read_accounts(connection, (id for id in ids if id is not None), now.at, empty)
    return [known.get(id) if id is not None else _new(*place) for id, place in zip(ids, named, strict=True)]


def _new(name: str | None, domain: str | None) -> Account | None:
    return Account(name=name or "", domain=domain, status=AccountStatus.NEW) if name or domain else None


def _heard(seq: int, signal: Signal, certainty: Certainty, place: Account | None) -> Heard:
    names = ("source", "id", "kind", "occurred_at", "received_at", "facts")
    return Heard(seq=seq, certainty=certainty, account=place, **{name: getattr(signal, name) for name in names})


def _job(candidate: Candidate, heard: Iterable[Heard]) -> Employment | None:
    """The job after every move that has become certain."""
    before = {one.key for one in candidate.heard if one.certainty is Certainty.CONFIRMED}
    moves = (
        one
        for one in heard
        if one.kind in signals.MOVES and one.certainty is Certainty.CONFIRMED and one.key not in before
    )
    job = candidate.employment
    for move in sorted(moves, key=lambda one: (one.occurred_at, one.seq)):
        job = _after(job, move)
    return job


def _after(job: Employment | None, move: Heard) -> Employment | None:
    if job and job.since and job.since > move.occurred_at:
        return job
    facts, place = move.facts, {"job_change": move.account, "promotion": job.account if job else None}.get(move.kind)
    return Employment(
        account=place or Account(),
        title=_text(facts.get("new_title")),
        seniority=_text(facts.get("new_seniority")),
        department=(_text(facts.get("new_department")) or "").casefold() or None,
        since=move.occurred_at,
    )


def _text(value: FactValue | None) -> str | None:
    return str(value) if value is not None else None
