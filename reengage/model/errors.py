"""What can go wrong, grouped by what the caller does about it."""

from __future__ import annotations


class ReengageError(Exception):
    """Something the person at the keyboard can mend: one sentence, and how to mend it."""

    exit_code = 1

    def __init__(self, message: str, *, help: str | None = None, where: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = help
        self.where = where

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f"\n  = help: {self.help}" if self.help else ""
        return f"{place}{self.message}{advice}"


class UsageError(ReengageError):
    """The command was called in a way that cannot work."""

    exit_code = 2


class RunFailed(ReengageError):
    """The work could not be done; nothing of it was written."""

    exit_code = 3
