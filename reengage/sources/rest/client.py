"""One pull: the pages of a vendor as raw bytes, one after the other, and how it ended."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reengage.model.errors import ReengageError
from reengage.sources.rest.hidden import Hidden
from reengage.sources.rest.outcome import Outcome, State, Stopped
from reengage.sources.rest.request import Filling, RestRequest, moments

if TYPE_CHECKING:
    from reengage.sources.rest.extract import Extraction

MOST_PAGES = 10_000
"""Pages of one pull; our choice: a vendor that goes on after them is taken to go round in circles."""


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: its bytes after unpacking, its address without secrets, and its number from 1 on."""

    body: bytes
    where: str
    number: int


class Pull(Iterator[Page]):
    """The pages of one pull, given once; `outcome` is UNFINISHED until the last of them was taken."""

    def __init__(self, extraction: Extraction) -> None:
        self.outcome = Outcome(State.UNFINISHED, "the pull was left before its end")
        self._extraction = extraction
        self._pages = self._until_the_end()

    @property
    def calls(self) -> int:
        """How many requests were made so far."""
        return self._extraction.limits.calls.made

    def __next__(self) -> Page:
        return next(self._pages)

    def close(self) -> None:
        """Leave the pull where it is."""
        self._pages.close()

    def _until_the_end(self) -> Generator[Page]:
        try:
            yield from self._each()
        except Stopped as stopped:
            reason = self._extraction.hidden.hide(stopped.outcome.reason)
            self.outcome = replace(stopped.outcome, reason=reason)
        else:
            self.outcome = Outcome(State.DONE)

    def _each(self) -> Iterator[Page]:
        """The pages; raises Stopped where they do not come to their end."""
        host, hide = self._extraction.host, self._extraction.hidden.hide_in_url
        before: tuple[bytes, str] | None = None
        for number, answer in enumerate(self._extraction.answers(), 1):
            if (answer.body, answer.following) == before:
                raise Stopped.failed(f"{host} gives the same page again and again, page {number} as the one before")
            if number > MOST_PAGES:
                raise Stopped.failed(f"{host} does not come to an end after {MOST_PAGES:,} pages")
            yield Page(answer.body, hide(answer.url), number)
            before = answer.body, answer.following


def pull(
    request: RestRequest,
    *,
    since: datetime | None,
    now: datetime,
    environ: Mapping[str, str],
    folder: Path,
    budget: int,
    allowed_hosts: Collection[str] = (),
    records: Callable[[Any], Any] | None = None,
) -> Pull:
    """A pull, ready to be iterated: of what happened `since`, with at most `budget` HTTP requests.

    `allowed_hosts` (names or addresses) may be private; `records` finds those of a page in its JSON. Raises
    ReengageError for a secret that cannot be looked up, and where the extra `rest` is not installed; whatever goes
    wrong later is its `outcome`.
    """
    if find_spec("dlt") is None:
        raise ReengageError("polling needs more packages", help="pip install 'reengage[rest]'")
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"  # dlt reads it when it is first imported
    from reengage.sources.rest.extract import Extraction
    from reengage.sources.rest.session import Calls, Limits

    filling = Filling(moments(since, now), environ, folder)
    limits = Limits(Calls(budget), request.timeout, frozenset(allowed_hosts))
    hidden = Hidden(_secrets_of(request, filling))
    known = records or (_listed if request.paginator.needs_records else _whole)
    return Pull(Extraction(request, filling, now, limits, known, hidden))


def _whole(answer: Any) -> Any:
    return answer


def _listed(answer: Any) -> list[Any]:
    """The records of an answer that is nothing but their list; raises Stopped for another one."""
    if isinstance(answer, list):
        return answer
    raise Stopped.failed("an answer is more than a list of records: say where in it they are")


def _secrets_of(request: RestRequest, filling: Filling) -> Iterator[str]:
    """Every secret of a request; raises ReengageError."""
    auth = request.auth.options if request.auth else {}
    yield from filling.secrets_in(request.path, request.params, request.json, request.headers, auth)
    if auth.keys() >= {"username", "password"}:
        yield f"{filling.of(auth['username'])}:{filling.of(auth['password'])}"
