"""What a project declares for itself, on its whole way: from a file through a rule to a task; and signals that stop."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from reengage.app.erase import erase
from reengage.app.imports.contacts import import_contacts
from reengage.app.project import read_project
from reengage.app.run import Order, Summary, run
from reengage.app.stop import opt_out
from reengage.engine.durable import InProcess
from reengage.model.errors import ReengageError
from reengage.model.facts import Fact, FactType
from reengage.store import candidates, people
from reengage.store import columns as t
from reengage.store.database import Database
from tests.app.story import FIELDS, START, Event, World, make_world, write_csv

RULE = """\
rules:
  - id: more-seats
    who: {plan: [free, team], seats: {at_least: 5}, sso: false, renewed: {at_least: 60 days}}
    when:
      usage: {seats: {at_least: 10}, live: true}
    unless:
      left_company: {within: 90 days}
    then:
      create_task: {subject: "{signal.seats} seats on {contact.plan}, of {contact.seats} before"}
"""
DANA = {
    "contact_id": "C-1",
    "email": "dana@a.example",
    "account_name": "A",
    "plan": "Team",
    "seats": "7",
    "sso": "no",
    "renewed": "2025-06-01",
    "referrer": "",
}
TALK = {
    "conversation_id": "K-1",
    "contact_id": "C-1",
    "at": "2026-01-05T09:00:00Z",
    "response": "no_budget",
    "rep_email": "pat@us.example",
}
USAGE = {
    "id": "1",
    "source": "product",
    "type": "usage",
    "time": "2026-02-25T09:00:00Z",
    "keys": {"email": "dana@a.example"},
    "facts": {"seats": 12, "live": True},
}
LEFT = {
    "id": "2",
    "source": "news",
    "type": "left_company",
    "time": "2026-02-20T09:00:00Z",
    "keys": {"email": "dana@a.example"},
    "facts": {"previous_company": "A"},
}


@pytest.fixture
def world(tmp_path: Path, database: Database) -> World:
    made = make_world(tmp_path / "project", database)
    (made.project.folder / "rules" / "own.yaml").write_text(RULE, encoding="utf-8")
    made.rules = made.project.usable_rules()
    made.live(Event(START, "contacts", (DANA,)))
    made.live(Event(START, "conversations", (TALK,)))
    return made


def judged(world: World, days: int = 0) -> Summary:
    summary = world.live(Event(START + timedelta(days=days), "run"))
    assert summary is not None
    return summary


def fields(world: World) -> dict[str, object]:
    """The fields of the one contact, as a rule would see them."""
    with world.database.reading() as connection:
        ids = list(people.find_contacts(connection, [("import", "C-1")]).values())
        (found,) = candidates.read(connection, ids, START + timedelta(days=50), {}, world.project.settings)
    return dict(found.contact.own_fields)


def test_a_field_and_a_signal_of_the_project_lead_to_a_task(world: World) -> None:
    world.live(Event(START, "signals", (USAGE,)))
    (task,) = judged(world).tasks
    assert task.subject == "12 seats on team, of 7 before"
    assert task.because.startswith("usage: seats 12")


@pytest.mark.parametrize(
    ("changes", "facts"),
    [
        ({"plan": "enterprise"}, {}),
        ({"plan": ""}, {}),
        ({"seats": "4"}, {}),
        ({"seats": "many"}, {}),
        ({"sso": "yes"}, {}),
        ({"renewed": "2026-02-20"}, {}),
        ({"renewed": "2027-01-01"}, {}),
        ({"renewed": "soon"}, {}),
        ({}, {"seats": 9}),
        ({}, {"live": False}),
    ],
)
def test_what_does_not_fit_or_is_not_known_fires_nothing(
    tmp_path: Path, database: Database, changes: dict[str, str], facts: dict[str, object]
) -> None:
    made = make_world(tmp_path / "project", database)
    (made.project.folder / "rules" / "own.yaml").write_text(RULE, encoding="utf-8")
    made.rules = made.project.usable_rules()
    made.live(Event(START, "contacts", (DANA | changes,)))
    made.live(Event(START, "conversations", (TALK,)))
    made.live(Event(START, "signals", ({**USAGE, "facts": {"seats": 12, "live": True, **facts}},)))
    assert judged(made).tasks == ()


def test_a_signal_under_unless_stops_the_rule_for_as_long_as_it_says(world: World) -> None:
    world.live(Event(START, "signals", (USAGE, LEFT)))
    stopped = judged(world)
    assert stopped.tasks == ()
    (decision,) = stopped.decisions
    assert (decision.outcome, decision.reason) == ("stopped", "stopped by unless left_company of 2026-02-20")
    assert judged(world, days=78).tasks == ()
    assert [task.rule for task in judged(world, days=82).tasks] == ["more-seats"]


def test_a_doubtful_signal_under_unless_is_not_passed_over(world: World) -> None:
    (world.project.folder / "rules" / "own.yaml").write_text(
        RULE.replace("left_company: {within: 90 days}", "job_change: {within: 90 days}"), encoding="utf-8"
    )
    world.rules = world.project.usable_rules()
    move = {**LEFT, "type": "job_change", "facts": {"new_company": "Hooli", "new_title": "VP Sales"}}
    world.live(Event(START, "signals", (USAGE, move)))
    (decision,) = judged(world).decisions
    assert decision.outcome == "unknown"
    assert decision.reason == "unless job_change of 2026-02-20 is in doubt, and doubt never fires"


def test_what_cannot_be_read_is_told_and_what_is_empty_says_nothing(world: World) -> None:
    changed = {"contact_id": "C-1", "email": "dana@a.example", "plan": "gold", "seats": "", "sso": "true"}
    report = import_contacts(world.database, world.project, write_csv(world.project.folder, (changed,)), START)
    assert any('"plan" is "gold"; expected one of free, team; left empty' in remark for remark in report.remarks)
    assert fields(world) == {"plan": "team", "seats": 7, "sso": True, "renewed": date(2025, 6, 1)}


def test_a_field_that_is_declared_anew_is_read_by_its_new_type(world: World) -> None:
    seats = {"seats": Fact("seats", FactType.TEXT), "plan": Fact("plan", FactType.NUMBER)}
    settings = world.project.settings.model_copy(update={"own_fields": seats})
    world.project = replace(world.project, settings=settings)
    assert fields(world) == {"seats": "7"}


def test_a_changed_declaration_has_everybody_judged_again(world: World) -> None:
    world.live(Event(START, "signals", (USAGE,)))
    toml = world.project.folder / "reengage.toml"
    declared = toml.read_text(encoding="utf-8")
    toml.write_text(declared.replace('plan = ["free", "team"]', 'plan = ["free", "pro"]'), encoding="utf-8")
    rules = world.rules
    other = read_project(world.project.folder)
    assert run(world.database, other, Order(START), rules=rules, start=InProcess).tasks == ()
    toml.write_text(declared, encoding="utf-8")
    whole = read_project(world.project.folder)
    assert len(run(world.database, whole, Order(START), rules=rules, start=InProcess).tasks) == 1


def test_someone_who_said_stop_or_was_erased_is_in_no_field_of_others(world: World) -> None:
    told = {"contact_id": "C-1", "email": "dana@a.example", "referrer": "zelda@b.example"}
    world.live(Event(START, "contacts", (told, {"contact_id": "C-2", "email": "zelda@b.example"})))
    assert fields(world)["referrer"] == "zelda@b.example"
    opt_out(world.database, world.project, "zelda@b.example", START)
    assert "zelda" not in str(fields(world))
    erase(world.database, world.project, "C-2", START)
    with world.database.reading() as connection:
        rows = connection.execute(t.ProfileRow.__table__.select()).all()
    assert rows
    assert not any("zelda" in str(row) for row in rows)


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ('plan = "colour"', '"plan" has an unknown type "colour"'),
        ("plan = []", "too many, repeated or none"),
        ('plan = ["a", "a"]', "too many, repeated or none"),
        ('plan = ["No Way"]', "cannot be a word"),
        ('title = "text"', "has a meaning already"),
        ('email = "text"', "has a meaning already"),
        ('intent = "text"', "has a meaning already"),
        ('"Lead Score" = "number"', "cannot name a field"),
        ('do_not_call = "flag"', "looks like an opt-out"),
        ("plan = 3", "unknown type"),
    ],
)
def test_a_field_that_cannot_be_declared_is_told(world: World, declared: str, message: str) -> None:
    toml = world.project.folder / "reengage.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(f"{text[: text.index(FIELDS)]}[fields]\n{declared}\n", encoding="utf-8")
    with pytest.raises(ReengageError, match=message):
        read_project(world.project.folder)
