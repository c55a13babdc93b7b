"""Rules and facts in the only form durable-rules is trusted with: flat numbers and conjunctions.

Words become small integers, lists become 0 or 1, moments become microseconds; absence is a flag of its own.
Nothing here is shared with the plain matcher, so that their agreement means something.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from reengage.engine.news import ActiveRule
from reengage.engine.now import Now
from reengage.language.tree import Block, Is, Line, Span, Who
from reengage.model.candidate import Candidate
from reengage.model.errors import ReengageError
from reengage.model.people import Account
from reengage.model.signal import Heard
from reengage.model.words import AccountStatus, TaskState

LINES_A_PART = 12
"""durable-rules refuses a rule with more than 30 comparisons (its error 113); a line makes at most two."""

MOST_OF_PEOPLE = 32
"""A fact that follows more than 64 branches is refused (its error 303); 32 rules a ruleset stay clear of it."""

MOST_OF_SIGNALS = 8
"""Fewer, since what is asked of signals differs from rule to rule, and a fact has all that its ruleset asks."""

LONG_AGO = -(10**17)
"""Microseconds that stand for "never", about 3,000 years before any moment of judgement."""

Number = int | float


class Person(NamedTuple):
    """A contact, and the company that a signal is about, where it is about one."""

    candidate: Candidate
    account: Account | None


Reader = Callable[[Any, Now], Number | None]
"""Reads a number off a signal, or off a `Person`; None is unknown."""


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Up to 32 durable-rules rules about signals of a kind, or about people (no kind), and how to read their facts."""

    kind: str
    rules: dict[str, Any] = field(default_factory=dict)
    readers: dict[str, Reader] = field(default_factory=dict)

    def fact(self, subject: Heard | Person, now: Now) -> dict[str, Number]:
        """The flat fact of a signal or a person; what is unknown is 1 under its absence flag."""
        flat: dict[str, Number] = {"always": 1}
        for alias, read in self.readers.items():
            value = read(subject, now)
            flat[f"{alias}n" if value is None else alias] = 1 if value is None else value
        return flat


class Target(NamedTuple):
    """What durable-rules can say: a block is `met`, `who` describes the contact, a line is a `stop` or `unsure`."""

    rule: str
    what: str
    number: int


@dataclass(frozen=True, slots=True)
class Program:
    """All rulesets, and which names together make which target: any alternative, all of its parts.

    `places` says for a rule and a kind of signal, or none for people, in which rulesets its parts are.
    """

    rulesets: tuple[Ruleset, ...]
    targets: dict[str, tuple[tuple[Target, str, int], ...]]
    places: dict[tuple[str, str], frozenset[int]]

    def rulesets_of(self, rules: Iterable[str], kind: str) -> list[int]:
        """The rulesets that have parts of these rules for this kind of signal, or of none, in order."""
        nothing: frozenset[int] = frozenset()
        return sorted(nothing.union(*(self.places.get((rule, kind), nothing) for rule in rules)))

    def hits(self, fired: Iterable[str]) -> frozenset[Target]:
        """The targets met, given the names that one fact fired in all rulesets of its kind."""
        met: dict[tuple[Target, str], int] = {}
        for name in set(fired):
            for target, alternative, parts in self.targets.get(name, ()):
                met[target, alternative] = met.get((target, alternative), parts) - 1
        return frozenset(target for (target, _), missing in met.items() if missing == 0)


PEOPLE = ""
"""The kind of rulesets that ask about people and not about signals."""


def compile_rules(active: Sequence[ActiveRule]) -> Program:
    """Every rule as conjunctions over flat numbers: what is asked of signals by their kind, and what of people."""
    builder = _Builder()
    for one in active:
        rule = one.rule
        for number, block in enumerate(rule.when.blocks):
            builder.add(block.kind, Target(rule.id, "met", number), 0, _block_comparisons(block))
        alternatives = _alternatives(rule.who)
        builder.keep_together(PEOPLE, sum(map(_parts, alternatives)) + 2 * len(rule.unless))
        for number, lines in enumerate(alternatives):
            builder.add(PEOPLE, Target(rule.id, "who", 0), number, lines)
        for number, line in enumerate(rule.unless):
            builder.add(PEOPLE, Target(rule.id, "stop", number), 0, [_Ask(line)])
            builder.add(PEOPLE, Target(rule.id, "unsure", number), 0, [_Ask(line, absent=True)])
        for number, block in enumerate(rule.unless_heard):
            _add_unless_heard(builder, rule.id, number, block)
    return builder.program()


def _add_unless_heard(builder: _Builder, rule: str, block_number: int, block: Block) -> None:
    """One target for each line that holds and each that is unknown, to be put together for one signal at a time."""
    if block.within:
        builder.add(block.kind, Target(rule, f"unless {block_number}", -1), 0, [_Recent(block.within)])
    for number, line in enumerate(block.lines):
        asked = _Ask(line, of_signal=True)
        builder.add(block.kind, Target(rule, f"unless {block_number}", number), 0, [asked])
        builder.add(block.kind, Target(rule, f"unsure {block_number}", number), 0, [replace(asked, absent=True)])


@dataclass(frozen=True, slots=True)
class _Ask:
    """One line to compare; `absent` asks whether its value is missing instead."""

    line: Line
    absent: bool = False
    of_signal: bool = False


@dataclass(frozen=True, slots=True)
class _Fresh:
    """Whether the news was at most this old when it was received."""

    span: Span


@dataclass(frozen=True, slots=True)
class _Recent:
    """Whether it happened at most this long before the moment of judgement."""

    span: Span


_Comparison = _Ask | _Fresh | _Recent


def _block_comparisons(block: Block) -> list[_Comparison]:
    fresh: list[_Comparison] = [_Fresh(block.within)] if block.within else []
    return [*fresh, *(_Ask(line, of_signal=True) for line in block.lines)]


def _alternatives(who: Who) -> list[list[_Comparison]]:
    own: list[_Comparison] = [_Ask(line) for line in who.lines]
    if not who.any:
        return [own]
    return [[*own, *lines] for part in who.any for lines in _alternatives(part)]


def _parts(comparisons: Sequence[_Comparison]) -> int:
    """Into how many rules of durable-rules a conjunction is cut."""
    return max(1, -(-len(comparisons) // LINES_A_PART))


def _most_rules(kind: str) -> int:
    return MOST_OF_PEOPLE if kind == PEOPLE else MOST_OF_SIGNALS


class _Builder:
    """Collects rules into rulesets and gives every distinct fact an alias."""

    def __init__(self) -> None:
        self._rulesets: list[Ruleset] = []
        self._targets: dict[str, list[tuple[Target, str, int]]] = {}
        self._aliases: dict[tuple[str, str], str] = {}
        self._number = 0

    def add(self, kind: str, target: Target, alternative: int, comparisons: Sequence[_Comparison]) -> None:
        """One conjunction towards a target, cut into parts where it is too long."""
        parts = [comparisons[place * LINES_A_PART :][:LINES_A_PART] for place in range(_parts(comparisons))]
        for part in parts:
            ruleset = self._room_in(kind)
            terms = [{"always": 1}, *(term for one in part for term in self._terms(ruleset, one))]
            name = f"n{self._number}"
            self._number += 1
            ruleset.rules[name] = {"all": [{"m": {"$and": terms} if len(terms) > 1 else terms[0]}]}
            self._targets.setdefault(name, []).append((target, str(alternative), len(parts)))

    def program(self) -> Program:
        """What was collected; raises ReengageError where two property names share durable-rules' 32-bit hash."""
        names = {"always", "id", "sid", *(alias for ruleset in self._rulesets for alias in ruleset.readers)}
        names |= {f"{alias}n" for ruleset in self._rulesets for alias in ruleset.readers}
        if len({fnv1a(name) for name in names}) < len(names):
            raise ReengageError("two facts share one hash in durable-rules", help="run with the plain matcher only")
        places: dict[tuple[str, str], set[int]] = {}
        for number, ruleset in enumerate(self._rulesets):
            for name in ruleset.rules:
                for target, _, _ in self._targets[name]:
                    places.setdefault((target.rule, ruleset.kind), set()).add(number)
        return Program(
            tuple(self._rulesets),
            {name: tuple(targets) for name, targets in self._targets.items()},
            {key: frozenset(numbers) for key, numbers in places.items()},
        )

    def keep_together(self, kind: str, parts: int) -> None:
        """Begin a new ruleset where so many parts would else be spread over two, each of which had to be asked."""
        most = _most_rules(kind)
        if most - len(self._room_in(kind).rules) < parts <= most:
            self._rulesets.append(Ruleset(kind))

    def _room_in(self, kind: str) -> Ruleset:
        last = next((ruleset for ruleset in reversed(self._rulesets) if ruleset.kind == kind), None)
        if last is None or len(last.rules) >= _most_rules(kind):
            last = Ruleset(kind)
            self._rulesets.append(last)
        return last

    def _terms(self, ruleset: Ruleset, one: _Comparison) -> list[dict[str, Any]]:
        if isinstance(one, _Fresh):
            return [{"$gte": {self._alias(ruleset, f"fresh {one.span}", _read_freshness(one.span)): 0}}]
        if isinstance(one, _Recent):
            return [{"$gte": {self._alias(ruleset, f"recent {one.span}", _read_recency(one.span)): 0}}]
        read, test = _raw(one), one.line.test
        scope = f"{'signal' if one.of_signal else 'contact'} {one.line.name}"
        if one.absent:
            return [{f"{self._alias(ruleset, f'{scope} known', _present(read))}n": 1}]
        if isinstance(test, Is):
            wanted = tuple(_flat_word(value) for value in test.values)
            alias = self._alias(ruleset, f"{scope} in {wanted}", _read_membership(read, wanted))
            return [{alias: 1}]
        limits = (("$gte", test.at_least), ("$lte", test.at_most))
        return [self._bound(ruleset, scope, read, word, limit) for word, limit in limits if limit is not None]

    def _bound(self, ruleset: Ruleset, scope: str, read: Raw, word: str, limit: Number | Span) -> dict[str, Any]:
        """A number against a number; a duration as the microseconds or days left until it is over, against 0."""
        if isinstance(limit, Span):
            alias = self._alias(ruleset, f"{scope} {limit}", _read_left(read, limit))
            return {"$gte" if word == "$lte" else "$lte": {alias: 0}}
        return {word: {self._alias(ruleset, scope, _read_number(read)): limit}}

    def _alias(self, ruleset: Ruleset, meaning: str, read: Reader) -> str:
        alias = self._aliases.setdefault((ruleset.kind, meaning), f"f{len(self._aliases)}")
        ruleset.readers.setdefault(alias, read)
        return alias


Raw = Callable[[Any, Now], object]
"""Reads a value off a signal, or off a `Person`."""


def _raw(one: _Ask) -> Raw:
    name = one.line.name
    if not one.of_signal:
        return _CONTACT[name] if name in _CONTACT else _own_field(name)
    if name == "due_in":
        return lambda heard, now: heard.facts.get("date")
    return lambda heard, now: heard.facts.get(name)


def _present(read: Raw) -> Reader:
    return lambda subject, now: None if read(subject, now) in (None, "") else 0


def _read_freshness(span: Span) -> Reader:
    return lambda heard, now: _micros(span.after(heard.occurred_at)) - _micros(heard.received_at)


def _read_recency(span: Span) -> Reader:
    return lambda heard, now: _micros(span.after(heard.occurred_at)) - _micros(now.at)


def _read_left(read: Raw, span: Span) -> Reader:
    """How long until something is `span` ago; for a date ahead, how many days it is less than `span` away, negated."""

    def left(subject: Any, now: Now) -> Number | None:
        value = read(subject, now)
        if isinstance(value, datetime):
            return _micros(span.after(value)) - _micros(now.at)
        if isinstance(value, date):
            return now.today.toordinal() - span.before_day(value).toordinal()
        return value if isinstance(value, int) else None

    return left


def _read_membership(read: Raw, wanted: tuple[object, ...]) -> Reader:
    def member(subject: Any, now: Now) -> Number | None:
        value = read(subject, now)
        return None if value in (None, "") else int(_flat_word(value) in wanted)

    return member


def _read_number(read: Raw) -> Reader:
    def number(subject: Any, now: Now) -> Number | None:
        value = read(subject, now)
        return value if isinstance(value, int | float) else None

    return number


def _flat_word(value: object) -> object:
    return _flat_text(value) if isinstance(value, str) else value


@lru_cache(4096)
def _flat_text(text: str) -> str:
    return " ".join(text.split()).casefold()


def _micros(moment: datetime) -> int:
    return (moment - _BEGIN) // _MICROSECOND


_BEGIN, _MICROSECOND = datetime(2020, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


def _about(person: Person) -> Account | None:
    employment = person.candidate.employment
    return person.account or (employment.account if employment else None)


def _status(person: Person, now: Now) -> object:
    account = _about(person)
    return None if account is None or account.status == AccountStatus.UNKNOWN else str(account.status)


def _place(name: str) -> Raw:
    return lambda one, now: getattr(one.candidate.employment, name) if one.candidate.employment else None


def _own_field(name: str) -> Raw:
    def own(person: Person, now: Now) -> object:
        value = person.candidate.contact.own_fields.get(name)
        if isinstance(value, date):
            return None if value > now.today else now.start_of(value)
        return value

    return own


def _last_open(person: Person, now: Now) -> object:
    opened: datetime | None = None
    for task in person.candidate.tasks:
        open_state = task.state in (TaskState.OPEN, TaskState.DELIVERED) and task.closed_at is None
        later_closed = task.closed_at is not None and task.closed_at > now.at
        lapses = _micros(now.start_of(task.due)) + 30 * 86_400 * 1_000_000
        if (open_state or later_closed) and _micros(now.at) < lapses and (opened is None or opened < task.created_at):
            opened = task.created_at
    return opened or LONG_AGO


def _territory(person: Person, now: Now) -> object:
    owner, owners = person.candidate.contact.owner_email, person.candidate.owners
    return owners[owner].territory if owner and owner in owners else None


_CONTACT: dict[str, Raw] = {
    "said": lambda one, now: str(one.candidate.hold.response),
    "category": lambda one, now: str(one.candidate.hold.category) if one.candidate.hold.category else None,
    "held": lambda one, now: str(one.candidate.hold.kind),
    "held_for": lambda one, now: one.candidate.hold.since,
    "promised": lambda one, now: one.candidate.hold.promised,
    "title": _place("title"),
    "seniority": _place("seniority"),
    "department": _place("department"),
    "account": lambda one, now: getattr(_about(one), "name", None),
    "account_status": _status,
    "owner": lambda one, now: one.candidate.contact.owner_email,
    "territory": _territory,
    "country": lambda one, now: one.candidate.contact.country,
    "last_contacted": lambda one, now: (
        LONG_AGO if one.candidate.last_contacted is None else one.candidate.last_contacted
    ),
    "open_task": _last_open,
}


def fnv1a(text: str) -> int:
    """The 32-bit FNV-1a hash by which durable-rules tells property names apart."""
    value = 2166136261
    for byte in text.encode():
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value
