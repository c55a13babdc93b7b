"""Plays the sample book with the real command line: `python examples/demo.py [FOLDER]`, by default `demo/`."""

from __future__ import annotations

import json
import os
import shutil
import sys
from contextlib import chdir, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from reengage.cli import app
from reengage.model.errors import ReengageError

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "examples" / "book"
MARKER = ".reengage-demo"
"""What tells a folder that a demo made, and may delete, from any other."""

IMPORTED = "2026-08-24"
MONDAYS = ("2026-08-31", "2026-09-07", "2026-09-14", "2026-09-21", "2026-09-28", "2026-10-05")

FINE = {"import": (0, 1), "ingest": (0, 1)}
"""Exit codes that are no failure: 1 only says that some rows were kept back, and the book has a few of those."""

BEFORE_RUN = {
    4: (
        ("outcomes", "outcomes.csv", "2026-09-16"),
        ("contacts", "later-contacts.csv", "2026-09-21"),
        ("conversations", "later-conversations.csv", "2026-09-21"),
    )
}
"""What the CRM brings between two runs: the file of each kind, and the day it comes."""


def main(folder: Path) -> None:
    """Play the six weeks in a folder of their own."""
    make(folder)
    os.environ.pop("REENGAGE_DATABASE_URL", None)  # the demo writes into its own database and no other
    with chdir(folder):
        tell()
    say("Where things lie:")
    for path, what in PLACES.items():
        print(f"  {folder / path}  {what}")
    print(f"\nGo on there: cd {folder}; reengage run --at {MONDAYS[5]} makes nothing new and says why.")


def tell() -> None:
    """The story in its commands, in the folder that is the current one."""
    say("The book as the CRM exports it: who the contacts are, what they said, who must not be asked again.")
    for kind in ("owners", "contacts", "conversations", "opt-outs"):
        show("import", kind, f"{kind}.csv", "--at", IMPORTED)
    say("Five Mondays: the signals of the week, the run, and one line of what came of it.")
    for week in range(1, 6):
        play(week)
    say("The sixth Monday, in full. First the rules: are they sound, and do their own tests hold?")
    show("check")
    show("test")
    drop(6)
    show("ingest", "--at", MONDAYS[5])
    say("Then the run: who gets a task, why now, and what they said last time.")
    show("run", "--at", MONDAYS[5])
    show("export", "tasks", "--to", "csv", "--at", MONDAYS[5])
    say("Why did H-01 get a task?")
    show("explain", "H-01", "--at", MONDAYS[5])
    say("And why not H-21, who moved, has a new address and reads our prices? She said stop at her last company.")
    show("explain", "H-21", "--at", MONDAYS[5])


PLACES = {
    "exports": "the tasks as files",
    "rules": "the rules, with their tests",
    "connectors": "how signals are read",
    "README.md": "who is in the book, and what becomes of them",
    "reengage.db": "the database",
}


def make(folder: Path) -> None:
    """Make the folder anew from the book, the rules and the connectors; exits where it is not a demo's to delete."""
    if folder.is_symlink() or (folder.exists() and not (folder / MARKER).is_file()):
        sys.exit(f"{folder} is there and no demo made it, so it stays as it is; name another folder")
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARKER).write_text("Made by the demo, which deletes this folder when it starts over.\n", encoding="utf-8")
    shutil.copytree(BOOK, folder, dirs_exist_ok=True)
    for name in ("rules", "connectors"):
        shutil.copytree(ROOT / name, folder / name)


def play(week: int) -> None:
    """One week: the commands, and one line of what came of them."""
    for kind, file, day in BEFORE_RUN.get(week, ()):
        show("import", kind, file, "--at", day)
    drop(week)
    print(f"$ reengage ingest --at {MONDAYS[week - 1]}; reengage run --at {MONDAYS[week - 1]}", flush=True)
    heard = sum(report["new"] for report in ask("ingest", "--at", MONDAYS[week - 1]))
    summary = ask("run", "--at", MONDAYS[week - 1])
    outcomes = " · ".join(f"{outcome} {count}" for outcome, count in summary["outcomes"].items())
    print(f"  {heard} new signals; {summary['candidates']} candidates: {outcomes}")


def drop(week: int) -> None:
    """Put the signals of a week where the connectors look for them."""
    shutil.copytree(Path("weeks", str(week)), "signals", dirs_exist_ok=True)


def say(text: str) -> None:
    """Say what comes next."""
    print(f"\n{text}", flush=True)


def ask(*arguments: str) -> Any:
    """Run a command and take its answer as JSON."""
    with redirect_stdout(StringIO()) as answer:
        call(*arguments, "--format", "json")
    return json.loads(answer.getvalue())


def show(*arguments: str) -> None:
    """Print a command, run it and let it speak for itself."""
    print(f"$ reengage {' '.join(arguments)}", flush=True)
    call(*arguments)


def call(*arguments: str) -> None:
    """Run a command in this process, since a start takes longer than the work; exits where it fails."""
    try:
        code = app(arguments, prog_name="reengage", standalone_mode=False) or 0
    except ReengageError as error:
        sys.exit(f"reengage {arguments[0]}: {error}")
    if code not in FINE.get(arguments[0], (0,)):
        sys.exit(f"reengage {arguments[0]} ended with exit code {code}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo"))
