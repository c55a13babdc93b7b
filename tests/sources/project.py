"""A project to put connector files and signals into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from reengage.language.diagnostic import Diagnostic
from reengage.sources.connector import Connector
from reengage.sources.connectors import load_connectors
from reengage.sources.rows import Bad, Good, Row
from reengage.sources.signals import read_file

RECEIVED_AT = datetime(2026, 10, 6, 6, tzinfo=UTC)


@dataclass(frozen=True)
class Project:
    """A folder with connectors/."""

    folder: Path

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def load(self) -> tuple[tuple[Connector, ...], tuple[Diagnostic, ...]]:
        return load_connectors(self.folder / "connectors")

    def connector(self, text: str) -> Connector:
        self.write("connectors/one.yaml", text)
        (connector,), diagnostics = self.load()
        assert diagnostics == ()
        return connector

    def problems(self, text: str) -> list[tuple[str, str]]:
        """The check and the message of everything wrong with a connector file."""
        self.write("connectors/one.yaml", text)
        return [(problem.check, problem.message) for problem in self.load()[1]]

    def read(self, connector: Connector, content: str | bytes, name: str = "rows") -> list[Row]:
        return list(read_file(connector, self.write(name, content), RECEIVED_AT))


def reasons(rows: list[Row]) -> list[str]:
    """Why each bad row is bad."""
    return [row.reason for row in rows if isinstance(row, Bad)]


def goods(rows: list[Row]) -> list[Good]:
    """The good rows."""
    return [row for row in rows if isinstance(row, Good)]
