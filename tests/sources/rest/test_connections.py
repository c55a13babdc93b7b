"""A pull connects to its vendor and to nobody else: a process with dlt freshly imported, every connection noted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.sources.rest.vendor import Answer, Vendor

SCRIPT = """
import json, os, sys
seen, written, telemetry = [], [], set()

def note(event, given):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.gethostbyname"):
        seen.append([event, repr(given[1:] if event == "socket.connect" else given[:2])])
    if event == "open" and isinstance(given[1], str) and set(given[1]) & set("wax+"):
        written.append(str(given[0]))
    if event == "import" and given[0] == "dlt":
        telemetry.add(os.environ.get("RUNTIME__DLTHUB_TELEMETRY"))

sys.addaudithook(note)
from datetime import datetime, UTC
from pathlib import Path
from reengage.sources.rest.client import pull
from reengage.sources.rest.request import Auth, Paginator, RestRequest, Text

assert "dlt" not in sys.modules and "requests" not in sys.modules
request = RestRequest(sys.argv[1], Paginator("json_link"), auth=Auth("bearer", {"token": Text("${env:TOKEN}")}))
made = pull(request, since=None, now=datetime(2026, 10, 6, tzinfo=UTC), environ={"TOKEN": "x"}, folder=Path(), budget=9)
pages = [page.number for page in made]
assert "dlt" in sys.modules and telemetry == {"false"}
print(json.dumps([seen, written, pages, made.outcome.state]))
"""


def test_only_the_vendor_is_connected_to(tmp_path: Path) -> None:
    with Vendor(Answer({"next": "/v1?page=2"}), Answer({})) as vendor:
        environ = {key: value for key, value in os.environ.items() if not key.startswith("RUNTIME__")}
        ran = subprocess.run(
            [sys.executable, "-c", SCRIPT, f"{vendor.url}/v1"],
            capture_output=True,
            check=True,
            text=True,
            cwd=tmp_path,
            env={**environ, "HOME": str(tmp_path), "PYTHONPATH": str(Path.cwd()), "RUNTIME__LOG_LEVEL": "DEBUG"},
        )
        seen, written, pages, state = json.loads(ran.stdout)
        assert (pages, state, len(vendor.asked)) == ([1, 2], "done", 2)
        connections = [given for event, given in seen if event == "socket.connect"]
        assert connections == [repr((("127.0.0.1", vendor.port),))]
        assert {given for event, given in seen if event != "socket.connect"} == {repr(("127.0.0.1", vendor.port))}
    assert (written, ran.stderr, list(tmp_path.iterdir())) == ([], "", [])
