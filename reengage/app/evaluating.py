"""Taking in and judging what webhooks brought, soon after it came and in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from reengage.app.ingest import ingest
from reengage.app.moment import judging_moment
from reengage.app.project import Project
from reengage.app.run import Order, run
from reengage.model.decision import Summary
from reengage.model.errors import ReengageError
from reengage.store.database import Database

TOGETHER = 0.5
"""Seconds in which further deliveries are waited for; our choice: a fifth of the bar of five is left for the rest."""

AGAIN = 10.0
"""Seconds until what failed is tried again."""

Told = Callable[[Summary | ReengageError], None]
"""Called with what came of an evaluation."""


class Evaluator:
    """Evaluates in a thread of its own whenever it is nudged, once for all nudges of half a second."""

    def __init__(
        self, database: Database, project: Project, names: Sequence[str], clock: Callable[[], datetime], told: Told
    ) -> None:
        self._work = (database, project, names)
        self._clock, self._told = clock, told
        self._nudged, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="evaluate", daemon=True)
        self.problem: str | None = None

    def start(self) -> None:
        """Begin, with what has waited."""
        self.nudge()
        self._thread.start()

    def nudge(self) -> None:
        """Something has come."""
        self._nudged.set()

    def stop(self, seconds: float = 30.0) -> None:
        """Finish what is under way, and no more."""
        self._over.set()
        self._nudged.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while True:
            self._nudged.wait()
            if self._over.wait(TOGETHER):
                return
            self._nudged.clear()
            try:
                self._told(evaluate(*self._work, self._clock()))
                self.problem = None
            except ReengageError as error:
                self.problem = error.message
                self._told(error)
                self._nudged.set()
                if self._over.wait(AGAIN):
                    return


def evaluate(database: Database, project: Project, names: Sequence[str], now: datetime) -> Summary:
    """Take in what these connectors received, and judge whom it is about: the same way and lock as by hand."""
    at = judging_moment(database, now, stated=False)
    ingest(database, project, at, names, wall=now)
    return run(database, project, Order(judging_moment(database, now, stated=False)))
