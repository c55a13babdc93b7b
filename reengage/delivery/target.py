"""What a target is: its columns, its rows, its form, and what it needs to know before it can take a task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from reengage.delivery.form import Form, Row
from reengage.delivery.outgoing import Outgoing, Recall

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sheet(Generic[T]):
    """The columns of a file and how one thing becomes a row of it.

    A file holds at most so many `rows` and bytes (`size`), where that is said; what is more goes to further files.
    `beside` is the name and content of a file that the importer needs with it.
    """

    columns: tuple[str, ...]
    row: Callable[[T], Row]
    rows: int | None = None
    size: int | None = None
    beside: tuple[str, bytes] | None = None


def _nothing(_: Outgoing) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Target:
    """Where tasks go. With `together`, recalls are the first rows of the tasks' file, else a file of their own.

    `lacks` says, in words for the person who can add it, what keeps a task from being taken in there.
    """

    name: str
    form: Form
    tasks: Sheet[Outgoing]
    recalls: Sheet[Recall]
    together: bool = False
    lacks: Callable[[Outgoing], tuple[str, ...]] = _nothing
