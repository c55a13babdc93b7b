"""HTTP with one vendor, and with nobody else: every request that is made at all goes through here."""

from __future__ import annotations

import socket
import time
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from gzip import GzipFile
from io import BytesIO
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.util.connection import create_connection

from reengage.model.text import counted
from reengage.sources.rest.addresses import LOOPBACK, Origin, may_reach
from reengage.sources.rest.outcome import Outcome, Passing, State, Stopped

CONNECT_TIMEOUT = 10
"""Seconds for a connection to come about; our choice."""

LONGEST_ANSWER = 300
"""Seconds after which an answer that is still coming in is given up; our choice."""

MOST_BYTES = 64 * 1024 * 1024
"""Bytes of an answer, after it was unpacked; our choice."""

MOST_REDIRECTS = 5
PAUSES = (0.5, 1.0)
"""Seconds before the second and the third attempt; nothing longer is waited for."""

_PACKINGS = ("gzip", "x-gzip")
_sleep = time.sleep
_CHUNK = 64 * 1024


@dataclass(slots=True)
class Calls:
    """The requests that may be made, and those that were."""

    limit: int
    made: int = 0

    def spend(self) -> None:
        """Count one; raises Stopped where none is left."""
        if self.made >= self.limit:
            reason = f"the budget of {counted(self.limit, 'call')} is used up"
            raise Stopped(Outcome(State.UNFINISHED, reason))
        self.made += 1


Judge = Callable[[requests.Response], None]
"""Looks at an answer; raises Stopped where the pull ends with it, Passing where another attempt may help."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a pull may cost: calls, seconds without a byte; and the hosts that may be private."""

    calls: Calls
    timeout: float
    allowed_hosts: Collection[str] = ()


class Session(requests.Session):
    """A session that speaks with one origin, keeps no cookies, and takes nothing from the environment.

    Raises Stopped for plain http with another machine.
    """

    def __init__(self, origin: Origin, limits: Limits, judge: Judge) -> None:
        scheme, host, _ = origin
        if scheme != "https" and host not in LOOPBACK:
            raise Stopped.failed(f"{host} may only be asked over https")
        super().__init__()
        self.trust_env = False
        self.max_redirects = MOST_REDIRECTS
        self.headers.update({"User-Agent": "reengage", "Accept": "application/json, */*", "Accept-Encoding": "gzip"})
        for prefix in ("https://", "http://"):
            self.mount(prefix, _Adapter(origin, limits, judge))


class _Adapter(HTTPAdapter):
    def __init__(self, origin: Origin, limits: Limits, judge: Judge) -> None:
        super().__init__()
        self._origin, self._limits, self._judge = origin, limits, judge
        self.poolmanager.pool_classes_by_scheme = {
            "http": _guarded(HTTPConnectionPool, HTTPConnection, limits.allowed_hosts),
            "https": _guarded(HTTPSConnectionPool, HTTPSConnection, limits.allowed_hosts),
        }

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        """The connections for a request, which is counted; raises Stopped for another origin than ours.

        What is compared is what will be connected to, not how some URL reads.
        """
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        if (pool.scheme, pool.host, pool.port) != self._origin:
            raise Stopped.failed(f"{self._host} points to another address ({pool.host}), which is not followed")
        self._limits.calls.spend()
        return pool

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """The answer, read to its end, after three attempts at most; raises Stopped."""
        for pause in PAUSES:
            try:
                return self._sent(request)
            except Passing:
                _sleep(pause)
        return self._sent(request)

    def _sent(self, request: requests.PreparedRequest) -> requests.Response:
        try:
            response = super().send(request, stream=True, timeout=(CONNECT_TIMEOUT, self._limits.timeout))
            with response.raw as raw:
                packed = b"".join(self._chunks(raw))
        except requests.exceptions.SSLError:
            raise Stopped.failed(f"{self._host} does not prove who it is: its certificate is not trusted") from None
        except (requests.Timeout, ReadTimeoutError):
            raise Stopped.failed(f"{self._host} does not answer in time") from None
        except (requests.ConnectionError, HTTPError):
            raise Passing.failed(f"the connection to {self._host} cannot be made, or broke") from None
        response.raw = BytesIO(self._unpacked(packed, response.headers.get("Content-Encoding", "")))
        self._judge(response)
        return response

    def _chunks(self, raw: Any) -> Iterator[bytes]:
        """The body as it comes in; raises Stopped where it is too long, or takes too long."""
        size, began = 0, time.monotonic()
        while chunk := raw.read1(_CHUNK, decode_content=False):
            size += len(chunk)
            if size > MOST_BYTES:
                raise self._too_long()
            if time.monotonic() - began > LONGEST_ANSWER:
                raise Stopped.failed(f"{self._host} takes more than {LONGEST_ANSWER:g} seconds to answer")
            yield chunk

    def _unpacked(self, body: bytes, encoding: str) -> bytes:
        """The body itself; raises Stopped where it is too long, broken, or packed in another way than we asked for."""
        if encoding.casefold() in ("", "identity"):
            return body
        try:
            if encoding.casefold() not in _PACKINGS:
                raise EOFError
            with GzipFile(fileobj=BytesIO(body)) as packed:
                plain = packed.read(MOST_BYTES + 1)
        except (EOFError, OSError, zlib.error):
            raise Stopped.failed(f"{self._host} packed its answer in a way that cannot be unpacked") from None
        if len(plain) > MOST_BYTES:
            raise self._too_long()
        return plain

    def _too_long(self) -> Stopped:
        return Stopped.failed(f"{self._host} answers with more than {MOST_BYTES:,} bytes")

    @property
    def _host(self) -> str:
        return self._origin[1]


class _Guarded:
    """A connection that only goes where it may; the address it asked about is the one it connects to."""

    allowed: Collection[str] = ()

    def _new_conn(self: Any) -> socket.socket:
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for address in addresses:
            if not may_reach(address, self.host, self.allowed):
                raise Stopped.failed(f"{self.host} leads to {address}, which is not a public address")
        return _connected(addresses, self)


def _connected(addresses: list[str], connection: Any) -> socket.socket:
    """A connection to the first address that takes one; raises OSError."""
    problem = OSError("no address")
    for address in addresses:
        try:
            return create_connection(
                (address, connection.port), connection.timeout, socket_options=connection.socket_options
            )
        except OSError as error:
            problem = error
    raise problem


def _guarded(
    pool: type[HTTPConnectionPool], connection: type[HTTPConnection], allowed: Collection[str]
) -> type[HTTPConnectionPool]:
    """The pool with connections that only go where they may."""
    guarded = type(connection.__name__, (_Guarded, connection), {"allowed": allowed})
    return type(pool.__name__, (pool,), {"ConnectionCls": guarded})
