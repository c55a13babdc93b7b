from __future__ import annotations

import csv
import errno
import io
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert, select

from reengage.app.elsewhere import note_import
from reengage.app.export import Exported, export_opt_outs, export_tasks
from reengage.app.imports.outcomes import import_outcomes
from reengage.app.project import Project, read_project
from reengage.delivery.espocrm import task_id
from reengage.delivery.targets import TARGETS
from reengage.model.errors import ReengageError, RunFailed, UsageError
from reengage.model.optout import OptOut
from reengage.model.words import Channel, TaskState
from reengage.store import closing, optouts
from reengage.store import columns as t
from reengage.store.database import Database
from reengage.store.ledger import append
from reengage.store.versions import put_versions
from tests.delivery.fake_espocrm import FakeEspoCrm

AT = datetime(2026, 9, 28, 7, tzinfo=UTC)
LATER = AT + timedelta(hours=3)
HOSTILE = '=cmd|"/C calc"!A0 <b>\x07\u202e,;\t\r\n"null"'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "reengage.toml").write_text('database = "sqlite:///unused.db"\n')
    return read_project(tmp_path / "book")


@pytest.fixture
def book(database: Database) -> Database:
    """Dana, whose ids EspoCRM knows, and Max, whose it does not, with one open task each."""
    with database.writing() as connection:
        connection.execute(insert(t.RunRow), {"at": AT, "watermark": 0, "signal_mark": 0, "candidates": 2})
        owner = {"email": "pat@us.example", "crm_id": "u1", "recorded_at": AT}
        connection.execute(insert(t.OwnerRow), owner)
        account = {"id": 1, "name": "Initech", "name_key": "initech", "crm_id": "a1", "recorded_at": AT}
        connection.execute(insert(t.AccountRow), account)
        for id, key, name in ((1, "C-1", "Dana"), (2, "C-2", "Max")):
            connection.execute(insert(t.ContactRow), {"id": id, "key": key, "recorded_at": AT})
            crm = {"crm_system": "EspoCRM", "crm_id": "c1"} if id == 1 else {}
            profile = {"contact_id": id, "first_name": name, "last_name": "Reyes", "recorded_at": AT}
            connection.execute(insert(t.ProfileRow), profile | crm)
            connection.execute(insert(t.TaskRow), a_task(f"rx-{id}", id))
    return database


def a_task(key: str, contact: int, **changes: Any) -> dict[str, Any]:
    words = dict.fromkeys(("account_key", "rule", "revision", "trigger", "because"), "x")
    return {
        **words,
        "key": key,
        "run_id": 1,
        "contact_id": contact,
        "account_id": 1,
        "account": "Initech",
        "channel": "email",
        "priority": "high",
        "subject": f"Dana or Max {HOSTILE}",
        "note": f"Why now: {HOSTILE}",
        "last_words": HOSTILE,
        "owner": "pat@us.example",
        "due": date(2026, 9, 30),
        "evidence": [{"kind": "intent"}],
        "created_at": AT,
        **changes,
    }


def opt_out(database: Database, contact: int, *channels: Channel) -> None:
    with database.deciding() as connection:
        optouts.record(connection, [OptOut(contact_id=contact, source="test", channels=channels)], LATER)


def rows_of(done: Exported) -> list[dict[str, Any]]:
    (file,) = done.files
    if file.suffix == ".jsonl":
        return [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"), newline=""), strict=True))


def states(database: Database) -> dict[str, tuple[str, str | None]]:
    row = t.TaskRow
    with database.reading() as connection:
        return {hit.key: (hit.state, hit.outcome) for hit in connection.execute(select(row.__table__))}


def ledger(database: Database, *, announced: bool = False) -> set[tuple[str, str, str]]:
    """What was handed over: that of which the file is known to stand, or all that was announced."""
    row = t.DeliveryRow
    with database.reading() as connection:
        rows = connection.execute(select(row.__table__)).all()
    return {(hit.task_key, hit.target, hit.what) for hit in rows if hit.placed or announced}


@pytest.mark.parametrize("target", ["csv", "jsonl"])
def test_each_target_has_each_task_once(book: Database, project: Project, target: str) -> None:
    first = export_tasks(book, project, target, None, AT)
    assert (first.tasks, first.recalls, first.incomplete, first.refused) == (2, 0, 0, 0)
    assert first.files[0].parent == project.folder / "exports"
    rows = rows_of(first)
    assert [(row["action"], row["key"], row["contact_id"], row["contact"]) for row in rows] == [
        ("create", "rx-1", "C-1", "Dana Reyes"),
        ("create", "rx-2", "C-2", "Max Reyes"),
    ]
    assert [row["crm_contact_id"] for row in rows] == ["c1", ""]
    assert {(row["crm_account_id"], row["crm_owner_id"]) for row in rows} == {("a1", "u1")}
    assert states(book) == {"rx-1": (TaskState.DELIVERED, None), "rx-2": (TaskState.DELIVERED, None)}
    second = export_tasks(book, project, target, None, LATER)
    assert second == Exported((), 0, 0, 0, 0, 0)
    assert len(list((project.folder / "exports").iterdir())) == 1


def test_another_target_still_gets_what_the_first_had(book: Database, project: Project) -> None:
    assert export_tasks(book, project, "csv", None, AT).tasks == 2
    assert export_tasks(book, project, "jsonl", None, AT).tasks == 2
    assert len(ledger(book)) == 4


def test_a_stop_between_run_and_export_leaves_nothing_to_export(book: Database, project: Project) -> None:
    opt_out(book, 1)
    opt_out(book, 2)
    for target in TARGETS:
        assert export_tasks(book, project, target, None, LATER) == Exported((), 0, 0, 0, 0, 0)
    assert not (project.folder / "exports").exists()


def test_while_a_source_that_refuses_is_overdue_only_recalls_leave(book: Database, project: Project) -> None:
    file = project.folder / "reengage.toml"
    file.write_text('[opt_outs.from]\nmailchimp = {every = "1 day", when_stale = "refuse"}\n', encoding="utf-8")
    strict, held_back = read_project(project.folder), ("rx-3", "csv", "task")
    assert export_tasks(book, project, "csv", None, AT).tasks == 2
    opt_out(book, 1)
    with book.writing() as connection:
        connection.execute(insert(t.TaskRow), a_task("rx-3", 2))
    with pytest.raises(
        ReengageError, match=r"mailchimp: never heard.*no task was handed over, only recalls"
    ) as refused:
        export_tasks(book, strict, "csv", None, LATER)
    assert refused.value.exit_code == 1
    assert ("rx-1", "csv", "recall") in ledger(book)
    assert held_back not in ledger(book)
    note_import(book, strict.sources[0], file, 0, LATER)
    assert export_tasks(book, strict, "csv", None, LATER).tasks == 1
    assert held_back in ledger(book)


def test_two_exports_at_once_hand_each_task_over_once(book: Database, project: Project) -> None:
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: export_tasks(book, project, "csv", None, AT), range(4)))
    assert sorted(one.tasks for one in done) == [0, 0, 0, 2]
    assert len(list((project.folder / "exports").iterdir())) == 1


def test_a_task_that_slipped_past_the_stop_is_refused_at_the_last_moment(book: Database, project: Project) -> None:
    with book.writing() as connection:
        (id,) = append(connection, [OptOut(contact_id=1, source="test")], AT)
        closed = {"contact_id": 1, "channel": "email", "opt_out_id": id, "since": AT}
        connection.execute(insert(t.OptedOutRow), closed)
    done = export_tasks(book, project, "csv", None, LATER)
    assert (done.tasks, done.refused) == (1, 1)
    assert [row["key"] for row in rows_of(done)] == ["rx-2"]
    assert states(book)["rx-1"] == (TaskState.CANCELLED, closing.WITHDRAWN)


def test_a_stop_on_another_channel_leaves_the_task(book: Database, project: Project) -> None:
    opt_out(book, 1, Channel.PHONE)
    assert export_tasks(book, project, "csv", None, LATER).tasks == 2


def test_a_stop_after_delivery_is_recalled_once_per_target(book: Database, project: Project) -> None:
    for target in ("csv", "jsonl"):
        export_tasks(book, project, target, None, AT)
    opt_out(book, 1)
    for target in ("csv", "jsonl"):
        done = export_tasks(book, project, target, None, LATER)
        assert (done.tasks, done.recalls) == (0, 1)
        (row,) = rows_of(done)
        told = {name: value for name, value in row.items() if value}
        assert told.keys() == {"action", "key", "because"}
        assert (told["action"], told["key"]) == ("recall", "rx-1")
        assert "Dana" not in done.files[0].read_text("utf-8")
        assert export_tasks(book, project, target, None, LATER) == Exported((), 0, 0, 0, 0, 0)
    assert export_tasks(book, project, "espocrm", None, LATER).recalls == 0


def test_espocrm_takes_tasks_and_recalls_in(book: Database, project: Project) -> None:
    crm = FakeEspoCrm()
    first = export_tasks(book, project, "espocrm", None, AT)
    assert (first.tasks, first.incomplete) == (1, 1)
    crm.create(first.files[0].read_bytes())
    assert set(crm.tasks) == {task_id("rx-1")}
    opt_out(book, 1)
    second = export_tasks(book, project, "espocrm", None, LATER)
    assert (second.tasks, second.recalls) == (0, 1)
    assert second.files[0].name.startswith("recall-espocrm-")
    crm.update(second.files[0].read_bytes())
    assert crm.tasks[task_id("rx-1")]["status"] == "Canceled"
    assert crm.errors == []


def know(database: Database, crm: str, contact: str, owner: str) -> None:
    """Let Dana and her rep have these ids in this CRM."""
    with database.writing() as connection:
        known = {"contact_id": 1, "crm_system": crm, "crm_id": contact}
        put_versions(connection, t.ProfileRow, "contact_id", [known], AT)
        rep = {"email": "pat@us.example", "crm_id": owner, "name": "Pat Doyle"}
        put_versions(connection, t.OwnerRow, "email", [rep], AT)


@pytest.mark.parametrize(
    ("target", "contact", "rep"), [("hubspot", "401", "pat@us.example"), ("pipedrive", "1207", "Pat Doyle")]
)
def test_where_files_only_create_a_recall_goes_to_the_rep_and_names_nobody(
    book: Database, project: Project, target: str, contact: str, rep: str
) -> None:
    know(book, target, contact, "u1")
    opt_out(book, 2)
    assert export_tasks(book, project, target, None, AT).tasks == 1
    opt_out(book, 1)
    done = export_tasks(book, project, target, None, LATER)
    assert (done.tasks, done.recalls) == (0, 1)
    (row,) = rows_of(done)
    assert rep in row.values()
    assert [value for value in row.values() if "[reengage:rx-1]" in value]
    assert not {"Dana", "Reyes", contact, HOSTILE} & set(" ".join(row.values()).split())
    assert export_tasks(book, project, target, None, LATER).files == ()


def test_a_field_map_lies_beside_each_file_for_salesforce(book: Database, project: Project) -> None:
    know(book, "salesforce", "0035g00000AbCdE", "0055g00000AbCdE")
    opt_out(book, 2)
    first = export_tasks(book, project, "salesforce", None, AT)
    assert [file.name.partition("-")[0] for file in first.files] == ["tasks", "tasks"]
    assert first.files[1].name == "tasks-salesforce.sdl"
    opt_out(book, 1)
    second = export_tasks(book, project, "salesforce", None, LATER)
    assert [file.name.partition("-")[0] for file in second.files] == ["recall", "recall"]
    assert second.files[1].read_text() == "".join(
        f"{name}={name}\n" for name in ("Reengage_Key__c", "Subject", "Description", "Status")
    )


def test_incomplete_tasks_are_not_delivered_and_come_again(book: Database, project: Project) -> None:
    first = export_tasks(book, project, "espocrm", None, AT)
    incomplete = project.folder / "exports" / "incomplete-espocrm.csv"
    assert first.files[1] == incomplete
    assert "contact C-2: crm_contact_id is empty" in incomplete.read_text("utf-8-sig")
    assert ledger(book) == {("rx-1", "espocrm", "task")}
    assert states(book)["rx-2"] == (TaskState.OPEN, None)
    assert export_tasks(book, project, "espocrm", None, AT) == Exported((incomplete,), 0, 0, 1, 0, 0)
    with book.writing() as connection:
        known = {"contact_id": 2, "crm_system": "espocrm", "crm_id": "c2"}
        put_versions(connection, t.ProfileRow, "contact_id", [known], LATER)
        put_versions(connection, t.OwnerRow, "email", [{"email": "pat@us.example", "crm_id": "u2"}], LATER)
    assert export_tasks(book, project, "espocrm", None, LATER).tasks == 1
    assert not incomplete.exists()


def test_a_stop_takes_an_incomplete_task_out_of_its_file(book: Database, project: Project) -> None:
    export_tasks(book, project, "espocrm", None, AT)
    opt_out(book, 2)
    assert export_tasks(book, project, "espocrm", None, LATER) == Exported((), 0, 0, 0, 0, 0)
    assert not (project.folder / "exports" / "incomplete-espocrm.csv").exists()


@pytest.mark.parametrize("status", ["completed", "deleted", "cancelled"])
def test_what_a_rep_has_closed_is_neither_handed_over_again_nor_recalled(
    book: Database, project: Project, tmp_path: Path, status: str
) -> None:
    export_tasks(book, project, "csv", None, AT)
    outcomes = tmp_path / "outcomes.csv"
    outcomes.write_text(f"task_key,status,at,outcome\nrx-1,{status},2026-09-28,meeting\nrx-2,{status},2026-09-28,\n")
    assert import_outcomes(book, project, outcomes, LATER).changed == 2
    opt_out(book, 1)
    for target in TARGETS:
        assert export_tasks(book, project, target, None, LATER) == Exported((), 0, 0, 0, 0, 0)


def test_a_task_that_lapsed_before_any_export_is_counted_and_left(book: Database, project: Project) -> None:
    with book.writing() as connection:
        connection.execute(insert(t.TaskRow), a_task("rx-old", 1, due=date(2026, 8, 29)))
        connection.execute(insert(t.TaskRow), a_task("rx-young", 1, due=date(2026, 8, 30)))
    done = export_tasks(book, project, "csv", None, AT + timedelta(days=400))
    assert (done.tasks, done.lapsed) == (3, 1)
    assert "rx-old" not in {row["key"] for row in rows_of(done)}


@contextmanager
def broken(database: Database, commits: int) -> Iterator[None]:
    """Every commit fails after so many that succeed."""
    left = commits

    def fail(_: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise RunFailed("the connection was lost")

    event.listen(database.engine, "commit", fail)
    try:
        yield
    finally:
        event.remove(database.engine, "commit", fail)


def test_where_nothing_can_be_announced_nothing_leaves(book: Database, project: Project) -> None:
    with broken(book, 0), pytest.raises(RunFailed, match="connection was lost"):
        export_tasks(book, project, "csv", None, AT)
    assert ledger(book, announced=True) == set()
    assert not (project.folder / "exports").exists()


def test_files_that_the_ledger_does_not_know_of_are_made_again(book: Database, project: Project) -> None:
    folder = project.folder / "exports"
    with broken(book, 1), pytest.raises(RunFailed, match="connection was lost"):
        export_tasks(book, project, "csv", None, AT)
    (file,) = folder.iterdir()
    content = file.read_bytes()
    assert ledger(book) == set()
    done = export_tasks(book, project, "csv", None, LATER)
    assert done.tasks == 2
    assert done.files == (file,)
    assert list(folder.iterdir()) == [file]
    assert file.read_bytes() == content
    assert export_tasks(book, project, "csv", None, LATER).files == ()


@pytest.mark.parametrize(("target", "shown"), [("csv", "C-1,"), ("espocrm", task_id("rx-1"))])
def test_a_stop_after_an_export_that_died_is_taken_out_of_its_file_and_recalled(
    book: Database, project: Project, target: str, shown: str
) -> None:
    with broken(book, 1), pytest.raises(RunFailed):
        export_tasks(book, project, target, None, AT)
    (file,) = (project.folder / "exports").glob(f"tasks-{target}-*")
    assert shown in file.read_text("utf-8")
    opt_out(book, 1)
    done = export_tasks(book, project, target, None, LATER)
    assert done.recalls == 1
    assert not any(shown in path.read_text("utf-8") for path in (project.folder / "exports").glob("tasks-*"))
    again = export_tasks(book, project, target, None, LATER)
    assert (again.tasks, again.recalls) == (0, 0)


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_no_part_of_a_file_and_the_next_export_makes_it_whole(
    book: Database, project: Project, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(*((os, "fsync") if call == "fsync" else (Path, "replace")), fail)
        with pytest.raises(RunFailed, match="No space left on device") as caught:
            export_tasks(book, project, "espocrm", None, AT)
    assert "export again" in str(caught.value)
    assert list((project.folder / "exports").iterdir()) == []
    assert ledger(book) == set()
    assert export_tasks(book, project, "espocrm", None, AT).tasks == 1


def test_a_folder_that_cannot_be_made_is_said_in_one_sentence(
    book: Database, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "mkdir", fail)
    with pytest.raises(RunFailed, match="exports cannot be written: Permission denied"):
        export_tasks(book, project, "csv", None, AT)
    assert ledger(book) == set()


def test_a_file_is_no_folder(book: Database, project: Project, tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    file.write_text("mine")
    for out in (file, file / "deeper" / "still"):
        with pytest.raises(UsageError, match=r"file\.csv is a file, not a folder"):
            export_tasks(book, project, "csv", out, AT)
        with pytest.raises(UsageError, match=r"file\.csv is a file, not a folder"):
            export_opt_outs(book, project, out)
    assert file.read_text() == "mine"
    assert ledger(book) == set()


def test_the_list_of_stops_names_each_key_once(book: Database, project: Project, tmp_path: Path) -> None:
    with book.deciding() as connection:
        stops = [
            OptOut(identifier_kind="email", identifier_value="sam@initech.example", source="=form"),
            OptOut(identifier_kind="phone", identifier_value="+442071234567", source="list", channels=(Channel.PHONE,)),
        ]
        optouts.record(connection, stops, AT)
    file, count = export_opt_outs(book, project, tmp_path / "out")
    assert (file, count) == (tmp_path / "out" / "opt-outs.csv", 2)
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"), newline="")))
    assert [(row["kind"], row["value"], row["channels"], row["source"]) for row in rows] == [
        ("email", "sam@initech.example", "all", "form"),
        ("phone", "442071234567", "phone", "list"),
    ]


def test_a_list_that_cannot_be_written_leaves_the_earlier_one(
    book: Database, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, _ = export_opt_outs(book, project, None)
    before = file.read_bytes()
    opt_out(book, 1)

    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(RunFailed, match="No space left"):
        export_opt_outs(book, project, None)
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


OUTCOMES = "task_key,status,outcome,notes\n"


@pytest.mark.parametrize(
    "row",
    ["rx-1,completed,stop,", "rx-1,Closed Won,stop,", "rx-1,completed,do not contact,", "rx-1,completed,STOP,again"],
)
def test_an_outcome_that_says_stop_counts_although_the_task_is_closed(
    book: Database, project: Project, tmp_path: Path, row: str
) -> None:
    file = tmp_path / "outcomes.csv"
    file.write_text(OUTCOMES + "rx-1,completed,conversation,\n")
    import_outcomes(book, project, file, AT)
    for _ in range(2):
        file.write_text(OUTCOMES + row + "\n")
        import_outcomes(book, project, file, LATER)
    with book.reading() as connection:
        assert optouts.standings(connection, [1])[1].everywhere
        assert len(list(connection.execute(select(t.OptOutRow.__table__)))) == 1
