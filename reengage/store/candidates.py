"""Who has to be judged, and everything known about them, a page at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from reengage.model.candidate import Candidate, PastTask
from reengage.model.conversation import Conversation, Hold
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
from reengage.store.versions import known

LOOKS_BACK = timedelta(days=400)
"""How far back signals are read: longer than any `good_for`, and enough to tell a silence before an intent."""

_STANDARD = Settings()
_WAITING = (Outcome.DEFERRED, Outcome.COOLDOWN, Outcome.CAPPED, Outcome.STOPPED, Outcome.EXPIRED)
_REACHES = {"email": (Channel.EMAIL,), "phone": (Channel.PHONE, Channel.SMS)}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the rules together could act on: signal kinds, and responses (None: any)."""

    kinds: frozenset[str]
    said: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Question:
    """Whom a run asks about: held contacts with news after `after_seq` and up to `up_to_seq`, or everybody.

    `wanted` leaves out, in the database, those of whom no rule could want anything.
    """

    at: datetime
    after_seq: int
    up_to_seq: int
    everybody: bool = False
    only: frozenset[int] = field(default_factory=frozenset)
    wanted: Wanted | None = None


def pages(connection: Connection, question: Question, size: int) -> Iterator[list[int]]:
    """The contacts to judge, in order of their numbers."""
    last = 0
    while ids := list(connection.execute(_asked(question).where(t.ContactRow.id > last).limit(size)).scalars()):
        yield ids
        last = ids[-1]


def count(connection: Connection, question: Question) -> int:
    """How many contacts there are to judge, those that no rule wants included."""
    everyone = _asked(replace(question, wanted=None)).order_by(None).subquery()
    return int(connection.execute(select(func.count()).select_from(everyone)).scalar_one())


def _asked(question: Question) -> Any:
    held = exists().where(t.HoldRow.contact_id == t.ContactRow.id, known(t.HoldRow, question.at))
    statement = select(t.ContactRow.id).where(held, t.ContactRow.same_as.is_(None)).order_by(t.ContactRow.id)
    if question.wanted:
        statement = statement.where(_is_wanted(question.wanted, question.at))
    if question.only:
        return statement.where(t.ContactRow.id.in_(sorted(question.only)))
    return statement if question.everybody else statement.where(_has_news(question))


def _is_wanted(wanted: Wanted, at: datetime) -> ColumnElement[bool]:
    """Whether any rule could possibly act: it may let too many through, never too few."""
    hold, signal, job, talk = t.HoldRow, t.SignalRow, t.EmploymentRow, t.ConversationRow
    mine = hold.contact_id == t.ContactRow.id
    said = [] if wanted.said is None else [hold.response.in_(sorted(wanted.said))]
    right_kind = and_(signal.kind.in_(sorted(wanted.kinds)), signal.recorded_at <= at)
    employers = select(signal.account_id).where(right_kind, signal.account_id.is_not(None))
    reasons: list[ColumnElement[bool]] = [
        _is_one_of(select(signal.contact_id).where(right_kind, signal.contact_id.is_not(None))),
        _is_one_of(select(job.contact_id).where(job.account_id.in_(employers))),
    ]
    if "timer" in wanted.kinds:
        reasons.append(exists().where(signal.kind == "timer", signal.recorded_at <= at))
    if "snooze_ended" in wanted.kinds:
        reasons.append(exists().where(mine, hold.until.is_not(None)))
    if "contract_renewal" in wanted.kinds:
        reasons.append(_is_one_of(select(talk.contact_id).where(talk.contract_ends.is_not(None))))
    return and_(exists().where(mine, known(hold, at), *said), or_(*reasons))


def _is_one_of(contacts: Any) -> ColumnElement[bool]:
    """Whether any of these contacts is the human that the contact in question stands for."""
    same = t.ContactRow.__table__.alias("same")
    return or_(
        t.ContactRow.id.in_(contacts),
        t.ContactRow.id.in_(select(same.c.same_as).where(same.c.same_as.is_not(None), same.c.id.in_(contacts))),
    )


def _has_news(question: Question) -> ColumnElement[bool]:
    fresh = and_(t.NewsRow.seq > question.after_seq, t.NewsRow.seq <= question.up_to_seq)
    seen = and_(fresh, t.NewsRow.recorded_at <= question.at)
    employers = select(t.NewsRow.account_id).where(seen, t.NewsRow.account_id.is_not(None))
    for_everybody = exists().where(seen, t.NewsRow.contact_id.is_(None), t.NewsRow.account_id.is_(None))
    return or_(
        t.ContactRow.recheck_at <= question.at,
        _is_one_of(select(t.NewsRow.contact_id).where(seen, t.NewsRow.contact_id.is_not(None))),
        _is_one_of(select(t.EmploymentRow.contact_id).where(t.EmploymentRow.account_id.in_(employers))),
        for_everybody,
    )


def watermark(connection: Connection, at: datetime) -> int:
    """The last arrival before anything that was recorded after this moment: what a later run need not look at."""
    later = connection.execute(select(func.min(t.NewsRow.seq)).where(t.NewsRow.recorded_at > at)).scalar()
    if later is not None:
        return int(later) - 1
    return int(connection.execute(select(func.coalesce(func.max(t.NewsRow.seq), 0))).scalar_one())


def signal_mark(connection: Connection, at: datetime) -> int:
    """The number of the last signal recorded up to this moment."""
    statement = select(func.coalesce(func.max(t.SignalRow.seq), 0)).where(t.SignalRow.recorded_at <= at)
    return int(connection.execute(statement).scalar_one())


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
    for id in ids:
        if id not in holds:
            continue
        job, profile, hold = present[id], profiles.get(id), holds[id]
        here = shared_news.get(job.account_id if job else None, []) + shared_news.get(_EVERYBODY, [])
        rows = sorted((*signals.get(id, ()), *here), key=lambda row: row.seq)
        heard = corroborate(_heard(row, accounts) for row in rows)
        left = former_domains(jobs.get(id, ()), accounts)
        found.append(
            Candidate(
                contact=_contact(id, keys[id], profile),
                hold=_hold(hold),
                employment=as_employment(job, accounts) if job else None,
                conversation=spoken[id],
                last_contacted=_last_contacted(talks.get(id, ()), tasks.get(id, ()), at),
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


def _rows(connection: Connection, table: Any, column: Any, ids: Collection[int], *conditions: Any) -> Sequence[Any]:
    return connection.execute(select(table.__table__).where(column.in_(ids), *conditions)).all()


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
        ordered = sorted(some, key=lambda row: (row.contact_id != person, row.id))
        found[person] = {name: next(filter(None, (getattr(row, name) for row in ordered)), None) for name in _PROFILE}
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
    about = and_(row.contact_id.is_(None), or_(row.account_id.in_(employers), row.kind == "timer"))
    shared: dict[int | None, list[Any]] = defaultdict(list)
    for found in connection.execute(select(row.__table__).where(about, stands)):
        shared[_EVERYBODY if found.account_id is None else found.account_id].append(found)
    return own, shared


def _waiting(connection: Connection, person: Mapping[int, int], at: datetime) -> dict[int, dict[str, str]]:
    row: Any = t.DecisionRow
    found: dict[int, dict[str, str]] = defaultdict(dict)
    decisions = _group(connection, row, person, row.outcome.in_(_WAITING), row.recorded_at <= at)
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
    names = Conversation.model_fields.keys() - {"id", "wake_on"}
    return Conversation(id=row.key, wake_on=tuple(row.wake_on), **{name: getattr(row, name) for name in names})


def _conversation(rows: Sequence[Any], id: int | None) -> Conversation | None:
    row = next((row for row in rows if row.id == id), None)
    return as_conversation(row) if row else None


_SPOKEN = ("their_words", "topic", "vendor", "referred_to", "recording_url", "notes")


def _without_closed(connection: Connection, found: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, with whoever said stop taken out of what was said and of what signals say."""
    told = [getattr(one.conversation, name) for one in found if one.conversation for name in _SPOKEN]
    facts = [heard.facts for one in found for heard in one.heard]
    own = [one.contact.own_fields for one in found]
    cut = discreet(connection, strings_in([*told, *facts, *own]))
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


def _reachable(names: Sequence[Any], former: Collection[str]) -> frozenset[Channel]:
    reach: set[Channel] = set()
    for row in names:
        if row.kind == "email" and registrable(row.value.rpartition("@")[2]) in former:
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
    )
