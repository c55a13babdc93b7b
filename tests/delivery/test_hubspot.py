from __future__ import annotations

from dataclasses import replace

import pytest

from reengage.delivery.batch import Batch
from reengage.delivery.hubspot import HUBSPOT
from reengage.delivery.outgoing import Outgoing, Recall
from tests.delivery.fake_hubspot import FakeHubSpot
from tests.delivery.samples import DANA, RECALL, known_to
from tests.delivery.strict_csv import Refused

TASK = known_to("hubspot")


def contents(*tasks: Outgoing, recalls: tuple[Recall, ...] = ()) -> list[bytes]:
    return [b"".join(content) for _, content in Batch(HUBSPOT, recalls, tasks).files()]


def imported(*files: bytes) -> FakeHubSpot:
    crm = FakeHubSpot(contacts={TASK.crm_contact_id})
    for content in files:
        crm.create(content)
    return crm


def test_a_task_arrives_as_the_reference_describes() -> None:
    crm = imported(*contents(TASK))
    assert crm.errors == []
    assert crm.tasks == [
        {
            "Task Title": "Dana is now VP Sales at Hooli",
            "Due Date": "2026-09-30",
            "Task Type": "EMAIL",
            "Priority": "HIGH",
            "Task Status": "NOT_STARTED",
            "Notes": "Why now: moved to Hooli.\nLast time: 2 Mar 2026 by phone.\n[reengage:rx-0123456789abcdef0123]",
            "Assigned to": "pat@us.example",
            "Record ID": "401",
        }
    ]


def test_a_recall_is_a_task_for_the_rep_that_says_which_key_and_belongs_to_no_contact() -> None:
    crm = imported(*contents(recalls=(RECALL,)))
    assert crm.errors == []
    assert crm.tasks == [
        {
            "Task Title": "Taken back: do not reach out",
            "Due Date": "2026-10-01",
            "Task Type": "TODO",
            "Priority": "HIGH",
            "Task Status": "NOT_STARTED",
            "Notes": f"{RECALL.reason}\n[reengage:rx-0123456789abcdef0123]",
            "Assigned to": "pat@us.example",
        }
    ]


def test_a_note_too_long_is_clipped_and_keeps_its_key() -> None:
    (task,) = imported(*contents(replace(TASK, note="ab " * 40_000))).tasks
    assert task["Notes"].endswith("ab…\n[reengage:rx-0123456789abcdef0123]")
    assert 65_530 < len(task["Notes"]) <= 65_536


def test_the_importer_makes_a_second_task_of_a_second_import() -> None:
    assert len(imported(*contents(TASK), *contents(TASK)).tasks) == 2


@pytest.mark.parametrize(
    ("before", "after", "property"),
    [
        (b"2026-09-30", b"09/30/2026", "Due Date"),
        (b"HIGH", b"High", "Priority"),
        (b"EMAIL", b"Letter", "Task Type"),
        (b"NOT_STARTED", b"Open", "Task Status"),
        (b"pat@us.example", b"Pat Doyle", "Assigned to"),
        (b",401\n", b",402\n", "Record ID"),
        (DANA.subject.encode(), b"", "Task Title"),
    ],
)
def test_the_importer_refuses_a_row_that_breaks_its_rules(before: bytes, after: bytes, property: str) -> None:
    crm = imported(contents(TASK)[0].replace(before, after))
    assert (crm.errors, crm.tasks) == ([(1, property)], [])


@pytest.mark.parametrize("change", [(b"Task Title", b"Betreff"), (b"Hooli", b"H\xfcoli"), (b",401", b",401,")])
def test_the_importer_refuses_a_file_that_breaks_its_rules(change: tuple[bytes, bytes]) -> None:
    with pytest.raises(Refused):
        imported(contents(TASK)[0].replace(*change))
