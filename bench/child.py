"""One measured step in a process: `python -m bench.child WHAT FOLDER AT WORKERS`; prints what it took as JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bench.rulebook import asked, count_rules
from bench.script import Chosen, decide_and_write

if TYPE_CHECKING:
    from reengage.app.project import Project
    from reengage.store.database import Database

MIB = 1024
"""KiB, in which Linux counts."""

Work = Callable[[], int | Chosen | Callable[[], Chosen]]
"""Does the step; returns how many rows it was, what it chose, or how to look that up: outside of what is measured."""


def main(what: str, folder: Path, at: datetime, workers: int) -> None:
    """Do a step in a project folder, keep what it chose beside it, and print its cost."""
    work = _run(folder, at, workers) if what == "run" else STEPS[what](folder, at)
    began, worked = time.perf_counter(), _cpu()
    done = work()
    took = {"seconds": time.perf_counter() - began, "cpu": _cpu() - worked}
    peak = {
        "peak_mb": _peak() / MIB,
        "children_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / MIB,
    }
    if callable(done):
        done = done()
    if not isinstance(done, int):
        (folder / f"{what}.chosen").write_text(json.dumps(sorted(done.items())), encoding="utf-8")
    print(json.dumps({**took, **peak, "done": done if isinstance(done, int) else len(done)}))


def _cpu() -> float:
    """Seconds of CPU of this process and of those it has waited for."""
    times = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in times)


def _peak() -> int:
    """The most memory this process ever had, in KiB; `ru_maxrss` would begin with that of whoever started it."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
    told = (int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    return next(told, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


# Each step imports for itself: the memory of the script is then that of the script, and of an import that of an import.


def _run(folder: Path, at: datetime, workers: int) -> Work:
    from reengage.app.run import Order, run

    project, database = _opened(folder)
    rules = project.usable_rules()

    def work() -> Callable[[], Chosen]:
        summary = run(database, project, Order(at, keep=0), rules=rules, workers=workers)
        return lambda: _chosen(database, summary.run_id)

    return work


def _chosen(database: Database, run_id: int | None) -> Chosen:
    from sqlalchemy import select

    from reengage.store.columns import TaskRow as Task

    wanted = select(Task.contact_id, Task.rule, Task.trigger).where(Task.run_id == run_id)
    with database.reading() as connection:
        return {contact: (rule, trigger) for contact, rule, trigger in connection.execute(wanted)}


def _script(folder: Path, at: datetime) -> Work:
    rules = asked(count_rules(folder))
    return lambda: decide_and_write(folder / "reengage.db", rules, at.replace(tzinfo=None))


def _import(folder: Path, at: datetime) -> Work:
    from reengage.app.imports.contacts import import_contacts

    project, database = _opened(folder)
    return lambda: import_contacts(database, project, folder / "contacts.csv", at).changed


def _ingest(folder: Path, at: datetime) -> Work:
    from reengage.app.ingest import ingest

    project, database = _opened(folder)
    return lambda: sum(report.new for report in ingest(database, project, at))


def _export(folder: Path, at: datetime) -> Work:
    from reengage.app.export import export_tasks

    project, database = _opened(folder)
    return lambda: export_tasks(database, project, "csv", folder / "exports", at).tasks


def _opened(folder: Path) -> tuple[Project, Database]:
    from reengage.app.crew import collect_seldom
    from reengage.app.project import read_project

    collect_seldom()  # as the commands do
    project = read_project(folder)
    return project, project.open()


STEPS: dict[str, Callable[[Path, datetime], Work]] = {
    "script": _script,
    "import": _import,
    "ingest": _ingest,
    "export": _export,
}

if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), datetime.fromisoformat(sys.argv[3]), int(sys.argv[4]))
