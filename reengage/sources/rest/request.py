"""What a `rest:` block says, and how its placeholders and secrets are filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from reengage.sources.expression import Expression
from reengage.sources.secrets import Secret

Method = Literal["GET", "POST"]
AuthType = Literal["bearer", "api_key", "http_basic", "oauth2_client_credentials"]
PaginatorType = Literal["single_page", "json_link", "header_link", "cursor", "offset", "page_number"]

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
"""A word in braces; a reference to a secret has a colon in it."""

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""What `{since}` stands for where nothing was pulled yet."""

TIMEOUT = 60
"""Seconds without a byte after which a vendor is taken to hang; our choice."""

_REFERENCE = re.compile(r"\$\{[^}]*\}")


def _spellings(moment: datetime) -> dict[str, str]:
    """A moment by the ending of its placeholder; whole seconds and days are cut, never rounded up."""
    at = moment.astimezone(UTC)
    whole = int(at.timestamp())
    return {
        "": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "_date": at.date().isoformat(),
        "_s": str(whole),
        "_ms": str(whole * 1000 + at.microsecond // 1000),
    }


def moments(since: datetime | None, until: datetime) -> dict[str, str]:
    """What each placeholder stands for; moments without any `since` begin in 1970."""
    both = {"since": since or BEGINNING, "until": until}
    return {name + ending: text for name, at in both.items() for ending, text in _spellings(at).items()}


PLACEHOLDERS = tuple(moments(None, BEGINNING))
"""The words that may stand in braces: ISO 8601 in UTC, the day, seconds and milliseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text as written, with placeholders such as `{since}` and references such as `${env:NAME}` in it."""

    text: str


Value = Text | int | float | bool | None | tuple["Value", ...] | Mapping[str, "Value"]
"""A JSON value whose texts are filled in for each pull."""


@dataclass(frozen=True, slots=True)
class Filling:
    """What texts are filled with: moments by placeholder, and where references are looked up."""

    moments: Mapping[str, str]
    environ: Mapping[str, str]
    folder: Path

    def of(self, value: Value) -> Any:
        """The value with every text filled in; raises ReengageError for a reference that leads nowhere."""
        match value:
            case Text(text=text):
                dated = PLACEHOLDER.sub(lambda found: self.moments[found[1]], text)
                return Secret(dated).reveal(self.environ, self.folder)
            case Mapping():
                return {key: self.of(inner) for key, inner in value.items()}
            case tuple():
                return [self.of(inner) for inner in value]
        return value

    def secrets_in(self, *values: Value) -> Iterator[str]:
        """What every reference in the values stands for; raises ReengageError."""
        for value in values:
            match value:
                case Text(text=text):
                    references = _REFERENCE.findall(text)
                    yield from (Secret(found).reveal(self.environ, self.folder) for found in references)
                case Mapping():
                    yield from self.secrets_in(*value.values())
                case tuple():
                    yield from self.secrets_in(*value)


@dataclass(frozen=True, slots=True)
class Auth:
    """How we say who we are: a kind of dlt's, with its options."""

    type: AuthType
    options: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Paginator:
    """How one page leads to the next: a kind of dlt's, with its options."""

    type: PaginatorType
    options: Mapping[str, str | int | bool] = field(default_factory=dict)

    @property
    def needs_records(self) -> bool:
        """Whether a page without records is what tells that it was the last."""
        counted = self.type in ("offset", "page_number")
        unended = counted and not {"total_path", "has_more_path"} & self.options.keys()
        return unended or self.options.get("stop_after_empty_page") is True


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Where a vendor says how long to wait, beside the usual headers: a header, or a number in the body."""

    header: str | None = None
    wait_s: Expression | None = None
    wait_ms: Expression | None = None


@dataclass(frozen=True, slots=True)
class RestRequest:
    """One question to a vendor, asked page by page; `timeout` in seconds."""

    base_url: str
    paginator: Paginator
    path: Text = Text("")
    method: Method = "GET"
    params: Mapping[str, Value] = field(default_factory=dict)
    json: Mapping[str, Value] | None = None
    headers: Mapping[str, Value] = field(default_factory=dict)
    auth: Auth | None = None
    timeout: float = TIMEOUT
    rate_limit: RateLimit = RateLimit()
