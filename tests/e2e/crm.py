"""What the suite does with a CRM, whichever it is: what its importer and a rep can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Seen:
    """A task as the CRM shows it; the note as plain text."""

    subject: str
    note: str
    due: str
    is_open: bool


class Crm(Protocol):
    """A CRM with an importer."""

    target: str
    """Its name after --to."""

    def make_contacts(self, count: int) -> list[str]:
        """New contacts; returns their ids."""

    def find_user(self) -> str:
        """The id of somebody to whom tasks can be given."""

    def take(self, file: Path) -> bool:
        """Import a file as docs/crm.md says; returns whether every row of it was taken in."""

    def read(self, key: str) -> Seen | None:
        """The task of this key, or nothing where it is gone."""

    def count(self, contacts: Sequence[str]) -> int:
        """How many tasks these contacts have, completed ones too."""

    def move(self, key: str, day: str) -> None:
        """As a rep: another due date."""

    def complete(self, key: str) -> None:
        """As a rep: done."""

    def delete(self, key: str) -> None:
        """As a rep: away with it."""

    def clean_up(self) -> None:
        """Delete what the suite has made."""
