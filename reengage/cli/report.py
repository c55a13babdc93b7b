"""What a change of rules would do, in sentences, and as Markdown for a pull request.

The Markdown names no contact and quotes nobody: a pull request outlives an erasure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from reengage.app.impact import Answer
from reengage.cli.output import counted
from reengage.engine.impact import Change, Count, Difference, reason_of
from reengage.model.decision import Decision, Task

T = TypeVar("T")
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """An answer with what stands around it: the names of both sets, the moment, how many rows to show of each group."""

    answer: Answer
    before: str
    after: str
    at: str
    with_past: bool
    limit: int
    verdict: str

    @property
    def headline(self) -> str:
        """The numbers; before + added - removed is after."""
        found = self.answer.impact
        groups = f"{len(found.added):,} added, {len(found.removed):,} removed, {len(found.changed):,} changed"
        return f"tasks {found.before:,} → {found.after:,}: {groups}, {len(found.blocked):,} newly held back"

    @property
    def scope(self) -> str:
        """What was judged, and as what."""
        past = "earlier tasks and rests count" if self.with_past else "as in a first run, earlier tasks set aside"
        return f"every held contact, every signal that is still good; {past}"

    @property
    def people(self) -> str:
        """How many were judged, and how many of them are never shown."""
        found = self.answer.impact
        return f"{counted(found.judged, 'contact')} judged, {found.opted_out:,} of them opted out and in no line"


def told(changes: Iterable[Change]) -> list[Change]:
    """What is worth a line: a note follows from everything else, so it counts only where nothing else differs."""
    listed = list(changes)
    return [one for one in listed if one.what != "note"] or listed


def cut(rows: Sequence[T], limit: int) -> tuple[Sequence[T], str]:
    """As many rows as are shown, and what is said of the others; nothing where there are none."""
    left = len(rows) - limit
    return rows[:limit], f"and {left:,} more" if left > 0 else ""


_TASK = ("contact", "company", "rule", "how", "due", "owner")
_HELD = ("contact", "rule", "because")


def markdown(report: Report) -> str:
    """The whole report; every cell that could hold a word from outside is code, so that none of it is markup."""
    found = report.answer.impact
    verdict = [f"**{report.verdict}**"] if report.verdict else []
    parts = (
        f"### What these rules would change: {report.headline}",
        f"{_code(report.before)} → {_code(report.after)} at {report.at}: {report.scope}. {report.people}.",
        *verdict,
        *(f"* {_code(notice)}" for notice in report.answer.notices),
        *_part(report, "Rules", ("rule", "itself", "tasks before", "after"), found.rules, _rule),
        *_part(report, "Added", _TASK, found.added, _task),
        *_part(report, "Removed", (*_TASK, "because"), found.removed, _removed),
        *_part(report, "Changed", ("contact", "company", "rule", "what"), found.changed, _changed),
        *_part(report, "Newly held back", _HELD, found.blocked, lambda one: _held(one.after)),
        *_part(report, "No longer held back", _HELD, found.unblocked, lambda one: _held(one.before)),
        *_part(report, "Owners", ("owner", "tasks before", "after"), found.owners, _owner),
    )
    return "\n\n".join(parts)


def _part(report: Report, title: str, headings: Row, some: Sequence[T], row: Callable[[T], Row]) -> Iterator[str]:
    if not some:
        return
    shown, more = cut(some, report.limit)
    lines = (headings, ("---",) * len(headings), *map(row, shown))
    yield f"#### {title}: {len(some):,}"
    yield "\n".join(f"| {' | '.join(line)} |" for line in lines)
    if more:
        yield more


def _rule(one: Count) -> Row:
    return _code(one.name), one.change or "as it was", f"{one.before:,}", f"{one.after:,}"


def _owner(one: Count) -> Row:
    return _code(one.name), f"{one.before:,}", f"{one.after:,}"


def _task(one: Difference) -> Row:
    task = one.task
    return (*_whom(task), f"{task.priority}, {task.channel}", f"{task.due}", _code(task.owner))


def _whom(task: Task) -> Row:
    return _code(task.contact_key), _code(task.account), _code(task.rule)


def _removed(one: Difference) -> Row:
    return (*_task(one), _code(one.why))


def _changed(one: Difference) -> Row:
    return (*_whom(one.task), "; ".join(map(_change, told(one.changes))))


def _change(one: Change) -> str:
    """What differs; texts are named, not quoted."""
    return one.what if one.what in ("subject", "note") else f"{one.what} {_code(one.before)} → {_code(one.after)}"


def _held(one: Decision) -> Row:
    return _code(one.contact_key), _code(one.rule or ""), _code(reason_of(one))


def _code(text: str) -> str:
    """Words as they are, on one line of a table."""
    words = " ".join(text.split()).replace("`", "'").replace("|", "\\|")
    return f"`{words}`" if words else ""
