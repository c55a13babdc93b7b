"""The addresses of the server: webhooks, its health, and what it counts."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reengage.server.batch import Batcher, Full, Store
from reengage.server.hook import Delivery, Hook, by_name
from reengage.server.metrics import Metrics
from reengage.server.reading import Refused, read_body
from reengage.sources.hooks.answer import Reply, acknowledge, shake
from reengage.sources.hooks.request import Request as Sent
from reengage.sources.hooks.signing import refusal

BODY_SECONDS = 10.0
"""How long a body may take to come; our choice."""

KEEP_SECONDS = 8.0
"""How long storing may take; Lusha gives up on an answer after 10 seconds (its documentation)."""

HEALTH_SECONDS = 5.0
"""How long a question for our health may take."""

RETRY_AFTER = {"Retry-After": "5"}
"""Seconds after which a sender may come again with what could not be stored."""

ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Stored, or a handshake; status and content are those that the connector's `answer` says"},
    400: {"description": "The body broke off, or a challenge cannot be sent back"},
    401: {"description": "Not signed by its sender, or signed too long ago"},
    404: {"description": "No such webhook, or not with this token"},
    408: {"description": "The body came too slowly"},
    413: {"description": "The body is too large"},
    415: {"description": "The body is compressed"},
    503: {"description": "Not stored: send it again after the seconds in `Retry-After`"},
}
"""What a delivery may be answered, for the OpenAPI document."""


def application(
    hooks: Iterable[Hook],
    store: Store,
    clock: Callable[[], datetime],
    *,
    base: str = "",
    metrics: Metrics | None = None,
    trouble: Callable[[], str | None] = lambda: None,
    body_seconds: float = BODY_SECONDS,
    keep_seconds: float = KEEP_SECONDS,
) -> FastAPI:
    """The server for these hooks; raises ReengageError for one that cannot be served.

    `store` is called in one thread of its own; `base` is our public address without a path, for senders that sign it;
    `trouble` says, in any thread, what keeps us from working.
    """
    batcher, counted = Batcher(store), metrics or Metrics()
    counted.watch_waiting(lambda: batcher.waiting)
    reception = _Reception(by_name(hooks, base), batcher, clock, counted, base, body_seconds, keep_seconds)
    inspection = _Inspection(batcher, counted, trouble)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with batcher.running():
            yield

    app = FastAPI(
        title="reengage", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    hook = "/hooks/{name}/{token}"
    app.add_api_route(hook, reception.receive, methods=["POST"], summary="Deliver", responses=ANSWERS, status_code=200)
    app.add_api_route(hook, reception.receive, methods=["GET", "HEAD"], include_in_schema=False)
    app.add_api_route("/health", inspection.health, summary="Health", responses={503: {"description": "In trouble"}})
    app.add_api_route("/metrics", inspection.metrics, summary="Figures for Prometheus")
    return app


@dataclass(frozen=True, slots=True)
class _Reception:
    """Takes requests in."""

    hooks: Mapping[str, Hook]
    batcher: Batcher
    clock: Callable[[], datetime]
    metrics: Metrics
    base: str
    body_seconds: float
    keep_seconds: float

    async def receive(self, name: str, token: str, request: Request) -> Response:
        """Verify, store, acknowledge; whoever does not know the whole address learns nothing."""
        hook = self._find(name, token)
        if hook is None:
            self.metrics.count_request("", 404)
            return Refused(404, "no such webhook", unread=True).response
        try:
            response = _response(await self._reply(hook, request))
        except Refused as refused:
            response = refused.response
        self.metrics.count_request(hook.name, response.status_code)
        return response

    def _find(self, name: str, token: str) -> Hook | None:
        hook = self.hooks.get(name)
        expected = hook.token if hook else "-" * 43
        is_right = hmac.compare_digest(expected.encode(), token.encode("utf-8", "replace"))
        return hook if is_right else None

    async def _reply(self, hook: Hook, request: Request) -> Reply:
        """Raises Refused."""
        body = await read_body(request, hook.max_bytes, self.body_seconds)
        sent, now = _sent(request, body, self.base), self.clock()
        if sent.method != "POST":
            return _shaken(hook, sent)
        problem = refusal(hook.verify, hook.keys, sent, now)
        if problem and problem.kind == "forged":
            raise Refused(problem.status, problem.reason)
        if not problem and (reply := shake(hook.answer, sent)):
            return reply
        self.metrics.count_bytes(hook.name, len(body))
        await self._keep(Delivery(hook.name, body, now, stale=problem is not None))
        if problem:
            raise Refused(problem.status, problem.reason)
        return acknowledge(hook.answer, sent, now)

    async def _keep(self, delivery: Delivery) -> None:
        """Raises Refused where it is not known to be stored, so that the sender comes again."""
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self.keep_seconds):
                await self.batcher.keep(delivery)
        except Full:
            raise Refused(503, "more is waiting than there is room for", RETRY_AFTER) from None
        except Exception:
            raise Refused(503, "this could not be stored", RETRY_AFTER) from None
        self.metrics.keeping.observe(time.perf_counter() - started)


def _shaken(hook: Hook, sent: Sent) -> Reply:
    reply = shake(hook.answer, sent)
    if reply is None:
        raise Refused(405, "send deliveries by POST", {"Allow": "POST"})
    return reply


def _sent(request: Request, body: bytes, base: str) -> Sent:
    scope = request.scope
    query = scope["query_string"]
    target = scope["raw_path"] + (b"?" + query if query else b"")
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    return Sent(request.method, target.decode("latin-1"), headers, body, base)


def _response(reply: Reply) -> Response:
    content = reply.content or None
    return Response(content, reply.status, reply.headers, reply.media_type if content else None)


@dataclass(frozen=True, slots=True)
class _Inspection:
    """Says how we are."""

    batcher: Batcher
    metered: Metrics
    trouble: Callable[[], str | None]

    async def health(self, _: Request) -> Response:
        """200, or 503 with what keeps us from working."""
        reason = await self._reason()
        content = {"status": "trouble", "reason": reason} if reason else {"status": "ok"}
        return JSONResponse(content, 503 if reason else 200)

    async def _reason(self) -> str | None:
        if self.batcher.last_failed:
            return "the last deliveries could not be stored"
        try:
            async with asyncio.timeout(HEALTH_SECONDS):
                return await run_in_threadpool(self.trouble)
        except Exception:
            return "the question for our health had no answer"

    async def metrics(self, _: Request) -> Response:
        """Everything counted so far."""
        content = await run_in_threadpool(self.metered.text)
        return Response(content, media_type="text/plain; version=0.0.4; charset=utf-8")
