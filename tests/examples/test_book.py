"""What the sample book's README says is what happens."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import select

from reengage.app.explain import explain
from reengage.app.review import open_questions
from reengage.engine.durable import available
from reengage.engine.tasks import dedupe_key
from reengage.model.decision import Task
from reengage.model.facts import COMPUTED_KINDS, KINDS
from reengage.model.words import HoldKind, Outcome, Response, TaskState
from reengage.people.identifiers import canonical_email
from reengage.store import columns as t
from tests.examples.play import BOOK, Played, play
from tests.examples.table import NOT_HELD, Line, read_table

TABLE = read_table(BOOK / "README.md")
MAPPED = {"Bad Timing": "not_now"}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    found = play(tmp_path_factory.mktemp("book"))
    yield found
    found.database.close()


@pytest.fixture(scope="module")
def tasks(played: Played) -> Mapping[str, list[Task]]:
    found: dict[str, list[Task]] = defaultdict(list)
    for summary in played.runs:
        for task in summary.tasks:
            found[task.contact_key].append(task)
    return found


def rows_of(name: str) -> list[dict[str, str]]:
    with (BOOK / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def said() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in (*rows_of("conversations"), *rows_of("later-conversations")):
        if row["response"]:
            found[row["contact_id"]].add(MAPPED.get(row["response"], row["response"]))
    return found


def test_the_table_names_every_handwritten_contact_once() -> None:
    ids = [row["contact_id"] for row in (*rows_of("contacts"), *rows_of("later-contacts"))]
    assert [line.contact for line in TABLE] == sorted(id for id in ids if id.startswith("H"))


@pytest.mark.parametrize("line", TABLE, ids=lambda line: line.contact)
def test_each_contact_ends_as_the_table_says(played: Played, line: Line) -> None:
    held = held_from(played, line.contact)
    found = []
    for number, summary in enumerate(played.runs, start=1):
        outcomes = [decision.outcome.value for decision in summary.decisions if decision.contact_key == line.contact]
        found.append((outcomes or ["no_match"])[0] if held is not None and held <= number else NOT_HELD)
    assert tuple(found) == line.outcomes


def held_from(played: Played, contact: str) -> int | None:
    """The number of the first run that found a hold of this contact."""
    with played.database.reading() as connection:
        ours = select(t.HoldRow.recorded_at).join(t.ContactRow, t.ContactRow.id == t.HoldRow.contact_id)
        held = ours.where(t.ContactRow.key == contact).order_by(t.HoldRow.id.desc())
        since = min(connection.execute(held).scalars(), default=None)
    return next((number for number, summary in enumerate(played.runs, start=1) if since and since <= summary.at), None)


@pytest.mark.parametrize("line", TABLE, ids=lambda line: line.contact)
def test_each_contact_said_what_the_table_says(line: Line) -> None:
    assert line.words & set(Response) == said()[line.contact]


@pytest.mark.parametrize("line", TABLE, ids=lambda line: line.contact)
def test_each_task_comes_from_the_rule_and_the_signals_that_the_table_names(
    tasks: Mapping[str, list[Task]], line: Line
) -> None:
    mine = tasks.get(line.contact, [])
    assert {task.rule for task in mine} == {word for word in line.words if "-" in word}
    assert {str(one["kind"]) for task in mine for one in task.evidence} <= line.words


def test_every_word_occurs(played: Played) -> None:
    words = {word for line in TABLE for word in line.words}
    assert set(Response) <= words
    assert set(HoldKind) <= words
    assert set(KINDS) - words == {"timer"}
    assert set(Outcome) - {word for line in TABLE for word in line.outcomes} == {"error"}


def test_every_signal_kind_is_heard(played: Played, tasks: Mapping[str, list[Task]]) -> None:
    with played.database.reading() as connection:
        stored = set(connection.execute(select(t.SignalRow.kind).distinct()).scalars())
    computed = {str(one["kind"]) for mine in tasks.values() for task in mine for one in task.evidence}
    assert stored == set(KINDS) - COMPUTED_KINDS
    assert computed >= COMPUTED_KINDS


def test_the_counts_of_each_run_add_up_and_most_match_nothing(played: Played) -> None:
    for summary in played.runs:
        assert sum(summary.outcomes.values()) == summary.candidates
        assert summary.outcomes["no_match"] > 0.8 * summary.candidates
        assert summary.matchers == (("durable", "plain") if available() else ("plain",))


def test_the_last_run_makes_a_handful_of_tasks(played: Played) -> None:
    last = played.runs[-1].tasks
    assert 8 <= len(last) <= 20
    assert len({task.rule for task in last}) >= 8
    assert len({task.owner for task in last}) >= 6


def test_nobody_who_opted_out_has_an_open_task_or_gets_one_again(played: Played) -> None:
    with played.database.reading() as connection:
        shut = select(t.OptedOutRow.contact_id).where(t.OptedOutRow.channel == "phone")
        closed = set(connection.execute(shut).scalars())
        stands = select(t.TaskRow.contact_id).where(t.TaskRow.state.in_((TaskState.OPEN, TaskState.DELIVERED)))
        assert not closed & set(connection.execute(stands).scalars())
    stopped: set[str] = set()
    for summary in played.runs:
        assert not stopped & {task.contact_key for task in summary.tasks}
        shut_out = (Outcome.OPTED_OUT, Outcome.EXCLUDED)
        stopped |= {decision.contact_key for decision in summary.decisions if decision.outcome in shut_out}


def test_a_stop_follows_the_person_to_an_address_that_the_crm_lists_as_someone_else(played: Played) -> None:
    found = explain(played.database, played.project, "H-21", played.runs[-1].at)
    assert found.refusal is not None and found.refusal.startswith("opted_out")
    assert found.name == "" and found.rules == ()


def test_a_channel_that_is_closed_is_not_chosen(tasks: Mapping[str, list[Task]]) -> None:
    task = tasks["H-39"][0]
    assert task.channel == "linkedin"
    assert "Closed by their wish: email" in task.note


def test_the_manager_stands_in_for_a_rep_who_has_left(tasks: Mapping[str, list[Task]]) -> None:
    inactive = {row["owner_email"]: row["manager_email"] for row in rows_of("owners") if row["active"] == "false"}
    assert inactive == {"lukas@ourcompany.example": "katrin@ourcompany.example"}
    assert tasks["H-02"][0].owner == "katrin@ourcompany.example"
    assert not {task.owner for mine in tasks.values() for task in mine} & set(inactive)


def test_broken_rows_are_kept_back_and_nothing_else(played: Played) -> None:
    kept = {name: [reason for _, reason in report.bad] for name, report in played.imported.items() if report.bad}
    assert list(kept) == ["conversations"] and len(kept["conversations"]) == 1
    bad = [Path(path).name for reports in played.ingested for report in reports for path, _, _ in report.bad]
    assert bad == ["moves_2026-09-14.csv", "signals_2026-09-28.jsonl"]


def test_every_outcome_of_a_task_finds_its_task(played: Played, tasks: Mapping[str, list[Task]]) -> None:
    made = {task.key for mine in tasks.values() for task in mine}
    assert {row["task_key"] for row in rows_of("outcomes")} <= made
    assert played.imported["outcomes"].changed == len(rows_of("outcomes"))
    task = tasks["H-18"][0]
    assert task.key == dedupe_key(task.rule, "H-18", task.trigger)


def test_doubtful_things_wait_for_a_person(played: Played) -> None:
    waiting = {question.contact for question in open_questions(played.database)}
    assert {"H-29", "H-32"} <= waiting
    assert "H-30" not in waiting


def test_two_contacts_share_one_address() -> None:
    addresses = Counter(canonical_email(row["email"]) for row in rows_of("contacts"))
    assert [address for address, count in addresses.items() if count > 1] == ["ellery.sales@bramshott-mills.example"]


def test_a_task_names_days_as_the_project_counts_them(tasks: Mapping[str, list[Task]]) -> None:
    assert tasks["H-04"][0].because == "the day they named has come (2 Oct 2026, source hold)"
