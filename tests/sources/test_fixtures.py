"""Fixtures beside a connector: what comes of them, what differs, what is written."""

from __future__ import annotations

import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reengage.model.errors import ReengageError
from reengage.sources.connector import Connector
from reengage.sources.fixtures import Difference, check_fixtures, renew_expected
from tests.sources.project import RECEIVED_AT, Project

CSV = """
name: hiring
kind: csv
signal: team_expansion
path: signals/hiring/*.csv
id: Id
occurred_at: Seen
map: {domain: Domain, facts.department: Team, facts.open_roles: Roles}
keep_if: "facts.department != 'legal'"
"""
HOOK = """
name: moves
kind: webhook
path_token: ${env:HOOK_TOKEN}
verify:
  scheme: hmac
  secret: ${env:HOOK_SECRET}
  signature: {header: X-Signature}
  signed: "{timestamp}.{url}.{body}"
  timestamp: {header: X-Timestamp}
signal: visit
id: id
occurred_at: at
map: {email: email}
"""
BODY = b'{"id": "1", "at": "2026-10-01", "email": "dana.reyes@lamna-foods.example"}'
ROWS = """Id,Domain,Team,Roles,Seen
1,northwind-robotics.example,Sales,9,2026-09-27
2,lamna-foods.example,legal,1,2026-09-27
3,contoso-grain.example,Sales,many,2026-09-27
"""
EXPECTED: dict[str, Any] = {
    "received_at": "2026-10-06T06:00:00Z",
    "signals": {
        "rows.csv:2": {
            "id": "1",
            "source": "hiring",
            "kind": "team_expansion",
            "occurred_at": "2026-09-27T00:00:00Z",
            "keys": {"domain": "northwind-robotics.example"},
            "facts": {"department": "Sales", "open_roles": 9},
        }
    },
    "bad": {"rows.csv:4": '"open_roles" is not a number'},
}


@pytest.fixture
def hiring(project: Project) -> Connector:
    project.write("connectors/one.fixtures/rows.csv", ROWS)
    project.write("connectors/one.fixtures/.hidden", "nothing")
    return project.connector(CSV)


def differing(project: Project, connector: Connector, expected: Any) -> list[str]:
    project.write("connectors/one.fixtures/expected.json", json.dumps(expected))
    return list(map(str, check_fixtures(connector, project.folder / "connectors").differences))


def renew(project: Project, connector: Connector, at: datetime | None = None) -> Path | None:
    return renew_expected(connector, project.folder / "connectors", at, RECEIVED_AT)


def test_what_was_expected_differs_in_nothing(project: Project, hiring: Connector) -> None:
    assert differing(project, hiring, EXPECTED) == []
    came = check_fixtures(hiring, project.folder / "connectors").came
    assert came is not None
    assert came.to_json() == EXPECTED


def test_every_field_that_differs_is_named_with_both_values(project: Project, hiring: Connector) -> None:
    signal = {**EXPECTED["signals"]["rows.csv:2"], "facts": {"department": "Marketing"}, "certainty": "likely"}
    bad = {"rows.csv:4": "a reason"}
    assert differing(project, hiring, {**EXPECTED, "signals": {"rows.csv:2": signal}, "bad": bad}) == [
        'rows.csv:2: facts.department: expected "Marketing", came "Sales"',
        'rows.csv:2: certainty: expected "likely", came nothing',
        "rows.csv:2: facts.open_roles: expected nothing, came 9",
        'rows.csv:4: bad: expected "a reason", came "\\"open_roles\\" is not a number"',
    ]


def test_a_row_that_came_otherwise_or_not_at_all_is_one_difference(project: Project, hiring: Connector) -> None:
    other = {"rows.csv:3": EXPECTED["signals"]["rows.csv:2"], "rows.csv:10": {}}
    checked = differing(project, hiring, {"received_at": "2026-10-06T06:00:00Z", "signals": other})
    assert checked == [
        'rows.csv:2: row: expected nothing, came "signal: team_expansion 1"',
        'rows.csv:3: row: expected "signal", came nothing',
        'rows.csv:4: row: expected nothing, came "bad: \\"open_roles\\" is not a number"',
        'rows.csv:10: row: expected "signal", came nothing',
    ]


def test_a_file_that_is_refused_is_part_of_what_comes(project: Project, hiring: Connector) -> None:
    project.write("connectors/one.fixtures/renamed.csv", "Id,Domain,Group,Roles,Seen\n")
    assert differing(project, hiring, EXPECTED) == [
        'renamed.csv: row: expected nothing, came "refused: the file has no column \\"Team\\""'
    ]
    refused = {"renamed.csv": 'the file has no column "Team"'}
    assert differing(project, hiring, {**EXPECTED, "refused": refused}) == []


def test_what_is_written_is_what_is_expected_from_then_on(project: Project, hiring: Connector) -> None:
    path = renew(project, hiring)
    assert path is not None
    assert json.loads(path.read_text(encoding="utf-8")) == EXPECTED
    assert check_fixtures(hiring, project.folder / "connectors").differences == ()


def test_the_moment_that_is_stated_stays_unless_another_is(project: Project, hiring: Connector) -> None:
    other = datetime(2026, 11, 1, tzinfo=UTC)
    path = renew(project, hiring, other)
    assert path == renew(project, hiring)
    assert path is not None
    assert json.loads(path.read_text(encoding="utf-8"))["received_at"] == "2026-11-01T00:00:00Z"
    checked = check_fixtures(hiring, project.folder / "connectors", RECEIVED_AT)
    assert checked.differences == ()
    assert checked.came is not None
    assert checked.came.received_at == RECEIVED_AT


def test_what_an_envelope_says_of_its_own_receipt_is_compared(project: Project) -> None:
    line = {"id": "1", "source": "s", "type": "visit", "time": "2026-10-01T08:00:00Z", "keys": {"domain": "a.example"}}
    lines = [line, {**line, "id": "2", "received_at": "2026-10-02T06:00:00Z"}]
    project.write("connectors/one.fixtures/lines.jsonl", "\n".join(map(json.dumps, lines)))
    path = renew(project, project.connector("name: envelope\nkind: jsonl\npath: signals/*.jsonl\n"))
    assert path is not None
    first, second = json.loads(path.read_text(encoding="utf-8"))["signals"].values()
    assert "received_at" not in first
    assert second["received_at"] == "2026-10-02T06:00:00Z"


def test_without_fixtures_there_is_nothing_to_say_and_nothing_is_written(project: Project) -> None:
    connector = project.connector(CSV)
    directory = project.folder / "connectors"
    assert check_fixtures(connector, directory).untested == "no fixtures"
    assert renew(project, connector) is None
    assert [path.name for path in directory.iterdir()] == ["one.yaml"]
    project.write("connectors/one.fixtures/rows.csv", ROWS)
    assert check_fixtures(connector, directory).untested == "no expected.json"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "this is not JSON"),
        ("\udcff".encode("utf-8", "surrogateescape"), "this is not JSON"),
        ("[" * 100_000, "this is not JSON"),
        ("[]", "this is not a JSON object"),
        ("{}", 'received_at: "" is not a date'),
        ('{"received_at": "2026-10-06T06:00:00"}', 'received_at: "2026-10-06T06:00:00" has no offset'),
        ('{"signal": {}}', '"signal" means nothing here'),
        ('{"received_at": "2026-10-06T06:00:00Z", "signals": []}', '"signals" is not a list of signals'),
        ('{"received_at": "2026-10-06T06:00:00Z", "bad": {"rows.csv:2": 5}}', '"bad" is not a list of reasons'),
        ("x" * ((4 << 20) + 1), "the file is longer than 4,194,304 bytes"),
    ],
)
def test_what_cannot_be_expected_is_refused(
    project: Project, hiring: Connector, content: str | bytes, message: str
) -> None:
    path = project.write("connectors/one.fixtures/expected.json", content)
    with pytest.raises(ReengageError) as refused:
        check_fixtures(hiring, project.folder / "connectors")
    assert refused.value.message.startswith(message)
    assert (refused.value.where or "").startswith(str(path))


def test_a_difference_shows_values_as_json() -> None:
    assert str(Difference("a.csv:2", "keys.emails", ["é@a.example"], None)) == (
        'a.csv:2: keys.emails: expected ["é@a.example"], came nothing'
    )


@pytest.fixture
def hook(project: Project) -> Connector:
    project.write("connectors/one.fixtures/a.json", BODY)
    sent(project)
    return project.connector(HOOK)


def sent(project: Project, name: str = "a", **other: Any) -> Path:
    """Say how a delivery was sent: genuine and in time, but for what is said otherwise."""
    url = "https://hooks.us.example/hooks/moves/t0ken"
    signature = hmac.digest(b"invented", b"1791007200." + url.encode() + b"." + BODY, "sha256").hex()
    told = {
        "target": "/hooks/moves/t0ken",
        "base": "https://hooks.us.example",
        "headers": {"X-Signature": signature, "X-Timestamp": "1791007200"},
        "at": "2026-10-03T06:00:10Z",
        "environ": {"HOOK_SECRET": "invented"},
        **other,
    }
    return project.write(f"connectors/one.fixtures/{name}.request.json", json.dumps(told))


def came_of(project: Project, connector: Connector) -> dict[str, Any]:
    path = renew(project, connector)
    assert path is not None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_a_delivery_is_verified_as_it_was_sent(project: Project, hook: Connector) -> None:
    came = came_of(project, hook)
    assert (list(came["signals"]), came["verified"]) == (["a.json:1"], {"a.json": "accepted"})
    assert check_fixtures(hook, project.folder / "connectors").differences == ()


@pytest.mark.parametrize(
    ("other", "verdict"),
    [
        ({"environ": {"HOOK_SECRET": "another"}}, "forged: the signature does not fit what was sent"),
        ({"base": "https://elsewhere.example"}, "forged: the signature does not fit what was sent"),
        ({"headers": {}}, "forged: the header X-Signature is missing, or stands twice"),
        (
            {"at": "2026-10-03T06:05:01Z"},
            "stale: the request was signed too long ago, or its moment cannot be read",
        ),
    ],
)
def test_of_what_is_not_accepted_come_no_rows(
    project: Project, hook: Connector, other: dict[str, Any], verdict: str
) -> None:
    renew(project, hook)
    sent(project, **other)
    assert list(map(str, check_fixtures(hook, project.folder / "connectors").differences)) == [
        f'a.json: verified: expected "accepted", came "{verdict}"',
        'a.json:1: row: expected "signal", came nothing',
    ]
    assert came_of(project, hook)["verified"] == {"a.json": verdict}


def test_of_a_delivery_nothing_need_be_said(project: Project, hook: Connector) -> None:
    project.write("connectors/one.fixtures/b.json", BODY)
    came = came_of(project, hook)
    assert (list(came["signals"]), list(came["verified"])) == (["a.json:1", "b.json:1"], ["a.json"])
    (project.folder / "connectors/one.fixtures/a.request.json").unlink()
    assert list(map(str, check_fixtures(hook, project.folder / "connectors").differences)) == [
        'a.json: row: expected "verified", came nothing'
    ]


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"at": "soon"}, 'at: "soon" is not a date'),
        ({"secret": "x"}, '"secret" means nothing here; it has method, target, base, headers, environ, at'),
        ({"target": 5}, '"target" is not a text'),
        ({"headers": "X-Signature: 5"}, '"headers" is not a text'),
        ({"headers": {"X-Signature": 5}}, '"X-Signature" is not a text'),
        ({"environ": {}}, "the variable HOOK_SECRET is empty or not there"),
    ],
)
def test_how_something_was_sent_must_be_readable(
    project: Project, hook: Connector, other: dict[str, Any], message: str
) -> None:
    renew(project, hook)
    sent(project, **other)
    with pytest.raises(ReengageError) as refused:
        check_fixtures(hook, project.folder / "connectors")
    assert refused.value.message == message


def test_only_a_webhook_that_is_called_itself_verifies(project: Project, hook: Connector) -> None:
    assert hook.hooking is not None
    came = came_of(project, replace(hook, hooking=replace(hook.hooking, of="other")))
    assert "verified" not in came
    assert "a.request.json:1" in came["bad"]
