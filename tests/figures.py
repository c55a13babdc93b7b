"""What a long test measured, kept where the lab's table is made from."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

FILE = "REENGAGE_LAB_FIGURES"
"""The environment variable that names the file; without it nothing is kept."""


def record(what: str, figure: str) -> None:
    """Print a measurement and append it, with the command that measures it again, as one line of JSON."""
    print(f"{what}: {figure}")
    file = os.environ.get(FILE)
    if file:
        line = json.dumps({"what": what, "command": _command(), "figure": figure}, ensure_ascii=False)
        with Path(file).open("a", encoding="utf-8") as figures:
            figures.write(f"{line}\n")


def _command() -> str:
    """The command that runs this test alone, all its parameters included."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" (")[0].partition("[")[0]
    return f"python -m pytest -m lab {test}".strip()


def table(file: Path) -> str:
    """The measurements of a file as a table; of several of one thing the last one counts."""
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    last = {(one["what"], one["command"]): one["figure"] for one in lines}
    rows = [f"| {what} | {figure} | `{command}` |" for (what, command), figure in sorted(last.items())]
    return "\n".join(("| what | figure | command |", "|---|---|---|", *rows))


if __name__ == "__main__":
    print(table(Path(sys.argv[1])))
