"""What holds for every CRM: nothing is lost, nothing is taken for a formula, a recall ends what it recalls."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reengage.delivery.batch import Batch
from reengage.delivery.form import cell
from reengage.delivery.outgoing import Outgoing, Recall
from reengage.delivery.targets import TARGETS
from tests.delivery.receivers import RECEIVERS, Receiver
from tests.delivery.samples import DANA, RECALL, known_to, outgoing

CRMS = sorted(RECEIVERS)
OTHER = "rx-00000000000000000002"


def recall_of(task: Outgoing) -> Recall:
    return replace(RECALL, key=task.key)


def received(crm: str, *batches: tuple[Iterable[Outgoing], Iterable[Recall]]) -> Receiver:
    receiver = RECEIVERS[crm]([task for tasks, _ in batches for task in tasks])
    for tasks, recalls in batches:
        receiver.receive(Batch(TARGETS[crm], tuple(recalls), tuple(tasks)).files())
    return receiver


@pytest.mark.parametrize("crm", CRMS)
def test_a_task_arrives_with_its_words(crm: str) -> None:
    receiver = received(crm, ([known_to(crm)], []))
    assert receiver.refused() == []
    assert receiver.told(DANA.key) == [(DANA.subject, DANA.note)]
    assert receiver.stands(DANA.key)


@pytest.mark.parametrize("crm", CRMS)
def test_a_recall_ends_what_it_recalls_and_nothing_else(crm: str) -> None:
    tasks = [known_to(crm), replace(known_to(crm), key=OTHER)]
    receiver = received(crm, (tasks, []), ([], [recall_of(tasks[0])]))
    assert receiver.refused() == []
    assert not receiver.stands(DANA.key)
    assert receiver.stands(OTHER)
    assert receiver.told(DANA.key)[-1][1] == RECALL.reason


@pytest.mark.parametrize("crm", CRMS)
def test_recalls_come_first_and_name_nobody(crm: str) -> None:
    named = replace(known_to(crm), key=OTHER)
    files = [(name, b"".join(content)) for name, content in Batch(TARGETS[crm], (RECALL,), (named,)).files()]
    sheets = [(name, content) for name, content in files if name.endswith(".csv")]
    assert [name.partition("-")[0] for name, _ in sheets] == ["recall", "tasks"]
    recall = sheets[0][1].decode()
    for word in ("Dana", "Initech", "Hooli", "Ask me again", "C-1", named.crm_contact_id, named.crm_account_id):
        assert word not in recall


@pytest.mark.parametrize("crm", [name for name in CRMS if RECEIVERS[name].has_key])
def test_where_the_crm_knows_our_key_a_second_import_makes_no_second_task(crm: str) -> None:
    task = known_to(crm)
    receiver = received(crm, ([task], []), ([], [recall_of(task)]), ([], [recall_of(task)]))
    assert receiver.refused() == []
    assert len(receiver.told(DANA.key)) == 1
    assert not receiver.stands(DANA.key)


@pytest.mark.parametrize("crm", ["espocrm", "salesforce"])
def test_where_files_of_tasks_only_create_a_second_import_reopens_nothing(crm: str) -> None:
    task = known_to(crm)
    receiver = received(crm, ([task], []), ([], [recall_of(task)]), ([task], []))
    assert len(receiver.refused()) == 1
    assert not receiver.stands(DANA.key)


@pytest.mark.parametrize("crm", CRMS)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_hostile_words_arrive_whole_or_the_task_says_what_it_lacks(crm: str, data: st.DataObject) -> None:
    drawn = data.draw(st.lists(outgoing(), max_size=3, unique_by=lambda task: task.key))
    tasks = [known_to(crm, task) if data.draw(st.booleans()) else task for task in drawn]
    target = TARGETS[crm]
    ready = [task for task in tasks if not target.lacks(task)]
    lacking = tuple(task for task in tasks if target.lacks(task))
    receiver = RECEIVERS[crm](ready)
    files = [(name, b"".join(content)) for name, content in Batch(target, (), tuple(ready), lacking).files()]
    receiver.receive((name, iter([content])) for name, content in files)
    assert receiver.refused() == []
    for task in ready:
        ((subject, note),) = receiver.told(task.key)
        assert subject
        assert note.strip("“”") == cell(task.note).strip("“”")
    listed = [row["key"] for name, content in files if name.startswith("incomplete") for row in read(content)]
    assert listed == [task.key for task in lacking]
    cells = [
        value for name, content in files if name.endswith(".csv") for row in read(content) for value in row.values()
    ]
    assert not [value for value in cells if value[:1] in tuple("=+-@\t\r\n＝＋－＠")]


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


@pytest.mark.parametrize("crm", CRMS)
def test_a_file_that_was_spoilt_is_refused(crm: str) -> None:
    """So that the importers beside this one can say no."""
    ((_, content), *_) = Batch(TARGETS[crm], (), (known_to(crm),)).files()
    spoilt = b"".join(content).replace(b"2026-09-30", b"30.09.2026")
    receiver = RECEIVERS[crm]([known_to(crm)])
    receiver.take(spoilt)
    assert len(receiver.refused()) == 1
    assert receiver.told(DANA.key) == []
