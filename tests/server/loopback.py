"""The real server on loopback, and a client that can be as rude as it likes."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import uvicorn
from fastapi import FastAPI

from reengage.server.hook import Delivery, Hook
from reengage.server.running import listen, settings
from reengage.sources.hooks.answer import Answer, Handshake
from reengage.sources.hooks.request import Place
from reengage.sources.hooks.signing import Hmac, PathOnly, Signed, Timestamp, Token
from reengage.sources.secrets import Secret

NOW = datetime(2026, 10, 1, tzinfo=UTC)
TOKEN = "T0ken-of-at-least-22-characters"
KEY = b"the secret of lusha"
_SECRETS = (Secret("${env:SECRET}"),)
_SCHEME = Hmac(
    _SECRETS,
    Place("header", "X-Lusha-Signature"),
    Signed.parse("{timestamp}.{body}"),
    timestamp=Timestamp(Place("header", "X-Lusha-Timestamp")),
)
_ANSWER = Answer(201, {"received": True, "timestamp": "{now}", "webhookId": "{body.id}"})
_HUBSPOT = Hmac(_SECRETS, Place("header", "X-S"), Signed.parse("{method}{url}{body}"))
_CHALLENGES = Answer(
    handshakes=(
        Handshake("HEAD", "header", "X-DemandbaseAPI-ValidationCode"),
        Handshake("GET", "query", "challenge"),
        Handshake("POST", "body", "challenge"),
    )
)
HOOKS = (
    Hook("lusha", TOKEN, _SCHEME, (KEY,), _ANSWER),
    Hook("open", TOKEN, PathOnly(), (), max_bytes=100_000),
    Hook("shared", TOKEN, Token(_SECRETS, Place("query", "key")), (b"letmein",), _CHALLENGES),
    Hook("hubspot", TOKEN, _HUBSPOT, (b"k",)),
)


@dataclass
class Stored:
    """A store in memory; `broken` makes it raise, and each batch takes `seconds`."""

    batches: list[list[Delivery]] = field(default_factory=list)
    broken: bool = False
    seconds: float = 0

    def __call__(self, deliveries: Sequence[Delivery]) -> None:
        time.sleep(self.seconds)
        if self.broken:
            raise OSError("the disk is full of letmein")
        self.batches.append(list(deliveries))

    @property
    def all(self) -> list[Delivery]:
        return [delivery for batch in self.batches for delivery in batch]

    def of(self, body: bytes) -> list[Delivery]:
        return [delivery for delivery in self.all if delivery.body == body]


@dataclass(frozen=True)
class Said:
    """One answer, read by hand."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


@contextmanager
def running(app: FastAPI) -> Iterator[int]:
    """Serve as in production, in a thread; gives the port."""
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(settings(app))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()


def request(method: str, target: str, body: bytes = b"", **headers: str) -> bytes:
    """A request as bytes; an underscore in the name of a header is a dash."""
    lines = [f"{method} {target} HTTP/1.1", "Host: reengage.example"]
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if "Transfer-Encoding" not in named:
        named.setdefault("Content-Length", str(len(body)))
    lines += [f"{name}: {value}" for name, value in named.items()]
    return "\r\n".join((*lines, "", "")).encode() + body


def signed(body: bytes, at: datetime = NOW, key: bytes = KEY, **headers: str) -> bytes:
    """A delivery to `lusha`, signed at a moment."""
    stamp = str(int(at.timestamp()))
    signature = hmac.new(key, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    named = {"X_Lusha_Signature": signature, "X_Lusha_Timestamp": stamp, **headers}
    return request("POST", f"/hooks/lusha/{TOKEN}", body, **named)


def say(port: int, *parts: bytes, pause: float = 0, head: bool = False) -> Said:
    """Send these bytes one after the other on a new connection, and read the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)
        return hear(connection, head=head)


def hear(connection: socket.socket, *, head: bool = False) -> Said:
    """Read one answer."""
    with connection.makefile("rb") as file:
        status = int(file.readline().split()[1])
        headers = dict(_header(line) for line in iter(file.readline, b"\r\n"))
        return Said(status, headers, b"" if head else file.read(int(headers.get("content-length", 0))))


def pour(connection: socket.socket, piece: bytes) -> None:
    """Send this over and over for five seconds; raises OSError once the server has had enough."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        connection.sendall(piece)


def is_closed(connection: socket.socket) -> bool:
    """Whether the server has closed this connection, or does so soon."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def _header(line: bytes) -> tuple[str, str]:
    name, _, value = line.decode("latin-1").partition(":")
    return name.lower(), value.strip()
