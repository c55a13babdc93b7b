"""Asking a server for JSON with the standard library."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen


class NotFound(Exception):
    """The server has no such record."""


@dataclass(frozen=True)
class Web:
    """A server, and the headers that every question to it carries."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: bytes | dict[str, Any] = b"", kind: str = "application/json") -> Any:
        """The answer; raises NotFound for 404, and AssertionError with the server's words for any other refusal."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {**self.headers, "Content-Type": kind}
        request = Request(f"{self.url.rstrip('/')}/{path}", data or None, headers, method=method)
        try:
            with urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or b"null")
        except HTTPError as error:
            if error.code == 404:
                raise NotFound(path) from error
            raise AssertionError(f"{method} {path}: {error.code} {error.read()[:500]!r}") from error
