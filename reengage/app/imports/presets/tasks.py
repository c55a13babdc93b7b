"""Rows about tasks, from a product's cells to ours: which task of ours, what became of it, what the rep said."""

from __future__ import annotations

import re

from reengage.app.imports.presets.preset import Cells, plain
from reengage.delivery.wording import TAKEN_BACK
from reengage.intake.flags import read_flag
from reengage.model.words import TaskOutcome, TaskState

OPEN = "open"
"""A task on which somebody is still at work, or may yet be."""

STILL_OPEN = "still open"
NOT_OURS = "not from reengage"
RECALLED = "taken back by reengage"

STATES = {
    **dict.fromkeys(("completed", "complete", "done", "closed", "1", "true", "yes"), TaskState.COMPLETED),
    **dict.fromkeys(("canceled", "cancelled"), TaskState.CANCELLED),
    **dict.fromkeys(("deleted", "archived"), TaskState.DELETED),
    **dict.fromkeys(("not_started", "started", "in_progress", "waiting", "waiting_on_someone_else"), OPEN),
    **dict.fromkeys(("deferred", "to_do", "todo", "open", "planned", "today", "overdue", "0", "false", "no"), OPEN),
}
"""What the products call the states of a task."""

OUTCOMES = {
    **dict.fromkeys(("connected", "spoke", "call_connected", "talked"), TaskOutcome.CONVERSATION),
    **dict.fromkeys(("meeting_booked", "meeting_scheduled", "meeting_set"), TaskOutcome.MEETING),
    **dict.fromkeys(("busy", "left_voicemail", "left_live_message", "voicemail", "no_reply"), TaskOutcome.NO_ANSWER),
    **dict.fromkeys(("wrong_number", "wrong_contact", "left_company"), TaskOutcome.WRONG_PERSON),
}
"""What dispositions of calls are called, beside our own words."""

WORDS = {"status": {word: str(state) for word, state in STATES.items()}}

_MARKER = re.compile(r"\[reengage:([\w.-]+)\]")
"""The last line of a note in products that have no column for a key."""

_TAG = re.compile(r"<[^<>]{1,200}>")


def task_row(cells: Cells) -> Cells:
    """What a product says of one of its tasks; `aside` says why a row is none that changes anything."""
    key, state = cells.get("task_key") or _marked(cells), _state(cells)
    ended = cells.get("completed_at") if state == TaskState.COMPLETED else None
    return {
        "task_key": key,
        "record_id": cells.get("record_id", ""),
        "status": state,
        "at": ended or cells.get("modified_at", ""),
        "aside": _aside(cells, key, state),
        **_outcome(_TAG.sub(" ", cells.get("outcome", ""))),
    }


def _aside(cells: Cells, key: str, state: str) -> str:
    if not (key or cells.get("record_id")):
        return NOT_OURS
    if cells.get("subject") == TAKEN_BACK:
        return RECALLED
    return STILL_OPEN if state == OPEN else ""


def _marked(cells: Cells) -> str:
    """The key in an external id or in the text of the task; the last one, where a text was quoted."""
    external = cells.get("external_id", "")
    found = _MARKER.findall(cells.get("text", ""))
    return external.removeprefix("reengage.") if external.startswith("reengage.") else found[-1] if found else ""


def _state(cells: Cells) -> str:
    if read_flag(cells.get("is_deleted", "")):
        return TaskState.DELETED
    closed = read_flag(cells["is_done"]) if "is_done" in cells else None
    status = cells.get("status", "")
    if closed and status not in (TaskState.CANCELLED, TaskState.DELETED):
        return TaskState.COMPLETED
    return status or ("" if closed is None else OPEN)


def _outcome(said: str) -> Cells:
    """One of our outcomes, or the words as they stand."""
    text = " ".join(said.split())
    word = OUTCOMES.get(plain(text), plain(text))
    return {"outcome": str(word)} if word in tuple(TaskOutcome) else {"said": text}
