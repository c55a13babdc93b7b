from __future__ import annotations

from dataclasses import replace

import pytest

from reengage.delivery.batch import Batch
from reengage.delivery.odoo import MOST_ROWS, ODOO, external_id
from reengage.delivery.outgoing import Outgoing, Recall
from tests.delivery.fake_odoo import FakeOdoo
from tests.delivery.samples import DANA, RECALL, known_to

TASK = known_to("odoo")
ID = external_id(DANA.key)
VERSIONS = pytest.mark.parametrize("version", [17, 19])


def contents(*tasks: Outgoing, recalls: tuple[Recall, ...] = ()) -> list[bytes]:
    return [b"".join(content) for _, content in Batch(ODOO, recalls, tasks).files()]


def odoo(version: int = 19) -> FakeOdoo:
    return FakeOdoo(version, partners={TASK.crm_contact_id}, users={TASK.crm_owner_id})


def imported(*tasks: Outgoing, version: int = 19) -> FakeOdoo:
    crm = odoo(version)
    for content in contents(*tasks):
        assert crm.take(content) == []
    return crm


def test_a_task_arrives_as_the_reference_describes() -> None:
    assert imported(TASK).activities == {
        "reengage.rx-0123456789abcdef0123": {
            "id": "reengage.rx-0123456789abcdef0123",
            "res_model_id/id": "base.model_res_partner",
            "res_id": "4207",
            "activity_type_id/id": "mail.mail_activity_data_email",
            "summary": "Dana is now VP Sales at Hooli",
            "note": "Why now: moved to Hooli.<br>Last time: 2 Mar 2026 by phone.",
            "date_deadline": "2026-09-30",
            "user_id/.id": "9002",
            "active": "true",
        }
    }


@pytest.mark.parametrize(
    ("note", "html"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("Q&A\n<b>x</b>\n\nend", "Q&amp;A<br>&lt;b&gt;x&lt;/b&gt;<br><br>end"),
        ("&lt;i&gt;", "&amp;lt;i&amp;gt;"),
    ],
)
def test_a_note_is_text_and_never_markup(note: str, html: str) -> None:
    assert imported(replace(TASK, note=note)).activities[ID]["note"] == html


def test_a_bad_row_stops_at_most_a_hundred_others() -> None:
    tasks = [replace(TASK, key=f"rx-{number}") for number in range(MOST_ROWS + 50)]
    crm = odoo()
    ghost = replace(TASK, key="rx-ghost", crm_contact_id="666")
    told = [len(crm.take(content)) for content in contents(ghost, *tasks)]
    assert told == [1, 0]
    assert len(crm.activities) == 51


def test_files_that_were_split_have_names_in_order() -> None:
    tasks = tuple(replace(TASK, key=f"rx-{number}") for number in range(MOST_ROWS + 1))
    names = [name for name, _ in Batch(ODOO, (RECALL, replace(RECALL, key="rx-0")), tasks).files()]
    assert [name.split("-")[0] for name in names] == ["recall", "recall", "tasks", "tasks"]
    assert [name.rpartition("-")[2] for name in names] == ["0001.csv", "0002.csv", "0001.csv", "0002.csv"]
    assert len(set(names)) == 4


def test_imported_again_it_is_one_task_and_what_was_completed_stays_so() -> None:
    crm = imported(TASK, replace(TASK, key="rx-2"))
    crm.complete(ID)
    (content,) = contents(TASK, replace(TASK, key="rx-2"))
    assert crm.take(content) == []
    assert len(crm.activities) == 2
    assert not crm.activities[ID]["active"]


def test_imported_again_after_it_was_completed_17_makes_it_anew() -> None:
    """Why a file must not be imported a second time, and why our ledger lets no task leave twice."""
    crm = imported(TASK, version=17)
    crm.complete(ID)
    assert crm.take(contents(TASK)[0]) == []
    assert set(crm.activities) == {ID}


@VERSIONS
def test_a_recall_takes_the_words_away(version: int) -> None:
    crm = imported(TASK, version=version)
    (recall,) = contents(recalls=(RECALL,))
    assert crm.take(recall) == []
    assert crm.activities[ID]["summary"] == "Taken back: do not reach out"
    assert crm.activities[ID]["note"] == RECALL.reason
    assert crm.activities[ID]["res_id"] == TASK.crm_contact_id


@VERSIONS
def test_a_recall_of_what_is_deleted_makes_nothing_and_stops_no_other(version: int) -> None:
    crm = imported(TASK, replace(TASK, key="rx-2"), version=version)
    del crm.activities[ID]
    told = [crm.take(content) for content in contents(recalls=(RECALL, replace(RECALL, key="rx-2")))]
    assert [len(messages) for messages in told] == [1, 0]
    assert set(crm.activities) == {"reengage.rx-2"}
    assert crm.activities["reengage.rx-2"]["summary"] == "Taken back: do not reach out"


@VERSIONS
def test_a_recall_of_what_is_done_reopens_nothing(version: int) -> None:
    crm = imported(TASK, version=version)
    crm.complete(ID)
    (recall,) = contents(recalls=(RECALL,))
    crm.take(recall)
    assert [one for one in crm.activities.values() if one["active"]] == []


def test_without_its_model_a_recall_would_make_an_activity_of_its_own() -> None:
    """Why the recall says a model: 19 takes an activity that belongs to no record."""
    bare = f"id,summary,note\n{ID},Taken back,x\n".encode()
    crm = odoo(19)
    assert crm.take(bare) == []
    assert set(crm.activities) == {ID}
    assert odoo(17).take(bare) != []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"2026-09-30", b"30.09.2026"),
        (b"base.model_res_partner", b"res.partner"),
        (b"4207", b"666"),
        (b"4207", b""),
        (b"mail_activity_data_email", b"mail_activity_data_fax"),
        (b"9002", b"1"),
        (b"summary", b"subject"),
    ],
)
def test_the_importer_refuses_a_file_that_breaks_its_rules(before: bytes, after: bytes) -> None:
    crm = odoo()
    (content,) = contents(TASK, replace(TASK, key="rx-2"))
    assert crm.take(content.replace(before, after, 1)) != []
    assert crm.activities == {}
