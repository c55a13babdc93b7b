"""A run: what it promises of time, of repetition and of who may not be asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy import event as listener

from reengage.app import run as running
from reengage.app.project import Project
from reengage.app.run import Order, run
from reengage.app.stop import opt_out
from reengage.engine.durable import InProcess
from reengage.language.cron import Schedule
from reengage.language.tree import Rule, Then
from reengage.model.errors import ReengageError, UsageError
from reengage.model.words import Outcome
from reengage.store import columns as t
from reengage.store.database import Database, open_database
from tests.app.story import LATER, START, Event, World, make_world, random_rules, random_story
from tests.conftest import KEYS, hasty


@contextmanager
def world_in(folder: Path, **rules: object) -> Iterator[World]:
    database = hasty(open_database(f"sqlite:///{folder}.db", KEYS))
    try:
        yield make_world(folder, database, **rules)  # type: ignore[arg-type]
    finally:
        database.close()


@pytest.mark.parametrize("seed", [*range(4), *(pytest.param(seed, marks=pytest.mark.lab) for seed in range(4, 300))])
def test_any_schedule_of_runs_equals_judging_everyone_at_each_moment(tmp_path: Path, seed: int) -> None:
    dice = Random(seed)
    rules, story = random_rules(dice), random_story(dice)
    with world_in(tmp_path / "news", rules=rules) as news, world_in(tmp_path / "everybody", rules=rules) as everybody:
        for event in story:
            news.live(event)
            everybody.live(event, **({"everybody": True} if event.what == "run" else {}))
            if event.what == "run":
                assert news.tasks() == everybody.tasks(), f"{event.at}"
                assert news.used() == everybody.used(), f"{event.at}"


def test_the_random_worlds_are_worth_comparing(tmp_path: Path) -> None:
    outcomes: dict[str, int] = {}
    for seed in range(3):
        dice = Random(seed)
        rules, story = random_rules(dice), random_story(dice)
        with world_in(tmp_path / str(seed), rules=rules) as world:
            for event in story:
                summary = world.live(event)
                for outcome, count in (summary.outcomes if summary else {}).items():
                    outcomes[outcome] = outcomes.get(outcome, 0) + count
    wanted = {"task", "deferred", "opted_out", "stopped", "already_tasked", "cooldown", "no_match", "capped"}
    assert wanted <= outcomes.keys(), outcomes
    assert "error" not in outcomes


def test_a_second_run_makes_nothing_and_says_why(world: World) -> None:
    first = world.live(Event(LATER, "run"))
    assert first is not None
    assert first.tasks
    second = world.live(Event(LATER, "run"))
    assert second is not None
    assert second.tasks == ()
    third = world.live(Event(LATER + timedelta(minutes=1), "run"))
    assert third is not None
    assert third.tasks == ()
    assert set(second.outcomes) <= {"capped", "already_tasked"}
    assert second.candidates or any("nothing new" in notice for notice in second.notices)


def test_counts_add_up_and_every_outcome_but_no_match_is_stored(world: World) -> None:
    summary = world.live(Event(LATER, "run"))
    assert summary is not None
    assert sum(summary.outcomes.values()) == summary.candidates > 0
    with world.database.reading() as connection:
        stored = connection.execute(select(t.DecisionRow.outcome, func.count()).group_by(t.DecisionRow.outcome))
        counts = {row[0]: row[1] for row in stored}
    assert counts == {name: number for name, number in summary.outcomes.items() if name != "no_match"}


def test_narrowing_loses_nobody(world: World) -> None:
    narrowed = run(world.database, world.project, Order(LATER, dry_run=True), rules=world.rules, start=InProcess)
    order = Order(LATER, dry_run=True, everybody=True)
    full = run(world.database, world.project, order, rules=world.rules, start=InProcess)
    assert len(narrowed.decisions) <= len(full.decisions)
    assert narrowed.tasks == full.tasks
    assert narrowed.candidates == full.candidates
    unseen = {one.contact_key for one in full.decisions} - {one.contact_key for one in narrowed.decisions}
    assert {one.outcome.value for one in full.decisions if one.contact_key in unseen} <= {"no_match", "opted_out"}


def test_a_dry_run_writes_nothing(world: World) -> None:
    summary = run(world.database, world.project, Order(LATER, dry_run=True), rules=world.rules, start=InProcess)
    assert summary.run_id is None
    assert summary.tasks
    assert world.tasks() == []
    assert world.used() == []


def test_a_moment_before_the_last_run_is_a_dry_run_only(world: World) -> None:
    world.live(Event(LATER, "run"))
    earlier = Order(LATER - timedelta(days=1))
    with pytest.raises(UsageError, match="--dry-run"):
        run(world.database, world.project, earlier, rules=world.rules, start=InProcess)
    replayed = run(world.database, world.project, replace(earlier, dry_run=True), rules=world.rules, start=InProcess)
    assert replayed.run_id is None


def test_two_runs_at_once_make_each_task_once(world: World) -> None:
    barrier, summaries = threading.Barrier(2), []

    def work() -> None:
        barrier.wait()
        summaries.append(run(world.database, world.project, Order(LATER), rules=world.rules, start=InProcess))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keys = [task.key for summary in summaries for task in summary.tasks]
    assert len(summaries) == 2
    assert len(keys) == len(set(keys)) == len(world.tasks()) > 0


def test_a_run_that_another_one_overtook_begins_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real, overtaken = running._write, []

    def overtake(*arguments: object) -> object:
        if not overtaken:
            overtaken.append(True)
            world.live(Event(LATER, "run"))
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(running, "_write", overtake)
    summary = world.live(Event(LATER, "run"))
    assert summary is not None
    assert summary.tasks == ()
    assert world.tasks()


def test_a_stop_between_judging_and_writing_is_honoured(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    would = run(world.database, world.project, Order(LATER, dry_run=True), rules=world.rules, start=InProcess)
    victim, real = would.tasks[0], running._write

    def stop_first(*arguments: object) -> object:
        opt_out(world.database, world.project, victim.contact_key, LATER)
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(running, "_write", stop_first)
    summary = world.live(Event(LATER, "run"))
    assert summary is not None
    assert victim.contact_key not in {task.contact_key for task in summary.tasks}
    assert victim.contact_id not in {task["contact_id"] for task in world.tasks()}


def test_a_task_that_was_made_before_is_not_made_again_though_nothing_says_that_its_signal_was_used(
    world: World,
) -> None:
    caps = world.project.settings.caps.model_copy(
        update={"open_tasks_per_account": 1000, "new_tasks_per_owner_per_day": 1000}
    )
    project = replace(world.project, settings=world.project.settings.model_copy(update={"caps": caps}))
    first = run(world.database, project, Order(LATER), rules=world.rules, start=InProcess)
    made = first.tasks[0]
    elsewhere = next(task.contact_id for task in first.tasks if task.contact_id != made.contact_id)
    with world.database.writing() as connection:
        connection.execute(delete(t.SignalUseRow).where(t.SignalUseRow.contact_id == made.contact_id))
        connection.execute(update(t.TaskRow).where(t.TaskRow.key == made.key).values(contact_id=elsewhere))
    again = run(world.database, project, Order(LATER, everybody=True), rules=world.rules, start=InProcess)
    decision = next(one for one in again.decisions if one.contact_id == made.contact_id)
    assert (decision.outcome, decision.task, decision.used) == (Outcome.ALREADY_TASKED, None, ())
    assert decision.reason == f"task {made.key} was made before"
    assert len(world.tasks()) == len(first.tasks)


def test_if_due_claims_the_latest_slot_once_and_coalesces_the_missed_ones(world: World) -> None:
    project: Project = replace(world.project, schedule=_every_day())
    slot = project.schedule.latest(LATER, "UTC") if project.schedule else None
    first = run(world.database, project, Order(LATER, slot=slot), rules=world.rules, start=InProcess)
    again = run(world.database, project, Order(LATER, slot=slot), rules=world.rules, start=InProcess)
    assert first.run_id is not None
    assert again.run_id is None
    assert "has been run" in again.notices[0]
    assert project.schedule is not None
    month_later = project.schedule.latest(LATER + timedelta(days=30), "UTC")
    late = Order(LATER + timedelta(days=30), slot=month_later)
    summary = run(world.database, project, late, rules=world.rules, start=InProcess)
    assert summary.run_id == first.run_id + 1


def _every_day() -> Schedule:
    return Schedule.parse("0 6 * * *")


def test_above_max_tasks_nothing_is_written(world: World) -> None:
    caps = world.project.settings.caps.model_copy(update={"max_tasks": 1})
    settings = world.project.settings.model_copy(update={"caps": caps})
    with pytest.raises(ReengageError, match="more than max_tasks"):
        run(world.database, replace(world.project, settings=settings), Order(LATER), rules=world.rules, start=InProcess)
    assert world.tasks() == []
    with world.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(t.RunRow)).scalar_one() == 0


def changed(rule: Rule) -> Rule:
    return replace(rule, then=Then("{contact.last_name}"), revision="changed")


def test_a_changed_rule_judges_only_what_comes_later_and_says_so(world: World) -> None:
    would = run(world.database, world.project, Order(LATER, dry_run=True), rules=world.rules, start=InProcess)
    loud = would.tasks[0].rule
    quiet = [replace(rule, enabled=rule.id != loud) for rule in world.rules.rules]
    run(world.database, world.project, Order(LATER), rules=replace(world.rules, rules=tuple(quiet)), start=InProcess)
    later = Order(LATER + timedelta(hours=1))
    rules = tuple(changed(rule) if rule.id == loud else rule for rule in world.rules.rules)
    edited = replace(world.rules, rules=rules)
    summary = run(world.database, world.project, later, rules=edited, start=InProcess)
    assert loud not in {task.rule for task in summary.tasks}
    assert any(notice.startswith(f"{loud} is new or changed") for notice in summary.notices)


def test_backfill_lets_a_new_rule_act_on_earlier_signals_up_to_its_limit(world: World) -> None:
    would = run(world.database, world.project, Order(LATER, dry_run=True), rules=world.rules, start=InProcess)
    loud = would.tasks[0].rule
    none = replace(world.rules, rules=tuple(replace(rule, enabled=False) for rule in world.rules.rules))
    other = [replace(rule, revision="other", enabled=rule.id != loud) for rule in none.rules][:1]
    run(world.database, world.project, Order(LATER), rules=replace(none, rules=tuple(other)), start=InProcess)
    only = replace(world.rules, rules=tuple(rule for rule in world.rules.rules if rule.id == loud))
    later = LATER + timedelta(hours=1)
    assert run(world.database, world.project, Order(later), rules=only, start=InProcess).tasks == ()
    order = Order(later, backfill=loud, limit=1)
    assert [task.rule for task in run(world.database, world.project, order, rules=only, start=InProcess).tasks] == [
        loud
    ]
    with pytest.raises(UsageError, match="no enabled rule"):
        run(world.database, world.project, replace(order, backfill="nonsense"), rules=only, start=InProcess)


def test_a_contact_that_cannot_be_judged_does_not_end_the_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from reengage.app import judge

    real = judge.propose

    def fail_for_one(admitted: object, *rest: object) -> object:
        if admitted.candidate.contact.key == "C-3":  # type: ignore[attr-defined]
            raise ZeroDivisionError
        return real(admitted, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(judge, "propose", fail_for_one)
    summary = world.live(Event(LATER, "run"), everybody=True)
    assert summary is not None
    errors = [one for one in summary.decisions if one.outcome == "error"]
    assert [one.contact_key for one in errors] in ([], ["C-3"])
    assert summary.outcomes.get("task", 0) > 0


def test_statements_do_not_grow_with_the_page(tmp_path: Path) -> None:
    counts = []
    for contacts in (12, 48):
        dice = Random(3)
        with world_in(tmp_path / str(contacts), rules=random_rules(dice, 4)) as world:
            for event in random_story(dice, contacts, weeks=2):
                if event.what != "run":
                    world.live(event)
            statements: list[str] = []
            listener.listen(
                world.database.engine, "before_cursor_execute", lambda *a, seen=statements: seen.append(a[2])
            )
            run(world.database, world.project, Order(LATER), rules=world.rules, start=InProcess)
            counts.append(len(statements))
    assert counts[1] - counts[0] <= 6, counts  # what a run with tasks writes beside one without


def test_a_new_setting_has_everybody_judged_again(world: World) -> None:
    world.live(Event(LATER, "run"))
    settings = world.project.settings.model_copy(update={"contact_cooldown_days": 3})
    order = Order(LATER + timedelta(hours=1))
    with world.database.reading() as connection:
        held = connection.execute(select(func.count()).where(t.HoldRow.superseded_at.is_(None))).scalar_one()
    again = replace(world.project, settings=settings)
    assert run(world.database, again, order, rules=world.rules, start=InProcess).candidates == held


def test_a_company_that_becomes_a_prospect_is_news_for_everyone_there(tmp_path: Path, database: Database) -> None:
    made = make_world(tmp_path / "project", database)
    rows = [
        {
            "contact_id": f"C-{n}",
            "email": f"p{n}@a.example",
            "account_domain": "a.example",
            "account_status": "customer",
        }
        for n in range(3)
    ]
    talks = [
        {"conversation_id": f"K-{n}", "contact_id": f"C-{n}", "at": START.isoformat(), "response": "not_now"}
        for n in range(3)
    ]
    made.live(Event(START, "contacts", tuple(rows)))
    made.live(Event(START, "conversations", tuple(talks)))
    made.live(Event(START, "run"))
    later = START + timedelta(days=1)
    made.live(Event(later, "contacts", ({**rows[0], "account_status": "prospect"},)))
    summary = made.live(Event(later, "run"))
    assert summary is not None
    assert summary.candidates == 3


def test_a_key_that_was_used_before_makes_no_second_task_whatever_proposed_it(world: World) -> None:
    made = world.live(Event(LATER, "run"))
    assert made is not None
    with world.database.writing() as connection:
        final = running._ask_again(connection, made.decisions)
    again = [decision for decision in final if decision.contact_id in {task.contact_id for task in made.tasks}]
    assert {decision.outcome for decision in again} == {Outcome.ALREADY_TASKED}
    assert all(decision.task is None and decision.used == () for decision in again)
