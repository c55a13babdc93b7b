"""A backup that is put back: nothing leaves before the newer stops have been said again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from reengage.app.consent import allow_again
from reengage.app.erase import erase
from reengage.app.export import export_tasks
from reengage.app.restore import check
from reengage.app.run import Order, run
from reengage.app.stop import opt_out
from reengage.language.ruleset import load_rules
from reengage.model.errors import RunFailed
from reengage.store import columns as t
from reengage.store import optouts
from reengage.store.database import Database, open_database
from tests.app.story import ROOT, START, Event, World, make_world
from tests.app.test_consent import COMPLETE
from tests.app.test_erase import MOVE, TALK, ZELDA
from tests.conftest import KEYS, hasty

NOW = START + timedelta(days=5)


@pytest.fixture
def world(tmp_path: Path, database: Database) -> Iterator[World]:
    """Someone whom a rule has a task for, in a database with a journal."""
    address = database.engine.url.render_as_string(hide_password=False)
    journaled = hasty(open_database(address, KEYS, tmp_path / "elsewhere.journal"))
    made = make_world(tmp_path / "project", journaled, load_rules(ROOT / "rules"))
    made.live(Event(START, "contacts", (ZELDA,)))
    made.live(Event(START, "conversations", (TALK,)))
    made.live(Event(START, "signals", (MOVE,)))
    opt_out(journaled, made.project, "someone@else.example", START)
    yield made
    journaled.close()


class Backup:
    """The whole database, to be put back later."""

    def __init__(self, world: World) -> None:
        self.database = world.database
        if self.database.is_sqlite:
            self.file = Path(str(self.database.engine.url.database))
            shutil.copy(self.file, self.file.with_suffix(".bak"))
        else:
            self._each("CREATE TABLE kept_{0} AS TABLE {0}")

    def put_back(self) -> None:
        if self.database.is_sqlite:
            self.database.close()
            shutil.copy(self.file.with_suffix(".bak"), self.file)
            return
        with self.database.deciding(journaled=False) as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for name in self._names():
                connection.execute(text(f"DELETE FROM {name}"))
                connection.execute(text(f"INSERT INTO {name} SELECT * FROM kept_{name}"))

    def _each(self, statement: str) -> None:
        with self.database.deciding(journaled=False) as connection:
            for name in self._names():
                connection.execute(text(statement.format(name)))

    def _names(self) -> list[str]:
        return [table.name for table in t.ContactRow.metadata.sorted_tables]


def standing(world: World, key: str = "C-1") -> optouts.Standing:
    with world.database.reading() as connection:
        id = connection.execute(select(t.ContactRow.id).where(t.ContactRow.key == key)).scalar_one()
        return optouts.standings(connection, [id])[id]


@pytest.mark.parametrize("who", ["C-1", "zelda@a.example", "+44 20 7946 0018", "linkedin.com/in/zelda-fitz"])
def test_after_a_restored_backup_nothing_leaves_until_newer_stops_were_said_again(world: World, who: str) -> None:
    backup = Backup(world)
    opt_out(world.database, world.project, who, NOW, words="stop")
    backup.put_back()
    assert not standing(world).closed
    with pytest.raises(RunFailed, match="of the ledger of stops are missing"):
        run(world.database, world.project, Order(NOW), rules=world.rules)
    with pytest.raises(RunFailed, match="nothing leaves"):
        export_tasks(world.database, world.project, "csv", None, NOW)
    lost = check(world.database, NOW, replay=False).missing
    done = check(world.database, NOW, replay=True)
    assert done.missing == done.replayed == lost > 0
    assert done.to_erase == ()
    assert standing(world).closed
    assert check(world.database, NOW, replay=False).missing == 0
    assert run(world.database, world.project, Order(NOW), rules=world.rules).tasks == ()


def test_what_is_written_before_the_replay_does_not_cover_up_what_is_missing(world: World) -> None:
    backup = Backup(world)
    opt_out(world.database, world.project, "C-1", NOW)
    backup.put_back()
    for number in range(3):
        opt_out(world.database, world.project, f"new{number}@else.example", NOW)
    with pytest.raises(RunFailed, match="put back to an earlier state"):
        run(world.database, world.project, Order(NOW), rules=world.rules)
    check(world.database, NOW, replay=True)
    assert standing(world).everywhere


def test_someone_who_is_imported_only_after_the_replay_is_closed_as_well(world: World) -> None:
    backup = Backup(world)
    opt_out(world.database, world.project, "later@b.example", NOW)
    backup.put_back()
    check(world.database, NOW, replay=True)
    world.live(Event(NOW, "contacts", ({"contact_id": "C-9", "email": "Later@b.example"},)))
    assert standing(world, "C-9").everywhere


def test_an_erasure_that_the_backup_undid_leaves_them_closed(world: World) -> None:
    backup = Backup(world)
    erase(world.database, world.project, "C-1", NOW)
    backup.put_back()
    assert standing(world).closed == frozenset()
    done = check(world.database, NOW, replay=True)
    assert done.to_erase == ("C-1",)
    assert standing(world).everywhere
    erase(world.database, world.project, "C-1", NOW)
    assert check(world.database, NOW, replay=True).missing == 0


def test_a_consent_that_the_backup_lost_stays_lost(world: World) -> None:
    opt_out(world.database, world.project, "C-1", START)
    backup = Backup(world)
    allow_again(world.database, "C-1", COMPLETE, NOW)
    backup.put_back()
    done = check(world.database, NOW, replay=True)
    assert (done.missing, done.replayed) == (1, 0)
    assert standing(world).everywhere
    run(world.database, world.project, Order(NOW), rules=world.rules)


def test_a_whole_database_passes_and_a_dry_run_always_may(world: World) -> None:
    assert check(world.database, NOW, replay=True).missing == 0
    backup = Backup(world)
    opt_out(world.database, world.project, "C-1", NOW)
    backup.put_back()
    assert run(world.database, world.project, Order(NOW, dry_run=True), rules=world.rules).candidates == 1


def test_the_journal_holds_no_plain_identifier_and_survives_a_torn_line(world: World, tmp_path: Path) -> None:
    journal = tmp_path / "elsewhere.journal"
    opt_out(world.database, world.project, "C-1", NOW, words="not a word of this", source="zelda@a.example")
    content = journal.read_text()
    assert not any(mark in content.lower() for mark in ("zelda", "7946", "else.example", "a word"))
    assert [json.loads(line)["id"] for line in content.splitlines()] == [1, 2]
    journal.write_text(content[:-20])
    opt_out(world.database, world.project, "three@else.example", NOW)
    assert [json.loads(line)["id"] for line in journal.read_text().splitlines()] == [1, 2, 3]


def test_a_journal_that_is_gone_begins_again_with_the_next_stop(world: World, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.journal").unlink()
    assert check(world.database, NOW, replay=False).missing == 0
    opt_out(world.database, world.project, "C-1", NOW)
    assert len((tmp_path / "elsewhere.journal").read_text().splitlines()) == 2
