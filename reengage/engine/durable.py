"""The only place that touches durable-rules, inside the fence that design decision 2 draws around it.

Run as a module it is a child process: rulesets on the first line, a page of facts on each further one. Memory
that the C extension damages is then not ours, and a page that kills it is judged again without it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any, Protocol

from reengage.model.errors import RunFailed

Page = Sequence[tuple[int, dict[str, int | float]]]
"""(number of the ruleset, a flat fact of numbers) in order."""


class Crashed(RunFailed):
    """The process that runs durable-rules died on this page."""


class Engine(Protocol):
    """Asserts facts one at a time and says which rules fired for each."""

    def begin(self) -> None:
        """Get ready, without waiting for it."""
        ...

    def fire(self, page: Page) -> list[list[str]]:
        """The names of the rules that each fact fired."""
        ...

    def close(self) -> None:
        """Let go of the rulesets."""
        ...


def available() -> bool:
    """Whether durable-rules can be imported here (not from Python 3.13 on)."""
    try:
        import durable_rules_engine  # noqa: F401
    except ImportError:
        return False
    return True


class InProcess:
    """durable-rules in this process."""

    def __init__(self, rulesets: Sequence[dict[str, Any]]) -> None:
        import durable_rules_engine

        self._c: Any = durable_rules_engine
        names = (f"r{number}" for number in range(len(rulesets)))
        self._handles = [
            self._c.create_ruleset(name, json.dumps(rules)) for name, rules in zip(names, rulesets, strict=True)
        ]

    def begin(self) -> None:
        """Nothing: it is ready."""

    def fire(self, page: Page) -> list[list[str]]:
        """The names of the rules that each fact fired."""
        return [self._fire_one(self._handles[ruleset], fact) for ruleset, fact in page]

    def _fire_one(self, handle: object, fact: dict[str, int | float]) -> list[str]:
        message = json.dumps({"id": 1, "sid": 1, **fact})
        code, state = self._c.assert_fact(handle, message)
        fired: list[str] = []
        if code == 0:
            started = self._c.start_action_for_state(handle, state)
            action = started[1] if started else None
            while action:
                fired.extend(json.loads(action))
                action = self._c.complete_and_start_action(handle, state)
        self._c.retract_fact(handle, message)
        return fired

    def close(self) -> None:
        """Let go of the rulesets."""
        for handle in self._handles:
            self._c.delete_ruleset(handle)
        self._handles = []


class ChildProcess:
    """durable-rules in a process of its own; raises Crashed where that process dies."""

    def __init__(self, rulesets: Sequence[dict[str, Any]]) -> None:
        self._rulesets = list(rulesets)
        self._child: subprocess.Popen[str] | None = None

    def begin(self) -> None:
        """Start the process, which takes about half a second while others read."""
        with suppress(OSError):
            self._child or self._start()

    def fire(self, page: Page) -> list[list[str]]:
        """The names of the rules that each fact fired."""
        if not page:
            return []
        child = self._child or self._start()
        answer = ""
        with suppress(OSError):
            _send(child.stdin, list(page))
            answer = child.stdout.readline() if child.stdout else ""
        if not answer:
            self.close()
            raise Crashed("durable-rules died on a page of facts", help="the page was judged again without it")
        fired: list[list[str]] = json.loads(answer)
        return fired

    def _start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "reengage.engine.durable"]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603, our own
        _send(child.stdin, self._rulesets)
        self._child = child
        return child

    def close(self) -> None:
        """End the child process."""
        if self._child is None:
            return
        child, self._child = self._child, None
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe:
                with suppress(OSError):
                    pipe.close()


def _send(pipe: IO[str] | None, value: object) -> None:
    if pipe:
        pipe.write(json.dumps(value) + "\n")
        pipe.flush()


def _serve() -> None:
    engine = InProcess(json.loads(sys.stdin.readline()))
    for line in sys.stdin:
        _send(sys.stdout, engine.fire(json.loads(line)))


if __name__ == "__main__":
    _serve()
