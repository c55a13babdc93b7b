"""The command line: reads the clock and the arguments, shows what came of it."""

from __future__ import annotations

import sys
from typing import NoReturn

from reengage.cli import (
    deciding,
    explaining,
    impact,
    learning,
    output,
    owing,
    project,
    received,
    responding,
    rules,
    serving,
    sources,
    taking,
    working,
)
from reengage.cli.commands import app
from reengage.model.errors import ReengageError, RunFailed, UsageError

__all__ = ["app", "main"]

# Importing a module adds its commands.
_ = (
    deciding,
    explaining,
    impact,
    learning,
    owing,
    project,
    received,
    responding,
    rules,
    serving,
    sources,
    taking,
    working,
)


def main() -> NoReturn:
    """Run a command; exit 0 fine, 1 problems found, 2 wrong usage, 3 the run failed. No traceback without --debug."""
    debug = "--debug" in sys.argv
    sys.argv = [argument for argument in sys.argv if argument != "--debug"]
    try:
        _refuse_bytes(sys.argv)
        app(prog_name="reengage")
    except ReengageError as error:
        if debug:
            raise
        output.say_error(error)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as error:
        if debug:
            raise
        why = f"this cannot be read or written: {(error.strerror or type(error).__name__).lower()}"
        output.say_error(RunFailed(why, where=str(error.filename or "") or None, help="name another file or folder"))
        sys.exit(3)
    except Exception as error:
        if debug:
            raise
        output.say_error(
            ReengageError(
                f"something went wrong that should not have ({type(error).__name__})",
                help="run the command again with --debug and report what it prints",
            )
        )
        sys.exit(3)
    sys.exit(0)


def _refuse_bytes(arguments: list[str]) -> None:
    """Raise UsageError for an argument that is no text: no database could keep it, and no message show it."""
    for argument in arguments:
        if any("\ud800" <= letter <= "\udfff" for letter in argument):
            raise UsageError(f'"{argument}" is no text', help="write it in UTF-8; a file may need another name")
