"""One pull: the pages of a vendor as raw bytes, one after the other, and how it ended."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from reengage.model.errors import ReengageError
from reengage.sources.rest.addresses import origin_of
from reengage.sources.rest.hidden import hide_in_url, hushed, spellings
from reengage.sources.rest.outcome import Outcome, State, Stopped
from reengage.sources.rest.request import Filling, Paginator, RestRequest, moments
from reengage.sources.secrets import redact

if TYPE_CHECKING:
    from dlt.sources.helpers.rest_client.client import PageData
    from requests import Response

    from reengage.sources.rest.session import Limits

Records = Callable[[Any], Any]
"""Finds the records of a page in its JSON; a page without any is the last one where pages are only counted."""

MOST_PAGES = 10_000
"""Pages of one pull; our choice: a vendor that goes on after them is taken to go round in circles."""

_OF_A_PATH = "/%:@!$&'()*+,;=~"


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: its bytes after unpacking, its address without secrets, and its number from 1 on."""

    body: bytes
    where: str
    number: int


class Pull(Iterator[Page]):
    """The pages of one pull, given once; `outcome` is UNFINISHED until the last of them was taken."""

    def __init__(self, request: RestRequest, filling: Filling, now: datetime, limits: Limits, records: Records) -> None:
        self.outcome = Outcome(State.UNFINISHED, "the pull was left before its end")
        self._request, self._filling, self._now, self._limits, self._records = request, filling, now, limits, records
        self._secrets = _secrets_of(request, filling)
        self._host = origin_of(request.base_url)[1]
        self._pages = self._until_the_end()

    @property
    def calls(self) -> int:
        """How many requests were made so far."""
        return self._limits.calls.made

    def __next__(self) -> Page:
        return next(self._pages)

    def close(self) -> None:
        """Leave the pull where it is."""
        self._pages.close()

    def _until_the_end(self) -> Generator[Page]:
        try:
            yield from self._each()
        except Stopped as stopped:
            self.outcome = replace(stopped.outcome, reason=redact(stopped.outcome.reason, self._secrets))
        else:
            self.outcome = Outcome(State.DONE)

    def _each(self) -> Iterator[Page]:
        """The pages; raises Stopped where they do not come to their end."""
        answers = self._answers()
        before: tuple[bytes, str] | None = None
        for number in count(1):
            answer = self._next(answers, number)
            if answer is None:
                return
            page = self._page(answer.response, number)
            following = str(answer.request.url or "")
            if (page.body, following) == before or number > MOST_PAGES:
                raise Stopped.failed(f"{self._host} does not come to an end: page {number} is no other than before")
            yield page
            if not following:  # an empty link is no link, but dlt would ask for it
                return
            before = page.body, following

    def _next(self, answers: Iterator[PageData[Any]], number: int) -> PageData[Any] | None:
        """The next answer; whatever the libraries raise may quote what must not be seen, and goes no further."""
        from requests import TooManyRedirects
        from requests.exceptions import JSONDecodeError

        try:
            with hushed(self._secrets):
                return next(answers, None)
        except Stopped:
            raise
        except TooManyRedirects:
            raise Stopped.failed(f"{self._host} sends us round in circles") from None
        except JSONDecodeError:
            raise Stopped.failed(f"page {number} of {self._host} is not JSON") from None
        except Exception as problem:
            what = f"the paginator {self._request.paginator.type} ({type(problem).__name__})"
            raise Stopped.failed(f"page {number} of {self._host} does not fit {what}") from None

    def _page(self, response: Response, number: int) -> Page:
        return Page(response.content, hide_in_url(response.url, self._secrets), number)

    def _answers(self) -> Iterator[PageData[Any]]:
        """The answers as dlt asks for them; nothing of its settings, secrets, state and telemetry is used."""
        os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"  # read once, when dlt is first imported
        from dlt.common.configuration.specs import RuntimeConfiguration
        from dlt.sources.helpers.rest_client.client import RESTClient
        from dlt.sources.rest_api.config_setup import create_paginator

        from reengage.sources.rest.session import Session
        from reengage.sources.rest.verdict import OfPages

        records, request, fill = self._records, self._request, self._filling.of

        class Client(RESTClient):
            """Knows the records of a page by our expression; dlt would guess."""

            def extract_response(self, response: Response, data_selector: Any) -> list[Any]:
                found = records(response.json())
                return found if isinstance(found, list) else [found] if found else []

        origin = origin_of(request.base_url)
        judge = OfPages(self._host, request.rate_limit, self._now)
        with ExitStack() as closing:
            session = closing.enter_context(Session(origin, self._limits, judge))
            client = Client(request.base_url, session=session, config=RuntimeConfiguration())
            yield from client.paginate(
                quote(fill(request.path), safe=_OF_A_PATH),
                method=request.method,
                params=fill(request.params),
                json=fill(request.json),
                headers=fill(request.headers),
                auth=self._auth(closing),
                paginator=create_paginator(cast(Any, _options_of(request.paginator))),
                data_selector="$",
            )

    def _auth(self, closing: ExitStack) -> Any:
        """How dlt says who we are, None where it does not; what it opens is put to what must be closed."""
        from dlt.sources.rest_api.config_setup import create_auth

        from reengage.sources.rest.session import Session
        from reengage.sources.rest.verdict import OfTokens

        auth = self._request.auth
        if auth is None:
            return None
        options = self._filling.of(auth.options)
        if auth.type == "oauth2_client_credentials":
            origin = origin_of(options["access_token_url"])
            judge = OfTokens(origin[1], self._request.rate_limit, self._now, self._keep)
            options["session"] = closing.enter_context(Session(origin, self._limits, judge))
        return create_auth(cast(Any, {"type": auth.type, **options}))

    def _keep(self, token: str) -> None:
        self._secrets.update(spellings(token))


def pull(
    request: RestRequest,
    *,
    since: datetime | None,
    now: datetime,
    environ: Mapping[str, str],
    folder: Path,
    budget: int,
    allowed_hosts: Collection[str] = (),
    records: Records | None = None,
) -> Pull:
    """A pull, ready to be iterated: of what happened `since`, with at most `budget` HTTP requests.

    `allowed_hosts` (names or addresses) may be private. Raises ReengageError for a secret that cannot be looked up,
    and where the extra `rest` is not installed; whatever goes wrong later is its `outcome`.
    """
    try:
        from reengage.sources.rest.session import Calls, Limits
    except ImportError:
        raise ReengageError("polling needs more packages", help="pip install 'reengage[rest]'") from None
    filling = Filling(moments(since, now), environ, folder)
    limits = Limits(Calls(budget), request.timeout, frozenset(allowed_hosts))
    return Pull(request, filling, now, limits, records or (lambda answer: answer))


def _options_of(paginator: Paginator) -> dict[str, str | int | bool | None]:
    """A paginator as dlt takes it, which would demand a `total` where none is spoken of."""
    counted = paginator.type in ("offset", "page_number")
    return {"type": paginator.type, **({"total_path": None} if counted else {}), **paginator.options}


def _secrets_of(request: RestRequest, filling: Filling) -> set[str]:
    """Every secret of a request in all its spellings; raises ReengageError."""
    auth = request.auth.options if request.auth else {}
    values = (request.path, request.params, request.json, request.headers, auth)
    found = {*filling.secrets_in(*values)}
    if auth.keys() >= {"username", "password"}:
        found.add(f"{filling.of(auth['username'])}:{filling.of(auth['password'])}")
    return {spelling for secret in found for spelling in spellings(secret)}
