"""Explaining a contact: as known then, as if signals had come, with nothing written and nobody named who said stop."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from reengage.app import explain as explaining
from reengage.app.explain import Explanation, explain
from reengage.app.signalfile import read_signals
from reengage.engine.durable import InProcess
from reengage.language.ruleset import RuleSet
from reengage.language.testfile import GivenSignal
from reengage.language.tree import Position
from reengage.model.errors import UsageError
from reengage.model.facts import STANDARD
from reengage.model.words import Certainty, Outcome
from reengage.store import columns as t
from reengage.store.database import Database
from tests.app.rulebook import read
from tests.app.story import START, Event, World, make_world, random_rules, random_story

DAY = timedelta(days=1)
LATER = START + 40 * DAY
THAT_DAY = LATER.date()
RULES = read(
    """
rules:
  - id: moved
    who: {said: not_now}
    when: {job_change: {within: 45 days, new_seniority: [director, vp]}}
    then: {create_task: {subject: "{contact.first_name} moved", priority: high}}
  - id: researching
    who: {said: not_now, held_for: {at_least: 60 days}}
    when: {intent: {score: {at_least: 70}}}
    then: {create_task: {subject: "{account.name} is researching"}}
  - id: ending
    when: {contract_renewal: {due_in: {at_most: 90 days}}}
    then: {create_task: {subject: "{account.name}'s contract ends"}}
"""
)
PEOPLE = (
    {
        "contact_id": "C-1",
        "first_name": "Dana",
        "email": "dana@a1.example",
        "account_name": "A1",
        "account_domain": "a1.example",
        "account_status": "prospect",
        "owner_email": "pat@us.example",
    },
    {"contact_id": "C-2", "first_name": "Sam", "email": "sam@a1.example", "account_name": "A1"},
)
TALKS = tuple(
    {
        "conversation_id": f"K-{one['contact_id']}",
        "contact_id": one["contact_id"],
        "at": "2026-03-02",
        "response": "not_now",
    }
    for one in PEOPLE
)


@pytest.fixture
def world(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two people who said "not now" at the start."""
    made = make_world(tmp_path / "project", database, RULES)
    made.live(Event(START, "contacts", PEOPLE))
    made.live(Event(START, "conversations", TALKS))
    monkeypatch.setattr(type(made.project), "usable_rules", lambda self: made.rules)
    return made


def ask(world: World, at: datetime = LATER, *signals: GivenSignal, contact: str = "C-1") -> Explanation:
    return explain(world.database, world.project, contact, at, InProcess, signals=signals)


def given(kind: str, day: date, **facts: Any) -> GivenSignal:
    return GivenSignal(day, kind, facts, Position("supposed.yaml", 1, 1))


def move(day: date = THAT_DAY, **facts: Any) -> GivenSignal:
    return given(
        "job_change", day, **{"new_title": "VP Sales", "new_company": "Globex", "previous_company": "A1", **facts}
    )


def intent(world: World, at: datetime, score: int) -> None:
    keys = {"email": "dana@a1.example"}
    row = {"id": f"i{at:%m%d}", "source": "s", "type": "intent", "time": at.isoformat(), "keys": keys}
    world.live(Event(at, "signals", ({**row, "facts": {"topic": "crm", "score": score}},)))


def rows(database: Database) -> dict[str, list[Any]]:
    with database.reading() as connection:
        tables = t.TaskRow.metadata.sorted_tables
        return {table.name: sorted(map(repr, connection.execute(select(table)))) for table in tables}


def test_the_nearest_miss_says_what_would_have_to_change_and_when_time_brings_it(world: World) -> None:
    intent(world, START + 39 * DAY, 62)
    found = ask(world)
    assert found.decision is not None and found.decision.outcome is Outcome.NO_MATCH
    assert found.nearest is not None and found.nearest.story.rule.id == "moved"
    world.rules = dataclasses.replace(RULES, rules=RULES.rules[1:2])
    lacks = ask(world).nearest
    assert lacks is not None and lacks.fires_on is None
    assert [one.would for one in lacks.story.failing] == [
        "who.held_for were at least 60 days (40 days today; on 2026-05-01)",
        "intent.score were at least 70 (62)",
    ]
    intent(world, START + 41 * DAY, 80)
    lacks = ask(world, START + 42 * DAY).nearest
    assert lacks is not None and lacks.fires_on == date(2026, 5, 1)


def test_a_guard_is_told_with_its_end(world: World) -> None:
    world.rules = dataclasses.replace(RULES, rules=RULES.rules[:1])
    found = ask(world, LATER, move())
    assert (found.decision and found.decision.outcome, found.guards) == (Outcome.TASK, ())
    world.live(
        Event(
            LATER,
            "conversations",
            ({**TALKS[0], "conversation_id": "K-9", "at": "2026-04-01", "call_back_on": "2026-06-01"},),
        )
    )
    found = ask(world, LATER + DAY, move((LATER + DAY).date()))
    assert found.decision and found.decision.outcome is Outcome.DEFERRED
    (guard,) = found.guards
    assert (guard.what, guard.until.date()) == ("they asked to be left until 2026-06-01", date(2026, 5, 31))


def test_a_supposed_signal_is_judged_as_if_it_had_come(world: World) -> None:
    row = {
        "id": "m",
        "source": "news",
        "type": "job_change",
        "time": LATER.isoformat(),
        "keys": {"email": "dana@a1.example"},
    }
    for told, sure in (
        ({"previous_company": "A1"}, Certainty.CONFIRMED),
        ({"previous_company": "B2"}, Certainty.LIKELY),
    ):
        found = ask(world, LATER, move(**told))
        assert [one.certainty for one in found.supposed] == [sure]
    supposed = ask(world, LATER + DAY, move(LATER.date()))
    facts = {"new_title": "VP Sales", "new_company": "Globex", "previous_company": "A1"}
    world.live(Event(LATER, "signals", ({**row, "facts": facts},)))
    came = ask(world, LATER + DAY)
    assert supposed.decision and came.decision
    assert (supposed.decision.outcome, supposed.decision.rule) == (came.decision.outcome, came.decision.rule)
    assert supposed.decision.task and came.decision.task
    assert supposed.decision.task.account == came.decision.task.account == "Globex"


@pytest.mark.parametrize("seed", range(2))
def test_nothing_is_written(tmp_path: Path, database: Database, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = Random(seed)
    world = make_world(tmp_path / "project", database, random_rules(dice))
    monkeypatch.setattr(type(world.project), "usable_rules", lambda self: world.rules)
    for event in random_story(dice, weeks=3):
        world.live(event)
    at = START + 100 * DAY
    kept = rows(database)
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    told = [ask(world, at, move(at.date()), contact=f"C-{number}") for number in range(12)]
    assert any(one.decision for one in told)
    assert any(one.refusal and not one.supposed for one in told)
    assert rows(database) == kept
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == files


def test_whoever_opted_out_is_refused_before_anything_is_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.live(Event(START + DAY, "run"))
    world.live(Event(START + 2 * DAY, "stop", ({"who": "sam@a1.example"},)))

    def refuse(*arguments: Any) -> Any:
        raise AssertionError("something was read")

    for name in ("candidates", "runs", "people.read_owners"):
        monkeypatch.setattr(f"reengage.app.explain.{name}", refuse)
    found = ask(world, LATER, move(), contact="C-2")
    assert found == Explanation("C-2", found.at, found.refusal)
    told = json.dumps(dataclasses.asdict(found), default=str)
    assert "opted out" in told
    assert not [word for word in ("Sam", "sam", "a1.example", "A1") if word in told]


def test_what_was_known_then_and_by_which_revision(world: World) -> None:
    intent(world, START + 61 * DAY, 90)
    world.live(Event(START + 62 * DAY, "run"))
    found = ask(world, START + 63 * DAY)
    (past,) = found.past
    assert (past.outcome, past.rule, past.changed, found.changed) == ("task", "researching", False, ())
    assert ask(world, START + 61 * DAY).past == ()
    world.rules = edited(world.rules)
    found = ask(world, START + 63 * DAY)
    assert found.past[0].changed and found.past[0].now_revision == "other"
    assert found.changed == ("researching",)
    world.rules = dataclasses.replace(RULES, rules=RULES.rules[:1])
    assert (ask(world, START + 63 * DAY).past[0].now_revision, ask(world, START + 63 * DAY).changed) == (None, ())


def edited(rules: RuleSet) -> RuleSet:
    """The same rules, of which one says something else."""
    changed = [dataclasses.replace(one, revision="other") if one.id == "researching" else one for one in rules.rules]
    return dataclasses.replace(rules, rules=tuple(changed))


def test_nobody_and_nothing(world: World) -> None:
    with pytest.raises(UsageError, match='no contact has the contact_id "C-9"'):
        ask(world, contact="C-9")
    found = ask(world, START - DAY)
    assert found.refusal and found.refusal.startswith("not held")
    assert (found.name, found.rules, found.nearest) == ("", (), None)
    assert explaining.Past(START, "task", None, None, "").changed is False


GOOD = "{day: 2026-04-01, intent: {topic: crm, score: 80}}"


@pytest.mark.parametrize(
    "text", [f"- {GOOD}", f"signals:\n  - {GOOD}", '[{"day": "2026-04-01", "intent": {"topic": "crm", "score": "80"}}]']
)
def test_signals_are_read_from_yaml_and_json(tmp_path: Path, text: str) -> None:
    path = tmp_path / "signals.yaml"
    path.write_text(text, encoding="utf-8")
    file = read_signals(path, date(2026, 4, 1), STANDARD)
    assert not file.diagnostics
    (one,) = file.signals
    assert (one.day, one.kind, one.facts) == (date(2026, 4, 1), "intent", {"topic": "crm", "score": 80})


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        ("", "1:1", "a signal is missing here"),
        ("signals:\n", "1:9", "a signal is missing here"),
        ("signal: []\n", "1:1", 'needs "signals"'),
        ("- 7\n", "1:3", "must be a block"),
        (f"- {GOOD}\n- {{day: 2026-04-01, intnt: {{score: 8}}}}\n", "2:21", "intnt"),
        ("- {day: 2026-04-01, intent: {score: many}}\n", "1:37", "not a number"),
        ("- {day: 2026-04-02, intent: {score: 8}}\n", "1:3", "after the moment that is asked about"),
        ("- {day: 2026-04-01, opt_out: {words: stop}}\n", "1:21", "opt_out"),
        ("- {day: 2026-04-01, intent: {score: 8}", "2:1", "is not closed"),
        ("\x00", "1:1", "NUL"),
    ],
)
def test_a_file_that_is_wrong_gets_diagnostics_and_no_signals(tmp_path: Path, text: str, where: str, says: str) -> None:
    path = tmp_path / "signals.yaml"
    path.write_text(text, encoding="utf-8")
    file = read_signals(path, date(2026, 4, 1), STANDARD)
    assert file.signals == ()
    first = file.diagnostics[0]
    assert str(first.position) == f"{path}:{where}"
    assert says in first.message
    with pytest.raises(UsageError, match="cannot be read"):
        read_signals(tmp_path / "none.yaml", date(2026, 4, 1), STANDARD)
