"""A request as it was sent, before anything in it is believed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True)
class Place:
    """A header or a value of the query, by its name."""

    kind: Literal["header", "query"]
    name: str

    def __str__(self) -> str:
        return f"the header {self.name}" if self.kind == "header" else f"{self.name} of the query"


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `target` is path and query as they were on the wire, `base` our address as the sender knows it.

    Headers are read as Latin-1, which gives every byte back.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    base: str = ""

    @property
    def path(self) -> str:
        """What stands before the query."""
        return self.target.partition("?")[0]

    @property
    def url(self) -> str:
        """The address that the sender wrote to."""
        return self.base + self.target

    def header(self, name: str) -> str | None:
        """The value of a header, whatever its case; None where it is missing or stands more than once."""
        folded = name.casefold()
        return _only(value for key, value in self.headers if key.casefold() == folded)

    def queried(self, name: str) -> str | None:
        """A value of the query; None where it is missing or stands more than once."""
        pairs = parse_qsl(self.target.partition("?")[2], keep_blank_values=True)
        return _only(value for key, value in pairs if key == name)

    def find(self, place: Place) -> str | None:
        """What stands in a place; None where it is missing or stands more than once."""
        return self.header(place.name) if place.kind == "header" else self.queried(place.name)


def _only(values: Iterable[str]) -> str | None:
    found = tuple(values)
    return found[0] if len(found) == 1 else None
