"""What two sets of rules make of the same contacts, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from reengage.language.tree import Rule
from reengage.model.decision import Decision, Task
from reengage.model.words import Outcome

SILENT = frozenset({Outcome.NO_MATCH, Outcome.EXPIRED})
"""No rule has anything to say of the contact."""

CLOSED = frozenset({Outcome.OPTED_OUT, Outcome.EXCLUDED})
"""No rule was asked."""


def reason_of(decision: Decision) -> str:
    """Why there is no task, the outcome first."""
    told, outcome = decision.reason, decision.outcome.value
    return told if told.startswith(outcome) else f"{outcome}: {told}"


@dataclass(frozen=True)
class Side:
    """One set of rules, and what it makes of every contact that was judged."""

    rules: tuple[Rule, ...]
    decisions: tuple[Decision, ...]

    @cached_property
    def by_contact(self) -> dict[int, Decision]:
        """The decisions by contact."""
        return {decision.contact_id: decision for decision in self.decisions}

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks it makes."""
        return tuple(decision.task for decision in self.decisions if decision.task)

    @cached_property
    def by_id(self) -> dict[str, Rule]:
        """The rules by id."""
        return {rule.id: rule for rule in self.rules}

    def counterpart(self, rule: Rule) -> Rule | None:
        """What a rule of the other side is called here: it may have been renamed."""
        return self.by_id.get(rule.id) or next((one for one in self.rules if _same(one, rule)), None)


def _same(one: Rule, other: Rule) -> bool:
    """Whether two rules are one: the id of either is, or was, the other's."""
    return one.id in other.ids or other.id in one.ids


@dataclass(frozen=True, slots=True)
class Change:
    """One thing about a task that differs, in words."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One contact of whom the two sides do not say the same; `why` tells what a task that is gone lacks."""

    before: Decision
    after: Decision
    changes: tuple[Change, ...] = ()
    why: str = ""

    @property
    def contact(self) -> str:
        """The contact_id."""
        return self.after.contact_key

    @property
    def task(self) -> Task:
        """The task after, or the one before where there is none after; raises ValueError where neither is."""
        task = self.after.task or self.before.task
        if task is None:
            raise ValueError(f"no task for {self.contact}")
        return task


@dataclass(frozen=True, slots=True)
class Count:
    """How many tasks a rule makes or an owner gets, before and after; `change` is what happened to a rule itself."""

    name: str
    before: int
    after: int
    change: str = ""


@dataclass(frozen=True, slots=True)
class Impact:
    """All differences, each contact in one group; `before + added - removed` is `after`, in tasks.

    `blocked`: no task on either side, and only the second has a rule that wants one and is held back; `unblocked`:
    the other way round.
    """

    before: int
    after: int
    judged: int
    opted_out: int
    added: tuple[Difference, ...]
    removed: tuple[Difference, ...]
    changed: tuple[Difference, ...]
    blocked: tuple[Difference, ...]
    unblocked: tuple[Difference, ...]
    rules: tuple[Count, ...]
    owners: tuple[Count, ...]


def compare(before: Side, after: Side) -> Impact:
    """Put two sides that judged the same contacts beside each other."""
    found: dict[str, list[Difference]] = {name: [] for name in ("added", "removed", "changed", "blocked", "unblocked")}
    for contact, first in before.by_contact.items():
        second = after.by_contact[contact]
        changes = tuple(_changes(before, first.task, after, second.task)) if first.task and second.task else ()
        group = _group(first, second, changes)
        if group:
            found[group].append(Difference(first, second, changes))
    return Impact(
        before=len(before.tasks),
        after=len(after.tasks),
        judged=len(after.decisions),
        opted_out=sum(decision.outcome in CLOSED for decision in after.decisions),
        rules=tuple(_rules(before, after)),
        owners=_owners(before.tasks, after.tasks),
        **{name: tuple(sorted(some, key=_place)) for name, some in found.items()},
    )


def _place(one: Difference) -> tuple[str, str]:
    return one.after.rule or one.before.rule or "", one.contact


def _group(before: Decision, after: Decision, changes: tuple[Change, ...]) -> str | None:
    if before.task and after.task:
        return "changed" if changes else None
    if after.task:
        return "added"
    if before.task:
        return "removed"
    if (before.outcome in SILENT) == (after.outcome in SILENT):
        return None
    return "blocked" if before.outcome in SILENT else "unblocked"


_SAID = ("priority", "channel", "owner", "due", "account", "subject")


def _changes(then: Side, before: Task, now: Side, after: Task) -> Iterator[Change]:
    if not _same(then.by_id[before.rule], now.by_id[after.rule]):
        yield Change("rule", before.rule, after.rule)
    for name in _SAID:
        old, new = str(getattr(before, name)), str(getattr(after, name))
        if old != new:
            yield Change(name, old, new)
    if before.note != after.note:
        yield Change("note", _only_in(before.note, after.note), _only_in(after.note, before.note))


def _only_in(text: str, other: str) -> str:
    """The lines of a text that the other lacks."""
    lines = set(other.splitlines())
    return "\n".join(line for line in text.splitlines() if line not in lines)


def _rules(before: Side, after: Side) -> Iterator[Count]:
    """Every rule that is not the same on both sides, or makes another number of tasks."""
    first, second = _by_rule(before.tasks), _by_rule(after.tasks)
    taken = set()
    for rule in sorted(after.rules, key=lambda rule: rule.id):
        old = before.counterpart(rule)
        taken.add(old.id if old else "")
        count = Count(rule.id, first[old.id] if old else 0, second[rule.id], _change(old, rule))
        if count.change or count.before != count.after:
            yield count
    gone = sorted(before.by_id.keys() - taken)
    yield from (Count(id, first[id], 0, "gone") for id in gone)


def _change(before: Rule | None, after: Rule) -> str:
    if before is None:
        return "new"
    if before.enabled != after.enabled:
        return "switched on" if after.enabled else "switched off"
    if before.id != after.id:
        return f"was {before.id}"
    return "changed" if before.revision != after.revision else ""


def _by_rule(tasks: Iterable[Task]) -> Counter[str]:
    return Counter(task.rule for task in tasks)


def _owners(before: Iterable[Task], after: Iterable[Task]) -> tuple[Count, ...]:
    first, second = Counter(task.owner for task in before), Counter(task.owner for task in after)
    return tuple(Count(owner, first[owner], second[owner]) for owner in sorted(first.keys() | second.keys()))
