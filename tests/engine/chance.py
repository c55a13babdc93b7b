"""Random rules and random contacts, in the shapes the language allows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from random import Random

from reengage.engine.news import ActiveRule
from reengage.engine.now import Now
from reengage.language.tree import Between, Block, Is, Line, Position, Rule, Span, Test, Then, When, Who
from reengage.model.candidate import Candidate, PastTask
from reengage.model.conversation import Conversation, Hold
from reengage.model.facts import COMPUTED_KINDS, KINDS, Fact, FactType, Vocabulary
from reengage.model.people import Account, Contact, Employment, Owner
from reengage.model.signal import FactValue, Heard
from reengage.model.words import (
    AccountStatus,
    Category,
    Certainty,
    Channel,
    HoldKind,
    Response,
    Seniority,
    TaskState,
)

HERE = Position("chance.yaml", 1, 1)
AT = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
WORDS = ("crm", "Sales  Ops", "säle", "vp sales", "")
ZONES = ("UTC", "America/New_York", "Pacific/Auckland")


def now(chance: Random) -> Now:
    return Now(AT + timedelta(microseconds=chance.randrange(10**13)), chance.choice(ZONES))


def moment(chance: Random, back: int = 200) -> datetime:
    step = chance.choice((timedelta(days=1), timedelta(hours=7), timedelta(microseconds=86_400_000_001)))
    return AT - step * chance.randrange(back)


def span(chance: Random) -> Span:
    return Span(chance.randrange(1, 60), chance.choice(("day", "day", "week", "month")))


def bounds(chance: Random, kind: FactType) -> Between:
    def one() -> int | float | Span:
        if kind is FactType.DURATION:
            return span(chance)
        return chance.choice((chance.randrange(100), chance.random() * 100, 10**12, 0, -3))

    low, high = chance.choice(((True, False), (False, True), (True, True)))
    return Between(one() if low else None, one() if high else None)


def values(chance: Random, spec: Fact) -> tuple[str | int | float | bool, ...]:
    if spec.type is FactType.FLAG:
        return (chance.random() < 0.5,)
    if spec.type is FactType.NUMBER:
        return tuple(chance.randrange(4) for _ in range(chance.randrange(1, 3)))
    words = spec.choices or tuple(" ".join(word.split()).casefold() for word in WORDS if word)
    return tuple(chance.sample(words, chance.randrange(1, min(4, len(words)) + 1)))


def condition(chance: Random, spec: Fact) -> Test:
    if spec.type is FactType.DURATION or (spec.type is FactType.NUMBER and chance.random() < 0.7):
        return bounds(chance, spec.type)
    return Is(values(chance, spec))


OWN = Vocabulary(
    {**KINDS, "usage": {"seats": Fact("seats", FactType.NUMBER), "live": Fact("live", FactType.FLAG)}},
    {
        "plan": Fact("plan", FactType.CHOICE, ("free", "team")),
        "seats": Fact("seats", FactType.NUMBER),
        "sso": Fact("sso", FactType.FLAG),
        "renewed": Fact("renewed", FactType.DURATION),
    },
)
"""What a project with fields and a kind of its own can speak of."""


def lines(chance: Random, specs: Mapping[str, Fact], most: int) -> tuple[Line, ...]:
    askable = [spec for spec in specs.values() if spec.type is not FactType.DATE]
    picked = chance.sample(askable, min(chance.randrange(most + 1), len(askable)))
    return tuple(Line(spec, condition(chance, spec), HERE) for spec in picked)


def who(chance: Random, depth: int = 1) -> Who:
    parts = tuple(who(chance, 0) for _ in range(2)) if depth and chance.random() < 0.2 else ()
    return Who(lines(chance, OWN.contact_fields, chance.choice((0, 0, 0, 1, 1, 2, 12))), parts)


def block(chance: Random) -> Block:
    kind = chance.choice(OWN.rule_kinds)
    return Block(
        kind,
        HERE,
        lines(chance, OWN.kinds[kind], 2),
        within=span(chance) if chance.random() < 0.4 else None,
        count=Between(chance.randrange(1, 4), None) if chance.random() < 0.2 else None,
        after_quiet=bounds(chance, FactType.DURATION) if chance.random() < 0.2 else None,
    )


def stop_block(chance: Random) -> Block:
    kind = chance.choice(OWN.rule_kinds)
    asked = lines(chance, OWN.kinds[kind], 2)
    timed = kind not in COMPUTED_KINDS and (not asked or chance.random() < 0.5)
    return Block(kind, HERE, asked, within=span(chance) if timed else None)


def rule(chance: Random, number: int) -> ActiveRule:
    mode = chance.choice(("one", "one", "any", "all"))
    blocks = tuple(block(chance) for _ in range(1 if mode == "one" else 2))
    apart = span(chance) if mode == "all" and chance.random() < 0.6 else None
    made = Rule(
        id=f"rule-{number}",
        at=HERE,
        when=When(mode, blocks, apart),
        then=Then("{contact.first_name}"),
        who=who(chance),
        unless=lines(chance, OWN.stop_fields, 2) if chance.random() < 0.6 else (),
        unless_heard=tuple(stop_block(chance) for _ in range(chance.choice((0, 0, 0, 0, 1)))),
        good_for=span(chance),
        cooldown=span(chance),
        before_promise=chance.random() < 0.3,
        order=number,
    )
    return ActiveRule(made, since_seq=chance.choice((0, 0, 3)), since=chance.choice((None, None, moment(chance))))


def account(chance: Random) -> Account:
    return Account(id=chance.choice((None, 7)), name=chance.choice(WORDS), status=chance.choice(list(AccountStatus)))


def facts(chance: Random, kind: str) -> dict[str, FactValue]:
    made: dict[str, FactValue] = {}
    for spec in OWN.kinds[kind].values():
        if chance.random() < 0.75:
            if spec.type is FactType.FLAG:
                made[spec.name] = chance.random() < 0.5
            elif spec.type is FactType.NUMBER:
                made[spec.name] = chance.choice((chance.randrange(4), chance.random() * 100, 10**12, 70.5, 0))
            elif spec.type is FactType.CHOICE:
                made[spec.name] = chance.choice(spec.choices)
            else:
                made[spec.name] = chance.choice(WORDS)
    return made


def heard(chance: Random, seq: int) -> Heard:
    kind = chance.choice(OWN.sent_kinds)
    occurred = moment(chance)
    return Heard(
        seq=seq,
        source=chance.choice(("a", "b")),
        id=str(seq),
        kind=kind,
        occurred_at=occurred,
        received_at=occurred + timedelta(days=chance.randrange(40)),
        certainty=chance.choice((Certainty.CONFIRMED, Certainty.CONFIRMED, Certainty.LIKELY)),
        facts=facts(chance, kind),
        account=account(chance) if chance.random() < 0.5 else None,
    )


def past_task(chance: Random) -> PastTask:
    made = moment(chance)
    return PastTask(
        key=str(chance.random()),
        rule="rule-0",
        created_at=made,
        due=(made + timedelta(days=2)).date(),
        channel=Channel.EMAIL,
        state=chance.choice(list(TaskState)),
        closed_at=chance.choice((None, made + timedelta(days=3))),
    )


def employment(chance: Random) -> Employment:
    return Employment(
        account=account(chance),
        title=chance.choice((None, *WORDS)),
        seniority=chance.choice((None, *Seniority)),
        department=chance.choice((None, *WORDS)),
    )


def own_fields(chance: Random) -> dict[str, FactValue]:
    told: dict[str, FactValue] = {
        "plan": chance.choice(("free", "team")),
        "seats": chance.choice((0, 3, 70.5)),
        "sso": chance.random() < 0.5,
        "renewed": date(2026, 6, 1) + timedelta(days=chance.randrange(-100, 30)),
    }
    return {name: value for name, value in told.items() if chance.random() < 0.7}


def candidate(chance: Random, number: int) -> Candidate:
    since = moment(chance, 120)
    signals = sorted((heard(chance, seq) for seq in range(1, chance.randrange(2, 9))), key=lambda one: one.seq)
    return Candidate(
        contact=Contact(
            id=number,
            key=f"C-{number}",
            owner_email=chance.choice((None, "rep@us.example")),
            own_fields=own_fields(chance),
        ),
        hold=Hold(
            id=number,
            kind=chance.choice(list(HoldKind)),
            since=since,
            until=chance.choice((None, date(2026, 5, 1), date(2026, 9, 1))),
            promised=chance.random() < 0.3,
            response=chance.choice(list(Response)),
            category=chance.choice((None, *Category)),
            wake_on=chance.choice(((), (), (), ("intent", "crm"))),
        ),
        employment=employment(chance) if chance.random() < 0.8 else None,
        conversation=Conversation(id="k", at=since, contract_ends=chance.choice((None, date(2026, 8, 15)))),
        last_contacted=chance.choice((None, moment(chance, 40))),
        heard=tuple(signals),
        used=frozenset(one.key for one in signals if chance.random() < 0.1)
        | chance.choice((set(), {"hold/2026-05-01"})),
        tasks=tuple(past_task(chance) for _ in range(chance.randrange(3))),
        owners={"rep@us.example": Owner(email="rep@us.example", territory=chance.choice((None, *WORDS)))},
    )
