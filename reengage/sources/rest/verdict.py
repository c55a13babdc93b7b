"""What an answer means for the pull: go on, try again, wait, or give up."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

import requests

from reengage.sources.rest.outcome import Outcome, Passing, State, Stopped
from reengage.sources.rest.request import RateLimit
from reengage.sources.rest.waiting import not_before

_CLOSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


@dataclass(frozen=True, slots=True)
class OfPages:
    """Judges the pages of a host by their status; raises Stopped."""

    host: str
    limit: RateLimit
    now: datetime
    closed: tuple[int, ...] = _CLOSED

    def __call__(self, response: requests.Response) -> None:
        """Let good answers and redirects pass."""
        status = response.status_code
        said = f"{self.host} answers {status}{_phrase(status)}"
        if status == HTTPStatus.NO_CONTENT:
            raise Stopped(Outcome(State.DONE))
        if response.is_redirect or 200 <= status < 300:
            return
        if status in self.closed:
            raise Stopped(Outcome(State.REFUSED, f"{said}: it does not let us in"))
        if status == HTTPStatus.TOO_MANY_REQUESTS or (status == 503 and "Retry-After" in response.headers):
            raise Stopped(self._later(response))
        if status >= 500:
            raise Passing.failed(said)
        raise Stopped.failed(said)

    def _later(self, response: requests.Response) -> Outcome:
        moment = not_before(response.headers, response.content, self.limit, self.now)
        return Outcome(State.LATER, f"{self.host} wants us to wait until {moment:%Y-%m-%d %H:%M:%S} UTC", moment)


@dataclass(frozen=True, slots=True)
class OfTokens:
    """Judges the answers of a host that gives OAuth tokens, and hands each token on; raises Stopped."""

    host: str
    limit: RateLimit
    now: datetime
    keep: Callable[[str], None]

    def __call__(self, response: requests.Response) -> None:
        """Let an answer with a token pass; 400 is how an unknown client is refused (RFC 6749, 5.2)."""
        OfPages(self.host, self.limit, self.now, (HTTPStatus.BAD_REQUEST, *_CLOSED))(response)
        if not response.is_redirect:
            self.keep(self._token(response))

    def _token(self, response: requests.Response) -> str:
        with suppress(ValueError, RecursionError):
            answer = json.loads(response.content)
            if isinstance(answer, dict) and isinstance(token := answer.get("access_token"), str) and token:
                return token
        raise Stopped.failed(f"{self.host} answers without an access_token")


def _phrase(status: int) -> str:
    with suppress(ValueError):
        return f" ({HTTPStatus(status).phrase})"
    return ""
