"""The words of tasks and recalls in the forms that CRMs take: one line, plain text, HTML, with our key or without."""

from __future__ import annotations

from html import escape

from reengage.delivery.form import cell
from reengage.delivery.outgoing import Outgoing
from reengage.model.text import clean, clip

TAKEN_BACK = "Taken back: do not reach out"
"""The subject of what was recalled, which names nobody."""


def headline(task: Outgoing, longest: int | None = None) -> str:
    """The subject in one line of at most so many characters, never empty."""
    line = clean(cell(task.subject)) or f"Task {task.key}"
    return clip(line, longest) if longest else line


def keyed(text: str, key: str, longest: int | None = None) -> str:
    """The text and, in a last line that is never cut, our key: the way to know a task again where nothing else is."""
    mark = f"[reengage:{key}]"
    kept = clip(cell(text), longest - len(mark) - 1) if longest else cell(text)
    return f"{kept}\n{mark}" if kept else mark


def as_html(text: str) -> str:
    """Plain text for a field that shows HTML: nothing in it is markup but the line ends."""
    return escape(cell(text), quote=False).replace("\n", "<br>")
