"""`reengage serve`: what vendors send arrives, what is forged does not, and nobody who said stop is lost in between."""

from __future__ import annotations

import base64
import csv
import hashlib
import hmac
import json
import re
import signal
import socket
import sys
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reengage.app.evaluating import Evaluated, Evaluator
from reengage.app.project import read_project
from reengage.gate.admit import refuse
from reengage.model.errors import ReengageError
from reengage.store import columns as t
from reengage.store import optouts, people
from tests.server.loopback import KEY, TOKEN
from tests.server.served import CONNECTORS, ENVIRON, RULE, Served, make_project, now, reengage, rows, serving, until

LATE = timedelta(minutes=6)
"""More than a signature is good for."""

CONTACTS = (
    ("C-1", "Dana", "dana@fabrikam-freight.example"),
    ("C-2", "Sam", "sam@fabrikam-freight.example"),
    ("C-3", "Ines", "ines@fabrikam-freight.example"),
)


def day(days_ago: float) -> str:
    return (now() - timedelta(days=days_ago)).isoformat(timespec="seconds")


def move(number: int = 1, person: str = "4158887495", **more: object) -> bytes:
    """F1: Lusha's companyChange."""
    told = {
        "id": f"f3b87e05-{number}",
        "type": "companyChange",
        "entityType": "contact",
        "entityId": person,
        "data": {
            "personId": int(person),
            "currentCompanyName": "Northwind Robotics",
            "currentDomain": "northwind-robotics.example",
            "currentTitle": "VP Revenue Operations",
            "previousDomain": "fabrikam-freight.example",
            "signalDate": day(1)[:10],
        },
    }
    return json.dumps({**told, **more}).encode()


def stop(email: str, **more: object) -> bytes:
    """F2: Lusha's opt-out; the date has a space and no zone."""
    told = {
        "contactId": "987654321",
        "contactOptOutDate": "2026-10-22 14:32:11.412",
        "datapoints": [{"datapointId": email, "datapointType": "email"}],
    }
    return json.dumps({**told, **more}).encode()


def room(email: str, **more: object) -> bytes:
    """F3: Common Room's contact."""
    told = {
        "primaryEmail": email,
        "allEmails": [email],
        "title": "VP Sales",
        "organization": {"name": "Northwind Robotics", "domain": "northwind-robotics.example"},
        "previousOrganization": {"name": "Fabrikam Freight", "domain": "fabrikam-freight.example"},
        "organizationChangeDate": day(1)[:10],
    }
    return json.dumps({"payload": {**told, **more}}).encode()


def standard(body: bytes, id: str) -> dict[str, str]:
    """The headers of Standard Webhooks."""
    key = base64.b64decode(ENVIRON["STANDARD_SECRET"].removeprefix("whsec_"))
    moment = str(int(now().timestamp()))
    digest = hmac.digest(key, f"{id}.{moment}.".encode() + body, hashlib.sha256)
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook_id": id, "webhook_timestamp": moment, "webhook_signature": signature}


def envelope(id: str, type: str, **more: object) -> bytes:
    return json.dumps({"id": id, "source": "ours", "type": type, "time": day(1), **more}).encode()


def hold(folder: Path) -> None:
    """A book of three, two of whom said "not now" a month ago."""
    write(folder / "owners.csv", ("owner_email", "name"), ("pat@us.example", "Pat"))
    heads = ("contact_id", "first_name", "email", "account_name", "account_domain", "owner_email")
    rest = ("Fabrikam Freight", "fabrikam-freight.example", "pat@us.example")
    write(folder / "contacts.csv", heads, *((*one, *rest) for one in CONTACTS))
    heads = ("conversation_id", "contact_id", "at", "channel", "rep_email", "response")
    said = [(f"K-{id}", id, day(40), "phone", "pat@us.example", "not_now") for id in ("C-1", "C-2")]
    write(folder / "conversations.csv", heads, *said)
    for kind in ("owners", "contacts", "conversations"):
        ran = reengage(folder, "import", kind, f"{kind}.csv", "--at", day(39))
        assert ran.code == 0, ran.err


def write(path: Path, *lines: tuple[str, ...]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(lines)


def is_closed(folder: Path, email: str) -> bool:
    """Whether nobody may write to whom this address belongs to."""
    database = read_project(folder).open()
    try:
        with database.reading() as connection:
            contact = people.find_contacts(connection, [("email", email)])["email", email]
            return refuse(optouts.standings(connection, [contact])[contact]) is not None
    finally:
        database.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server without --evaluate, on each kind of database; what came is taken in by hand.

    It ends by a signal, and loses nothing.
    """
    address = request.getfixturevalue("postgresql").create() if request.param == "postgresql" else ""
    folder = make_project(tmp_path_factory.mktemp("serve") / "project", address)
    hold(folder)
    with serving(folder) as served:
        yield served
        assert served.lusha(move(99)).status == 201
        assert served.stop(signal.SIGTERM if address else signal.SIGINT) == 0
    assert len(received(served, move(99))) == 1
    assert "rror" not in (folder / "serve.log").read_text(encoding="utf-8")


@pytest.fixture
def evaluating(tmp_path: Path) -> Iterator[Served]:
    """A server with --evaluate, that knows who Lusha's person is."""
    folder = make_project(tmp_path / "project")
    hold(folder)
    with serving(folder, "--evaluate") as served:
        yield served


def received(server: Served, body: bytes) -> list[Any]:
    kept = rows(server.folder, t.ReceivedRow, t.ReceivedRow.content.is_not(None))
    return [row for row in kept if zlib.decompress(row.content) == body]


def signals(server: Served, id: str) -> list[Any]:
    return rows(server.folder, t.SignalRow, t.SignalRow.id == id)


def kept_back(server: Served) -> dict[str, str]:
    """Why rows are kept back, by what stands in them."""
    return {row["raw"]: row["reason"] for row in reengage(server.folder, "quarantine", "list", "--format", "json").json}


def test_what_vendors_send_becomes_signals(server: Served) -> None:
    """Lusha knows only its own number of a person; whose that is, a signal of ours says first."""
    keys = {"email": "dana@fabrikam-freight.example", "vendor": {"lusha": "4158887495"}}
    told = envelope("who-1", "visit", keys=keys, facts={"page": "/pricing"})
    assert server.deliver("ours", told, **standard(told, "msg_1")).json == {"received": True}
    said = server.lusha(move(1))
    assert (said.status, said.json["webhookId"], said.json["received"]) == (201, "f3b87e05-1", True)
    headers = {"X_CommonRoom_Webhook_Secret": ENVIRON["COMMON_ROOM_SECRET"]}
    assert server.deliver("common_room", room("sam@fabrikam-freight.example"), **headers).status == 200
    reengage(server.folder, "ingest")
    (moved,) = signals(server, "f3b87e05-1")
    (visit,) = signals(server, "who-1")
    assert moved.contact_id == visit.contact_id is not None
    (other,) = [row for row in rows(server.folder, t.SignalRow) if row.source == "common_room"]
    assert (other.kind, other.facts["new_domain"]) == ("job_change", "northwind-robotics.example")


def test_a_stop_closes_the_person(server: Served) -> None:
    """The address is in the book already; that Lusha names it is enough."""
    email = "ines@fabrikam-freight.example"
    assert not is_closed(server.folder, email)
    assert server.lusha(stop(email), "lusha_stops").status == 201
    reengage(server.folder, "ingest")
    assert is_closed(server.folder, email)


def test_what_is_forged_is_not_stored(server: Served) -> None:
    before = len(rows(server.folder, t.ReceivedRow))
    assert server.lusha(move(2), key=b"guessed").status == 401
    assert server.deliver("lusha", move(2)).status == 401
    assert server.deliver("common_room", room("x@y.example"), X_CommonRoom_Webhook_Secret="guessed").status == 401
    told = envelope("forged", "visit")
    assert server.deliver("ours", told + b" ", **standard(told, "msg_2")).status == 401
    assert len(rows(server.folder, t.ReceivedRow)) == before


def test_what_comes_twice_is_one_signal(server: Served) -> None:
    body, again = move(3), move(3, subscriptionId="another body, the same event")
    assert [server.lusha(one).status for one in (body, body, again)] == [201, 201, 201]
    assert len(received(server, body)) == 1
    reengage(server.folder, "ingest")
    assert len(signals(server, "f3b87e05-3")) == 1
    assert server.lusha(body).status == 201
    reengage(server.folder, "ingest")
    assert len(signals(server, "f3b87e05-3")) == 1


def test_a_stale_signal_is_kept_back_until_it_comes_in_time(server: Served) -> None:
    """A clock was wrong, ours or theirs; the sender tries again, and the same body is no repetition then."""
    body = move(4)
    assert server.lusha(body, age=LATE).status == 401
    reengage(server.folder, "ingest")
    assert signals(server, "f3b87e05-4") == []
    assert "it was signed too long ago" in kept_back(server).values()
    assert server.lusha(body).status == 201
    reengage(server.folder, "ingest")
    assert len(signals(server, "f3b87e05-4")) == 1


def test_a_stale_repetition_of_what_was_taken_in_says_nothing_new(server: Served) -> None:
    body = move(5)
    assert server.lusha(body).status == 201
    reengage(server.folder, "ingest")
    assert server.lusha(body, age=LATE).status == 401
    assert len(received(server, body)) == 1


def test_a_stale_stop_closes_the_person_until_somebody_has_looked(server: Served) -> None:
    email = "sam@fabrikam-freight.example"
    body = stop(email, contactId="5")
    assert server.lusha(body, "lusha_stops", age=LATE).status == 401
    ran = reengage(server.folder, "ingest")
    assert "it was signed too long ago; it may be a stop" in ran.out
    assert is_closed(server.folder, email)
    (why,) = [why for raw, why in kept_back(server).items() if email in raw or "opt_out" in raw]
    assert why.startswith("it was signed too long ago; it may be a stop")
    questions = [one["question"] for one in reengage(server.folder, "review", "--format", "json").json]
    assert sum("lusha_stops" in one and "it was signed too long ago" in one for one in questions) == 1


UNREADABLE = {
    "it breaks off": (b"no json at all", "the document is not JSON: it breaks off at character 1"),
    "twice": (b'{"id": "a", "id": "b", "type": "companyChange"}', 'the key "id" stands twice'),
    "deep": (b"[" * 100_000 + b"]" * 100_000, "the document is nested more than 32 levels deep"),
    "latin": ('{"id": "Großmann"}'.encode("latin-1"), "the document is not UTF-8 text"),
    "half": (b'{"id": "\\ud800"}', "a text holds half a character"),
    "empty": (b"", "the document is not JSON: it breaks off at character 1"),
    "list": (b"[1]", "this is not a JSON object"),
    "null": (b"null", "there are no records where they should be; has the source changed its shape?"),
    "another type": (move(6, type="promotion"), '"id" is missing'),
}


def test_what_cannot_be_read_is_acknowledged_and_kept_back(server: Served) -> None:
    """A vendor that is told no sends it again for ever, or switches us off."""
    assert {server.lusha(body).status for body, _ in UNREADABLE.values()} == {201}
    assert reengage(server.folder, "ingest", "lusha").code == 1
    found = set(kept_back(server).values())
    assert {name for name, (_, reason) in UNREADABLE.items() if reason not in found} == set()
    assert reengage(server.folder, "ingest", "lusha").code == 0


@pytest.mark.parametrize("body", [b'{"datapoints": [{"datapointId": "%s", "broken', b"[" * 50 + b'"%s"' + b"]" * 50])
def test_a_stop_that_cannot_be_read_closes_whom_it_names(server: Served, tmp_path: Path, body: bytes) -> None:
    email = f"{hashlib.sha256(body).hexdigest()[:8]}@initech.example"
    heads = ("contact_id", "email")
    write(tmp_path / "one.csv", heads, (email, email))
    assert reengage(server.folder, "import", "contacts", tmp_path / "one.csv").code == 0
    assert not is_closed(server.folder, email)
    assert server.lusha(body % email.encode(), "lusha_stops").status == 201
    reengage(server.folder, "ingest")
    assert is_closed(server.folder, email)


def test_who_does_not_know_the_address_learns_nothing(server: Served) -> None:
    said = [server.get(f"/hooks/{path}") for path in ("lusha/guessed-token-of-22-characters", f"nobody/{TOKEN}")]
    assert {(one.status, one.content) for one in said} == {(404, b'{"error":"no such webhook"}')}
    assert {server.get(path).status for path in ("/", "/docs", "/openapi.json", "/hooks/lusha/")} == {404}


def test_a_handshake_stores_nothing(server: Served) -> None:
    before = len(rows(server.folder, t.ReceivedRow))
    assert server.get(f"/hooks/common_room/{TOKEN}?challenge=abc-1").content == b"abc-1"
    assert len(rows(server.folder, t.ReceivedRow)) == before


def test_health_and_figures_of_the_project(server: Served) -> None:
    assert server.get("/health").json == {"status": "ok"}
    server.lusha(move(7))
    shown = server.get("/metrics").content.decode()
    assert re.search(r'^reengage_waiting_deliveries\{connector="lusha"\} [1-9]', shown, re.MULTILINE)
    reengage(server.folder, "ingest")
    reengage(server.folder, "run")
    shown = server.get("/metrics").content.decode()
    for line in (
        r'reengage_signals\{kind="job_change"\} [1-9].*',
        r'reengage_waiting_deliveries\{connector="lusha"\} 0.0',
        r'reengage_lag_seconds\{connector="lusha"\} 0.0',
        r"reengage_last_run_seconds [0-9.]+",
        r'reengage_webhook_requests_total\{connector="lusha",status="201"\} [1-9].*',
        r"reengage_metrics_failed 0.0",
    ):
        assert re.search(f"^{line}$", shown, re.MULTILINE), line
    assert "dana" not in shown


def test_what_keeps_a_server_from_starting_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_project(tmp_path / "project")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = reengage(folder, "serve", "--port", taken.getsockname()[1])
    assert (ran.code, "address already in use" in ran.err) == (3, True)
    monkeypatch.setitem(ENVIRON, "HOOK_TOKEN", "guessed")
    ran = reengage(folder, "serve")
    assert (ran.code, "can be guessed" in ran.err, "secrets.token_urlsafe(32)" in ran.err) == (1, True, True)
    monkeypatch.setitem(ENVIRON, "HOOK_TOKEN", "")
    ran = reengage(folder, "serve")
    assert (ran.code, "the variable HOOK_TOKEN is empty or not there" in ran.err) == (1, True)
    for name in CONNECTORS:
        (folder / "connectors" / f"{name}.yaml").unlink()
    ran = reengage(folder, "serve")
    assert (ran.code, "no connector is a webhook" in ran.err, "docs/webhooks.md" in ran.err) == (2, True, True)
    assert "reengage[server]" in re.sub(r"\s+", "", reengage(folder, "serve", "--help").out)


SIGNING_ITS_ADDRESS = """
name: hubspot
kind: webhook
path_token: ${env:HOOK_TOKEN}
verify: {scheme: hmac, secret: "${env:LUSHA_SECRET}", signature: {header: X-S}, signed: "{method}{url}{body}"}
"""


def test_a_sender_that_signs_our_address_needs_it_in_the_settings(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "project")
    (folder / "connectors" / "hubspot.yaml").write_text(SIGNING_ITS_ADDRESS, encoding="utf-8")
    ran = reengage(folder, "serve")
    assert (ran.code, "add to reengage.toml: public_address" in ran.err) == (1, True)
    settings = (folder / "reengage.toml").read_text(encoding="utf-8")
    named = f'public_address = "https://hooks.us.example"\n{settings}'
    (folder / "reengage.toml").write_text(named, encoding="utf-8")
    with serving(folder) as served:
        for base, status in (("https://hooks.us.example", 200), (f"http://127.0.0.1:{served.port}", 401)):
            message = f"POST{base}/hooks/hubspot/{TOKEN}{{}}".encode()
            signature = hmac.new(KEY, message, hashlib.sha256).hexdigest()
            assert served.deliver("hubspot", b"{}", X_S=signature).status == status


def task_of(server: Served, state: str) -> Callable[[], list[Any]]:
    return lambda: rows(server.folder, t.TaskRow, t.TaskRow.state == state)


def test_a_signal_leads_to_its_task_and_a_stop_cancels_it(evaluating: Served) -> None:
    email = "dana@fabrikam-freight.example"
    headers = {"X_CommonRoom_Webhook_Secret": ENVIRON["COMMON_ROOM_SECRET"]}
    assert evaluating.deliver("common_room", room(email), **headers).status == 200
    (task,) = until(task_of(evaluating, "open"))
    assert task.subject == "Dana is at Northwind Robotics"
    assert evaluating.lusha(stop(email), "lusha_stops").status == 201
    until(task_of(evaluating, "cancelled"))
    shown = evaluating.get("/metrics").content.decode()
    assert 'reengage_tasks{state="cancelled"} 1.0' in shown
    assert "reengage_evaluation_failed 0.0" in shown
    assert re.search(r"^reengage_evaluation_seconds [0-9.]+$", shown, re.MULTILINE)
    assert evaluating.stop() == 0


@pytest.mark.lab
def test_an_evaluation_that_fails_is_told_by_the_server(evaluating: Served) -> None:
    rule = evaluating.folder / "rules" / "new-job.yaml"
    rule.write_text(RULE.replace("when:", "wen:"), encoding="utf-8")
    headers = {"X_CommonRoom_Webhook_Secret": ENVIRON["COMMON_ROOM_SECRET"]}
    assert evaluating.deliver("common_room", room("dana@fabrikam-freight.example"), **headers).status == 200
    until(lambda: evaluating.get("/health").status == 503)
    assert evaluating.get("/health").json == {"status": "trouble", "reason": "the last evaluation failed"}
    assert "reengage_evaluation_failed 1.0" in evaluating.get("/metrics").content.decode()
    assert "the rules have" in (evaluating.folder / "serve.log").read_text(encoding="utf-8")
    rule.write_text(RULE, encoding="utf-8")
    until(task_of(evaluating, "open"))
    until(lambda: evaluating.get("/health").status == 200)


def test_an_evaluation_that_fails_is_told_and_begun_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """First its process dies at once, then the rules are broken, then they are mended."""
    monkeypatch.setattr("reengage.app.evaluating.AGAIN", 0.1)
    python = tmp_path / "python"
    python.write_text(
        f'#!/bin/sh\ntest -e {tmp_path}/ran && exec {sys.executable} "$@"\ntouch {tmp_path}/ran\nexit 1\n'
    )
    python.chmod(0o700)
    monkeypatch.setattr("reengage.app.evaluating.sys.executable", str(python))
    folder, told = make_project(tmp_path / "project"), list[Evaluated | ReengageError]()
    rule = folder / "rules" / "new-job.yaml"
    rule.write_text(RULE.replace("when:", "wen:"), encoding="utf-8")
    evaluator = Evaluator(folder, ["lusha"], now, told.append)
    evaluator.start()
    until(lambda: len(told) > 1)
    assert "the process that evaluates has died" in str(told[0])
    assert "the rules have" in str(told[1])
    assert "the rules have" in str(evaluator.problem)
    rule.write_text(RULE, encoding="utf-8")
    until(lambda: evaluator.problem is None)
    evaluator.stop()
    assert told[-1] == Evaluated(signals=0, outcomes={}, kept_back=0, refused=[])
    figures = {one.name: one.value for one in evaluator.figures()}
    assert figures["reengage_evaluation_failed"] == 0 < figures["reengage_evaluation_seconds"] < 20
