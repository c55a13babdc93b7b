from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reengage.delivery.batch import Batch
from reengage.delivery.espocrm import ESPOCRM, task_id
from reengage.delivery.outgoing import Outgoing, Recall
from tests.delivery.fake_espocrm import FakeEspoCrm
from tests.delivery.samples import DANA, RECALL, outgoing


def contents(*tasks: Outgoing, recalls: tuple[Recall, ...] = ()) -> list[bytes]:
    return [b"".join(content) for _, content in Batch(ESPOCRM, recalls, tasks).files()]


def imported(*tasks: Outgoing) -> FakeEspoCrm:
    crm = FakeEspoCrm()
    crm.create(contents(*tasks)[0])
    return crm


def test_a_task_arrives_as_the_reference_describes() -> None:
    crm = imported(DANA)
    assert crm.errors == []
    id = hashlib.sha256(b"reengage:rx-0123456789abcdef0123").hexdigest()[:17]
    assert crm.tasks[id] == {
        "id": id,
        "name": "Dana is now VP Sales at Hooli",
        "description": "Why now: moved to Hooli.\nLast time: 2 Mar 2026 by phone.",
        "priority": "High",
        "dateEndDate": "2026-09-30",
        "parentType": "Contact",
        "parentId": "67a1b2c3d4e5f6a7b",
        "assignedUserId": "u1",
        "status": "Not Started",
    }


def test_no_status_and_no_byte_order_mark_when_a_task_is_created() -> None:
    (content,) = contents(DANA)
    assert b"status" not in content
    assert content.startswith(b"id,name,")
    assert b"\r" not in content


def test_imported_twice_it_is_one_task_and_what_the_rep_did_stays() -> None:
    crm = imported(DANA)
    crm.tasks[task_id(DANA.key)] |= {"status": "Completed", "dateEndDate": "2026-11-01"}
    crm.create(contents(DANA)[0])
    assert len(crm.tasks) == 1
    assert crm.tasks[task_id(DANA.key)]["status"] == "Completed"
    assert crm.tasks[task_id(DANA.key)]["dateEndDate"] == "2026-11-01"


def test_a_recall_cancels_and_takes_the_words_away() -> None:
    crm = imported(DANA)
    crm.update(contents(recalls=(RECALL,))[0])
    assert crm.errors == []
    task = crm.tasks[task_id(DANA.key)]
    assert task["status"] == "Canceled"
    assert task["description"] == RECALL.reason
    assert "opt-out was recorded on 2026-10-01" in RECALL.reason


def test_recalls_are_a_file_of_their_own_before_the_tasks() -> None:
    names = [name for name, _ in Batch(ESPOCRM, (RECALL,), (replace(DANA, key="rx-2"),)).files()]
    assert [name.partition("-")[0] for name in names] == ["recall", "tasks"]


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("a < b > c = d", "a ‹ b › c ＝ d"),
        ("=SUM(A1)", "SUM(A1)"),
        ("\x07\n", "Task rx-0123456789abcdef0123"),
        ("NULL", "“NULL”"),
    ],
)
def test_a_name_is_made_acceptable_visibly(subject: str, name: str) -> None:
    (task,) = imported(replace(DANA, subject=subject)).tasks.values()
    assert task["name"] == name


@pytest.mark.parametrize(
    ("subject", "name"), [("ab " * 84 + "xyz", "ab " * 84 + "xyz"), ("ab " * 85 + "z", "ab " * 84 + "ab…")]
)
def test_a_name_too_long_is_clipped_between_words_and_says_so(subject: str, name: str) -> None:
    (task,) = imported(replace(DANA, subject=subject)).tasks.values()
    assert task["name"] == name
    assert len(name) == 255


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"crm_system": "salesforce"}, "crm_system must be espocrm, it is salesforce"),
        ({"crm_system": ""}, "it is empty"),
        ({"crm_contact_id": ""}, "contact C-1: crm_contact_id is empty; import contacts with it"),
        ({"crm_contact_id": "=1+1"}, "crm_contact_id is not an EspoCRM id"),
        ({"crm_contact_id": "Null"}, "crm_contact_id is not an EspoCRM id"),
        ({"crm_owner_id": ""}, "owner pat@us.example: crm_owner_id is empty; import owners with it"),
    ],
)
def test_what_is_missing_is_said_for_the_person_who_can_add_it(changes: dict[str, str], word: str) -> None:
    (lack,) = ESPOCRM.lacks(replace(DANA, **changes))  # type: ignore[arg-type]
    assert word in lack


def test_nothing_is_missing_of_a_whole_task() -> None:
    assert ESPOCRM.lacks(DANA) == ()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(outgoing(), max_size=3, unique_by=lambda task: task.key))
def test_every_file_of_hostile_words_is_taken_in_whole(tasks: list[Outgoing]) -> None:
    complete = [task for task in tasks if not ESPOCRM.lacks(task)]
    incomplete = tuple(task for task in tasks if ESPOCRM.lacks(task))
    files = dict(Batch(ESPOCRM, (RECALL,), tuple(complete), incomplete).files())
    crm = imported(replace(DANA, key=RECALL.key))
    for name, content in files.items():
        if name.startswith("tasks"):
            crm.create(b"".join(content))
        if name.startswith("recall"):
            crm.update(b"".join(content))
    assert crm.errors == []
    assert set(crm.tasks) == {task_id(task.key) for task in complete} | {task_id(RECALL.key)}


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        (b"VP Sales", b"VP <Sales>", "name"),
        (b"VP Sales", b"VP=Sales", "name"),
        (DANA.subject.encode(), b"x" * 256, "name"),
        (b"High", b"Medium", "priority"),
        (b"2026-09-30", b"30.09.2026", "dateEndDate"),
        (b",Contact,", b",Person,", "parentType"),
        (b",u1\n", b",null\n", "assignedUserId"),
    ],
)
def test_the_importer_refuses_a_row_that_breaks_its_rules(before: bytes, after: bytes, field: str) -> None:
    crm = FakeEspoCrm()
    crm.create(contents(DANA)[0].replace(before, after))
    assert (crm.errors, crm.tasks) == ([(1, field)], {})


def test_the_incomplete_are_listed_with_what_to_add() -> None:
    task = replace(DANA, crm_contact_id="", crm_owner_id="")
    ((name, content),) = Batch(ESPOCRM, (), (), (task,)).files()
    assert name == "incomplete-espocrm.csv"
    (row,) = csv.DictReader(io.StringIO(b"".join(content).decode("utf-8-sig"), newline=""))
    assert row["key"] == DANA.key
    assert row["to_add"].splitlines() == list(ESPOCRM.lacks(task))
