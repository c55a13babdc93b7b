"""What `reengage.toml` says of sources: read, refused where it does not fit, and in force."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest

from reengage.app.ingest import ingest
from reengage.app.project import FILE, KEEP_RECEIVED
from reengage.model.errors import ReengageError
from reengage.sources.rest import session
from reengage.store import columns as t
from reengage.store.database import Database
from tests.app.story import make_project

AT = datetime(2026, 6, 1, 9, tzinfo=UTC)
CRM = """
name: crm
kind: rest
rest: {base_url: "https://crm.inside.example", path: visits, paginator: {type: single_page}}
signal: visit
occurred_at: at
map: {email: email}
"""
LEADS = "name: leads\nkind: csv\npath: signals/*.csv\nsignal: visit\nmap: {email: email}\noccurred_at: at\n"


def test_what_is_said_of_sources_is_read(tmp_path: Path) -> None:
    plain = make_project(tmp_path / "plain")
    kept = timedelta(days=KEEP_RECEIVED)
    assert (plain.private_hosts, plain.public_address, plain.keep_received) == ((), "", kept)
    told = """
private_hosts = ["10.0.0.5", "crm.inside.example"]
public_address = "https://hooks.us.example"
keep_received_days = 0
"""
    project = make_project(tmp_path / "told", told)
    assert project.private_hosts == ("10.0.0.5", "crm.inside.example")
    assert (project.public_address, project.keep_received) == ("https://hooks.us.example", timedelta(0))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('private_hosts = "10.0.0.5"', '"private_hosts" must be a list of names or addresses'),
        ('private_hosts = ["10.0.0.5", 7]', '"private_hosts" must be a list of names or addresses'),
        ("public_address = 8400", '"public_address" must be a text in quotes'),
        ("keep_received_days = -1", '"keep_received_days" must be a number of days'),
        ("keep_received_days = 3651", '"keep_received_days" must be a number of days'),
        ("keep_received_days = 1.5", '"keep_received_days" must be a number of days'),
        ("keep_received_days = true", '"keep_received_days" must be a number of days'),
        ('keep_received_days = "90"', '"keep_received_days" must be a number of days'),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(ReengageError) as wrong:
        make_project(tmp_path / "project", line)
    assert (wrong.value.where, wrong.value.message) == (FILE, message)


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were connected to; every name leads to one inside, where nobody listens."""
    found: list[str] = []

    def look_up(_: Any, port: Any, *__: Any, **___: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.1.2.3", port))]

    def refuse(address: tuple[str, int], *_: Any, **__: Any) -> NoReturn:
        found.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(session, "create_connection", refuse)
    monkeypatch.setattr(session, "_sleep", lambda _: None)
    return found


@pytest.mark.parametrize(("line", "reached"), [("", []), ('private_hosts = ["crm.inside.example"]', ["10.1.2.3"])])
def test_a_private_host_is_asked_where_it_is_named(
    tmp_path: Path, database: Database, connected: list[str], line: str, reached: list[str]
) -> None:
    project = make_project(tmp_path / "project", line)
    (project.folder / "connectors" / "crm.yaml").write_text(CRM, encoding="utf-8")
    (report,) = ingest(database, project, AT, ["crm"])
    assert (sorted(set(connected)), len(report.refused)) == (reached, 1)
    assert ("which is not a public address" in report.refused[0]) == (not reached)


@pytest.mark.parametrize(("days", "is_kept"), [(6, True), (8, False)])
def test_what_was_received_is_kept_as_long_as_is_said(
    tmp_path: Path, database: Database, days: int, is_kept: bool
) -> None:
    project = make_project(tmp_path / "project", "keep_received_days = 7")
    (project.folder / "connectors" / "leads.yaml").write_text(LEADS, encoding="utf-8")
    (project.folder / "signals" / "a.csv").write_text("email,at\ndana@initech.example,2026-05-30\n", encoding="utf-8")
    ingest(database, project, AT)
    ingest(database, project, AT + timedelta(days=days))
    with database.reading() as connection:
        assert [row.content is not None for row in connection.execute(t.ReceivedRow.__table__.select())] == [is_kept]
