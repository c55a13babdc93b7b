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
    """The columns of a file and how one thing becomes a row of it."""

    columns: tuple[str, ...]
    row: Callable[[T], Row]


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
