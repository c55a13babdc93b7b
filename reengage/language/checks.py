"""Checks beyond grammar: each a small function whose docstring explains it to whoever meets its name in brackets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from inspect import getdoc
from itertools import chain

from reengage.language import across, windows
from reengage.language.across import Problem
from reengage.language.assets import Asset
from reengage.language.diagnostic import Diagnostic, Severity, quoted
from reengage.language.nodes import Scalar, find
from reengage.language.placeholders import allowed, faults
from reengage.language.replies import PREFERENCE_CENTRE, Replies, Template
from reengage.language.responses import Policy, Responses
from reengage.language.rulefile import Written
from reengage.language.testfile import InlineTest
from reengage.language.tree import Position, Rule
from reengage.language.values import advice
from reengage.model.facts import COMPUTED_KINDS, DATE_KINDS, STANDARD, Vocabulary
from reengage.model.words import Priority

CONTACT_COOLDOWN_DAYS = 14
"""After any task a contact rests so many days whatever the rule (design 5a); a shorter cooldown cannot be felt."""


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
    made: across.Made | None = None
    replies: Replies | None = None

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that can be read, in their order."""
        return tuple(one.rule for one in self.written if one.whole)

    @property
    def enabled(self) -> tuple[Written, ...]:
        """The rules that can be read and are not switched off."""
        return tuple(one for one in self.written if one.whole and one.rule.enabled)


Run = Callable[[Project], Iterator[Problem]]


def duplicate_id(project: Project) -> Iterator[Problem]:
    """Two rules share an id, or one has an id that another had before: their tasks could not be told apart."""
    seen: dict[str, Position] = {}
    for one in (one for one in project.written if one.rule.id):
        for name, key in ((one.rule.id, "id"), *((former, "formerly") for former in one.rule.formerly)):
            if name in seen:
                yield one.place(key), f"the id {quoted(name)} is taken, see {seen[name]}", "give each rule its own id"
            seen.setdefault(name, one.place(key))


def unknown_placeholder(project: Project) -> Iterator[Problem]:
    """A text holds a placeholder that does not exist, that not every signal of the rule can fill, or a stray brace."""
    for one in (one for one in project.written if one.rule.when.blocks):
        known = allowed(one.rule.when, project.vocabulary)
        for key in ("subject", "note"):
            pair = find(one.node, "then", "create_task", key)
            if pair and isinstance(pair.value, Scalar):
                for part, message, help in faults(pair.value.text or "", known, project.vocabulary):
                    yield pair.value.place(part), message, help


def date_only_priority(project: Project) -> Iterator[Problem]:
    """A rule that a calendar alone can fire asks for more than low priority: a date is no reason to hurry."""
    for one in project.written:
        if one.whole and one.rule.then.priority is not Priority.LOW and _fires_on_a_date(one.rule):
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
    tests: dict[str, list[InlineTest]] = defaultdict(list)
    for test in project.tests:
        tests[test.at.file].append(test)
    for one in project.enabled if project.complete else ():
        if not any(_is_quiet_about(test, one.rule) for test in tests[one.rule.at.file]):
            help = "add a test whose days all say tasks: [], for example with opted_out_on"
            yield one.place("id"), f"no test expects silence of {quoted(one.rule.id)}", help


def unknown_reply(project: Project) -> Iterator[Problem]:
    """An answer is to be replied to with a template that `replies.yaml` does not have."""
    for policy in (project.responses or {}).values() if project.replies else ():
        for name, at in _replies_of(policy):
            if name not in _templates(project):
                yield at, f"there is no template {quoted(name)}", advice(name, _templates(project))


def pushy_removal(project: Project) -> Iterator[Problem]:
    """What confirms a stop asks a question or sells: who said stop is told that it is done, and nothing else."""
    named = {policy.desk.reply for policy in (project.responses or {}).values() if policy.opt_out}
    for name, template in _templates(project).items():
        if name in named and project.replies:
            yield from project.replies.pushes(template)


def _replies_of(policy: Policy) -> Iterator[tuple[str, Position]]:
    if policy.desk.reply and policy.desk.at:
        yield policy.desk.reply, policy.desk.at
        if policy.preference_centre:
            yield PREFERENCE_CENTRE, policy.desk.at


def _templates(project: Project) -> Mapping[str, Template]:
    return project.replies.templates if project.replies else {}


def _is_quiet_about(test: InlineTest, rule: Rule) -> bool:
    kinds = rule.when.kinds
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
    """The rule cannot come true: nobody can be whom it asks for, or one of its own lines under unless stops it."""
    for one in project.enabled:
        yield from across.contradictions(one.rule, project.responses or {})


def shadowed_rule(project: Project) -> Iterator[Problem]:
    """Another rule fires on everything that this one fires on and goes first, so this one hardly gets a turn."""
    places = {one.rule.id: one.place("id") for one in project.enabled}
    for rule, first, proof in across.shadowed(one.rule for one in project.enabled):
        message = f"{quoted(first.id)} fires on all that this rule fires on, and goes first, see {first.at}"
        rests = windows.days_of(first.cooldown)[1] > CONTACT_COOLDOWN_DAYS
        turn = f"this one gets a turn only while that one rests ({first.cooldown})" if rests else "it never gets a turn"
        yield places[rule.id], message, f"{proof}; {turn}: merge the two, or tell them apart under who, when or unless"


def unmade_signal(project: Project) -> Iterator[Problem]:
    """No connector of this project makes the signal that the rule waits for."""
    if project.made:
        for one in project.enabled:
            yield from across.unmade(one.rule, project.made)


def unfilled_fact(project: Project) -> Iterator[Problem]:
    """No connector of this project fills a fact that the rule asks for, and an unknown fact never fires."""
    if project.made:
        for one in project.enabled:
            yield from across.unfilled(one.rule, project.made)


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


_DOUBTS: tuple[Run, ...] = (
    *(untested_rule, no_quiet_test, short_cooldown),
    *(never_fires, shadowed_rule, unmade_signal, unfilled_fact),
)
CHECKS = (
    *(
        Check("error", run)
        for run in (
            *(duplicate_id, unknown_placeholder, date_only_priority, empty_window, unknown_asset, unknown_rule),
            *(unknown_reply, pushy_removal),
        )
    ),
    *(Check("warning", run) for run in _DOUBTS),
)
"""Every check beyond grammar."""

GRAMMAR: Mapping[str, str] = {
    "plain-yaml": "The file uses what is not read here: aliases, tags, merge keys, several documents, other encodings.",
    "yaml-syntax": "The file is not YAML.",
    "duplicate-key": "A key stands twice in one block, so one of the two would be lost.",
    "duplicate-phrase": "A phrase stands under two headings of `titles.yaml`.",
    "duplicate-name": "Two connectors have one name, so their signals could not be told apart.",
    "missing-file": "A table that every project needs is not there.",
    "missing-key": "A block lacks a line that it needs.",
    "no-key": "The `map` of a connector does not say whom a signal concerns.",
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
            yield Diagnostic(at, message, check.name, help, check.severity)


def explanations() -> dict[str, str]:
    """Every name that can stand in brackets, with what it means."""
    return {**GRAMMAR, **{check.name: check.explanation for check in CHECKS}}
