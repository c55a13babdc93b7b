"""What a change of rules would do: the same path as a run, both sides over one state, and nothing written."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from reengage.app.impact import Answer, Question, find_impact, open_book
from reengage.app.run import Order, run
from reengage.engine.durable import InProcess
from reengage.engine.impact import SILENT, Difference, Impact
from reengage.language.ruleset import RuleSet
from reengage.language.tree import Then
from reengage.model.decision import Decision, Task
from reengage.model.errors import ReengageError, RunFailed, UsageError
from reengage.store import columns as t
from reengage.store import optouts
from reengage.store.database import Database, open_database
from reengage.store.snapshot import snapshot
from tests.app.story import LATER, Event, World, make_project, make_world, random_rules, random_story
from tests.conftest import KEYS, hasty

SEEDS = [*range(2), *(pytest.param(seed, marks=pytest.mark.lab) for seed in range(2, 200))]


@contextmanager
def world_in(folder: Path, rules: RuleSet) -> Iterator[World]:
    folder.mkdir()
    database = hasty(open_database(f"sqlite:///{folder}/book.db", KEYS))
    try:
        yield make_world(folder / "project", database, rules)
    finally:
        database.close()


def two_sets(dice: Random) -> tuple[RuleSet, RuleSet]:
    """Random rules, and what an edit made of them: other conditions, other words, switched on and off, new and gone."""
    before, other = random_rules(dice), random_rules(dice)
    old, new = list(before.rules), list(before.rules)
    places = dice.sample(range(len(old)), 14)
    for place in places[:3]:
        new[place] = dataclasses.replace(other.rules[place], revision=f"edited-{place}")
    for place in places[3:6]:
        then = Then("News of {contact.first_name}", note="{conversation.recap} Call them.")
        new[place] = dataclasses.replace(old[place], then=then, revision=f"reworded-{place}")
    for place in places[6:9]:
        new[place] = dataclasses.replace(old[place], enabled=False)
    for place in places[9:13]:
        old[place] = dataclasses.replace(old[place], enabled=False)
    new[places[13]] = dataclasses.replace(other.rules[0], id="brand-new", order=places[13], revision="new")
    return dataclasses.replace(before, rules=tuple(old)), dataclasses.replace(before, rules=tuple(new))


def live(world: World, events: list[Event], *without: str) -> None:
    for event in events:
        if event.what not in without and event.at <= LATER:
            world.live(event)


def ask(world: World, before: RuleSet, after: RuleSet, **how: Any) -> Answer:
    question = Question(before, after, LATER, with_past=how.pop("with_past", False))
    return find_impact(world.database, world.project, question, start=InProcess, page=5, **how)


def dry(world: World, rules: RuleSet, **how: Any) -> dict[str, Task]:
    order = Order(LATER, dry_run=True, **how)
    made = run(world.database, world.project, order, rules=rules, start=InProcess).tasks
    return {task.contact_key: task for task in made}


def contacts(some: tuple[Difference, ...]) -> set[str]:
    return {one.contact for one in some}


def everyone(impact: Impact) -> tuple[Difference, ...]:
    return (*impact.added, *impact.removed, *impact.changed, *impact.blocked, *impact.unblocked)


def sides(impact: Impact, group: str) -> list[tuple[Decision, Decision]]:
    found = sorted(getattr(impact, group), key=lambda one: one.contact)
    return [(one.before, one.after) for one in found]


@pytest.mark.parametrize("seed", SEEDS)
def test_added_removed_and_changed_are_the_difference_of_two_dry_runs(tmp_path: Path, seed: int) -> None:
    dice = Random(seed)
    before, after = two_sets(dice)
    with world_in(tmp_path / "world", before) as world:
        live(world, random_story(dice, contacts=20, weeks=3), "run", "outcomes")
        first, second = dry(world, before, everybody=True), dry(world, after, everybody=True)
        found = ask(world, before, after).impact
    assert contacts(found.added) == second.keys() - first.keys()
    assert contacts(found.removed) == first.keys() - second.keys()
    said = {
        key
        for key in first.keys() & second.keys()
        if (first[key].rule, first[key].note, first[key].subject, first[key].priority)
        != (second[key].rule, second[key].note, second[key].subject, second[key].priority)
    }
    assert said <= contacts(found.changed) <= first.keys() & second.keys()
    assert all(one.after.task == second[one.contact] for one in (*found.added, *found.changed))
    assert (found.before, found.after) == (len(first), len(second))
    assert found.before + len(found.added) - len(found.removed) == found.after
    assert sum(one.before for one in found.owners) == found.before
    assert sum(one.after for one in found.owners) == found.after
    assert len(everyone(found)) == len({one.contact for one in everyone(found)})
    assert all(one.why for one in found.removed)
    assert all(one.before.outcome in SILENT and one.after.outcome not in SILENT for one in found.blocked)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_way_back_is_the_mirror_and_the_same_rules_differ_in_nothing(tmp_path: Path, seed: int) -> None:
    dice = Random(1000 + seed)
    before, after = two_sets(dice)
    with world_in(tmp_path / "world", before) as world:
        live(world, random_story(dice, weeks=3))
        for with_past in (False, True):
            there, back = (ask(world, *pair, with_past=with_past).impact for pair in ((before, after), (after, before)))
            for one, other in (("added", "removed"), ("changed", "changed"), ("blocked", "unblocked")):
                assert sides(there, one) == [pair[::-1] for pair in sides(back, other)]
                assert sides(back, one) == [pair[::-1] for pair in sides(there, other)]
            assert {(one.name, one.before, one.after) for one in there.rules} == {
                (one.name, one.after, one.before) for one in back.rules
            }
            same = ask(world, after, after, with_past=with_past).impact
            assert everyone(same) == same.rules == ()
            assert all(one.before == one.after for one in same.owners)


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_runs_of_the_past_hide_nothing_unless_asked_to(tmp_path: Path, seed: int) -> None:
    dice = Random(2000 + seed)
    before, after = two_sets(dice)
    story = random_story(dice, weeks=3)
    with world_in(tmp_path / "lived", before) as lived, world_in(tmp_path / "silent", before) as silent:
        live(lived, story, "outcomes")
        live(silent, story, "run", "outcomes")
        assert lived.tasks()
        assert ask(lived, before, after).impact == ask(silent, before, after).impact
        now = ask(lived, before, after, with_past=True).impact
        still = dry(lived, before, everybody=True)
    assert {one.contact for one in (*now.removed, *now.changed)} <= still.keys()
    assert now.before == len(still)


def test_the_random_worlds_are_worth_comparing(tmp_path: Path) -> None:
    met: set[str] = set()
    for seed in range(3):
        dice = Random(seed)
        before, after = two_sets(dice)
        with world_in(tmp_path / str(seed), before) as world:
            live(world, random_story(dice, contacts=20, weeks=3), "run", "outcomes")
            found = ask(world, before, after).impact
            met |= {group for group in ("added", "removed", "changed", "blocked") if getattr(found, group)}
            met |= {change.what for one in found.changed for change in one.changes}
            met |= {one.change for one in found.rules}
            met |= {"opted_out"} if found.opted_out else set()
    wanted = {
        "opted_out",
        "added",
        "removed",
        "changed",
        "blocked",
        "rule",
        "subject",
        "note",
        "new",
        "gone",
        "switched off",
        "switched on",
    }
    assert wanted <= met, met


@pytest.fixture
def world(tmp_path: Path, database: Database) -> World:
    """A random world that has lived for some weeks, on each kind of database."""
    dice = Random(13)
    made = make_world(tmp_path / "project", database, random_rules(dice))
    live(made, random_story(dice, weeks=3))
    return made


def other_rules() -> RuleSet:
    return two_sets(Random(5))[1]


def rows(database: Database) -> dict[str, list[Any]]:
    with database.reading() as connection:
        tables = t.TaskRow.metadata.sorted_tables
        return {table.name: sorted(map(repr, connection.execute(select(table)))) for table in tables}


def test_nothing_is_written(world: World, tmp_path: Path) -> None:
    after = other_rules()
    kept = rows(world.database)
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for with_past in (False, True):
        assert ask(world, world.rules, after, with_past=with_past).impact.judged
    assert rows(world.database) == kept
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == files


def test_whoever_opted_out_is_a_number_and_no_more(world: World) -> None:
    after = other_rules()
    with world.database.reading() as connection:
        ids = {row.id: row.key for row in connection.execute(select(t.ContactRow.__table__))}
        held = set(connection.execute(select(t.HoldRow.contact_id)).scalars())
        standings = optouts.standings(connection, sorted(ids))
    closed = {id for id in held if standings[id].everywhere or standings[id].excluded}
    answer = ask(world, world.rules, after)
    assert answer.impact.opted_out == len(closed) > 0
    assert contacts(everyone(answer.impact)) and contacts(everyone(answer.impact)).isdisjoint(ids[id] for id in closed)
    told = json.dumps(dataclasses.asdict(answer), default=str)
    assert not [id for id in closed if f'"{ids[id]}"' in told]


def test_a_stop_that_comes_meanwhile_does_not_wait_and_is_no_difference(world: World) -> None:
    after = other_rules()
    quiet = ask(world, world.rules, after).impact

    def say_stop(_: int) -> None:
        for number in range(12):
            world.live(Event(LATER, "stop", ({"who": f"p{number}@a{number % 4}.example"},)))

    meanwhile = ask(world, world.rules, after, progress=say_stop).impact
    assert contacts(everyone(meanwhile)) < contacts(everyone(quiet))
    assert quiet.opted_out < meanwhile.opted_out <= ask(world, world.rules, after).impact.opted_out


def test_the_reading_cannot_write(world: World) -> None:
    if world.database.is_sqlite:
        pytest.skip("only PostgreSQL lets a transaction promise that")
    with snapshot(world.database) as connection, pytest.raises(DBAPIError, match="read-only"):
        connection.execute(insert(t.SignalUseRow), {"contact_id": 1, "key": "k", "task_key": "t", "recorded_at": LATER})


def test_too_many_tasks_are_told_and_tables_that_act_on_arrival(world: World) -> None:
    caps = world.project.settings.caps.model_copy(update={"max_tasks": 1})
    settings = world.project.settings.model_copy(update={"caps": caps})
    few = dataclasses.replace(world, project=dataclasses.replace(world.project, settings=settings))
    after = dataclasses.replace(world.rules, responses={}, titles=dataclasses.replace(world.rules.titles))
    notices = ask(few, world.rules, dataclasses.replace(after, responses=world.rules.responses)).notices
    assert [notice.split(":")[0] for notice in notices] == ["before", "after"]
    assert "more than max_tasks = 1" in notices[0]


def test_a_database_is_opened_as_it_is_or_not_at_all(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project")
    with pytest.raises(UsageError, match="empty"):
        open_book(project)
    world = make_world(tmp_path / "other", hasty(open_database(f"sqlite:///{tmp_path}/project/reengage.db", KEYS)))
    world.database.close()
    kept = (tmp_path / "project" / "reengage.db").read_bytes()
    open_book(project).close()
    assert (tmp_path / "project" / "reengage.db").read_bytes() == kept
    with world.database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(RunFailed, match="schema 0000") as refused:
        open_book(project)
    assert isinstance(refused.value, ReengageError)
    world.database.close()
