"""Everything known about those who have to be judged, a page at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from reengage.model.candidate import Candidate, PastTask, Touch
from reengage.model.conversation import READ, Conversation, Hold
from reengage.model.facts import Fact
from reengage.model.people import Account, Contact, Owner
from reengage.model.settings import Settings
from reengage.model.signal import FactValue, Heard, typed_fact
from reengage.model.words import AccountStatus, Channel, Outcome, TaskState
from reengage.people.identifiers import registrable
from reengage.people.moves import corroborate
from reengage.store import columns as t
from reengage.store import identity
from reengage.store import signals as arrived
from reengage.store.accounts import read_accounts
from reengage.store.discretion import discreet, replaced, strings_in
from reengage.store.jobs import as_employment, current_job, employments, former_domains
from reengage.store.versions import among, known

LOOKS_BACK = timedelta(days=400)
"""How far back signals are read: longer than any `good_for`, and enough to tell a silence before an intent."""

_STANDARD = Settings()
KEPT_BACK = (Outcome.DEFERRED, Outcome.COOLDOWN, Outcome.CAPPED, Outcome.STOPPED, Outcome.EXPIRED)
"""Outcomes that say what became of a signal that waits."""

_REACHES = {"email": (Channel.EMAIL,), "phone": (Channel.PHONE, Channel.SMS)}


def read(
    connection: Connection,
    ids: Sequence[int],
    at: datetime,
    owners: Mapping[str, Owner],
    settings: Settings = _STANDARD,
) -> list[Candidate]:
    """Everything known about these held contacts at this moment, in the order of their numbers.

    What is known of others who are the same human counts as theirs; who is one is judged as we know it now.
    """
    person = {one: keeper for keeper, group in identity.members(connection, ids).items() for one in group}
    everyone = list(person)
    holds = _latest(connection, t.HoldRow, ids, known(t.HoldRow, at))
    profiles = _profiles(_group(connection, t.ProfileRow, person, known(t.ProfileRow, at)), settings.own_fields)
    keys = {row.id: row.key for row in _rows(connection, t.ContactRow, t.ContactRow.id, ids)}
    jobs = _regroup(employments(connection, everyone, at), person)
    talks = _group(connection, t.ConversationRow, person, t.ConversationRow.recorded_at <= at)
    tasks = _group(connection, t.TaskRow, person, t.TaskRow.created_at <= at)
    used = _group(connection, t.SignalUseRow, person, t.SignalUseRow.recorded_at <= at)
    names = _group(connection, t.IdentifierRow, person, t.IdentifierRow.recorded_at <= at, _is_theirs)
    waiting = _waiting(connection, person, at)
    present = {id: current_job(jobs.get(id, ())) for id in ids}
    signals, shared_news = _signals(connection, person, present, at)
    about = {row.about_id for rows in signals.values() for row in rows} | {
        job.account_id for found in jobs.values() for job in found
    }
    accounts = read_accounts(connection, {id for id in about if id is not None}, at, settings.empty_account_status)
    spoken = {id: _conversation(talks.get(id, ()), holds[id].conversation_id) for id in ids if id in holds}
    found = []
    told: dict[int, Heard] = {}
    for id in ids:
        if id not in holds:
            continue
        job, profile, hold = present[id], profiles.get(id), holds[id]
        here = shared_news.get(job.account_id if job else None, []) + shared_news.get(_EVERYBODY, [])
        rows = sorted((*signals.get(id, ()), *here), key=lambda row: row.seq)
        for row in rows:
            if row.seq not in told:
                told[row.seq] = _heard(row, accounts)
        heard = corroborate(told[row.seq] for row in rows)
        left = former_domains(jobs.get(id, ()), accounts)
        found.append(
            Candidate(
                contact=_contact(id, keys[id], profile),
                hold=_hold(hold),
                employment=as_employment(job, accounts) if job else None,
                conversation=spoken[id],
                last_contacted=_last_contacted(talks.get(id, ()), tasks.get(id, ()), at),
                touches=_touches(talks.get(id, ()), at),
                reachable=_reachable(names.get(id, ()), left),
                heard=heard,
                used=frozenset(row.key for row in used.get(id, ())),
                tasks=tuple(_past_task(row, at) for row in tasks.get(id, ())),
                waiting=waiting.get(id, {}),
                owners=owners,
            )
        )
    return _without_closed(connection, found)


_EVERYBODY = -1
_is_theirs = and_(~t.IdentifierRow.detached, ~t.IdentifierRow.doubtful)


_UNREAD = {
    t.SignalRow: {"keys", "received_id", "line", "recorded_at", "rejected_at"},
    t.DecisionRow: {"run_id", "revision", "reason", "recorded_at"},
    t.ConversationRow: {"tags", "recorded_at"},
    t.HoldRow: {"recorded_at", "superseded_at"},
    t.ProfileRow: {"recorded_at", "superseded_at"},
}
_READ = {
    t.ContactRow: {"id", "key"},
    t.IdentifierRow: {"contact_id", "kind", "value"},
    t.SignalUseRow: {"contact_id", "key"},
    t.TaskRow: {"contact_id", *PastTask.model_fields},
}
"""Columns that judging looks at, and above those it does not: texts of old tasks, JSON and moments cost the most."""


def _rows(connection: Connection, table: Any, column: Any, ids: Collection[int], *conditions: Any) -> Sequence[Any]:
    columns = _columns(table)
    return connection.execute(select(*columns).where(among(connection, column, ids), *conditions)).all()


@lru_cache
def _columns(table: Any) -> list[Any]:
    """What is read of a table."""
    names = table.__table__.columns.keys()
    wanted = _READ.get(table, set(names)) - _UNREAD.get(table, set())
    return [table.__table__.columns[name] for name in names if name in wanted]


def _group(connection: Connection, table: Any, person: Mapping[int, int], *conditions: Any) -> dict[int, list[Any]]:
    """The rows of these contacts, under the one who stands for each."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in _rows(connection, table, table.contact_id, person.keys(), *conditions):
        found[person[row.contact_id]].append(row)
    return found


def _regroup(rows: Mapping[int, list[Any]], person: Mapping[int, int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for contact in sorted(rows):
        found[person[contact]] += rows[contact]
    return found


def _profiles(rows: Mapping[int, list[Any]], declared: Mapping[str, Fact]) -> dict[int, dict[str, Any]]:
    """Each person's own profile, with what is empty in it from their other contacts."""
    found = {}
    for person, some in rows.items():
        ordered = sorted(some, key=lambda row: (row.contact_id != person, row.id)) if len(some) > 1 else some
        cells = [_profile_cells(row) for row in ordered]
        found[person] = {name: next(filter(None, column), None) for name, *column in zip(_PROFILE, *cells, strict=True)}
        told = {name: value for row in reversed(ordered) for name, value in row.own_fields.items()}
        found[person]["own_fields"] = dict(_own_fields(told, declared))
    return found


def _own_fields(told: Mapping[str, Any], declared: Mapping[str, Fact]) -> Iterator[tuple[str, FactValue]]:
    """What the project declares now; what was taken in under another type is unknown."""
    for name, fact in declared.items():
        with suppress(ValueError):
            if (value := typed_fact(fact, told.get(name))) is not None:
                yield name, value


_PROFILE = ("first_name", "last_name", "country", "owner_email", "crm_system", "crm_id")
_profile_cells = attrgetter(*_PROFILE)


def _latest(connection: Connection, table: Any, ids: Collection[int], condition: Any) -> dict[int, Any]:
    rows = _rows(connection, table, table.contact_id, ids, condition)
    return {row.contact_id: row for row in sorted(rows, key=lambda row: row.id)}


def _signals(
    connection: Connection, person: Mapping[int, int], present: Mapping[int, Any], at: datetime
) -> tuple[dict[int, list[Any]], dict[int | None, list[Any]]]:
    """Signals about these contacts, and those about their companies or about everybody."""
    row: Any = t.SignalRow
    stands = and_(
        row.recorded_at <= at,
        row.occurred_at >= at - LOOKS_BACK,
        or_(row.rejected_at.is_(None), row.rejected_at > at),
        row.kind != "opt_out",
    )
    own = _group(connection, row, person, stands)
    employers = {job.account_id for job in present.values() if job is not None and job.account_id is not None}
    theirs = among(connection, row.account_id, employers)
    about = and_(func.coalesce(row.contact_id, 0) == 0, or_(theirs, row.kind == "timer"))
    shared: dict[int | None, list[Any]] = defaultdict(list)
    for found in connection.execute(select(*_columns(row)).where(about, stands)):
        shared[_EVERYBODY if found.account_id is None else found.account_id].append(found)
    return own, shared


def _waiting(connection: Connection, person: Mapping[int, int], at: datetime) -> dict[int, dict[str, str]]:
    row: Any = t.DecisionRow
    found: dict[int, dict[str, str]] = defaultdict(dict)
    decisions = _group(connection, row, person, row.outcome.in_(KEPT_BACK), row.recorded_at <= at)
    for one, rows in decisions.items():
        for told in sorted(rows, key=lambda row: row.id):
            if told.outcome == Outcome.EXPIRED:
                found[one].pop(told.trigger, None)
            elif told.trigger and told.rule:
                found[one][told.trigger] = told.rule
    return found


def _contact(id: int, key: str, profile: Any) -> Contact:
    told = {name: value for name, value in (profile or {}).items() if value is not None}
    return Contact(id=id, key=key, **told)


def _hold(row: Any) -> Hold:
    return Hold(
        id=row.id,
        kind=row.kind,
        since=row.since,
        until=row.until,
        promised=row.promised,
        response=row.response,
        category=row.category,
        wake_on=tuple(row.wake_on),
    )


def as_conversation(row: Any) -> Conversation:
    """A stored conversation as a noun."""
    told = dict(zip(_TALK, _talk_cells(row), strict=True))
    return Conversation(id=row.key, wake_on=tuple(row.wake_on), **told)


_TALK = tuple(sorted(Conversation.model_fields.keys() - {"id", "wake_on"}))
_talk_cells = attrgetter(*_TALK)


def _conversation(rows: Sequence[Any], id: int | None) -> Conversation | None:
    row = next((row for row in rows if row.id == id), None)
    return as_conversation(row) if row else None


_SPOKEN = ("their_words", "topic", "vendor", "referred_to", "recording_url", "notes")


def _without_closed(connection: Connection, found: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, with whoever said stop taken out of what was said and of what signals say."""
    told = [getattr(one.conversation, name) for one in found if one.conversation for name in _SPOKEN]
    facts = {id(heard): heard.facts for one in found for heard in one.heard}  # a company's signals concern many
    own = [one.contact.own_fields for one in found]
    cut = discreet(connection, strings_in([*told, *facts.values(), *own]))
    return [_cut(one, cut) for one in found] if cut else list(found)


def _cut(one: Candidate, cut: Mapping[str, str]) -> Candidate:
    talk = one.conversation
    spoken = talk and talk.model_copy(update={name: _told(name, getattr(talk, name), cut) for name in _SPOKEN})
    heard = tuple(signal.model_copy(update={"facts": replaced(signal.facts, cut)}) for signal in one.heard)
    contact = one.contact.model_copy(update={"own_fields": replaced(one.contact.own_fields, cut)})
    return one.model_copy(update={"contact": contact, "conversation": spoken, "heard": heard})


def _told(name: str, text: str | None, cut: Mapping[str, str]) -> str | None:
    """What was said; a field that is about somebody else goes altogether, since it says their name as well."""
    if text in cut and name in ("referred_to", "notes"):
        return None
    return replaced(text, cut)


def _last_contacted(talks: Sequence[Any], tasks: Sequence[Any], at: datetime) -> datetime | None:
    touched = [row.at for row in talks if row.at <= at]
    touched += [
        row.closed_at for row in tasks if row.state == TaskState.COMPLETED and row.closed_at and row.closed_at <= at
    ]
    return max(touched, default=None)


def _touches(talks: Sequence[Any], at: datetime) -> tuple[Touch, ...]:
    """All conversations up to a moment; one of which a person has said later what it means counts once."""
    first = talks
    if any(row.key.endswith(READ) for row in talks):
        keys = {row.key for row in talks}
        first = [row for row in talks if not (row.key.endswith(READ) and row.key.removesuffix(READ) in keys)]
    return tuple(Touch(at=row.at, channel=row.channel, rep=row.rep_email) for row in first if row.at <= at)


def _reachable(names: Sequence[Any], former: Collection[str]) -> frozenset[Channel]:
    reach: set[Channel] = set()
    for row in names:
        if former and row.kind == "email" and registrable(row.value.rpartition("@")[2]) in former:
            continue
        reach.update(_REACHES.get(row.kind, (Channel.LINKEDIN,) if row.kind.startswith("linkedin") else ()))
    return frozenset(reach)


def _heard(row: Any, accounts: Mapping[int, Account]) -> Heard:
    account = accounts.get(row.about_id)
    if account is None and row.kind == "job_change":
        facts = row.facts
        account = Account(
            name=str(facts.get("new_company", "")), domain=facts.get("new_domain"), status=AccountStatus.NEW
        )
    return arrived.as_heard(row, account)


def _past_task(row: Any, at: datetime) -> PastTask:
    closed = row.closed_at if row.closed_at is not None and row.closed_at <= at else None
    return PastTask(
        key=row.key,
        rule=row.rule,
        created_at=row.created_at,
        due=row.due,
        channel=row.channel,
        state=row.state if closed or row.closed_at is None else TaskState.OPEN,
        closed_at=closed,
        owner=row.owner,
    )
