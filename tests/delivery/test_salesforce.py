from __future__ import annotations

from dataclasses import replace

import pytest

from reengage.delivery.batch import Batch
from reengage.delivery.outgoing import Outgoing, Recall
from reengage.delivery.salesforce import SALESFORCE
from tests.delivery.fake_salesforce import FakeSalesforce
from tests.delivery.samples import DANA, RECALL, known_to
from tests.delivery.strict_csv import Refused

TASK = known_to("salesforce")


def files(*tasks: Outgoing, recalls: tuple[Recall, ...] = ()) -> dict[str, bytes]:
    return {name: b"".join(content) for name, content in Batch(SALESFORCE, recalls, tasks).files()}


def sheet(*tasks: Outgoing, recalls: tuple[Recall, ...] = ()) -> bytes:
    (content,) = (content for name, content in files(*tasks, recalls=recalls).items() if name.endswith(".csv"))
    return content


def inserted(*tasks: Outgoing) -> FakeSalesforce:
    crm = FakeSalesforce()
    crm.insert(sheet(*tasks))
    return crm


def test_a_task_arrives_as_the_reference_describes() -> None:
    crm = inserted(TASK)
    assert crm.errors == []
    assert crm.tasks[DANA.key] == {
        "Reengage_Key__c": "rx-0123456789abcdef0123",
        "Subject": "Dana is now VP Sales at Hooli",
        "ActivityDate": "2026-09-30",
        "Status": "Not Started",
        "Priority": "High",
        "Description": "Why now: moved to Hooli.\nLast time: 2 Mar 2026 by phone.",
        "OwnerId": "0055g00000AbCdEAAV",
        "WhoId": "0035g00000AbCdEAAV",
        "WhatId": "0015g00000AbCdEAAV",
        "TaskSubtype": "Email",
    }


def test_a_lead_has_no_account_beside_it() -> None:
    crm = inserted(replace(TASK, crm_contact_id="00Q5g00000AbCdEAAV"))
    assert crm.errors == []
    assert "WhatId" not in crm.tasks[DANA.key]


def test_an_account_id_that_is_none_is_left_out() -> None:
    assert "WhatId" not in inserted(replace(TASK, crm_account_id="acc1")).tasks[DANA.key]


def test_texts_too_long_are_clipped_visibly() -> None:
    task = inserted(replace(TASK, subject="ab " * 100, note="ab " * 20_000)).tasks[DANA.key]
    assert (len(task["Subject"]), len(task["Description"])) == (255, 31_998)
    assert task["Subject"].endswith("ab…") and task["Description"].endswith("ab…")


@pytest.mark.parametrize("text", ["#N/A", "#n/a", " #N/A\n"])
def test_a_text_that_would_empty_the_field_is_quoted(text: str) -> None:
    task = inserted(replace(TASK, subject=text, note=text)).tasks[DANA.key]
    assert task["Subject"] == task["Description"] == f"“{text.strip()}”"


def test_inserted_again_what_a_rep_did_stays() -> None:
    crm = inserted(TASK)
    crm.tasks[DANA.key] |= {"Status": "Completed", "ActivityDate": "2026-11-01"}
    crm.insert(sheet(TASK))
    assert crm.errors == [(DANA.key, "DUPLICATE_VALUE")]
    assert crm.tasks[DANA.key]["Status"] == "Completed"
    assert crm.tasks[DANA.key]["ActivityDate"] == "2026-11-01"


def test_a_recall_closes_and_takes_the_words_away() -> None:
    crm = inserted(TASK)
    crm.upsert(sheet(recalls=(RECALL,)))
    assert crm.errors == []
    assert crm.open_tasks() == set()
    told = crm.tasks[DANA.key]
    assert (told["Subject"], told["Description"]) == ("Taken back: do not reach out", RECALL.reason)
    assert told["WhoId"] == TASK.crm_contact_id


def test_a_recall_of_what_a_rep_deleted_belongs_to_nobody_and_is_closed() -> None:
    crm = FakeSalesforce()
    crm.upsert(sheet(recalls=(RECALL,)))
    assert crm.open_tasks() == set()
    assert not {"WhoId", "WhatId", "OwnerId"} & set(crm.tasks[DANA.key])


def test_each_file_has_its_field_map() -> None:
    made = files(replace(TASK, key="rx-2"), recalls=(RECALL,))
    assert [name.partition("-")[0] for name in made] == ["recall", "recall", "tasks", "tasks"]
    for name, content in made.items():
        kind = name.partition("-")[0]
        if name.endswith(".csv"):
            columns = content.decode().splitlines()[0].split(",")
            told = [line.split("=") for line in made[f"{kind}-salesforce.sdl"].decode().splitlines()]
            assert told == [[column, column] for column in columns]


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (b"\n", b"\r\n", "line ends"),
        (b"Reengage_Key__c", b"\xef\xbb\xbfReengage_Key__c", "byte order mark"),
        (b'"Why', b' "Why', "quotes"),
        (b'phone."', b'phone." ', "quotes"),
        (b"Hooli", b"H\xfcoli", "encoding"),
        (b"Subject", b"Betreff", "field name"),
    ],
)
def test_the_importer_refuses_a_file_that_breaks_its_rules(before: bytes, after: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why):
        FakeSalesforce().insert(sheet(TASK).replace(before, after))


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        (b"Not Started", b"Open", "Status"),
        (b"2026-09-30", b"2026-09-31", "ActivityDate"),
        (b"0055g", b"0035g", "OwnerId"),
        (b"0035g", b"00Q5g", "WhatId"),
        (b"moved to Hooli", b"x" * 32_000, "Description"),
        (b"High", b"", "Priority"),
    ],
)
def test_the_importer_refuses_a_row_that_breaks_its_rules(before: bytes, after: bytes, field: str) -> None:
    crm = FakeSalesforce()
    crm.insert(sheet(TASK).replace(before, after))
    assert crm.errors == [(DANA.key, field)]
    assert crm.tasks == {}


def test_the_importer_empties_a_field_and_leaves_alone_what_is_empty() -> None:
    crm = inserted(TASK)
    crm.upsert(b"Reengage_Key__c,Subject,Description\nrx-0123456789abcdef0123,,#N/A\n")
    assert "Description" not in crm.tasks[DANA.key]
    assert crm.tasks[DANA.key]["Subject"] == DANA.subject
