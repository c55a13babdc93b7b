"""Checks beyond grammar: each a small function whose docstring explains it to whoever meets its name in brackets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from inspect import getdoc
from itertools import chain

from reengage.language import windows
from reengage.language.assets import Asset
from reengage.language.diagnostic import Diagnostic, Severity, quoted
from reengage.language.nodes import Scalar, find
from reengage.language.placeholders import allowed, faults
from reengage.language.responses import Responses
from reengage.language.revision import meaning_of
from reengage.language.rulefile import Written
from reengage.language.testfile import InlineTest
from reengage.language.tree import Is, Line, Position, Rule
from reengage.language.values import advice
from reengage.model.facts import COMPUTED_KINDS, DATE_KINDS, STANDARD, Vocabulary
from reengage.model.words import Priority

CONTACT_COOLDOWN_DAYS = 14
"""After any task a contact rests so many days whatever the rule (design 5a); a shorter cooldown cannot be felt."""

_RANK = (Priority.HIGH, Priority.NORMAL, Priority.LOW)


@dataclass(frozen=True, slots=True)
class Project:
    """Everything the checks look at.

    `assets` and `responses` are None where their file cannot be used; `complete` is False where anything could not
    be read, so that nobody is told of what only follows from that.
    """

    written: tuple[Written, ...]
    tests: tuple[InlineTest, ...] = ()
    responses: Responses | None = None
    assets: Mapping[str, Asset] | None = None
    complete: bool = True
    vocabulary: Vocabulary = STANDARD

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in their order."""
        return tuple(one.rule for one in self.written)

    @property
    def enabled(self) -> tuple[Written, ...]:
        """The rules that are not switched off."""
        return tuple(one for one in self.written if one.rule.enabled)


Problem = tuple[Position, str, str | None]
"""Where, what is wrong, and advice."""

Run = Callable[[Project], Iterator[Problem]]


def duplicate_id(project: Project) -> Iterator[Problem]:
    """Two rules share an id, or one has an id that another had before: their tasks could not be told apart."""
    seen: dict[str, Position] = {}
    for one in project.written:
        for name, key in ((one.rule.id, "id"), *((former, "formerly") for former in one.rule.formerly)):
            if name in seen:
                yield one.place(key), f"the id {quoted(name)} is taken, see {seen[name]}", "give each rule its own id"
            seen.setdefault(name, one.place(key))


def unknown_placeholder(project: Project) -> Iterator[Problem]:
    """A text holds a placeholder that does not exist, that not every signal of the rule can fill, or a stray brace."""
    for one in project.written:
        known = allowed(one.rule.when, project.vocabulary)
        for key in ("subject", "note"):
            pair = find(one.node, "then", "create_task", key)
            if pair and isinstance(pair.value, Scalar):
                for part, message, help in faults(pair.value.text or "", known, project.vocabulary):
                    yield pair.value.place(part), message, help


def date_only_priority(project: Project) -> Iterator[Problem]:
    """A rule that a calendar alone can fire asks for more than low priority: a date is no reason to hurry."""
    for one in project.written:
        if one.rule.then.priority is not Priority.LOW and _fires_on_a_date(one.rule):
            message = "a rule that a date alone can fire may only create a task of low priority"
            yield one.place("then", "create_task", "priority"), message, "write priority: low, or wait for a signal too"


def _fires_on_a_date(rule: Rule) -> bool:
    dates = [block.kind in DATE_KINDS for block in rule.when.blocks]
    return all(dates) if rule.when.mode == "all" else any(dates)


def empty_window(project: Project) -> Iterator[Problem]:
    """A range holds nothing: its lower bound lies above its upper one, or it is zero long."""
    for one in project.written:
        yield from windows.empty_ranges(one.rule)
        for key in windows.zero_spans(one.rule):
            yield one.place(*key), f"{quoted(key[-1])} is zero: no signal fits", "write at least 1 day"


def unknown_asset(project: Project) -> Iterator[Problem]:
    """A task brings along something that `assets.yaml` does not list."""
    for one in project.written if project.assets is not None else ():
        bring = one.rule.then.bring
        if bring and bring not in (project.assets or {}):
            known = tuple(project.assets or ())
            yield one.place("then", "create_task", "bring"), f"unknown asset {quoted(bring)}", advice(bring, known)


def unknown_rule(project: Project) -> Iterator[Problem]:
    """A test expects a task of a rule that does not exist, so it could never pass."""
    known = tuple(rule.id for rule in project.rules)
    for test in project.tests if project.complete else ():
        for task in chain.from_iterable(expected.tasks for expected in test.expect):
            name = task.values.get("rule")
            if name is not None and name not in known:
                yield task.at, f"no rule has the id {quoted(name)}", advice(name, known)


def untested_rule(project: Project) -> Iterator[Problem]:
    """No test expects a task of this rule, so nobody would notice if it stopped working."""
    if not project.complete:
        return
    tested = {rule for test in project.tests for rule in _rules_named(test)}
    for one in project.enabled:
        if one.rule.id not in tested:
            message = f"no test expects a task of {quoted(one.rule.id)}"
            yield one.place("id"), message, f"add a test with tasks: [{{rule: {one.rule.id}}}]"


def no_quiet_test(project: Project) -> Iterator[Problem]:
    """No test in the file hears a signal of this rule and expects silence, so nothing shows where the rule ends."""
    for one in project.enabled if project.complete else ():
        if not any(_is_quiet_about(test, one.rule) for test in project.tests if test.at.file == one.rule.at.file):
            help = "add a test whose days all say tasks: [], for example with opted_out_on"
            yield one.place("id"), f"no test expects silence of {quoted(one.rule.id)}", help


def _is_quiet_about(test: InlineTest, rule: Rule) -> bool:
    kinds = {block.kind for block in rule.when.blocks}
    heard = {signal.kind for signal in test.signals}
    about = kinds & heard or (kinds & COMPUTED_KINDS and not heard)
    return bool(about) and rule.id not in _rules_named(test) and any(not expected.tasks for expected in test.expect)


def _rules_named(test: InlineTest) -> set[str]:
    return {task.values["rule"] for expected in test.expect for task in expected.tasks if "rule" in task.values}


def short_cooldown(project: Project) -> Iterator[Problem]:
    """The cooldown is shorter than 14 days, in which a contact rests anyway after any task."""
    for one in project.enabled:
        if windows.days_of(one.rule.cooldown)[1] < CONTACT_COOLDOWN_DAYS:
            message = f"a cooldown of {one.rule.cooldown} is shorter than the rest of every contact"
            yield one.place("cooldown"), message, "write at least 14 days"


def never_fires(project: Project) -> Iterator[Problem]:
    """The rule cannot come true: nobody is held for what it asks, or one of its own lines under unless stops it."""
    for one in project.enabled:
        yield from _unheld(one.rule, project.responses or {})
        yield from _self_stopped(one.rule)


def _unheld(rule: Rule, responses: Responses) -> Iterator[Problem]:
    lines = {line.name: line for line in rule.who.lines}
    said, held = lines.get("said"), _values(lines.get("held"))
    holds = {str(policy.hold) for policy in responses.values() if policy.response in _values(said)}
    wanted = set(held or {"snooze", "suppressed"})
    if said and holds and not holds & wanted:
        message = f"nobody who said {said.test} is held as {' or '.join(sorted(map(str, wanted)))}"
        yield said.at, message, "see responses.yaml for what each answer leads to"


def _self_stopped(rule: Rule) -> Iterator[Problem]:
    asked = {line.name: line for line in rule.who.lines}
    for line in rule.unless:
        wanted = _values(asked.get(line.name))
        if wanted and wanted <= _values(line):
            yield line.at, f"{quoted(str(line))} stops every contact that who asks for", "remove one of the two lines"


def _values(line: Line | None) -> set[str | int | float | bool]:
    return set(line.test.values) if line and isinstance(line.test, Is) else set()


def shadowed_rule(project: Project) -> Iterator[Problem]:
    """An earlier rule of at least the same priority fires on exactly the same things, so this one never gets a turn."""
    alike: dict[str, list[tuple[Rule, set[str]]]] = defaultdict(list)
    for one in project.enabled:
        meaning = meaning_of(one.rule)
        stops = set(map(str, meaning["unless"]))
        same = alike[str([meaning[part] for part in ("who", "when", "good_for", "before_promise")])]
        earlier = next((rule for rule, fewer in same if fewer <= stops and _goes_first(rule, one.rule)), None)
        if earlier:
            message = f"{quoted(earlier.id)} fires on the same things first, see {earlier.at}"
            yield one.place("id"), message, "merge the two, or tell them apart under who, when or unless"
        else:
            same.append((one.rule, stops))


def _goes_first(first: Rule, second: Rule) -> bool:
    return _RANK.index(first.then.priority) <= _RANK.index(second.then.priority)


@dataclass(frozen=True, slots=True)
class Check:
    """A named check; an `error` keeps the rules from being used."""

    severity: Severity
    run: Run

    @property
    def name(self) -> str:
        """The name shown in brackets."""
        return self.run.__name__.replace("_", "-")

    @property
    def explanation(self) -> str:
        """What the check says, and why."""
        return getdoc(self.run) or ""


CHECKS = (
    *(
        Check("error", run)
        for run in (duplicate_id, unknown_placeholder, date_only_priority, empty_window, unknown_asset, unknown_rule)
    ),
    *(Check("warning", run) for run in (untested_rule, no_quiet_test, short_cooldown, never_fires, shadowed_rule)),
)
"""Every check beyond grammar."""

GRAMMAR: Mapping[str, str] = {
    "plain-yaml": "The file uses what is not read here: aliases, tags, merge keys, several documents, other encodings.",
    "yaml-syntax": "The file is not YAML.",
    "duplicate-key": "A key stands twice in one block, so one of the two would be lost.",
    "duplicate-phrase": "A phrase stands under two headings of `titles.yaml`.",
    "missing-file": "A table that every project needs is not there.",
    "missing-key": "A block lacks a line that it needs.",
    "unknown-key": "A block has a line that means nothing there.",
    "unknown-signal": "No signal has that name.",
    "wrong-shape": "A list stands where a value is expected, or the other way round, or nothing at all.",
    "wrong-value": "A value is misspelled or out of range.",
    "ambiguous-when": "`when` names several signals without saying whether one is enough (`any`) or all are needed.",
    "opt-out-in-rule": "A rule mentions opting out, which is enforced before any rule is read; none can undo it.",
}
"""What the names mean that the reader itself puts in brackets; all of them are errors."""


def run_checks(project: Project) -> Iterator[Diagnostic]:
    """Everything the checks have to say about a project."""
    for check in CHECKS:
        for at, message, help in check.run(project):
            yield Diagnostic(at, message, check.name, check.severity, help)


def explanations() -> dict[str, str]:
    """Every name that can stand in brackets, with what it means."""
    return {**GRAMMAR, **{check.name: check.explanation for check in CHECKS}}
