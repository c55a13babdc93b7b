"""Erasing someone: nothing plain stays anywhere, and their no stays in force."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import MetaData, select

from reengage.app.audit import verify
from reengage.app.erase import erase
from reengage.app.export import export_opt_outs, export_tasks
from reengage.app.identity import merge, split
from reengage.app.stop import opt_out
from reengage.language.ruleset import load_rules
from reengage.model.errors import ReengageError, UsageError
from reengage.store import columns as t
from reengage.store import optouts
from reengage.store.database import Database
from tests.app.story import ROOT, START, Event, World, make_world

NOW = START + timedelta(days=5)
MARKS = ("zelda", "+442079460018", "zelda-fitz", "fitzgerald", "tell nobody")
"""What names the person, or is theirs; no two of them have anything to do with anybody else."""

ZELDA = {
    "contact_id": "C-1",
    "first_name": "Zelda",
    "last_name": "Fitzgerald",
    "email": "zelda@a.example",
    "phone": "+442079460018",
    "linkedin_url": "linkedin.com/in/zelda-fitz",
    "account_name": "A",
    "account_domain": "a.example",
    "account_status": "prospect",
}
TALK = {
    "conversation_id": "K-1",
    "contact_id": "C-1",
    "at": "2026-01-05T09:00:00Z",
    "channel": "email",
    "rep_email": "pat@us.example",
    "response": "not_now",
    "their_words": "tell nobody",
}
MOVE = {
    "id": "1",
    "source": "news",
    "type": "job_change",
    "time": "2026-02-25T09:00:00Z",
    "keys": {"email": "zelda@a.example"},
    "facts": {"new_company": "Hooli", "new_title": "VP Sales", "previous_company": "A"},
}


@pytest.fixture
def world(tmp_path: Path, database: Database) -> World:
    """Someone with a task that has been delivered, and a colleague who speaks of her."""
    made = make_world(tmp_path / "project", database, load_rules(ROOT / "rules"))
    other = {**ZELDA, "contact_id": "C-2", "first_name": "Eve", "last_name": "Low", "email": "eve@a.example"}
    other |= {"phone": "+442079460099", "linkedin_url": ""}
    made.live(Event(START, "contacts", (ZELDA, other)))
    about = {**TALK, "conversation_id": "K-2", "contact_id": "C-2", "their_words": "ask zelda@a.example"}
    made.live(Event(START, "conversations", (TALK, about)))
    made.live(Event(START, "signals", (MOVE, {**MOVE, "id": "2", "keys": {"email": "zelda@a.example", "phone": "x"}})))
    made.live(Event(START, "run"))
    export_tasks(made.database, made.project, "csv", None, START)
    return made


def everything(database: Database) -> Iterator[str]:
    """Every value of every table, in lower case."""
    metadata = MetaData()
    metadata.reflect(database.engine)
    with database.reading() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                yield from (f"{table.name}: {value}".lower() for value in row)


def plain(database: Database) -> list[str]:
    return [value for value in everything(database) if any(mark in value for mark in MARKS)]


def test_before_there_is_something_to_find(world: World) -> None:
    assert {value.partition(":")[0] for value in plain(world.database)} >= {
        *("identifier", "profile", "conversation", "task", "signal", "contact_key")
    }
    assert len(world.tasks()) == 1


def test_nothing_plain_stays_in_any_table_file_or_export(world: World) -> None:
    done = erase(world.database, world.project, "C-1", NOW)
    assert (done.contacts, done.opted_out) == (1, True)
    assert plain(world.database) == []
    if world.database.is_sqlite:
        content = Path(str(world.database.engine.url.database)).read_bytes().lower()
        assert [mark for mark in MARKS if mark.encode() in content] == []
    file, _ = export_opt_outs(world.database, world.project, None)
    assert not any(mark in file.read_text(encoding="utf-8-sig").lower() for mark in MARKS)
    assert verify(world.database).findings == ()


def test_a_delivered_task_is_recalled_and_nothing_else_of_it_stays(world: World) -> None:
    (task,) = world.tasks()
    erase(world.database, world.project, "C-1", NOW)
    done = export_tasks(world.database, world.project, "csv", None, NOW)
    assert (done.tasks, done.recalls) == (0, 1)
    content = "".join(file.read_text(encoding="utf-8-sig") for file in done.files)
    assert task["key"] in content
    assert not any(mark in content.lower() for mark in MARKS)


def test_files_that_still_name_them_are_told(world: World) -> None:
    done = erase(world.database, world.project, "C-1", NOW)
    assert any(path.parts[0] == "signals" for path in done.files)


@pytest.mark.parametrize(
    "row",
    [
        ZELDA,
        {**ZELDA, "contact_id": "C-77"},
        {"contact_id": "C-77", "email": "Zelda <ZELDA@A.example>"},
        {"contact_id": "C-77", "email": "zelda+news@a.example"},
        {"contact_id": "C-77", "email": "other@b.example", "linkedin_url": "https://uk.linkedin.com/in/Zelda-Fitz/"},
        {"contact_id": "C-77", "email": "other@b.example", "phone": "020 7946 0018"},
    ],
)
def test_whoever_is_imported_again_stays_closed(world: World, row: dict[str, str]) -> None:
    erase(world.database, world.project, "C-1", NOW)
    world.live(Event(NOW, "contacts", (row,)))
    with world.database.reading() as connection:
        id = connection.execute(select(t.ContactRow.id).where(t.ContactRow.key == row["contact_id"])).scalar()
        assert id is None or optouts.standings(connection, [id])[id].everywhere
        assert optouts.closed_addresses(connection, {"zelda@a.example"}) == {"zelda@a.example"}


def test_a_new_name_of_someone_erased_is_closed_too_and_stored_as_a_digest(world: World) -> None:
    erase(world.database, world.project, "C-1", NOW)
    world.live(Event(NOW, "contacts", ({"contact_id": "C-77", "email": "zelda@a.example;zelda@new.example"},)))
    assert not [value for value in everything(world.database) if "new.example" in value]
    world.live(Event(NOW, "contacts", ({"contact_id": "C-78", "email": "zelda@new.example"},)))
    with world.database.reading() as connection:
        assert connection.execute(select(t.ContactRow.id).where(t.ContactRow.key == "C-78")).scalar() is None
        assert optouts.closed_addresses(connection, {"zelda@new.example"}) == {"zelda@new.example"}


def test_signals_and_stops_about_someone_erased_leave_nothing_plain(world: World) -> None:
    erase(world.database, world.project, "C-1", NOW)
    again = ({**MOVE, "id": "9"}, {**MOVE, "id": "10", "type": "opt_out", "facts": {"words": "tell nobody"}})
    world.live(Event(NOW, "signals", again))
    opt_out(world.database, world.project, "zelda@a.example", NOW, words="tell nobody")
    assert plain(world.database) == []
    assert verify(world.database).findings == ()


def test_forgetting_alone_keeps_what_they_had_said_and_nothing_more(world: World) -> None:
    erase(world.database, world.project, "C-1", NOW, forget_only=True)
    world.live(Event(NOW, "contacts", (ZELDA,)))
    with world.database.reading() as connection:
        id = connection.execute(select(t.ContactRow.id).where(t.ContactRow.key == "C-1")).scalar_one()
        assert not optouts.standings(connection, [id])[id].closed


def test_a_colleague_keeps_everything_but_the_name_of_the_erased(world: World) -> None:
    erase(world.database, world.project, "C-1", NOW)
    with world.database.reading() as connection:
        words = connection.execute(select(t.ConversationRow.their_words)).scalars().all()
        id = connection.execute(select(t.ContactRow.id).where(t.ContactRow.key == "C-2")).scalar_one()
        assert words == ["ask [erased]"]
        assert not optouts.standings(connection, [id])[id].closed


def test_an_address_that_a_colleague_has_too_stays_theirs(world: World) -> None:
    world.live(Event(NOW, "contacts", ({"contact_id": "C-2", "email": "zelda@a.example"},)))
    erase(world.database, world.project, "C-1", NOW)
    with world.database.reading() as connection:
        assert set(connection.execute(select(t.IdentifierRow.value)).scalars()) >= {"zelda@a.example", "eve@a.example"}
        id = connection.execute(select(t.ContactRow.id).where(t.ContactRow.key == "C-2")).scalar_one()
        assert optouts.standings(connection, [id])[id].everywhere


def is_there(world: World, key: str) -> bool:
    with world.database.reading() as connection:
        return connection.execute(select(t.ContactRow.id).where(t.ContactRow.key == key)).first() is not None


@pytest.mark.parametrize("text", ["rules: [", "rules: [{id: x, wen: {}}]", f"rules: [{'{}, ' * 150}]"])
def test_a_broken_rule_keeps_nobody_from_being_erased(world: World, text: str) -> None:
    world.live(Event(NOW, "contacts", ({"contact_id": "C-2", "email": "zelda@a.example"},)))
    (world.project.folder / "rules" / "broken.yaml").write_text(text, encoding="utf-8")
    assert world.project.rules().errors
    assert erase(world.database, world.project, "C-1", NOW).contacts == 1
    assert (is_there(world, "C-1"), is_there(world, "C-2")) == (False, True)


def test_nobody_is_erased_by_half_where_it_is_not_known_what_answers_mean(world: World) -> None:
    world.live(Event(NOW, "contacts", ({"contact_id": "C-2", "email": "zelda@a.example"},)))
    before = plain(world.database)
    (world.project.folder / "rules" / "responses.yaml").write_text("responses: {}", encoding="utf-8")
    with pytest.raises(ReengageError, match="the rules have"):
        erase(world.database, world.project, "C-1", NOW)
    assert plain(world.database) == before


def test_nobody_of_that_name_is_said_so(world: World) -> None:
    with pytest.raises(UsageError, match="no contact has the contact_id"):
        erase(world.database, world.project, "C-9", NOW)


def test_someone_who_was_taken_for_another_can_be_erased(world: World) -> None:
    for first, other in (("C-2", "C-1"), ("C-1", "C-2")):
        merge(world.database, world.project, first, other, START + timedelta(days=1), because="same person")
        split(world.database, world.project, first, other, START + timedelta(days=2), because="it was not")
    assert erase(world.database, world.project, "C-1", NOW).contacts == 1
    with world.database.reading() as connection:
        held = connection.execute(select(t.HoldRow).where(t.HoldRow.superseded_at.is_(None))).all()
    assert len(held) == 1
