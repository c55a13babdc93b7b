"""A child process that does one command of the command line, and what it cost, said and logged."""

from __future__ import annotations

import io
import logging
import multiprocessing
import os
import resource
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from reengage.cli import main

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["__main__", "tests.hostile.child", "reengage.cli"])

PATIENCE = 30
"""Seconds on the wall after which a command counts as hanging."""

_MOST_CPU, _MOST_MEMORY = 20, 4 << 30
"""What the operating system lets a child have, so that no bomb takes the machine along."""

Work = Callable[[tuple[str, ...]], None]


@dataclass(frozen=True)
class Answer:
    """What a command did: exit code (None: it had to be killed), seconds of CPU, bytes above the base, and its words.

    `log` is everything that went through `logging` from DEBUG on, SQLAlchemy's echo of statements left out.
    """

    code: int | None
    cpu: float = 0.0
    memory: int = 0
    out: str = ""
    err: str = ""
    log: str = ""


def as_console_script(command: tuple[str, ...]) -> None:
    """Do a command as the console script does."""
    sys.argv = ["reengage", *command]
    main()


def answer(
    command: tuple[str, ...], folder: Path, spool: Path, work: Work = as_console_script, **environment: str
) -> Answer:
    """Do a command in a folder, in a process of its own that has everything imported."""
    here, there = _SERVER.Pipe(duplex=False)
    process = _SERVER.Process(target=_do, args=(work, command, folder, spool, environment, there))
    process.start()
    there.close()
    told: dict[str, Any] = {"code": None}
    try:
        if here.poll(PATIENCE):
            told = here.recv()
    except EOFError:
        pass
    process.kill()
    process.join()
    here.close()
    said = {name: (spool / name).read_text("utf-8", "replace") for name in ("out", "err") if (spool / name).exists()}
    return Answer(**told, **said)


def _do(
    work: Work,
    command: tuple[str, ...],
    folder: Path,
    spool: Path,
    environment: Mapping[str, str],
    told: Connection,
) -> None:
    _redirect(spool)
    log = _listen()
    os.environ.update({"NO_COLOR": "1", "COLUMNS": "140", **environment})
    os.chdir(folder)
    resource.setrlimit(resource.RLIMIT_CPU, (_MOST_CPU, _MOST_CPU))
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    base, since = _peak(), _cpu()
    code = _exit_code(work, command)
    told.send({"code": code, "cpu": _cpu() - since, "memory": _peak() - base, "log": log.getvalue()})


def _exit_code(work: Work, command: tuple[str, ...]) -> int:
    try:
        work(command)
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else 0 if left.code is None else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
        return 70
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _redirect(spool: Path) -> None:
    """Let both streams, also what is written below Python, go to files; UTF-8 as on any terminal of today."""
    for stream, name in ((sys.stdout, "out"), (sys.stderr, "err")):
        os.dup2(os.open(spool / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream.fileno())
    sys.stdout.reconfigure(encoding="utf-8", errors="strict")  # type: ignore[union-attr]
    sys.stderr.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]


def _listen() -> io.StringIO:
    heard = io.StringIO()
    logging.basicConfig(stream=heard, level=logging.DEBUG, force=True)
    logging.captureWarnings(True)
    logging.getLogger("sqlalchemy").setLevel(logging.WARNING)
    return heard


def _cpu() -> float:
    """Seconds of CPU of this process and of its children that are gone."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def _peak() -> int:
    """The most memory that this process has had resident, in bytes; a fork begins anew with what it inherits."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
