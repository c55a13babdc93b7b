"""Asks a vendor with dlt, page by page; of dlt's settings, secrets, state and telemetry nothing is used.

It is imported when the first pull begins: by then telemetry must be switched off, and commands that pull nothing
need not wait for dlt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, NamedTuple, cast
from urllib.parse import quote

from dlt.common.configuration.specs import RuntimeConfiguration
from dlt.sources.helpers.rest_client.client import PageData, RESTClient
from dlt.sources.rest_api.config_setup import create_auth, create_paginator
from requests import Response, TooManyRedirects
from requests.exceptions import JSONDecodeError

from reengage.sources.rest.addresses import origin_of
from reengage.sources.rest.hidden import Hidden
from reengage.sources.rest.outcome import Stopped
from reengage.sources.rest.request import Filling, Paginator, RestRequest
from reengage.sources.rest.session import Judge, Limits, Session
from reengage.sources.rest.verdict import OfPages, OfTokens

Records = Callable[[Any], Any]
"""Finds the records of a page in its JSON; a page without any is the last one where pages are only counted."""

_OF_A_PATH = "/%:@!$&'()*+,;=~"


class Answer(NamedTuple):
    """A good answer: its bytes after unpacking, its URL, and the URL that is asked next; empty where nothing is."""

    body: bytes
    url: str
    following: str


@dataclass(frozen=True, slots=True)
class Extraction:
    """One question with all that is needed to put it."""

    request: RestRequest
    filling: Filling
    now: datetime
    limits: Limits
    records: Records
    hidden: Hidden

    @property
    def host(self) -> str:
        """The host that is asked."""
        return origin_of(self.request.base_url)[1]

    def answers(self) -> Iterator[Answer]:
        """The answers one by one; raises Stopped where there are no more good ones."""
        pages = self._pages()
        for number in count(1):
            page = self._next(pages, number)
            if page is None:
                return
            following = str(page.request.url or "")
            yield Answer(page.response.content, page.response.url, following)
            if not following:  # an empty link is no link, but dlt would ask for it
                return

    def _next(self, pages: Iterator[PageData[Any]], number: int) -> PageData[Any] | None:
        """The next page; what the libraries raise may quote what must not be seen, and goes no further."""
        try:
            with self.hidden.hushed():
                return next(pages, None)
        except Stopped:
            raise
        except TooManyRedirects:
            raise Stopped.failed(f"{self.host} sends us round in circles") from None
        except JSONDecodeError:
            raise Stopped.failed(f"page {number} of {self.host} is not JSON") from None
        except Exception as problem:
            what = f"the paginator {self.request.paginator.type} ({type(problem).__name__})"
            raise Stopped.failed(f"page {number} of {self.host} does not fit {what}") from None

    def _pages(self) -> Iterator[PageData[Any]]:
        request, fill = self.request, self.filling.of
        with ExitStack() as sessions:
            judge = OfPages(self.host, request.rate_limit, self.now)
            client = _Client(self._session(request.base_url, judge, sessions), request.base_url, self.records)
            yield from client.paginate(
                quote(fill(request.path), safe=_OF_A_PATH),
                method=request.method,
                params=fill(request.params),
                json=fill(request.json),
                headers=fill(request.headers),
                auth=self._auth(sessions),
                paginator=create_paginator(cast(Any, _options_of(request.paginator))),
                data_selector="$",
            )

    def _auth(self, sessions: ExitStack) -> Any:
        """How dlt says who we are, None where it does not."""
        auth = self.request.auth
        if auth is None:
            return None
        options = self.filling.of(auth.options)
        if auth.type == "oauth2_client_credentials":
            address = options["access_token_url"]
            judge = OfTokens(origin_of(address)[1], self.request.rate_limit, self.now, self.hidden.add)
            options["session"] = self._session(address, judge, sessions)
        return create_auth(cast(Any, {"type": auth.type, **options}))

    def _session(self, address: str, judge: Judge, sessions: ExitStack) -> Session:
        return sessions.enter_context(Session(origin_of(address), self.limits, judge))


class _Client(RESTClient):
    """Knows the records of a page from us; dlt would guess them, and take a wrong empty list for the end."""

    def __init__(self, session: Session, base_url: str, records: Records) -> None:
        super().__init__(base_url, session=session, config=RuntimeConfiguration())
        self._records = records

    def extract_response(self, response: Response, data_selector: Any) -> list[Any]:
        found = self._records(response.json())
        return found if isinstance(found, list) else [found] if found else []


def _options_of(paginator: Paginator) -> dict[str, str | int | bool | None]:
    """A paginator as dlt takes it, which would demand a `total` where none is spoken of."""
    counted = paginator.type in ("offset", "page_number")
    return {"type": paginator.type, **({"total_path": None} if counted else {}), **paginator.options}
