from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

from hypothesis import given, settings

from reengage.delivery.batch import Batch
from reengage.delivery.generic import COLUMNS, CSV, JSONL, LONGEST_CELL
from reengage.delivery.outgoing import Outgoing
from tests.delivery.samples import DANA, RECALL, outgoing


def table(batch: Batch) -> list[dict[str, str]]:
    ((_, content),) = batch.files()
    text = io.StringIO(b"".join(content).decode("utf-8-sig"), newline="")
    return list(csv.DictReader(text, strict=True))


def objects(batch: Batch) -> list[dict[str, object]]:
    ((_, content),) = batch.files()
    return [json.loads(line) for line in b"".join(content).splitlines()]


def test_csv_says_everything_a_person_or_importer_needs() -> None:
    (row,) = table(Batch(CSV, (), (DANA,)))
    assert tuple(row) == COLUMNS
    assert row == {
        "action": "create",
        "key": DANA.key,
        "contact_id": "C-1",
        "contact": "Dana Reyes",
        "account": "Initech",
        "owner": "pat@us.example",
        "channel": "email",
        "priority": "high",
        "due": "2026-09-30",
        "subject": "Dana is now VP Sales at Hooli",
        "because": "moved to Hooli as VP Sales",
        "last_words": "“Ask me again, after the summer”",
        "note": "Why now: moved to Hooli.\nLast time: 2 Mar 2026 by phone.",
        "rule": "job-change-not-now",
        "crm_system": "espocrm",
        "crm_contact_id": "67a1b2c3d4e5f6a7b",
        "crm_account_id": "acc1",
        "crm_owner_id": "u1",
    }


def test_recalls_come_first_and_know_nothing_of_the_person() -> None:
    recalled = replace(RECALL, key="rx-ffff")
    for rows in (table(Batch(CSV, (recalled,), (DANA,))), objects(Batch(JSONL, (recalled,), (DANA,)))):
        assert [row["action"] for row in rows] == ["recall", "create"]
        told = {name: value for name, value in rows[0].items() if value}
        assert told == {"action": "recall", "key": "rx-ffff", "because": recalled.reason}


def test_csv_clips_between_words_and_json_does_not() -> None:
    task = replace(DANA, note="word " * 20_000)
    (row,) = table(Batch(CSV, (), (task,)))
    assert len(row["note"]) <= LONGEST_CELL
    assert row["note"].endswith("word…")
    (whole,) = objects(Batch(JSONL, (), (task,)))
    assert whole["note"] == task.note.strip()


def test_json_carries_the_evidence() -> None:
    (row,) = objects(Batch(JSONL, (), (DANA,)))
    assert row["evidence"] == [{"kind": "job_change", "facts": {"new_title": "VP Sales"}}]


@settings(deadline=None)
@given(outgoing())
def test_hostile_words_stay_in_their_cells(task: Outgoing) -> None:
    (row,) = table(Batch(CSV, (), (task,)))
    assert row["action"] == "create"
    assert row["due"] == "2026-09-30"
    assert not [value for value in row.values() if value and value[0] in "=+-@\t\r\n"]
    (whole,) = objects(Batch(JSONL, (), (task,)))
    assert whole["contact_id"] == task.contact_id
