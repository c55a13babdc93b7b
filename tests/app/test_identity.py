"""Who is one human, and how far a no travels: the same, strictest state in whatever order we learn things."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from reengage.app.erase import erase
from reengage.app.explain import explain
from reengage.app.identity import merge, split
from reengage.engine.durable import InProcess
from reengage.model.errors import UsageError
from reengage.model.words import Channel
from reengage.store import columns as t
from reengage.store import optouts
from reengage.store.database import Database, open_database
from reengage.store.identity import ROWS_OF_ONE
from tests.app.story import START, Event, World, make_world
from tests.conftest import KEYS, hasty

FIRST, LAST = ("Dana", "Eve", "Kit"), ("Reyes", "Low")


def state(world: World) -> dict[str, Any]:
    """For each contact who stands for them, what is closed, and the hold of that human."""
    with world.database.reading() as connection:
        contacts = {row.id: row for row in connection.execute(select(t.ContactRow.__table__))}
        standings = optouts.standings(connection, contacts)
        holds = connection.execute(select(t.HoldRow.__table__).where(t.HoldRow.superseded_at.is_(None)))
        held = {row.contact_id: (row.response, row.until, row.promised) for row in holds}
        assert optouts.inconsistent(connection) == []
    return {
        row.key: (contacts[row.same_as or id].key, sorted(standings[id].closed), held.get(id))
        for id, row in contacts.items()
    }


def person(number: int, dice: Random) -> dict[str, Any]:
    return {
        "contact_id": f"C-{number}",
        "first_name": dice.choice(FIRST),
        "last_name": dice.choice(LAST),
        "account_name": f"A{number % 2}",
        "account_domain": f"a{number % 2}.example",
    }


def facts(dice: Random, people: int = 5) -> list[tuple[str, dict[str, Any]]]:
    """What there is to learn about some people whose addresses, numbers and names overlap."""
    base = [person(number, dice) for number in range(people)]
    found: list[tuple[str, dict[str, Any]]] = []
    for number in range(people):
        named = base[number]
        found.append(("contacts", {**named, "email": f"p{dice.randrange(people)}@a{number % 2}.example"}))
        if dice.random() < 0.6:
            found.append(("contacts", {**named, "phone": f"+44207946001{dice.randrange(3)}"}))
        if dice.random() < 0.4:
            found.append(("contacts", {**named, "linkedin_url": f"linkedin.com/in/p{dice.randrange(people)}"}))
        if dice.random() < 0.2:
            found.append(("contacts", {**named, "last_name": "Married", "email": f"p{number}@new.example"}))
        found.append(("conversations", talk(dice, number)))
    for number in range(dice.randrange(1, 4)):
        found.append(("stop", {"who": f"C-{dice.randrange(people)}", "number": number}))
    if dice.random() < 0.5:
        found.append(("stop", {"who": f"p{dice.randrange(people)}@a{dice.randrange(2)}.example"}))
    if dice.random() < 0.6:
        keep, other = dice.sample(range(people), 2)
        found.append(("merge", {"keep": f"C-{keep}", "other": f"C-{other}"}))
    for number in range(dice.randrange(3)):
        found.append(("signals", move(dice, people, number)))
    return found


def talk(dice: Random, number: int) -> dict[str, Any]:
    return {
        "conversation_id": f"K-{number}",
        "contact_id": f"C-{number}",
        "at": (START - timedelta(days=dice.randrange(1, 60))).isoformat(),
        "channel": "phone",
        "rep_email": "pat@us.example",
        "response": dice.choice(("not_now", "no_budget", "not_interested")),
        "call_back_on": (START + timedelta(days=40)).date().isoformat() if dice.random() < 0.3 else "",
    }


def move(dice: Random, people: int, number: int) -> dict[str, Any]:
    """A job change that brings a second address with it."""
    keys = [f"p{dice.randrange(people)}@a{dice.randrange(2)}.example", f"p{dice.randrange(people)}@new.example"]
    return {
        "id": f"m{number}",
        "source": "news",
        "type": "job_change",
        "time": (START - timedelta(days=3)).isoformat(),
        "keys": {"emails": keys},
        "facts": {"new_company": "Newco", "new_domain": "new.example", "new_title": "VP", "previous_company": "A0"},
    }


def learn(world: World, what: str, row: dict[str, Any], at: datetime) -> None:
    if what == "merge":
        merge(world.database, world.project, row["keep"], row["other"], at, because="the CRM says so")
    else:
        world.live(Event(at, what, (row,)))


def learn_all(folder: Path, told: list[tuple[str, dict[str, Any]]], base: list[dict[str, Any]]) -> dict[str, Any]:
    folder.mkdir()
    database = hasty(open_database(f"sqlite:///{folder / 'book.db'}", KEYS))
    world = make_world(folder / "project", database)
    try:
        world.live(
            Event(START, "contacts", tuple({**row, "email": f"own{n}@own.example"} for n, row in enumerate(base)))
        )
        for number, (what, row) in enumerate(told):
            learn(world, what, row, START + timedelta(hours=number + 1))
        return state(world)
    finally:
        database.close()


@pytest.mark.parametrize(
    "seed", [*range(6), 86, *(pytest.param(seed, marks=pytest.mark.lab) for seed in range(6, 200) if seed != 86)]
)
def test_whatever_the_order_in_which_we_learn_it_the_same_people_are_closed(tmp_path: Path, seed: int) -> None:
    dice = Random(seed)
    people = Random(seed)
    told = facts(dice)
    base = [person(number, people) for number in range(5)]
    states = []
    for turn in range(3):
        order = told if turn == 0 else dice.sample(told, len(told))
        states.append(learn_all(tmp_path / str(turn), order, base))
    for one, other in combinations(states, 2):
        assert {key: found[1] for key, found in one.items()} == {key: found[1] for key, found in other.items()}
    if not any(what == "signals" for what, _ in told):
        assert states[0] == states[1] == states[2]
    assert any(found[1] for found in states[0].values())


@pytest.fixture
def world(tmp_path: Path, database: Database) -> World:
    """Two contacts of one name, both on hold."""
    made = make_world(tmp_path / "project", database)
    rows = tuple(
        {"contact_id": f"C-{n}", "first_name": "Dana", "last_name": "Reyes", "email": f"dana@a{n}.example"}
        for n in (1, 2)
    )
    made.live(Event(START, "contacts", rows))
    talks = (("C-1", "not_now", "2026-04-20"), ("C-2", "no_budget", ""))
    for contact, response, date in talks:
        row = {**talk(Random(1), 1), "conversation_id": contact, "contact_id": contact}
        made.live(Event(START, "conversations", ({**row, "response": response, "call_back_on": date},)))
    return made


LATER = START + timedelta(days=1)


def closed(world: World, key: str) -> bool:
    return bool(state(world)[key][1])


def test_a_merge_joins_holds_and_stops_and_one_of_the_two_stands_for_both(world: World) -> None:
    world.live(Event(LATER, "stop", ({"who": "C-2"},)))
    done = merge(world.database, world.project, "C-1", "C-2", LATER, because="same person")
    assert (done.keeper, done.contacts, done.opted_out) == ("C-1", 2, True)
    found = state(world)
    assert found["C-1"][0] == found["C-2"][0] == "C-1"
    assert found["C-1"][1] == sorted(Channel)
    assert found["C-2"][2] is None
    assert found["C-1"][2] is not None
    assert found["C-1"][2][2] is True, "the date that was promised to one of them stays a promise"
    assert explain(world.database, world.project, "C-2", LATER, InProcess).refusal


def test_a_split_parts_who_they_are_but_not_what_was_closed(world: World) -> None:
    merge(world.database, world.project, "C-1", "C-2", LATER, because="same person")
    world.live(Event(LATER, "stop", ({"who": "C-2"},)))
    split(world.database, world.project, "C-1", "C-2", LATER, because="father and son")
    found = state(world)
    assert (found["C-1"][0], found["C-2"][0]) == ("C-1", "C-2")
    assert found["C-1"][1] == found["C-2"][1] == sorted(Channel)
    assert found["C-1"][2][0] == "not_now"
    assert found["C-2"][2][0] == "no_budget"


def test_after_a_split_a_new_stop_reaches_one_of_them(world: World) -> None:
    merge(world.database, world.project, "C-1", "C-2", LATER, because="same person")
    split(world.database, world.project, "C-1", "C-2", LATER, because="father and son")
    world.live(Event(LATER, "stop", ({"who": "C-2"},)))
    assert (closed(world, "C-1"), closed(world, "C-2")) == (False, True)


def test_an_identifier_can_be_split_off_and_names_nobody_there_any_more(world: World) -> None:
    world.live(Event(LATER, "contacts", ({"contact_id": "C-1", "email": "dana@a2.example"},)))
    assert state(world)["C-2"][0] == "C-1"
    split(world.database, world.project, "C-1", "dana@a2.example", LATER, because="typed into the wrong row")
    assert state(world)["C-2"][0] == "C-2" or state(world)["C-1"][0] == "C-1"


def dana(number: int, **cells: str) -> dict[str, str]:
    return {
        "contact_id": f"C-{number}",
        "first_name": "Dana",
        "last_name": "Reyes",
        "email": "dana@both.example",
        **cells,
    }


def humans(world: World) -> set[frozenset[str]]:
    """The contact_ids of each human."""
    found: dict[str, set[str]] = {}
    for key, (keeper, _, _) in state(world).items():
        found.setdefault(keeper, set()).add(key)
    return {frozenset(group) for group in found.values()}


def test_three_rows_of_one_name_and_address_are_one_human(world: World) -> None:
    for number in (1, 2, 3):
        world.live(Event(LATER, "contacts", (dana(number),)))
    assert humans(world) == {frozenset({"C-1", "C-2", "C-3"})}


@pytest.mark.parametrize("last", [1, 3])
def test_two_are_one_no_more_when_a_third_of_another_name_has_their_address(world: World, last: int) -> None:
    rows = {1: dana(1), 2: dana(2), 3: dana(3, first_name="Kit")}
    for number in [*(rows.keys() - {last}), last]:
        world.live(Event(LATER, "contacts", (rows[number],)))
    assert humans(world) == {frozenset({f"C-{number}"}) for number in rows}


def test_an_address_on_more_rows_than_one_human_has_names_nobody(world: World) -> None:
    rows = [dana(number) for number in range(1, ROWS_OF_ONE + 2)]
    for row in rows[:-1]:
        world.live(Event(LATER, "contacts", (row,)))
    assert len(humans(world)) == 1
    world.live(Event(LATER, "contacts", (rows[-1],)))
    assert len(humans(world)) == len(rows)


@pytest.mark.parametrize("how", ["split", "erase"])
def test_two_are_one_again_when_the_third_has_the_address_no_more(world: World, how: str) -> None:
    world.live(Event(LATER, "contacts", (dana(1), dana(2), dana(3, first_name="Kit"))))
    if how == "split":
        split(world.database, world.project, "C-3", "dana@both.example", LATER, because="typed into the wrong row")
        assert humans(world) == {frozenset({"C-1", "C-2"}), frozenset({"C-3"})}
    else:
        erase(world.database, world.project, "C-3", LATER)
        assert humans(world) == {frozenset({"C-1", "C-2"})}
        assert closed(world, "C-1"), "who had an address of someone erased stays closed"


def test_what_is_concluded_never_makes_one_of_two_whom_somebody_told_apart(world: World) -> None:
    merge(world.database, world.project, "C-1", "C-2", LATER, because="same person")
    split(world.database, world.project, "C-1", "C-2", LATER, because="father and son")
    world.live(Event(LATER, "contacts", (dana(1), dana(3))))
    assert humans(world) == {frozenset({"C-1", "C-3"}), frozenset({"C-2"})}
    world.live(Event(LATER, "contacts", (dana(2),)))
    assert humans(world) == {frozenset({f"C-{number}"}) for number in (1, 2, 3)}


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda w: merge(w.database, w.project, "C-1", "C-9", LATER, because="x"), "no contact has the contact_id"),
        (lambda w: merge(w.database, w.project, "C-1", "C-1", LATER, because="x"), "one contact already"),
        (lambda w: merge(w.database, w.project, "C-1", "C-2", LATER, because=" "), "needs a reason"),
        (lambda w: split(w.database, w.project, "C-1", "C-2", LATER, because="x"), "two humans already"),
        (
            lambda w: split(w.database, w.project, "C-1", "eve@b.example", LATER, because="x"),
            "no contact_id or identif",
        ),
    ],
)
def test_what_cannot_be_merged_or_split_is_said_in_one_sentence(world: World, call: Any, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        call(world)


def test_a_merge_that_the_crm_tells_is_taken_over_and_its_old_id_finds_its_way(world: World) -> None:
    row = {"contact_id": "C-1", "email": "dana@a1.example", "merged_contact_ids": "C-2;C-0"}
    world.live(Event(LATER, "contacts", (row,)))
    assert state(world)["C-2"][0] == "C-1"
    world.live(Event(LATER, "stop", ({"who": "C-0"},)))
    assert closed(world, "C-1")
    assert closed(world, "C-2")


def test_only_one_of_the_two_gets_a_task_and_news_of_either_counts(world: World) -> None:
    merge(world.database, world.project, "C-1", "C-2", LATER, because="same person")
    summary = world.live(Event(LATER, "run"))
    assert summary is not None
    assert summary.candidates == 1


def test_colleagues_on_one_line_do_not_stop_each_other_but_one_person_twice_does(world: World) -> None:
    line = {"phone": "+442079460018"}
    rows = (
        {"contact_id": "C-1", **line},
        {"contact_id": "C-3", "first_name": "Eve", "last_name": "Low", **line},
        {"contact_id": "C-4", "first_name": "Dana", "last_name": "Reyes-Low", "phone": "020 7946 0018"},
        {"contact_id": "C-5", "first_name": "", "last_name": "", **line},
    )
    for row in rows:
        world.live(Event(LATER, "contacts", (row,)))
    world.live(Event(LATER, "stop", ({"who": "C-1"},)))
    assert {key: closed(world, key) for key in ("C-1", "C-3", "C-4", "C-5")} == {
        "C-1": True,
        "C-3": False,
        "C-4": True,
        "C-5": True,
    }
