"""What can be learnt from answers: why people say no, to whom and when, what came of it, what others say of that."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from reengage.app.comparing import Figure, compare, exactly, percent
from reengage.app.learned import Bar, Group, Learned, Owed, Rule, Stops, Turned, Work
from reengage.app.project import FILE, Project
from reengage.app.shares import Share, share_of
from reengage.language.benchmarks import Measure
from reengage.language.ruleset import RuleSet
from reengage.language.titles import Titles
from reengage.model.base import in_utc
from reengage.model.errors import UsageError
from reengage.model.words import STOPS, Category, Channel, Response
from reengage.people.identifiers import canonical_email
from reengage.store import activities, learning, reengaged
from reengage.store.database import Database
from reengage.store.learning import AUTOMATIC, INDUSTRY, By, Tally
from reengage.store.localtime import week_name
from reengage.store.period import Period
from reengage.store.reengaged import OfRule
from reengage.store.snapshot import snapshot

HARSH = frozenset({Response.HOSTILE, Response.STOP_CALLING})
"""Stops that are hard to hear; [B] has reps pause after one."""

NOT_SAID = "(not said)"
UNREAD = "(title says neither)"


def period_of(project: Project, at: datetime, first: date | None, last: date | None, rep: str | None) -> Period:
    """The period from one day to another, both included, in the project's zone; until now where none is said.

    Raises UsageError where it ends before it begins, and for a rep whose e-mail cannot be read.
    """
    zone = project.settings.zone
    last = last or at.astimezone(ZoneInfo(zone)).date()
    if first and first > last:
        raise UsageError(f"{first} is later than {last}", help="give the first day with --from, the last with --until")
    email = canonical_email(rep) if rep else None
    if rep and email is None:
        raise UsageError(f'"{rep}" is no e-mail', help="give the rep's address, as in the owners file")
    return Period(first, last, zone, email)


def learn(
    database: Database,
    project: Project,
    period: Period,
    at: datetime,
    by: By | None = None,
    rules: RuleSet | None = None,
) -> Learned:
    """What can be learnt from a period, as of a moment, and with `by` from parts of it; by the project's own rules.

    Raises ReengageError where these have errors, UsageError for an industry that the project does not declare.
    """
    rules, at = rules or project.usable_rules(), in_utc(at)
    if by is By.INDUSTRY and INDUSTRY not in project.settings.own_fields:
        help = f'add to {FILE} under [fields]: industry = "text", then import contacts with a column of that name'
        raise UsageError("this project has no field called industry", help=help)
    with snapshot(database) as connection:
        return _Study(connection, rules, period, at).report(by)


@dataclass(slots=True)
class Counts:
    """How often what was said."""

    conversations: int = 0
    answers: int = 0
    responses: Counter[Response] = field(default_factory=Counter)
    categories: Counter[Category] = field(default_factory=Counter)

    def add(self, one: Tally) -> None:
        """Count some conversations."""
        self.conversations += one.number
        if one.response:
            self.responses[one.response] += one.number
        if one.category:
            self.categories[one.category] += one.number
        if one.response not in AUTOMATIC and (one.response or one.category):
            self.answers += one.number

    def of(self, some: Iterable[Response]) -> int:
        """How often one of these was the response."""
        return sum(self.responses[one] for one in some)

    def share(self, *some: Response) -> Share:
        """The share of these among the answers."""
        return share_of(self.of(some), self.answers)

    @property
    def by_category(self) -> tuple[Bar, ...]:
        """The share of each category among the noes."""
        noes = self.categories.total()
        return tuple(Bar(category, share_of(self.categories[category], noes)) for category in Category)

    @property
    def by_response(self) -> tuple[Bar, ...]:
        """The share of each response that was given, the most frequent first."""
        given = [(one, number) for one, number in self.responses.most_common() if one not in AUTOMATIC]
        return tuple(Bar(one, share_of(number, self.answers)) for one, number in given)


def counts_of(tallies: Iterable[Tally]) -> Counts:
    """All of these together."""
    counts = Counts()
    for one in tallies:
        counts.add(one)
    return counts


@dataclass(frozen=True, slots=True)
class _Study:
    """One reading of the database, in one state of it."""

    connection: Connection
    rules: RuleSet
    period: Period
    at: datetime

    def report(self, by: By | None) -> Learned:
        """All of it."""
        counts = counts_of(self._tally())
        stops, work = self._stops(counts), self._work()
        first_noes, not_now = self._turned(None), self._turned(Category.TIMING)
        figures = {
            **_of_work(work),
            **_of_answers(counts, self._on_the_phone(), stops),
            Measure.NO_CONVERSION: percent(first_noes.turned),
            Measure.NOT_NOW_CONVERSION: percent(not_now.turned),
            Measure.FOLLOW_UPS: percent(first_noes.many_follow_ups),
        }
        return Learned(
            at=self.at,
            first=self.period.first,
            last=self.period.last,
            rep=self.period.rep,
            conversations=counts.conversations,
            automatic=counts.of(AUTOMATIC),
            answers=counts.answers,
            noes=counts.categories.total(),
            positive=counts.share(Response.POSITIVE),
            categories=counts.by_category,
            responses=counts.by_response,
            to_review=learning.targeting(self.connection, self.period),
            stops=stops,
            benchmarks=tuple(compare(one, figures) for one in self.rules.benchmarks),
            by=by,
            groups=self._groups(by, counts.share(Response.POSITIVE)) if by else (),
            rules=tuple(map(_rule, reengaged.of_rules(self.connection, self.period))),
            first_noes=first_noes,
            not_now=not_now,
            owed=self._owed(),
            work=work,
        )

    def _tally(self, by: By | None = None) -> list[Tally]:
        return learning.tally(self.connection, self.period, self.rules.responses, by)

    def _on_the_phone(self) -> Counts:
        return counts_of(one for one in self._tally(By.CHANNEL) if one.key == Channel.PHONE)

    def _groups(self, by: By, positive: Share) -> tuple[Group, ...]:
        """The groups, by time where they are one, else the largest first."""
        tallies: dict[str, list[Tally]] = defaultdict(list)
        for one in self._tally(by):
            tallies[_name(by, one.key, self.rules.titles)].append(one)
        groups = [_group(name, counts_of(some), positive) for name, some in tallies.items()]
        timely = by in (By.HOUR, By.WEEK)
        return tuple(sorted(groups, key=lambda one: (0 if timely else -one.conversations, one.name)))

    def _turned(self, only: Category | None) -> Turned:
        found = reengaged.turned(self.connection, self.period, self.rules.responses, only)
        return Turned(share_of(found.turned, found.people), share_of(found.many, found.turned))

    def _stops(self, counts: Counts) -> Stops:
        took, late = reengaged.suppression(self.connection, self.period)
        said, again = reengaged.repeats(self.connection, self.period)
        return Stops(counts.share(*STOPS), took, late, share_of(again, said))

    def _owed(self) -> Owed:
        counts, took = reengaged.sla(self.connection, self.period, self.at)
        due = sum(counts.get(state, 0) for state in ("met", "missed", "late"))
        return Owed(share_of(counts.get("met", 0), due), counts, took)

    def _work(self) -> Work:
        weeks = activities.by_week(self.connection, self.period)
        sends, dials = (sum(getattr(one, name) for one in weeks) for name in ("sends", "dials"))
        spoken = learning.reached(self.connection, self.period, Channel.PHONE)
        answered = learning.reached(self.connection, self.period, Channel.EMAIL)
        return Work(
            weeks=tuple(weeks),
            complaints=share_of(sum(one.complaints for one in weeks), sends),
            unsubscribes=share_of(sum(one.unsubscribes for one in weeks), sends),
            conversations_per_dial=share_of(spoken, dials),
            answers_per_email=share_of(answered, sends),
        )


def _of_work(work: Work) -> dict[Measure, Figure | None]:
    dials, days = (sum(getattr(one, name) for one in work.weeks) for name in ("dials", "dialled"))
    return {
        Measure.COMPLAINT_RATE: percent(work.complaints),
        Measure.UNSUBSCRIBE_RATE: percent(work.unsubscribes),
        Measure.DIALS: exactly(dials / days) if days else None,
    }


def _of_answers(counts: Counts, phone: Counts, stops: Stops) -> dict[Measure, Figure | None]:
    noes, longest = counts.categories.total(), stops.took.longest
    return {
        Measure.DELIVERY_SHARE: percent(share_of(counts.categories[Category.DELIVERY], noes)),
        Measure.TIMING_SHARE: percent(share_of(counts.categories[Category.TIMING], noes)),
        Measure.NOT_INTERESTED_SHARE: percent(phone.share(Response.NOT_INTERESTED)),
        Measure.HARSH_SHARE: percent(phone.share(*HARSH)),
        Measure.REPEAT_STOPS: percent(stops.repeated),
        Measure.SUPPRESSION_TIME: None if longest is None else exactly(longest / 3600),
    }


def _rule(found: OfRule) -> Rule:
    return Rule(
        rule=found.rule,
        made=found.made,
        handed_over=found.handed_over,
        done=share_of(found.completed, found.handed_over),
        conversations=found.conversations,
        meetings=found.meetings,
        led_on=share_of(found.conversations + found.meetings, found.completed),
        stops=found.stops,
    )


def _group(name: str, counts: Counts, all: Share) -> Group:
    positive = counts.share(Response.POSITIVE)
    return Group(
        name=name,
        conversations=counts.conversations,
        answers=counts.answers,
        noes=counts.categories.total(),
        categories=counts.by_category,
        positive=positive,
        stops=counts.share(*STOPS),
        harsh=counts.of(HARSH),
        stands_out=_beside(positive, all),
    )


def _beside(share: Share, all: Share) -> Literal["above", "below"] | None:
    """On which side of the share of all a share lies for sure."""
    if not share.enough or all.share is None:
        return None
    if share.low > all.share:
        return "above"
    return "below" if share.high < all.share else None


def _name(by: By, key: object, titles: Titles) -> str:
    if key is None or key == "":
        return NOT_SAID
    if by is By.HOUR:
        return f"{key:02}:00"
    if by is By.WEEK:
        return week_name(int(str(key)))
    if by is By.TITLE:
        return ", ".join(filter(None, titles.read(str(key)))) or UNREAD
    return str(key)
