"""A child process that works through the commands of a book until it is done or killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from tests.crash.book import LENGTH, Book, perform
from tests.crash.doom import Doom

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["__main__", "tests.crash.child", "reengage.cli"])

PATIENCE = 60
"""Seconds that no child needs; past them something hangs."""


def start(work: Callable[..., None], *given: Any) -> tuple[BaseProcess, Connection]:
    """Start a child that has everything imported; it tells of what it does through the pipe."""
    here, there = _SERVER.Pipe(duplex=False)
    process = _SERVER.Process(target=work, args=(*given, there))
    process.start()
    there.close()
    return process, here


def go_on(book: Book, done: int, told: Connection) -> None:
    """Work through the commands from this one on; says when it is ready, and acknowledges each."""
    database = book.open()
    told.send("ready")
    for number in range(done, LENGTH):
        perform(book, database, number)
        told.send(number)


def die_at(book: Book, number: int, nth: int, told: Connection) -> None:
    """Do one command, but be killed as the n-th statement, commit or file operation is about to happen."""
    database = book.open()
    with Doom(nth, lambda: os.kill(os.getpid(), signal.SIGKILL)).over(database.engine) as doom:
        perform(book, database, number)
    told.send(doom.count)


def heard(pipe: Connection) -> list[Any]:
    """What a child that is gone had said."""
    said = []
    try:
        while pipe.poll():
            said.append(pipe.recv())
    except EOFError:
        pass
    return said
