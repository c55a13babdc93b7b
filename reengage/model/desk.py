"""The words of the desk, where what people answered is handled: what is owed, how soon, and what to learn from it."""

from __future__ import annotations

from enum import StrEnum


class SlaKind(StrEnum):
    """What is owed: a `reply`, the `confirmation` of a stop, an `introduction` to ask for, or an `escalation`.

    An escalation is a manager's matter, and no word of it goes to the contact.
    """

    REPLY = "reply"
    CONFIRMATION = "confirmation"
    INTRODUCTION = "introduction"
    ESCALATION = "escalation"


TO_THE_CLOSED = frozenset({SlaKind.CONFIRMATION, SlaKind.ESCALATION})
"""What may be owed although somebody has said stop."""


class SlaState(StrEnum):
    """What became of it: to be done, done, or no longer to be done."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class Tag(StrEnum):
    """What is to be looked at so that the next list, script or segment is better."""

    ICP_REVIEW = "icp_review"
    SEGMENTATION_DEFECT = "segmentation_defect"
    MANAGER_REVIEW = "manager_review"
    COMPETITOR = "competitor"
    SCRIPT_REVIEW = "script_review"
