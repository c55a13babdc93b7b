"""A vendor on loopback that answers as told, and what a connector asks of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from reengage.language.reader import Found
from reengage.language.yamlfile import read
from reengage.sources.rest.client import Page, Pull, pull
from reengage.sources.rest.request import RestRequest
from reengage.sources.rest.restfile import read_rest

NOW = datetime(2026, 10, 6, 6, tzinfo=UTC)
SINCE = datetime(2026, 10, 1, 9, 30, 15, 250_000, tzinfo=UTC)
PATIENCE = 0.3
"""Seconds until a vendor is taken to hang; no file may say less than one."""

ENVIRON = {"TOKEN": "t0ken-of-the-test", "KEY": "k3y/of the+test", "ID": "client-17", "SECRET": "s3cret:of:the:test"}


@dataclass(frozen=True)
class Asked:
    """One request as the vendor saw it."""

    method: str
    path: str
    params: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What the vendor says: JSON or bytes; cut after so many bytes, slowed by so many seconds before each."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    drip: float = 0
    stuck: bool = False
    reason: str | None = None

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class Vendor:
    """A server that gives its answers one by one, the last one for ever, or as a function of what it is asked."""

    def __init__(self, *answers: Answer, by: Callable[[Asked], Answer] | None = None) -> None:
        self.asked: list[Asked] = []
        self.connections = 0
        self._answers, self._by = list(answers), by
        self._over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Vendor:
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        if self._by:
            return self._by(asked)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def _handler(vendor) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 5
            disable_nagle_algorithm = True

            def setup(self) -> None:
                vendor.connections += 1
                super().setup()

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                asked = Asked(self.command, parts.path, parse_qs(parts.query), dict(self.headers), body)
                self._say(vendor.answer(asked))

            do_POST = do_GET

            def _say(self, answer: Answer) -> None:
                if answer.stuck:
                    vendor._over.wait(5)
                    self.close_connection = True
                    return
                content = answer.content
                self.send_response(answer.status, answer.reason)
                for name, value in {"Content-Length": str(len(content)), **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self._write(content[: answer.cut], answer.drip)
                self.close_connection = self.close_connection or answer.cut is not None

            def _write(self, content: bytes, drip: float) -> None:
                try:
                    for letter in (content[i : i + 1] for i in range(len(content))) if drip else (content,):
                        self.wfile.write(letter)
                        vendor._over.wait(drip)
                except ConnectionError:
                    self.close_connection = True

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


def request_of(text: str) -> RestRequest:
    """The request that a `rest` block says; it must be sound."""
    document = read(text.encode(), "connectors/one.yaml")
    found = Found(document.diagnostics)
    assert document.root is not None, found
    request = read_rest(document.root, found)
    assert found == []
    return request


def asking(vendor: Vendor, text: str = "paginator: {type: single_page}") -> RestRequest:
    """The request of a block without base_url, put to this vendor."""
    return replace(request_of(f"base_url: {vendor.url}/v1\n{dedent(text)}"), timeout=PATIENCE)


def pulled(
    request: RestRequest,
    *,
    since: datetime | None = SINCE,
    budget: int = 50,
    allowed_hosts: Collection[str] = (),
    records: Callable[[Any], Any] | None = None,
) -> tuple[list[Page], Pull]:
    """All pages of a pull, and the pull."""
    made = pull(
        request,
        since=since,
        now=NOW,
        environ=ENVIRON,
        folder=Path("/nowhere"),
        budget=budget,
        allowed_hosts=allowed_hosts,
        records=records,
    )
    return list(made), made
