"""A child process that works through the commands of a book until it is done or killed."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier
from typing import Any

from sqlalchemy import event
from sqlalchemy.pool import Pool

from reengage.model.errors import ReengageError
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
    """Work through the commands from this one on; says when it is ready, acknowledges each, and ends with 1 on error."""
    database = book.open()
    told.send("ready")
    for number in range(done, LENGTH):
        try:
            perform(book, database, number)
        except ReengageError:
            sys.exit(1)
        told.send(number)


def die_at(book: Book, number: int, nth: int, told: Connection) -> None:
    """Do one command, but be killed as the n-th statement, commit or file operation is about to happen."""
    database = book.open()
    with Doom(nth, lambda: os.kill(os.getpid(), signal.SIGKILL)).over(database.engine) as doom:
        perform(book, database, number)
    told.send(doom.count)


def all_at_once(book: Book, number: int, gate: Barrier, told: Connection) -> None:
    """Do one command at the same moment as others; tells what it said."""
    database = book.open()
    gate.wait(PATIENCE)
    try:
        told.send(str(perform(book, database, number)))
    except ReengageError as error:
        told.send(str(error))


def try_with(hindrance: Callable[[], None], book: Book, number: int, told: Connection) -> None:
    """Do one command under a hindrance; tells the error that a user would see, or that there was none."""
    hindrance()
    database = book.open()
    try:
        perform(book, database, number)
        told.send("")
    except ReengageError as error:
        told.send(str(error))


def let_no_file_grow_beyond(size: int) -> None:
    """Let the operating system refuse every write past this many bytes, as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def let_nothing_be_written() -> None:
    """Let SQLite refuse to write, as where a file may only be read; root may always write to files."""
    event.listen(Pool, "connect", lambda connection, _: connection.execute("PRAGMA query_only=ON"))


def barrier(parties: int) -> Barrier:
    """Where this many processes wait for each other."""
    return _SERVER.Barrier(parties)


def heard(pipe: Connection) -> list[Any]:
    """What a child that is gone had said."""
    said = []
    try:
        while pipe.poll():
            said.append(pipe.recv())
    except EOFError:
        pass
    return said
