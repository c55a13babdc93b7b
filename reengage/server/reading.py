"""Reads a body within its bounds, and refuses what does not keep to them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

LINGER = 1.0
"""Seconds for which the rest of a refused body is thrown away: a connection cut sooner may take the answer with it."""


class Refused(Exception):
    """A request that is not taken: its status and why; `unread` where the rest of it is not worth reading."""

    def __init__(
        self, status: int, reason: str, headers: Mapping[str, str] | None = None, *, unread: bool = False
    ) -> None:
        super().__init__(reason)
        self.status = status
        self._headers = headers
        self._kind = _Closing if unread else JSONResponse

    @property
    def response(self) -> Response:
        """What the sender is told."""
        return self._kind({"error": str(self)}, self.status, self._headers)


async def read_body(request: Request, most: int, seconds: float) -> bytes:
    """The body of at most so many bytes, sent within so many seconds and not compressed; raises Refused."""
    if request.headers.get("content-encoding", "identity").casefold() != "identity":
        raise Refused(415, "a body may not be compressed", unread=True)
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > most:
        raise _too_large(most)
    try:
        async with asyncio.timeout(seconds):
            return await _collected(request, most)
    except TimeoutError:
        raise Refused(408, "the body came too slowly", unread=True) from None
    except ClientDisconnect:
        raise Refused(400, "the body broke off") from None


async def _collected(request: Request, most: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


def _too_large(most: int) -> Refused:
    return Refused(413, f"a body has at most {most:,} bytes", unread=True)


class _Closing(JSONResponse):
    """Says its answer at once, throws away what still comes for a moment, and closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [*self.raw_headers, (b"connection", b"close")]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER):
                await _drain(receive)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _drain(receive: Receive) -> None:
    while (await receive()).get("more_body", False):
        pass
