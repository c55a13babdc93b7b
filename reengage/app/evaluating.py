"""Taking in and judging what webhooks brought, soon after it came, in a process that holds no answer up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from reengage.app.figures import Figure
from reengage.app.ingest import ingest
from reengage.app.moment import judging_moment
from reengage.app.opening import open_prepared
from reengage.app.project import Project, read_project
from reengage.app.run import Order, run
from reengage.model.errors import ReengageError, RunFailed
from reengage.store.database import Database

TOGETHER = 0.5
"""Seconds in which further deliveries are waited for; our choice: a tenth of the five that a signal may take."""

AGAIN = 10.0
"""Seconds until what failed is tried again."""

FINISHING = 30.0
"""Seconds that an evaluation may still take when the server is told to stop."""

NICER = 5
"""How much the other process stands back from the server (nice); our choice."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What an evaluation did: new signals, decisions by outcome, rows kept back, and what could not be taken in."""

    signals: int
    outcomes: Mapping[str, int]
    kept_back: int
    refused: Sequence[str]


Told = Callable[[Evaluated | ReengageError], None]
"""Called with what came of an evaluation."""


class Evaluator:
    """Evaluates whenever it is nudged, once for all nudges of half a second; what failed is tried again."""

    def __init__(self, folder: Path, names: Sequence[str], clock: Callable[[], datetime], told: Told) -> None:
        self._child = _Child(folder, names)
        self._clock, self._told = clock, told
        self._nudged, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="evaluate", daemon=True)
        self.problem: str | None = None
        self._seconds: float | None = None

    def start(self) -> None:
        """Begin, with what has waited."""
        self.nudge()
        self._thread.start()

    def nudge(self) -> None:
        """Something has come."""
        self._nudged.set()

    def stop(self) -> None:
        """Finish what is under way, and no more."""
        self._over.set()
        self._nudged.set()
        self._thread.join(FINISHING)
        self._child.close()

    def figures(self) -> Iterator[Figure]:
        """How the last evaluation went."""
        if self._seconds is not None:
            about = "Seconds that the last evaluation of the server took"
            yield Figure("reengage_evaluation_seconds", about, self._seconds)
            failed = "1 where the last evaluation of the server failed"
            yield Figure("reengage_evaluation_failed", failed, float(self.problem is not None))

    def _run(self) -> None:
        pause = TOGETHER
        while self._nudged.wait() and not self._over.wait(pause):
            self._nudged.clear()
            self._evaluate()
            pause = AGAIN if self.problem else TOGETHER
            if self.problem:
                self._nudged.set()

    def _evaluate(self) -> None:
        began = self._clock()
        try:
            came: Evaluated | ReengageError = self._child.evaluate(began)
            self.problem = None
        except ReengageError as error:
            came, self.problem = error, error.message
        self._seconds = (self._clock() - began).total_seconds()
        self._told(came)


class _Child:
    """The other process: started when it is needed, and again where it died."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self._command = [sys.executable, "-m", "reengage.app.evaluating", str(folder), *names]
        self._process: subprocess.Popen[str] | None = None

    def evaluate(self, at: datetime) -> Evaluated:
        """Have it evaluate at this moment; raises what it raised, and RunFailed where it died."""
        process = self._process = self._process or self._start()
        answer = ""
        with suppress(OSError):
            _write(process.stdin, at.isoformat())
            answer = process.stdout.readline() if process.stdout else ""
        if not answer:
            self.close()
            raise RunFailed("the process that evaluates has died", help="it is started again; nothing is lost")
        return _read(json.loads(answer))

    def _start(self) -> subprocess.Popen[str]:
        """In a session of its own: Ctrl-C is for the server, which lets it finish."""
        pipe = subprocess.PIPE
        return subprocess.Popen(self._command, stdin=pipe, stdout=pipe, text=True, start_new_session=True)  # noqa: S603

    def close(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def evaluate(database: Database, project: Project, names: Sequence[str], now: datetime) -> Evaluated:
    """Take in what these connectors received, and judge whom it is about: the same way and lock as by hand."""
    at = judging_moment(database, now, stated=False)
    reports = ingest(database, project, at, names, wall=now)
    summary = run(database, project, Order(judging_moment(database, now, stated=False)))
    return Evaluated(
        signals=sum(report.new for report in reports),
        outcomes=summary.outcomes,
        kept_back=sum(len(report.bad) for report in reports),
        refused=[reason for report in reports for reason in report.refused],
    )


def _write(pipe: IO[str] | None, line: str) -> None:
    if pipe:
        pipe.write(f"{line}\n")
        pipe.flush()


def _read(answer: dict[str, Any]) -> Evaluated:
    """What an evaluation did; raises the error that it ended with."""
    if "message" in answer:
        raise ReengageError(answer["message"], help=answer["help"], where=answer["where"])
    return Evaluated(**answer)


def _serve(folder: Path, names: Sequence[str]) -> None:
    """Evaluate at each moment that is asked for, until nobody asks any more."""
    os.nice(NICER)
    project = read_project(folder)
    database = open_prepared(project)
    for line in sys.stdin:
        _write(sys.stdout, json.dumps(_answer(database, project, names, datetime.fromisoformat(line.strip()))))


def _answer(database: Database, project: Project, names: Sequence[str], at: datetime) -> dict[str, Any]:
    try:
        return asdict(evaluate(database, project, names, at))
    except ReengageError as error:
        return {"message": error.message, "help": error.help, "where": error.where}
    except Exception as error:
        message = f"something went wrong that should not have ({type(error).__name__})"
        return {"message": message, "help": "reengage ingest --debug, then reengage run --debug", "where": None}


if __name__ == "__main__":
    with suppress(BrokenPipeError):  # the server is gone, and what was to be done is done
        _serve(Path(sys.argv[1]), sys.argv[2:])
