"""What came of it: tasks, decisions and the run that made them."""

from __future__ import annotations

from datetime import date
from typing import Any

from reengage.model.base import Moment, Noun
from reengage.model.words import Channel, Outcome, Priority


class Task(Noun):
    """One reason to reach out, with its context, for one rep; `key` is its dedupe key, for ever.

    `account_key` tells companies apart, also those that are not in the book.
    """

    key: str
    rule: str
    revision: str
    contact_id: int
    contact_key: str
    contact_name: str
    account_id: int | None
    account: str
    account_key: str = ""
    channel: Channel
    priority: Priority
    subject: str
    note: str
    due: date
    owner: str
    because: str
    last_words: str
    evidence: tuple[dict[str, Any], ...]
    trigger: str
    created_at: Moment


class Decision(Noun):
    """What became of one candidate in one run, and why, in words."""

    contact_id: int
    contact_key: str
    outcome: Outcome
    rule: str | None = None
    revision: str | None = None
    trigger: str | None = None
    reason: str = ""
    task: Task | None = None
    used: tuple[str, ...] = ()
    recheck_at: Moment | None = None


class Summary(Noun):
    """One run in numbers: the counts of its outcomes add up to its candidates.

    `tasks` and `decisions` are all of them, or the first so many where a run was told to keep no more.
    """

    run_id: int | None
    at: Moment
    rules: dict[str, str]
    matchers: tuple[str, ...]
    candidates: int
    outcomes: dict[str, int]
    tasks: tuple[Task, ...]
    notices: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
