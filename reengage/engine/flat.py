"""Rules and facts in the only form durable-rules is trusted with: flat numbers and conjunctions.

Words become small integers, lists become 0 or 1, moments become microseconds; absence is a flag of its own.
Nothing here is shared with the plain matcher, so that their agreement means something.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from reengage.engine.news import ActiveRule
from reengage.engine.now import Now
from reengage.language.tree import Block, Is, Line, Span, Who
from reengage.model.candidate import Candidate
from reengage.model.errors import ReengageError
from reengage.model.signal import Heard
from reengage.model.words import AccountStatus, TaskState

LINES_A_PART = 12
"""durable-rules refuses a rule with more than 30 comparisons (its error 113); a line makes at most two."""

MOST_RULES = 32
"""A fact that follows more than 64 branches is refused (its error 303); 32 rules a ruleset stay clear of it."""

LONG_AGO = -(10**17)
"""Microseconds that stand for "never", about 3,000 years before any moment of judgement."""

Number = int | float
Reader = Callable[[Candidate, Heard, Now], Number | None]


@dataclass(slots=True)
class Ruleset:
    """Up to 32 durable-rules rules of one signal kind, and how to read the facts that they name.

    What is read of the signal alone is the same for everybody whom it concerns.
    """

    kind: str
    rules: dict[str, Any] = field(default_factory=dict)
    of_signal: dict[str, Reader] = field(default_factory=dict)
    of_contact: dict[str, Reader] = field(default_factory=dict)

    @property
    def readers(self) -> dict[str, Reader]:
        """How each property is read."""
        return self.of_signal | self.of_contact


def flat(readers: Mapping[str, Reader], candidate: Candidate, heard: Heard, now: Now) -> dict[str, Number]:
    """Part of the flat fact of one signal of one contact; what is unknown is 1 under its absence flag."""
    told: dict[str, Number] = {"always": 1}
    for alias, read in readers.items():
        value = read(candidate, heard, now)
        told[f"{alias}n" if value is None else alias] = 1 if value is None else value
    return told


class Target(NamedTuple):
    """What durable-rules can say: a block is `met`, `who` describes the contact, a line is a `stop` or `unsure`."""

    rule: str
    what: str
    number: int


@dataclass(frozen=True, slots=True)
class Program:
    """All rulesets, and which names together make which target: any alternative, all of its parts.

    `places` says for a rule and a kind of signal in which rulesets its parts are.
    """

    rulesets: tuple[Ruleset, ...]
    targets: dict[str, tuple[tuple[Target, str, int], ...]]
    places: dict[tuple[str, str], frozenset[int]]

    def rulesets_of(self, rules: Iterable[str], kind: str) -> list[int]:
        """The rulesets that have parts of these rules for this kind of signal, in order."""
        nothing: frozenset[int] = frozenset()
        return sorted(nothing.union(*(self.places.get((rule, kind), nothing) for rule in rules)))

    def hits(self, fired: Iterable[str]) -> frozenset[Target]:
        """The targets met, given the names that one fact fired in all rulesets of its kind."""
        met: dict[tuple[Target, str], int] = {}
        for name in set(fired):
            for target, alternative, parts in self.targets.get(name, ()):
                met[target, alternative] = met.get((target, alternative), parts) - 1
        return frozenset(target for (target, _), missing in met.items() if missing == 0)


def compile_rules(active: Sequence[ActiveRule]) -> Program:
    """Every rule as conjunctions over flat numbers, grouped by signal kind."""
    builder = _Builder()
    for one in active:
        rule = one.rule
        for number, block in enumerate(rule.when.blocks):
            builder.add(block.kind, Target(rule.id, "met", number), 0, _block_comparisons(block))
        for kind in sorted(rule.when.kinds):
            for number, lines in enumerate(_alternatives(rule.who)):
                builder.add(kind, Target(rule.id, "who", 0), number, lines)
            for number, line in enumerate(rule.unless):
                builder.add(kind, Target(rule.id, "stop", number), 0, [_Ask(line)])
                builder.add(kind, Target(rule.id, "unsure", number), 0, [_Ask(line, absent=True)])
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


class _Builder:
    """Collects rules into rulesets and gives every distinct fact an alias."""

    def __init__(self) -> None:
        self._rulesets: list[Ruleset] = []
        self._targets: dict[str, list[tuple[Target, str, int]]] = {}
        self._aliases: dict[tuple[str, str], str] = {}
        self._number = 0

    def add(self, kind: str, target: Target, alternative: int, comparisons: Sequence[_Comparison]) -> None:
        """One conjunction towards a target, cut into parts where it is too long."""
        starts = range(0, max(len(comparisons), 1), LINES_A_PART)
        parts = [comparisons[start : start + LINES_A_PART] for start in starts]
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

    def _room_in(self, kind: str) -> Ruleset:
        for ruleset in reversed(self._rulesets):
            if ruleset.kind == kind and len(ruleset.rules) < MOST_RULES:
                return ruleset
        self._rulesets.append(Ruleset(kind))
        return self._rulesets[-1]

    def _terms(self, ruleset: Ruleset, one: _Comparison) -> list[dict[str, Any]]:
        if isinstance(one, _Fresh):
            return [{"$gte": {self._alias(ruleset, "signal", f"received within {one.span}", _read_freshness(one.span)): 0}}]
        if isinstance(one, _Recent):
            return [{"$gte": {self._alias(ruleset, "signal", f"occurred within {one.span}", _read_recency(one.span)): 0}}]
        read, test = _raw(one), one.line.test
        scope, name = "signal" if one.of_signal else "contact", one.line.name
        if one.absent:
            return [{f"{self._alias(ruleset, scope, f'{name} known', _present(read))}n": 1}]
        if isinstance(test, Is):
            wanted = tuple(_flat_word(value) for value in test.values)
            alias = self._alias(ruleset, scope, f"{name} in {wanted}", _read_membership(read, wanted))
            return [{alias: 1}]
        limits = (("$gte", test.at_least), ("$lte", test.at_most))
        return [self._bound(ruleset, scope, name, read, word, limit) for word, limit in limits if limit is not None]

    def _bound(
        self, ruleset: Ruleset, scope: str, name: str, read: Raw, word: str, limit: Number | Span
    ) -> dict[str, Any]:
        """A number against a number; a duration as the microseconds or days left until it is over, against 0."""
        if isinstance(limit, Span):
            alias = self._alias(ruleset, scope, f"{name} {limit}", _read_left(read, limit))
            return {"$gte" if word == "$lte" else "$lte": {alias: 0}}
        return {word: {self._alias(ruleset, scope, name, _read_number(read)): limit}}

    def _alias(self, ruleset: Ruleset, scope: str, meaning: str, read: Reader) -> str:
        """The name of a property that is read of a `signal` alone, or of a `contact` too."""
        alias = self._aliases.setdefault((ruleset.kind, f"{scope} {meaning}"), f"f{len(self._aliases)}")
        (ruleset.of_signal if scope == "signal" else ruleset.of_contact).setdefault(alias, read)
        return alias


Raw = Callable[[Candidate, Heard, Now], object]


def _raw(one: _Ask) -> Raw:
    name = one.line.name
    if not one.of_signal:
        return _CONTACT[name] if name in _CONTACT else _own_field(name)
    if name == "due_in":
        return lambda candidate, heard, now: heard.facts.get("date")
    return lambda candidate, heard, now: heard.facts.get(name)


def _present(read: Raw) -> Reader:
    return lambda candidate, heard, now: None if read(candidate, heard, now) in (None, "") else 0


def _read_freshness(span: Span) -> Reader:
    return lambda candidate, heard, now: _micros(span.after(heard.occurred_at)) - _micros(heard.received_at)


def _read_recency(span: Span) -> Reader:
    return lambda candidate, heard, now: _micros(span.after(heard.occurred_at)) - _micros(now.at)


def _read_left(read: Raw, span: Span) -> Reader:
    """How long until something is `span` ago; for a date ahead, how many days it is less than `span` away, negated."""

    def left(candidate: Candidate, heard: Heard, now: Now) -> Number | None:
        value = read(candidate, heard, now)
        if isinstance(value, datetime):
            return _micros(span.after(value)) - _micros(now.at)
        if isinstance(value, date):
            return now.today.toordinal() - span.before_day(value).toordinal()
        return value if isinstance(value, int) else None

    return left


def _read_membership(read: Raw, wanted: tuple[object, ...]) -> Reader:
    def member(candidate: Candidate, heard: Heard, now: Now) -> Number | None:
        value = read(candidate, heard, now)
        return None if value in (None, "") else int(_flat_word(value) in wanted)

    return member


def _read_number(read: Raw) -> Reader:
    def number(candidate: Candidate, heard: Heard, now: Now) -> Number | None:
        value = read(candidate, heard, now)
        return value if isinstance(value, int | float) else None

    return number


def _flat_word(value: object) -> object:
    return " ".join(value.split()).casefold() if isinstance(value, str) else value


def _micros(moment: datetime) -> int:
    return (moment - _BEGIN) // _MICROSECOND


_BEGIN, _MICROSECOND = datetime(2020, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


def _about(candidate: Candidate, heard: Heard) -> Any:
    return heard.account or (candidate.employment.account if candidate.employment else None)


def _status(candidate: Candidate, heard: Heard, now: Now) -> object:
    account = _about(candidate, heard)
    return None if account is None or account.status == AccountStatus.UNKNOWN else str(account.status)


def _place(name: str) -> Raw:
    return lambda candidate, heard, now: getattr(candidate.employment, name) if candidate.employment else None


def _own_field(name: str) -> Raw:
    def own(candidate: Candidate, heard: Heard, now: Now) -> object:
        value = candidate.contact.own_fields.get(name)
        if isinstance(value, date):
            return None if value > now.today else now.start_of(value)
        return value

    return own


def _last_open(candidate: Candidate, heard: Heard, now: Now) -> object:
    opened: datetime | None = None
    for task in candidate.tasks:
        open_state = task.state in (TaskState.OPEN, TaskState.DELIVERED) and task.closed_at is None
        later_closed = task.closed_at is not None and task.closed_at > now.at
        lapses = _micros(now.start_of(task.due)) + 30 * 86_400 * 1_000_000
        if (open_state or later_closed) and _micros(now.at) < lapses and (opened is None or opened < task.created_at):
            opened = task.created_at
    return opened or LONG_AGO


def _territory(candidate: Candidate, heard: Heard, now: Now) -> object:
    owner = candidate.contact.owner_email
    return candidate.owners[owner].territory if owner and owner in candidate.owners else None


_CONTACT: dict[str, Raw] = {
    "said": lambda candidate, heard, now: str(candidate.hold.response),
    "category": lambda candidate, heard, now: str(candidate.hold.category) if candidate.hold.category else None,
    "held": lambda candidate, heard, now: str(candidate.hold.kind),
    "held_for": lambda candidate, heard, now: candidate.hold.since,
    "promised": lambda candidate, heard, now: candidate.hold.promised,
    "title": _place("title"),
    "seniority": _place("seniority"),
    "department": _place("department"),
    "account": lambda candidate, heard, now: getattr(_about(candidate, heard), "name", None),
    "account_status": _status,
    "owner": lambda candidate, heard, now: candidate.contact.owner_email,
    "territory": _territory,
    "country": lambda candidate, heard, now: candidate.contact.country,
    "last_contacted": lambda candidate, heard, now: (
        LONG_AGO if candidate.last_contacted is None else candidate.last_contacted
    ),
    "open_task": _last_open,
}


def fnv1a(text: str) -> int:
    """The 32-bit FNV-1a hash by which durable-rules tells property names apart."""
    value = 2166136261
    for byte in text.encode():
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value
