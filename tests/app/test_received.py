"""What sources sent is kept first, and can be taken in again, without anything doubled."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from reengage.app.erase import erase
from reengage.app.ingest import ingest, replay, retry
from reengage.app.stop import opt_out
from reengage.store import columns as t
from reengage.store import inbox, received
from reengage.store.database import Database
from tests.app.desk import AT, Desk, signal

LATER = AT + timedelta(hours=2)

LEADS = """
name: leads
kind: csv
path: "leads/*.csv"
signal: visit
map: {email: email, facts.page: page}
occurred_at: day
"""

HOOK = "name: hook\nkind: webhook\npath_token: ${env:X}\nverify: {scheme: path}\n"


def connector(desk: Desk, text: str = LEADS, name: str = "leads") -> None:
    (desk.project.folder / "connectors" / f"{name}.yaml").write_text(text, encoding="utf-8")
    (desk.project.folder / "leads").mkdir(exist_ok=True)


def drop(desk: Desk, *rows: str, name: str = "a") -> Path:
    path = desk.project.folder / "leads" / f"{name}.csv"
    path.write_text("\n".join(("email,page,day", *rows)) + "\n", encoding="utf-8")
    return path


def kept_back(desk: Desk) -> list[inbox.Quarantined]:
    with desk.database.reading() as connection:
        return inbox.list_quarantined(connection)


def test_the_bytes_are_kept_before_anything_is_made_of_them(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaking(*_: object) -> None:
        raise RuntimeError

    connector(desk)
    content = drop(desk, "dana@initech.example,/pricing,2026-05-30").read_bytes()
    monkeypatch.setattr("reengage.app.mapping.read_file", breaking)
    with pytest.raises(RuntimeError):
        ingest(desk.database, desk.project, LATER, ["leads"])
    (row,) = desk.rows(t.ReceivedRow)
    assert (row.mapped_at, row.name, row.size) == (None, "leads/a.csv", len(content))
    with desk.database.reading() as connection:
        assert received.contents(connection, [row.id]) == {row.id: content}
    monkeypatch.undo()
    (desk.project.folder / "leads" / "a.csv").unlink()
    (report,) = ingest(desk.database, desk.project, LATER, ["leads"])
    assert (report.files, report.new) == (1, 1)
    (told,) = desk.signals()
    assert (told.received_id, told.line) == (row.id, 2)


def test_a_replay_of_what_is_known_changes_nothing(desk: Desk) -> None:
    connector(desk)
    drop(desk, "dana@initech.example,/pricing,2026-05-30")
    ingest(desk.database, desk.project, LATER)
    before = desk.signals()
    (one, *_) = replay(desk.database, desk.project, LATER + timedelta(days=1), ["leads"])
    assert (one.report.files, one.report.rows, one.report.new, one.gone) == (1, 1, 0, 0)
    assert desk.signals() == before


def test_a_record_that_is_a_signal_stays_that_one_when_its_map_changes(desk: Desk) -> None:
    connector(desk)
    drop(desk, "dana@initech.example,/pricing,2026-05-30", "eve@initech.example,/docs,2026-05-30")
    ingest(desk.database, desk.project, LATER)
    before = desk.signals()
    connector(desk, LEADS.replace("facts.page: page", "facts.page: day"))
    replay(desk.database, desk.project, LATER, ["leads"])
    assert desk.signals() == before


def test_a_mended_map_takes_in_what_was_kept_back_and_left_out(desk: Desk) -> None:
    strict = LEADS + "keep_if: facts.page == '/pricing'\n"
    connector(desk, strict)
    drop(
        desk,
        "dana@initech.example,/pricing,2026-05-30",
        "eve@initech.example,/docs,30.5.2026",
        "dana@initech.example,/docs,2026-05-30",
    )
    (report,) = ingest(desk.database, desk.project, LATER, ["leads"])
    assert (report.new, len(report.bad)) == (1, 1)
    (unchanged,) = ingest(desk.database, desk.project, LATER, ["leads"])
    assert (unchanged.files, len(kept_back(desk))) == (0, 1)
    (same,) = retry(desk.database, desk.project, LATER, kept_back(desk))
    assert (same.report.new, len(kept_back(desk))) == (0, 1)
    connector(desk, LEADS + 'date_formats: "%d.%m.%Y"\n')
    (again,) = ingest(desk.database, desk.project, LATER, ["leads"])
    assert (again.files, again.new, again.bad, kept_back(desk)) == (1, 2, [], [])


def test_what_was_refused_is_tried_again_when_its_connector_was_mended(desk: Desk) -> None:
    connector(desk, LEADS.replace("email: email", "email: mail"))
    drop(desk, "dana@initech.example,/pricing,2026-05-30").rename(desk.project.folder / "leads" / "b.csv")
    (refused,) = ingest(desk.database, desk.project, LATER, ["leads"])
    assert (refused.new, len(refused.refused)) == (0, 1)
    (desk.project.folder / "leads" / "b.csv").unlink()
    (silent,) = ingest(desk.database, desk.project, LATER, ["leads"])
    assert (silent.files, silent.refused) == (0, [])
    connector(desk)
    (mended,) = ingest(desk.database, desk.project, LATER, ["leads"])
    assert (mended.files, mended.new) == (1, 1)


def test_a_file_that_is_still_being_written_is_left_alone(desk: Desk) -> None:
    connector(desk, LEADS + "settle: 30 seconds\n")
    path = drop(desk, "dana@initech.example,/pricing,2026-05-30")
    written = AT.fromtimestamp(path.stat().st_mtime, AT.tzinfo)
    soon, later = written + timedelta(seconds=5), written + timedelta(seconds=31)
    (early,) = ingest(desk.database, desk.project, LATER, ["leads"], wall=soon)
    assert (early.files, early.new) == (0, 0)
    (done,) = ingest(desk.database, desk.project, LATER, ["leads"], wall=later)
    assert (done.files, done.new) == (1, 1)


def test_a_file_moves_away_when_it_was_taken_in_and_only_then(desk: Desk) -> None:
    connector(desk, LEADS + "archive: true\n")
    good = drop(desk, "dana@initech.example,/pricing,2026-05-30")
    bad = desk.project.folder / "leads" / "b.csv"
    bad.write_text("mail\nx\n", encoding="utf-8")
    ingest(desk.database, desk.project, LATER, ["leads"])
    (moved,) = (desk.project.folder / "leads" / "archive").iterdir()
    assert (good.exists(), bad.exists(), moved.suffix) == (False, True, ".csv")


def test_bytes_are_let_go_after_the_time_they_are_kept_for(desk: Desk) -> None:
    connector(desk)
    drop(desk, "dana@initech.example,/pricing,2026-05-30")
    ingest(desk.database, desk.project, LATER)
    ingest(desk.database, desk.project, LATER + desk.project.keep_received + timedelta(seconds=1))
    assert [row.content for row in desk.rows(t.ReceivedRow)] == [None]
    (one,) = replay(desk.database, desk.project, LATER, ["leads"])
    assert (one.report.files, one.gone) == (0, 1)


def test_erasing_someone_lets_go_of_all_that_was_received_with_them(desk: Desk) -> None:
    connector(desk)
    drop(desk, "eve@initech.example,/pricing,2026-05-30", "DANA@Initech.example,/pricing,2026-05-30")
    drop(desk, "eve@initech.example,/docs,2026-05-30", name="b")
    ingest(desk.database, desk.project, LATER)
    erase(desk.database, desk.project, "C1", LATER)
    assert {row.name: row.content is None for row in desk.rows(t.ReceivedRow)} == {
        "leads/a.csv": True,
        "leads/b.csv": False,
    }


def test_what_comes_later_about_someone_erased_is_not_kept(desk: Desk) -> None:
    connector(desk)
    erase(desk.database, desk.project, "C1", AT)
    drop(desk, "dana@initech.example,/pricing,2026-05-30")
    drop(desk, "dana@initech.example,/pricing,yesterday", name="b")
    ingest(desk.database, desk.project, LATER)
    assert "dana" not in " ".join(row.raw for row in kept_back(desk))
    first = desk.rows(t.ReceivedRow)[0]
    assert first.content is None


@pytest.mark.parametrize("leaving_out", ["keep_if: facts.page == '/pricing'", "when: page != '/docs'"])
def test_nor_is_it_kept_where_the_row_about_them_is_left_out(desk: Desk, leaving_out: str) -> None:
    connector(desk, f"{LEADS}{leaving_out}\n")
    erase(desk.database, desk.project, "C1", AT)
    drop(desk, "eve@initech.example,/pricing,2026-05-30", "DANA@initech.example,/docs,2026-05-30")
    drop(desk, "eve@initech.example,/pricing,2026-05-29", name="b")
    (report,) = ingest(desk.database, desk.project, LATER, ["leads"])
    assert (report.new, report.bad) == (2, [])
    assert {row.name: row.content is None for row in desk.rows(t.ReceivedRow)} == {
        "leads/a.csv": True,
        "leads/b.csv": False,
    }


def test_what_names_someone_erased_and_waits_is_kept_until_it_was_taken_in(desk: Desk) -> None:
    connector(desk, LEADS.replace("email: email", "email: mail"))
    erase(desk.database, desk.project, "C1", AT)
    path = drop(desk, "eve@initech.example,/pricing,2026-05-30", "dana@initech.example,/pricing,2026-05-30")
    (refused,) = ingest(desk.database, desk.project, LATER, ["leads"])
    assert (refused.new, len(refused.refused)) == (0, 1)
    path.unlink()
    connector(desk)
    (mended,) = ingest(desk.database, desk.project, LATER, ["leads"])
    assert (mended.new, mended.refused) == (1, [])
    assert [row.content for row in desk.rows(t.ReceivedRow)] == [None]


def test_rows_of_several_deliveries_go_in_together(desk: Desk) -> None:
    connector(desk)
    for number in range(7):
        drop(desk, f"dana@initech.example,/p{number},2026-05-30", name=f"f{number}")
    (report,) = ingest(desk.database, desk.project, LATER, ["leads"])
    assert (report.files, report.rows, report.new) == (7, 7, 7)
    assert len({row.received_id for row in desk.signals()}) == 7


def test_a_stop_in_what_waits_goes_first(desk: Desk) -> None:
    desk.drop(signal("1"))
    (desk.project.folder / "signals" / "z.jsonl").write_text(json.dumps(signal("2", "opt_out", facts={})) + "\n")
    ingest(desk.database, desk.project, LATER)
    assert not desk.may_write_to("C1")
    opt_out(desk.database, desk.project, "C2", LATER)
    replay(desk.database, desk.project, LATER)
    assert not desk.may_write_to("C1")


def test_rows_can_be_dropped(desk: Desk, database: Database) -> None:
    connector(desk)
    drop(desk, "dana@initech.example,/pricing,never")
    ingest(desk.database, desk.project, LATER)
    (row,) = kept_back(desk)
    with database.writing() as connection:
        inbox.drop_quarantined(connection, [row.id])
    assert kept_back(desk) == []
    ingest(desk.database, desk.project, LATER + timedelta(days=1))
    assert kept_back(desk) == []
    replay(desk.database, desk.project, LATER + timedelta(days=1))
    assert len(kept_back(desk)) == 1


def test_a_file_that_cannot_be_opened_does_not_stop_the_others(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    connector(desk)
    drop(desk, "dana@initech.example,/pricing,2026-05-30")
    drop(desk, "eve@initech.example,/pricing,2026-05-30", name="b")
    opened = Path.open

    def opening(path: Path, mode: str = "r", **more: Any) -> Any:
        if path.name == "a.csv" and mode == "rb":
            raise PermissionError(13, "Permission denied")
        return opened(path, mode, **more)

    monkeypatch.setattr(Path, "open", opening)
    (report,) = ingest(desk.database, desk.project, LATER, ["leads"])
    assert (report.new, report.refused) == (1, ["leads/a.csv cannot be read: permission denied"])


def deliver(desk: Desk, *bodies: bytes) -> None:
    """Webhooks, each of which came a minute before the one that is named before it, the first LATER."""
    times = [LATER - timedelta(minutes=number) for number in range(len(bodies))]
    arrivals = [
        received.Arrival("hook", "a webhook", sha256(body).hexdigest(), len(body), body, at)
        for body, at in zip(bodies, times, strict=True)
    ]
    with desk.database.keeping() as connection:
        received.keep(connection, arrivals, LATER)


def heard(desk: Desk, name: str) -> list[datetime]:
    return [row.recorded_at for row in desk.rows(t.FileRow) if row.connector == f"heard by connector: {name}"]


def test_webhooks_that_are_read_together_are_heard_once(desk: Desk) -> None:
    connector(desk, HOOK, "hook")
    deliver(desk, *(json.dumps(signal(str(number))).encode() for number in range(5)), b"no JSON")
    (report,) = ingest(desk.database, desk.project, LATER + timedelta(hours=1), ["hook"])
    assert (report.files, report.new, len(report.bad)) == (6, 5, 1)
    assert heard(desk, "hook") == [LATER]


def test_to_map_something_again_is_not_to_hear_its_source(desk: Desk) -> None:
    connector(desk)
    connector(desk, HOOK, "hook")
    drop(desk, "dana@initech.example,/pricing,never")
    deliver(desk, b"no JSON", json.dumps(signal("1")).encode())
    ingest(desk.database, desk.project, LATER)
    tomorrow = LATER + timedelta(days=1)
    retry(desk.database, desk.project, tomorrow, kept_back(desk))
    replay(desk.database, desk.project, tomorrow)
    assert max(heard(desk, "leads")) == max(heard(desk, "hook")) == LATER


def test_nothing_at_all_is_a_delivery_that_cannot_be_read(desk: Desk) -> None:
    connector(desk, HOOK, "hook")
    deliver(desk, b"")
    (report,) = ingest(desk.database, desk.project, LATER, ["hook"])
    assert [reason for _, _, reason in report.bad] == ["the document is not JSON: it breaks off at character 1"]
