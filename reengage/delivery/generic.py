"""Targets for people and importers of any kind: `csv`, clipped to what a spreadsheet holds, and `jsonl`, whole."""

from __future__ import annotations

from reengage.delivery.form import Csv, JsonLines, Row
from reengage.delivery.outgoing import Outgoing, Recall
from reengage.delivery.target import Sheet, Target
from reengage.model.text import clean, clean_lines, clip

LONGEST_CELL = 32_767
"""Characters that a cell of Excel holds (its published limits)."""

_IDS = ("key", "contact_id", "rule", "channel", "priority", "owner")
_CRM_IDS = ("crm_system", "crm_contact_id", "crm_account_id", "crm_owner_id")
_TEXTS = ("contact", "account", "subject", "because", "last_words")

COLUMNS = (
    *("action", "key", "contact_id", "contact", "account", "owner", "channel", "priority", "due", "subject"),
    *("because", "last_words", "note", "rule", *_CRM_IDS),
)


def whole(task: Outgoing) -> Row:
    """Everything about a task, ids as they were imported, words made safe to show."""
    return {
        "action": "create",
        **{name: getattr(task, name) for name in (*_IDS, *_CRM_IDS)},
        **{name: clean(getattr(task, name)) for name in _TEXTS},
        "note": clean_lines(task.note),
        "due": task.due.isoformat(),
        "evidence": list(task.evidence),
    }


def _clipped(task: Outgoing) -> Row:
    return {name: clip(value, LONGEST_CELL) for name, value in whole(task).items() if isinstance(value, str)}


def _recall(recall: Recall) -> Row:
    return {"action": "recall", "key": recall.key, "because": recall.reason}


CSV = Target(
    "csv",
    form=Csv(newline="\r\n", bom=True),
    tasks=Sheet(COLUMNS, _clipped),
    recalls=Sheet(COLUMNS, _recall),
    together=True,
)
"""With a byte order mark, without which Excel takes UTF-8 for something else."""

JSONL = Target(
    "jsonl",
    form=JsonLines(),
    tasks=Sheet((*COLUMNS, "evidence"), whole),
    recalls=Sheet((*COLUMNS, "evidence"), _recall),
    together=True,
)
