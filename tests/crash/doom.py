"""Counts the statements, commits and file operations of this process, and strikes before the one of a number."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy import Engine, event

DATABASE = ("before_cursor_execute", "after_cursor_execute", "commit")
FILES = ((os, "fsync"), (os, "open"), (Path, "open"), (Path, "rename"), (Path, "replace"), (Path, "unlink"))


class Doom:
    """What happens before the n-th of them; a number beyond the last never strikes."""

    def __init__(self, nth: int, strike: Callable[[], Any]) -> None:
        self.nth, self.count, self._strike = nth, 0, strike

    def _next(self, *_: object) -> None:
        self.count += 1
        if self.count == self.nth:
            self._strike()

    @contextmanager
    def over(self, engine: Engine) -> Iterator[Doom]:
        """Watch this engine and the file operations of this process."""
        for name in DATABASE:
            event.listen(engine, name, self._next)
        try:
            with ExitStack() as patched:
                for owner, name in FILES:
                    patched.enter_context(mock.patch.object(owner, name, self._watched(getattr(owner, name))))
                yield self
        finally:
            for name in DATABASE:
                event.remove(engine, name, self._next)

    def _watched(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **more: Any) -> Any:
            self._next()
            return real(*arguments, **more)

        return call
