"""Who has to be judged: held contacts with news, or everybody, less those of whom no rule could want anything.

The conditions of all rules become one question to the database for each way in which a signal reaches a contact. It may
let too many through, never too few: who is left is judged by the rules themselves.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select, union

from reengage.engine.news import ActiveRule
from reengage.engine.now import Now
from reengage.engine.relevance import About, Interest, interests
from reengage.model.facts import COMPUTED_KINDS
from reengage.store import columns as t
from reengage.store.candidates import KEPT_BACK
from reengage.store.versions import among, chunks, known
from reengage.store.wants import could_matter, is_held_so, kind_of, wants_of


@dataclass(frozen=True, slots=True)
class Question:
    """Whom a run asks about: held contacts with news after `after_seq` and up to `up_to_seq`, or everybody.

    Where there are `rules`, those of whom none of them could want anything are left out.
    """

    now: Now
    after_seq: int
    up_to_seq: int
    everybody: bool = False
    rules: tuple[ActiveRule, ...] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """The contacts to judge by their numbers in order, and how many there were before rules were looked at.

    `later` are those of the others whom a date makes worth judging on some day, with that day.
    """

    ids: Sequence[int]
    total: int
    later: Mapping[int, date] = field(default_factory=dict)

    def pages(self, size: int) -> Pages:
        """The contacts to judge, so many at a time."""
        return Pages(self.ids, size)


@dataclass(frozen=True, slots=True)
class Pages:
    """Contacts by their numbers, so many at a time; each page is made when it is asked for."""

    ids: Sequence[int]
    size: int

    def __len__(self) -> int:
        return -(-len(self.ids) // self.size)

    def __iter__(self) -> Iterator[list[int]]:
        return map(list, (self.ids[start : start + self.size] for start in range(0, len(self.ids), self.size)))


def ask(connection: Connection, question: Question) -> Asked:
    """Find the contacts that have to be judged; what is read grows with the news, and with everybody where asked."""
    everybody = question.everybody or _concerns_everybody(connection, question)
    fresh = None if everybody else _numbers(connection, _with_news(question))
    if question.rules is None:
        ids = _numbers(connection, _held(question.now.at)) if fresh is None else fresh
        return Asked(ids, len(ids))
    wanted = _Wanted(connection, question, tuple(interests(question.rules)))
    for some in [None] if fresh is None else chunks(fresh):
        wanted.look_for(some)
    total = _count(connection, question.now.at) if fresh is None else len(fresh)
    later = {one: day for one, day in wanted.later.items() if one not in wanted.now}
    return Asked(array("q", sorted(wanted.now)), total, later)


def _numbers(connection: Connection, statement: Any) -> array[int]:
    """The numbers of contacts that a statement finds, each once and in order: 8 bytes each."""
    return array("q", sorted(set(connection.execute(statement).scalars())))


def _held(at: datetime) -> Select[Any]:
    """The contacts that are held at a moment and stand for a human."""
    contact, hold = t.ContactRow, t.HoldRow
    is_held = exists().where(hold.contact_id == contact.id, known(hold, at))
    return select(contact.id).where(is_held, contact.same_as.is_(None))


def _count(connection: Connection, at: datetime) -> int:
    return int(connection.execute(select(func.count()).select_from(_held(at).subquery())).scalar_one())


class _Wanted:
    """Those of whom any rule could possibly want something: now, or on a later day."""

    def __init__(self, connection: Connection, question: Question, blocks: Sequence[Interest]) -> None:
        self.connection, self.question = connection, question
        kinds = sorted({one.block.kind for one in blocks})
        self.blocks = {kind: [one for one in blocks if one.block.kind == kind] for kind in kinds}
        self.fits = {
            kind: could_matter(connection, wants_of(some))
            for kind, some in self.blocks.items()
            if kind not in COMPUTED_KINDS
        }
        self.now: set[int] = set()
        self.later: dict[int, date] = {}

    def look_for(self, only: Sequence[int] | None) -> None:
        """Find them among everybody, or among these."""
        people = self._people(only)
        for kind, blocks in self.blocks.items():
            if kind in COMPUTED_KINDS:
                self._by_date(people, kind, blocks)
                continue
            for way in self._ways(people, kind, blocks, everybody=only is None):
                self.now.update(self.connection.execute(way).scalars())
        for way in (self._waiting(people), *self._closed(people, everybody=only is None)):
            self.now.update(self.connection.execute(way).scalars())

    def _people(self, only: Sequence[int] | None) -> Select[Any]:
        """The numbers of those for whom each contact stands, beside their holds."""
        contact, hold = t.ContactRow, t.HoldRow
        people = select(_KEEPER).join(hold, hold.contact_id == _KEEPER).where(known(hold, self.question.now.at))
        if only is None:
            return people
        mine, stand_for = (among(self.connection, column, only) for column in (contact.id, contact.same_as))
        return people.where(or_(mine, stand_for))

    def _ways(
        self, people: Select[Any], kind: str, blocks: Sequence[Interest], everybody: bool
    ) -> Iterator[Select[Any]]:
        """How a signal can reach a contact: it is about them, about a company they worked for, or about everybody."""
        contact, hold, signal, job = t.ContactRow, t.HoldRow, t.SignalRow, t.EmploymentRow
        at = self.question.now.at
        lasts = max((one.active.rule.good_for.after(at) - at for one in blocks), default=timedelta()) + _MARGIN
        fresh = or_(signal.received_at >= at - lasts, hold.promised)
        fits = and_(self.fits[kind], signal.recorded_at <= at, fresh)
        heard = people.where(signal.occurred_at >= hold.since, fits)
        is_kind = kind_of(self.connection) == kind
        yield heard.join(signal, signal.contact_id == contact.id).where(signal.kind == kind if everybody else is_kind)
        works_there, shared = job.contact_id == contact.id, job.account_id == signal.account_id
        yield heard.join(job, works_there).join(signal, shared).where(_of_companies(everybody), is_kind)
        if kind == "timer":
            everyone = and_(signal.kind == kind, signal.contact_id.is_(None), signal.account_id.is_(None))
            yield people.where(exists().where(everyone, signal.occurred_at >= hold.since, fits))

    def _waiting(self, people: Select[Any]) -> Select[Any]:
        """Those for whom an earlier run kept something back, which may have gone stale since."""
        decision = t.DecisionRow
        return people.join(decision, decision.contact_id == t.ContactRow.id).where(decision.outcome.in_(KEPT_BACK))

    def _closed(self, people: Select[Any], everybody: bool) -> Iterator[Select[Any]]:
        """Those who said stop and have something of a kind that rules name: the run says that it leaves them alone."""
        contact, hold, signal, job, talk = t.ContactRow, t.HoldRow, t.SignalRow, t.EmploymentRow, t.ConversationRow
        row = t.OptedOutRow
        any_of_them = contact.id.in_(select(row.contact_id))
        closed = people.where(any_of_them if everybody else exists().where(row.contact_id == contact.id))
        seen = and_(kind_of(self.connection).in_(sorted(self.blocks)), signal.recorded_at <= self.question.now.at)
        works_there, shared = job.contact_id == contact.id, job.account_id == signal.account_id
        yield closed.join(signal, signal.contact_id == contact.id).where(seen)
        yield closed.join(job, works_there).join(signal, shared).where(_of_companies(everybody), seen)
        if "timer" in self.blocks:
            yield closed.where(exists().where(signal.kind == "timer", signal.recorded_at <= self.question.now.at))
        if "snooze_ended" in self.blocks:
            yield closed.where(hold.until.is_not(None))
        if "contract_renewal" in self.blocks:
            yield closed.join(talk, talk.contact_id == contact.id).where(talk.contract_ends.is_not(None))

    def _by_date(self, people: Select[Any], kind: str, blocks: Sequence[Interest]) -> None:
        """Whom the date of their hold, or the end of their contract, makes worth judging: now or on the day it does."""
        hold, talk, now = t.HoldRow, t.ConversationRow, self.question.now
        day = hold.until if kind == "snooze_ended" else talk.contract_ends
        for about, alike in _by_about(blocks).items():
            dated = people.add_columns(day, hold.since).where(day.is_not(None), *is_held_so(about))
            if kind == "contract_renewal":
                dated = dated.join(talk, talk.id == hold.conversation_id)
            for contact, date_of, since in self.connection.execute(dated):
                opens = (one.opens(date_of, now.day_of(since), now.today) for one in alike)
                first = min((found for found in opens if found), default=None)
                if first == now.today:
                    self.now.add(contact)
                elif first:
                    self.later[contact] = min(first, self.later.get(contact, first))


def _of_companies(everybody: bool) -> ColumnElement[bool]:
    """That a signal is about no contact; of some people not by an index, so that their companies are looked up."""
    contact = t.SignalRow.contact_id
    return contact.is_(None) if everybody else func.coalesce(contact, 0) == 0


_KEEPER = func.coalesce(t.ContactRow.same_as, t.ContactRow.id)
_MARGIN = timedelta(days=4)
"""More than calendar months differ by, so that nothing is taken to be stale that is not."""


def _by_about(blocks: Iterable[Interest]) -> dict[About, list[Interest]]:
    found: dict[About, list[Interest]] = defaultdict(list)
    for one in blocks:
        found[one.about].append(one)
    return found


def _with_news(question: Question) -> Select[Any]:
    """Held contacts who have news: their own, of the human they are, of a company they work for, or of time."""
    contact, news, job = t.ContactRow, t.NewsRow, t.EmploymentRow
    fresh = and_(_is_fresh(question), news.recorded_at <= question.now.at)
    found = union(
        select(contact.id.label("id")).where(contact.recheck_at <= question.now.at),
        select(_KEEPER.label("id")).join(news, news.contact_id == contact.id).where(fresh),
        select(_KEEPER.label("id"))
        .join(job, job.contact_id == contact.id)
        .join(news, news.account_id == job.account_id)
        .where(fresh),
    ).subquery()
    return _held(question.now.at).join(found, found.c.id == contact.id)


def _is_fresh(question: Question) -> ColumnElement[bool]:
    return and_(t.NewsRow.seq > question.after_seq, t.NewsRow.seq <= question.up_to_seq)


def _concerns_everybody(connection: Connection, question: Question) -> bool:
    """Whether there is news that is about everybody."""
    news = t.NewsRow
    nobody = (news.contact_id.is_(None), news.account_id.is_(None), news.recorded_at <= question.now.at)
    return connection.execute(select(news.seq).where(_is_fresh(question), *nobody).limit(1)).first() is not None


def watermark(connection: Connection, at: datetime) -> int:
    """The last arrival before anything that was recorded after this moment: what a later run need not look at."""
    # "+ 0", or SQLite goes through all news in their order instead of looking up those after the moment
    later = connection.execute(select(func.min(t.NewsRow.seq + 0)).where(t.NewsRow.recorded_at > at)).scalar()
    if later is not None:
        return int(later) - 1
    return int(connection.execute(select(func.coalesce(func.max(t.NewsRow.seq), 0))).scalar_one())


def signal_mark(connection: Connection, at: datetime) -> int:
    """The number of the last signal recorded up to this moment."""
    statement = select(func.coalesce(func.max(t.SignalRow.seq), 0)).where(t.SignalRow.recorded_at <= at)
    return int(connection.execute(statement).scalar_one())
