"""What lifts a stop: one person's own later word, with complete evidence, and nothing else."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from reengage.app.consent import Evidence, allow_again
from reengage.app.identity import merge
from reengage.app.stop import opt_out
from reengage.model.errors import UsageError
from reengage.model.words import Channel
from reengage.store import columns as t
from reengage.store import ledger, optouts, stoplist
from reengage.store.database import Database
from tests.app.story import START, Event, World, make_world

SAID, NOW = START + timedelta(days=2), START + timedelta(days=3)
COMPLETE = Evidence("yes, write to me", "newsletter form v3", "the web site", SAID, "form entry 12", "pat", "lee")


@pytest.fixture
def world(tmp_path: Path, database: Database) -> World:
    """One contact who said stop, and a colleague."""
    made = make_world(tmp_path / "project", database)
    rows = tuple({"contact_id": f"C-{n}", "first_name": f"P{n}", "email": f"p{n}@a.example"} for n in (1, 2))
    made.live(Event(START, "contacts", rows))
    made.live(Event(START + timedelta(days=1), "stop", ({"who": "C-1"},)))
    return made


def closed(world: World, key: str) -> set[Channel]:
    with world.database.reading() as connection:
        id = connection.execute(select(t.ContactRow.id).where(t.ContactRow.key == key)).scalar_one()
        return set(optouts.standings(connection, [id])[id].closed)


def test_complete_evidence_lifts_by_appending(world: World) -> None:
    assert closed(world, "C-1") == set(Channel)
    assert allow_again(world.database, "C-1", COMPLETE, NOW) == 1
    assert closed(world, "C-1") == set()
    with world.database.reading() as connection:
        assert [row.kind for row in connection.execute(select(t.OptOutRow.__table__))] == ["opt_out", "re_consent"]
        assert list(ledger.verify(connection)) == []
        assert list(stoplist.list_all(connection)) == []
        assert optouts.inconsistent(connection) == []


@pytest.mark.parametrize("name", [field.name for field in fields(Evidence) if field.name != "when"])
def test_evidence_that_lacks_anything_lifts_nothing(world: World, name: str) -> None:
    with pytest.raises(UsageError, match=f"lacks: {name.replace('_', '-')}"):
        allow_again(world.database, "C-1", replace(COMPLETE, **{name: " "}), NOW)
    assert closed(world, "C-1") == set(Channel)


@pytest.mark.parametrize(
    ("evidence", "told"),
    [
        (replace(COMPLETE, when=START), "not later than their stop"),
        (replace(COMPLETE, when=START + timedelta(days=1)), "not later than their stop"),
        (replace(COMPLETE, when=NOW + timedelta(seconds=1)), "lies in the future"),
        (replace(COMPLETE, approved_by="PAT "), "same person recorded and approved"),
    ],
)
def test_a_consent_that_is_not_one_lifts_nothing(world: World, evidence: Evidence, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        allow_again(world.database, "C-1", evidence, NOW)
    assert closed(world, "C-1") == set(Channel)


def test_only_the_named_channels_open_again(world: World) -> None:
    assert allow_again(world.database, "C-1", COMPLETE, NOW, (Channel.EMAIL,)) == 1
    assert closed(world, "C-1") == set(Channel) - {Channel.EMAIL}


def test_who_said_nothing_cannot_take_it_back_and_a_company_is_not_a_person(world: World) -> None:
    with pytest.raises(UsageError, match="is closed"):
        allow_again(world.database, "C-2", COMPLETE, NOW)
    opt_out(world.database, world.project, "a.example", START + timedelta(days=1))
    with pytest.raises(UsageError, match="is closed"):
        allow_again(world.database, "C-2", COMPLETE, NOW)
    allow_again(world.database, "C-1", COMPLETE, NOW)
    assert closed(world, "C-1") == set(Channel)


def test_a_later_stop_closes_again_also_one_that_claims_to_be_older(world: World) -> None:
    allow_again(world.database, "C-1", COMPLETE, NOW)
    opt_out(world.database, world.project, "p1@a.example", START, words="an old list that comes late")
    assert closed(world, "C-1") == set(Channel)


def test_one_persons_consent_opens_nothing_for_another_who_is_reached_by_the_same_stop(world: World) -> None:
    world.live(Event(START + timedelta(days=1), "contacts", ({"contact_id": "C-2", "email": "p1@a.example"},)))
    assert closed(world, "C-2") == set(Channel)
    allow_again(world.database, "C-1", COMPLETE, NOW)
    assert (closed(world, "C-1"), closed(world, "C-2")) == (set(), set(Channel))


def test_a_merge_with_someone_who_is_closed_closes_again(world: World) -> None:
    allow_again(world.database, "C-1", COMPLETE, NOW)
    opt_out(world.database, world.project, "C-2", START + timedelta(hours=1))
    merge(world.database, world.project, "C-1", "C-2", NOW, because="same person")
    assert closed(world, "C-1") == set(Channel)


def test_a_stop_told_by_a_clock_that_lies_behind_the_consent_closes_all_the_same(world: World) -> None:
    allow_again(world.database, "C-1", COMPLETE, NOW)
    opt_out(world.database, world.project, "C-1", START - timedelta(days=400), words="stop")
    assert closed(world, "C-1") == set(Channel)
