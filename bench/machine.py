"""What has to stand beside a figure: the command, the machine, the versions, the day."""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
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
    found = [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"]
    for name in LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return found
