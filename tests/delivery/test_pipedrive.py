from __future__ import annotations

from dataclasses import replace

import pytest

from reengage.delivery.batch import Batch
from reengage.delivery.outgoing import Outgoing, Recall
from reengage.delivery.pipedrive import PIPEDRIVE
from tests.delivery.fake_pipedrive import FakePipedrive
from tests.delivery.samples import DANA, RECALL, known_to
from tests.delivery.strict_csv import Refused

TASK = known_to("pipedrive")


def contents(*tasks: Outgoing, recalls: tuple[Recall, ...] = ()) -> list[bytes]:
    return [b"".join(content) for _, content in Batch(PIPEDRIVE, recalls, tasks).files()]


def imported(*files: bytes) -> FakePipedrive:
    crm = FakePipedrive(people={TASK.crm_contact_id})
    for content in files:
        crm.create(content)
    return crm


def test_an_activity_arrives_as_the_reference_describes() -> None:
    crm = imported(*contents(TASK))
    assert crm.skipped == []
    assert crm.activities == [
        {
            "Activity - Subject": "Dana is now VP Sales at Hooli",
            "Activity - Type": "email",
            "Activity - Due date": "2026-09-30",
            "Activity - Note": "Why now: moved to Hooli.<br>Last time: 2 Mar 2026 by phone."
            "<br>[reengage:rx-0123456789abcdef0123]",
            "Activity - Assigned to user": "Pat Doyle",
            "Pipedrive System ID - Person": "1207",
        }
    ]


def test_a_recall_is_an_activity_for_the_rep_that_says_which_key_and_belongs_to_nobody() -> None:
    crm = imported(*contents(recalls=(replace(RECALL, owner_name=""),)))
    assert crm.skipped == []
    assert crm.activities == [
        {
            "Activity - Subject": "Taken back: do not reach out",
            "Activity - Type": "task",
            "Activity - Due date": "2026-10-01",
            "Activity - Note": f"{RECALL.reason}<br>[reengage:rx-0123456789abcdef0123]",
            "Activity - Assigned to user": "pat@us.example",
        }
    ]


def test_a_subject_too_long_is_clipped_visibly() -> None:
    (activity,) = imported(*contents(replace(TASK, subject="ab " * 100))).activities
    assert len(activity["Activity - Subject"]) == 255
    assert activity["Activity - Subject"].endswith("ab…")


def test_the_importer_makes_a_second_activity_of_a_second_import() -> None:
    assert len(imported(*contents(TASK), *contents(TASK)).activities) == 2


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        (b"2026-09-30", b"30.09.2026", "Activity - Due date"),
        (b",email,", b",letter,", "Activity - Type"),
        (b"<br>Last", b"<b>Last", "Activity - Note"),
        (b",1207\n", b",1208\n", "Pipedrive System ID - Person"),
        (DANA.subject.encode(), b"x" * 256, "Activity - Subject"),
    ],
)
def test_the_importer_skips_a_row_that_breaks_its_rules(before: bytes, after: bytes, field: str) -> None:
    crm = imported(contents(TASK)[0].replace(before, after))
    assert (crm.skipped, crm.activities) == ([(1, field)], [])


@pytest.mark.parametrize("heading", [b"Activity - Reengage Key", b"Activity - Betreff"])
def test_the_importer_knows_no_field_of_ours(heading: bytes) -> None:
    with pytest.raises(Refused, match="fields"):
        imported(contents(TASK)[0].replace(b"Activity - Subject", heading))
