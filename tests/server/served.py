"""`reengage serve` in a process of its own, in a project as `reengage init` makes it, and commands beside it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from sqlalchemy import select

from reengage.app import starter
from reengage.app.project import read_project
from reengage.cli import main
from reengage.store.database import Database, open_database
from tests.server.loopback import KEY, TOKEN, Said, request, say, signed

ENVIRON = {
    "HOOK_TOKEN": TOKEN,
    "LUSHA_SECRET": KEY.decode(),
    "COMMON_ROOM_SECRET": "c0mmon-secret",
    "STANDARD_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "NO_COLOR": "1",
}

_HEAD = "name: {name}\nkind: webhook\npath_token: ${{env:HOOK_TOKEN}}\n"

_LUSHA = """
verify:
  scheme: hmac
  secret: ${env:LUSHA_SECRET}
  signature: {header: X-Lusha-Signature}
  signed: "{timestamp}.{body}"
  timestamp: {header: X-Lusha-Timestamp}
answer:
  status: 201
  json: {received: true, timestamp: "{now}", webhookId: "{body.id}"}
"""

CONNECTORS = {
    "lusha": _LUSHA
    + """
signal: job_change
id: type == 'companyChange' && id || `null`
occurred_at: data.signalDate
map:
  vendor.lusha: entityId
  domain: data.currentDomain
  facts.new_company: data.currentCompanyName
  facts.new_domain: data.currentDomain
  facts.new_title: data.currentTitle
  facts.previous_domain: data.previousDomain
require: [vendor.lusha, facts.new_company]
""",
    "lusha_stops": _LUSHA
    + """
signal: opt_out
id: join('|', [contactId, contactOptOutDate])
occurred_at: contactOptOutDate
map:
  vendor.lusha: contactId
  linkedin: linkedinUrl
  emails: datapoints[?datapointType=='email'].datapointId
  phones: datapoints[?datapointType=='phone'].datapointId
require_any: [linkedin, emails, phones]
""",
    "common_room": """
verify: {scheme: token, secret: "${env:COMMON_ROOM_SECRET}", header: X-CommonRoom-Webhook-Secret}
answer:
  handshake: {method: GET, echo_query: challenge}
signal: job_change
id: join('|', [payload.linkedInUrl || payload.primaryEmail, payload.organizationChangeDate])
occurred_at: payload.organizationChangeDate
map:
  email: payload.primaryEmail
  emails: payload.allEmails
  linkedin: payload.linkedInUrl
  facts.new_company: payload.organization.name
  facts.new_domain: payload.organization.domain
  facts.new_title: payload.title
  facts.previous_domain: payload.previousOrganization.domain
require_any: [email, emails, linkedin]
""",
    "ours": 'verify: {scheme: standard, secret: "${env:STANDARD_SECRET}"}\n',
}
"""What stands in their files, by name; `ours` brings our own envelope."""

RULE = """
rules:
  - id: new-job
    when: {job_change: {within: 60 days}}
    then: {create_task: {subject: "{contact.first_name} is at {signal.new_company}"}}
"""


def make_project(folder: Path, database: str = "") -> Path:
    """A project with these webhooks and one rule, on this database or on a SQLite file of its own."""
    starter.init(folder)
    for name, text in CONNECTORS.items():
        (folder / "connectors" / f"{name}.yaml").write_text(_HEAD.format(name=name) + text.lstrip(), encoding="utf-8")
    for file in (folder / "rules").glob("*.yaml"):
        if file.stem not in ("responses", "titles", "assets"):
            file.unlink()
    (folder / "rules" / "new-job.yaml").write_text(RULE, encoding="utf-8")
    if database:
        settings = (folder / "reengage.toml").read_text(encoding="utf-8")
        settings = re.sub(r"(?m)^database = .*$", lambda _: f"database = {json.dumps(database)}", settings)
        (folder / "reengage.toml").write_text(settings, encoding="utf-8")
    return folder


@dataclass(frozen=True)
class Served:
    """A server that runs, where it listens, and the project it serves."""

    process: subprocess.Popen[str]
    port: int
    folder: Path

    def deliver(self, name: str, body: bytes, **headers: str) -> Said:
        """Deliver without a signature, but for what these headers say."""
        return say(self.port, request("POST", f"/hooks/{name}/{TOKEN}", body, **headers))

    def lusha(self, body: bytes, name: str = "lusha", age: timedelta = timedelta(0), key: bytes = KEY) -> Said:
        """Deliver as Lusha does, signed so long ago."""
        return say(self.port, signed(body, now() - age, key).replace(b"/hooks/lusha/", f"/hooks/{name}/".encode(), 1))

    def get(self, path: str) -> Said:
        """Ask for something."""
        return say(self.port, request("GET", path))

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        """Tell it to stop, and return how it ended."""
        self.process.send_signal(with_signal)
        return self.process.wait(40)


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[Served]:
    """Serve a project on a free port until the block ends."""
    command = [sys.executable, "-m", "reengage", "serve", "--port", "0", *options]
    with (
        (folder / "serve.log").open("w", encoding="utf-8") as told,
        subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=told, text=True, env={**os.environ, **ENVIRON}
        ) as process,
    ):
        assert process.stdout is not None
        try:
            found = re.search(r"http://127\.0\.0\.1:(\d+)", process.stdout.readline())
            assert found, (folder / "serve.log").read_text(encoding="utf-8")
            yield Served(process, int(found[1]), folder)
        finally:
            process.kill()


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def reengage(folder: Path, *arguments: object) -> Ran:
    """Run a command in a project, in this process, at this moment."""
    out, err, opened = io.StringIO(), io.StringIO(), []

    def remember(*told: Any) -> Database:
        opened.append(open_database(*told))
        return opened[-1]

    with (
        contextlib.chdir(folder),
        mock.patch.dict(os.environ, ENVIRON),
        mock.patch.object(sys, "argv", ["reengage", *map(str, arguments)]),
        mock.patch("reengage.app.project.open_database", remember),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as left,
    ):
        main()
    for database in opened:
        database.close()
    return Ran(int(left.value.code or 0), out.getvalue(), err.getvalue())


def rows(folder: Path, table: Any, *conditions: Any) -> list[Any]:
    """The rows of a table of a project's database."""
    database = read_project(folder).open()
    try:
        with database.reading() as connection:
            return list(connection.execute(select(table.__table__).where(*conditions)))
    finally:
        database.close()


def until(happened: Callable[[], Any], seconds: float = 20) -> Any:
    """What this gives as soon as it is something; fails where that takes too long."""
    end = time.monotonic() + seconds
    while not (found := happened()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
    return found


def now() -> datetime:
    return datetime.now(UTC)
