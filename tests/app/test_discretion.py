"""What a task must not say, and what a stop must not miss."""

from __future__ import annotations

from pathlib import Path

import pytest

from reengage.app.stop import opt_out
from reengage.language.ruleset import load_rules
from reengage.store import optouts, people
from reengage.store.database import Database
from tests.app.story import START, Event, World, make_world

CONTACT = {"contact_id": "C-1", "email": "dana@a.example", "account_name": "A", "account_status": "prospect"}
TALK = {
    "conversation_id": "K-1",
    "contact_id": "C-1",
    "at": "2026-01-05T09:00:00Z",
    "rep_email": "pat@us.example",
    "response": "not_now",
    "referred_to": "Eve Gold <eve@b.example>",
    "notes": "also mentioned max@c.example",
}
MOVE = {
    "id": "1",
    "source": "news",
    "type": "job_change",
    "time": "2026-02-25T09:00:00Z",
    "keys": {"email": "dana@a.example"},
    "facts": {"new_company": "Hooli", "new_title": "VP Sales", "previous_company": "A"},
}


@pytest.fixture
def world(tmp_path: Path, database: Database) -> World:
    made = make_world(tmp_path / "project", database, load_rules(Path(__file__).parents[2] / "rules"))
    for what, row in (("contacts", CONTACT), ("conversations", TALK), ("signals", MOVE)):
        made.live(Event(START, what, (row,)))
    return made


def note(world: World) -> str:
    summary = world.live(Event(START, "run"))
    assert summary is not None
    return summary.tasks[0].note


def test_a_task_names_whom_they_referred_us_to(world: World) -> None:
    told = note(world)
    assert "eve@b.example" in told
    assert "max@c.example" in told


def test_a_task_does_not_name_someone_else_who_said_stop(world: World) -> None:
    opt_out(world.database, world.project, "EVE+news@b.example", START)
    opt_out(world.database, world.project, "c.example", START)
    told = note(world)
    assert "eve" not in told.lower()
    assert "c.example" not in told


def test_digits_stop_a_phone_number_and_a_contact_id_of_later(world: World) -> None:
    opt_out(world.database, world.project, "100045", START)
    later = {"contact_id": "100045", "email": "new@d.example"}
    world.live(Event(START, "contacts", (later,)))
    with world.database.reading() as connection:
        id = people.find_contacts(connection, [("import", "100045")])["import", "100045"]
        assert optouts.standings(connection, [id])[id].everywhere
