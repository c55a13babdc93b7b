"""Runs the server: bounds on what a connection may do before it has said what it wants, and a quiet end."""

from __future__ import annotations

import asyncio
import socket

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from reengage.model.errors import RunFailed

LONGEST_HEAD = 32 << 10
"""Bytes of a request line with its headers; our choice: nginx has the same by default."""

HEAD_SECONDS = 10.0
"""How long they may take to come; our choice."""

MOST_CONNECTIONS = 1_000
"""Connections at one time; our choice."""

BACKLOG = 1_024
"""Connections that may wait to be accepted; our choice."""

LAST_SECONDS = 20
"""How long what is under way may take when the server is told to stop."""


class _Bounded(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, which by itself waits for the end of the headers for ever, however long they are."""

    _unread = 0
    _in_head = True
    _impatience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        self._grow_impatient()

    def connection_lost(self, exc: Exception | None) -> None:
        self._calm_down()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unread += len(data)
        if self._in_head:
            self._grow_impatient()
        super().data_received(data)
        if self._in_head and self._unread > LONGEST_HEAD:
            self.transport.close()

    def on_message_begin(self) -> None:
        self._grow_impatient()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._calm_down()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head, self._unread = True, 0

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._in_head:  # answered before it was read: what else comes would be for nobody, and without a bound
            self.transport.close()

    def _grow_impatient(self) -> None:
        if self._impatience is None:
            self._impatience = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _calm_down(self) -> None:
        if self._impatience is not None:
            self._impatience.cancel()
            self._impatience = None


def settings(app: FastAPI) -> uvicorn.Config:
    """How the server runs: no access log, for addresses hold tokens, and no word about what it is made of."""
    return uvicorn.Config(
        app,
        http=_Bounded,
        ws="none",
        lifespan="on",
        interface="asgi3",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=LAST_SECONDS,
    )


def listen(host: str, port: int) -> socket.socket:
    """A socket on this address, any free port for 0; raises RunFailed where it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        reason = (error.strerror or "there is no such address").partition(" (while")[0]
        help = "is another server running? else name another address or port"
        raise RunFailed(f"{host}:{port} cannot be listened on: {reason.lower()}", help=help) from error


def serve(app: FastAPI, listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT: what is under way is finished and answered, then the signal takes its course."""
    uvicorn.Server(settings(app)).run([listener])
