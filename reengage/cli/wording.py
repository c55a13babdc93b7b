"""Values on the command line that cannot be, told as every other mistake is."""

from __future__ import annotations

import re
from typing import Any

import typer
from pydantic import ValidationError
from typer.core import TyperGroup

from reengage.language.values import nearest
from reengage.model.errors import UsageError


class Commands(TyperGroup):
    """The commands; Typer lets pydantic speak of a wrong value, and its sentences are not for users."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; raises UsageError for a value that cannot be."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            if not isinstance(error.__cause__, ValidationError):
                raise
            raise _told(error, error.__cause__) from error


def _told(error: typer.BadParameter, cause: ValidationError) -> UsageError:
    words = error.format_message().replace("Value error, ", "").replace("Input should be", "it has to be")
    wrong, known = str(cause.errors()[0]["input"]), re.findall(r"'([^']*)'", error.message)[1:]
    meant = nearest(wrong, known)
    path = error.ctx.command_path if error.ctx else "reengage"
    return UsageError(words[:1].lower() + words[1:], help=f'did you mean "{meant}"?' if meant else f"see {path} --help")
