"""What a sender is answered: an acknowledgement in its own form, and handshakes that prove that the address is ours."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from reengage.language.diagnostic import quoted
from reengage.language.values import NotUnderstood, advice
from reengage.sources.hooks.request import Request

Method = Literal["HEAD", "GET", "POST"]
Json = Any
"""What a JSON text may hold: None, flags, numbers, texts, lists and dicts of those."""

LONGEST_ECHO = 500
"""Characters of a value that are sent back; our choice: ids and challenges have fewer than 100."""

STATUSES = (200, 201, 202, 204)
"""What an acknowledgement may be: a sender takes everything else for a failure."""

_LARGEST = 10**16
_BRACES = re.compile(r"\{([^{}]*)\}")
_OF_BODY = re.compile(r"body(\.[A-Za-z0-9_-]{1,60}){1,8}")
_KNOWN = ("{now}", "{body.NAME}")


@dataclass(frozen=True, slots=True)
class Handshake:
    """A request that only wants to see a value of its own again."""

    method: Method
    echo: Literal["header", "query", "body"]
    name: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a stored delivery is answered: JSON or one text with placeholders; `text` wins where it is there."""

    status: int = 200
    json: Json = field(default_factory=lambda: {"received": True})
    text: str | None = None
    handshakes: tuple[Handshake, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back: status, content and headers."""

    status: int
    content: bytes = b""
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def check_placeholders(template: str) -> str:
    """A text of an answer; raises NotUnderstood for a placeholder that there is not."""
    for name in _BRACES.findall(template):
        if name != "now" and not _OF_BODY.fullmatch(name):
            written = "{" + name + "}"
            raise NotUnderstood(f"unknown placeholder {quoted(written)}", help=advice(written, _KNOWN))
    return template


def acknowledge(answer: Answer, request: Request, now: datetime) -> Reply:
    """The acknowledgement of a request that was stored at this moment; a placeholder without a value is empty."""
    values = _Values(request, now)
    if answer.status == 204:
        return Reply(204)
    if answer.text is not None:
        return Reply(answer.status, _filled(answer.text, values).encode(errors="replace"), "text/plain")
    return Reply(answer.status, _written(_fill(answer.json, values)))


def shake(answer: Answer, request: Request) -> Reply | None:
    """The reply to a handshake; None where this request is none. Nothing of it is to be stored."""
    for handshake in answer.handshakes:
        value = _challenge(handshake, request)
        if value is not None:
            return _echo(handshake, value)
    return None


def _challenge(handshake: Handshake, request: Request) -> str | None:
    if handshake.method != request.method:
        return None
    if handshake.echo == "body":
        value = _found(_parsed(request.body), handshake.name.split("."))
        return value if isinstance(value, str) else None
    return request.header(handshake.name) if handshake.echo == "header" else request.queried(handshake.name)


def _echo(handshake: Handshake, value: str) -> Reply:
    """A text, never a page: a browser that is led here shows it and runs nothing."""
    is_header = handshake.echo == "header"
    if len(value) > LONGEST_ECHO or not value.isprintable() or (is_header and not value.isascii()):
        return Reply(400, _written({"error": "this challenge cannot be sent back"}))
    if is_header:
        return Reply(200, media_type="text/plain", headers={handshake.name: value})
    return Reply(200, value.encode(), "text/plain", {"X-Content-Type-Options": "nosniff"})


class _Values:
    """What placeholders stand for; the body is read only when one asks for it."""

    def __init__(self, request: Request, now: datetime) -> None:
        self._request = request
        self._now = now
        self._body: tuple[Json] | None = None

    def of(self, name: str) -> Json:
        """A flag, a number or a text of at most 500 characters; None where there is none."""
        if name == "now":
            return self._now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._body = self._body or (_parsed(self._request.body),)
        return _sayable(_found(self._body[0], name.split(".")[1:]))


def _parsed(body: bytes) -> Json:
    """The body as JSON; None where it is none, for what cannot be read is acknowledged too."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _found(value: Json, path: list[str]) -> Json:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return None if isinstance(value, list | dict) else value


def _sayable(value: Json) -> Json:
    """A text cut to 500 characters; None for a number that JSON cannot say or that nobody counts to."""
    if isinstance(value, str):
        return value[:LONGEST_ECHO]
    return None if value is None or not abs(value) < _LARGEST else value


def _fill(template: Json, values: _Values) -> Json:
    if isinstance(template, dict):
        return {key: _fill(inner, values) for key, inner in template.items()}
    if isinstance(template, list):
        return [_fill(inner, values) for inner in template]
    if not isinstance(template, str):
        return template
    alone = _BRACES.fullmatch(template)
    return values.of(alone[1]) if alone else _filled(template, values)


def _filled(template: str, values: _Values) -> str:
    def value(found: re.Match[str]) -> str:
        known = values.of(found[1])
        return known if isinstance(known, str) else "" if known is None else json.dumps(known)

    return _BRACES.sub(value, template)


def _written(value: Json) -> bytes:
    return json.dumps(value).encode()
