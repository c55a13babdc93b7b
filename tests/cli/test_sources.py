"""`reengage connector test` as a person and a CI server use it, and the connectors that are off by default."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from reengage.app.opening import open_prepared
from reengage.app.project import read_project
from reengage.store import received
from reengage.store.received import Arrival
from tests.cli.conftest import Reengage

AT = datetime(2026, 10, 26, 6, tzinfo=UTC)

HIRING = """name: hiring
kind: csv
signal: team_expansion
path: signals/hiring/*.csv
occurred_at: Seen
map: {domain: Domain, facts.open_roles: Roles}
"""
ROWS = "Domain,Roles,Seen\nnorthwind-robotics.example,9,2026-09-27\n"


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def add_hiring(project: Path) -> Path:
    (project / "connectors" / "hiring.yaml").write_text(HIRING)
    fixtures = project / "connectors" / "hiring.fixtures"
    fixtures.mkdir()
    (fixtures / "week.csv").write_text(ROWS)
    return fixtures / "expected.json"


def test_the_starters_come_as_expected_and_nothing_is_written(project: Path, reengage: Reengage) -> None:
    before = snapshot(project)
    ran = reengage("connector", "test")
    assert ran.code == 0
    assert ran.out.count("as expected") == 3
    assert "2026-10-12 07:00" in ran.out
    assert snapshot(project) == before


def test_a_timer_shows_its_next_five_slots_after_a_moment(project: Path, reengage: Reengage) -> None:
    (shown,) = reengage("connector", "test", "monday_review", "--at", "2026-10-20", "--format", "json").json()
    assert shown["slots"] == [
        "2026-10-26T07:00:00+00:00",
        "2026-11-02T07:00:00+00:00",
        "2026-11-09T07:00:00+00:00",
        "2026-11-16T07:00:00+00:00",
        "2026-11-23T07:00:00+00:00",
    ]


def test_a_connector_without_fixtures_is_named_and_strictly_wrong(project: Path, reengage: Reengage) -> None:
    (project / "connectors" / "hiring.yaml").write_text(HIRING)
    ran = reengage("connector", "test", "hiring")
    assert ran.code == 0
    assert "hiring is untested: no fixtures; put a file as it comes into connectors/hiring.fixtures/" in ran.out
    assert reengage("connector", "test", "hiring", "--strict").code == 1
    assert reengage("connector", "test", "monday_review", "envelope", "--strict").code == 0
    assert reengage("connector", "test", "hiring", "--write").code == 0
    assert not (project / "connectors" / "hiring.fixtures").exists()


def test_what_differs_is_shown_at_its_line_until_it_is_written(project: Path, reengage: Reengage) -> None:
    expected = add_hiring(project)
    assert "wrote connectors/hiring.fixtures/expected.json" in reengage("connector", "test", "hiring", "--write").out
    assert json.loads(expected.read_text())["received_at"] == "2026-10-05T12:00:00Z"
    (expected.parent / "week.csv").write_text(ROWS.replace(",9,", ",8,"))
    ran = reengage("connector", "test", "hiring")
    assert ran.code == 1
    assert "connectors/hiring.fixtures/week.csv:2: facts.open_roles: expected 9, came 8\n" in ran.out
    (shown,) = reengage("connector", "test", "hiring", "--format", "json").json()
    assert {"at": "week.csv:2", "field": "facts.open_roles", "expected": 9, "came": 8} in shown["differences"]
    assert reengage("connector", "test", "hiring", "--write").code == 0
    assert reengage("connector", "test", "hiring").code == 0


def test_an_unknown_name_is_wrong_usage_and_bad_expectations_are_named(project: Path, reengage: Reengage) -> None:
    assert reengage("connector", "test", "nobody").code == 2
    add_hiring(project).write_text("{\n  oops\n}")
    ran = reengage("connector", "test", "hiring")
    assert ran.code == 1
    assert "expected.json:2: this is not JSON" in ran.err


def test_the_connectors_that_are_off_are_sound_and_tested(project: Path, reengage: Reengage) -> None:
    ran = reengage("connector", "test", "--folder", "connectors/more", "--strict", "--format", "json")
    assert ran.code == 0
    assert len(ran.json()) == len(list((project / "connectors" / "more").glob("*.yaml"))) >= 17
    assert all(one["signals"] and one["kept_back"] for one in ran.json())


@pytest.fixture
def with_more(project: Path) -> Path:
    """A project that has turned on every connector there is."""
    shutil.copytree(project / "connectors" / "more", project / "connectors", dirs_exist_ok=True)
    return project


def test_all_of_them_can_be_on_at_once(with_more: Path, reengage: Reengage) -> None:
    assert reengage("check").code == 0
    assert reengage("connector", "test", "--strict").code == 0


def test_an_opt_out_of_theirs_stops_for_good(with_more: Path, reengage: Reengage) -> None:
    fixtures = with_more / "connectors" / "lusha_opt_outs.fixtures"
    bodies = [(fixtures / f"{name}.json").read_bytes() for name in ("whole", "address-only", "nothing-to-go-by")]
    arrivals = [Arrival("lusha_opt_outs", "a webhook", sha256(body).hexdigest(), 1, body, AT) for body in bodies]
    database = open_prepared(read_project(with_more))
    with database.keeping() as connection:
        received.keep(connection, arrivals, AT)
    database.close()
    ran = reengage("ingest", "lusha_opt_outs", "--format", "json")
    assert ran.code == 1
    (report,) = ran.json()
    assert (report["opt_outs"], len(report["bad"])) == (2, 1)
    assert reengage("export", "opt-outs").code == 0
    (listed,) = (with_more / "exports").glob("opt-outs*")
    assert "ines.haddad@contoso-grain.example" in listed.read_text(encoding="utf-8")


def test_a_folder_that_is_not_there_is_told(project: Path, reengage: Reengage) -> None:
    ran = reengage("connector", "test", "--folder", "nowhere")
    assert (ran.code, ran.out) == (2, "")
    assert 'error: "nowhere" is no folder' in ran.err


def test_what_was_kept_back_is_listed_mended_and_dropped(project: Path, reengage: Reengage) -> None:
    assert reengage("quarantine", "list").code == 2
    connector = project / "connectors" / "leads.yaml"
    connector.write_text(
        "name: leads\nkind: csv\npath: signals/leads/*.csv\nsignal: visit\noccurred_at: day\nmap: {email: email}\n"
    )
    (project / "signals" / "leads").mkdir()
    (project / "signals" / "leads" / "a.csv").write_text("email,day\nines@x.example,2.9.2026\nmax@x.example,\n")
    assert reengage("ingest", "leads", "--at", "2026-10-01").code == 1
    listed = reengage("quarantine", "list", "--format", "json")
    numbers = [str(row["id"]) for row in json.loads(listed.out)]
    assert len(numbers) == 2
    assert "signals/leads/a.csv:2" in reengage("quarantine", "list").out
    connector.write_text(connector.read_text() + 'date_formats: "%d.%m.%Y"\n')
    again = reengage("quarantine", "retry", "--at", "2026-10-01")
    assert again.code == 1
    assert 'a.csv:3: "occurred_at" is missing' in again.out
    (left,) = json.loads(reengage("quarantine", "list", "--format", "json").out)
    assert reengage("quarantine", "drop", "999").code == 2
    assert "dropped 1 row" in reengage("quarantine", "drop", str(left["id"])).out
    (replayed,) = json.loads(reengage("replay", "leads", "--at", "2026-10-02", "--format", "json").out)
    assert (replayed["files"], replayed["rows"], replayed["new"], replayed["gone"]) == (1, 2, 0, 0)
    assert reengage("replay", "leads", "--since", "soon").code == 2
    assert reengage("replay", "nobody").code == 2


def test_who_said_stop_is_not_shown_in_rows_kept_back(project: Path, reengage: Reengage) -> None:
    (project / "signals" / "envelope").mkdir(parents=True, exist_ok=True)
    (project / "contacts.csv").write_text("contact_id,email\nC-1,ines@x.example\n")
    assert reengage("import", "contacts", "contacts.csv", "--at", "2026-09-01").code == 0
    assert reengage("opt-out", "ines@x.example", "--at", "2026-09-01").code == 0
    reads = next(
        row["reads"] for row in json.loads(reengage("connectors", "--format", "json").out) if row["name"] == "envelope"
    )
    (project / reads.replace("*", "one")).write_text(
        '{"id": "1", "type": "visit", "keys": {"email": "ines@x.example"}}\n'
    )
    assert reengage("ingest", "envelope", "--at", "2026-10-01").code == 1
    shown = reengage("quarantine", "list")
    assert "missing" in shown.out
    assert "ines@" not in shown.out
