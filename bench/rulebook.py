"""Rules by the dozen, of the forms that the starter rules have: as YAML for us, and as plain values for others.

However many there are, together they ask for the same topics, departments and countries, each for its share, so that
about as many contacts survive two rules as two hundred.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[1]

TOPICS = tuple(f"topic {number}" for number in range(1, 101))
DEPARTMENTS = tuple(f"department {number}" for number in range(1, 41))
COUNTRIES = ("GB", "DE", "FR", "ES", "IT", "NL", "SE", "PL", "US", "CA")
SENIORITIES = ("director", "vp", "c_level")
"""Those that a rule on new jobs asks for."""

PER_FILE = 100
"""Rules in one file."""

_FORMS = (
    *("intent", "job_change", "intent", "team_expansion", "intent"),
    *("contract_renewal", "intent", "job_change", "intent", "snooze_ended"),
)
_SAID = {
    "intent": (("not_now", "no_budget"), ("no_budget", "already_with_vendor"), ("not_now", "already_with_vendor")),
    "job_change": (("not_now", "no_budget", "not_interested"),),
    "team_expansion": (("not_now", "no_budget"),),
    "contract_renewal": (("already_with_vendor",),),
    "snooze_ended": (("not_now",),),
}
_TOML = """\
time_zone = "UTC"
country = "GB"
default_owner = "lead@us.example"

[caps]
open_tasks_per_account = 1000000
new_tasks_per_owner_per_day = 1000000
email_touches = 1000000
reps_per_week = 1000000
max_tasks = 1000000
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one rule asks for, as plain values; ages and spans are days, empty and zero mean that it does not ask."""

    order: int
    kind: str
    said: tuple[str, ...]
    among: frozenset[str]
    held_for: int
    promised: bool = False
    within: int = 0
    score: int = 0
    count: int = 0
    open_roles: int = 0
    due_in: tuple[int, int] = (0, 0)
    no_customers: bool = False
    cooldown: int = 90

    @property
    def id(self) -> str:
        """What the rule is called."""
        return f"rule-{self.order + 1:03}"

    @property
    def rank(self) -> int:
        """Its priority: 0 high, 1 normal, 2 low."""
        return {"job_change": 0, "snooze_ended": 2}.get(self.kind, 1)


def asked(rules: int) -> tuple[Asked, ...]:
    """So many rules; each form's share of what there is to ask for is dealt out among the rules of that form."""
    forms = [_FORMS[number % len(_FORMS)] for number in range(rules)]
    return tuple(
        _asked(order, kind, forms[:order].count(kind), min(forms.count(kind), len(_DEALT[kind])))
        for order, kind in enumerate(forms)
    )


_DEALT = {
    "intent": TOPICS,
    "job_change": DEPARTMENTS,
    "team_expansion": DEPARTMENTS,
    "contract_renewal": COUNTRIES,
    "snooze_ended": COUNTRIES,
}


def _asked(order: int, kind: str, number: int, hands: int) -> Asked:
    among = frozenset(_DEALT[kind][number % hands :: hands])
    said = _SAID[kind][number % len(_SAID[kind])]
    held = 30 + number // hands  # where more rules than shares are dealt, no two ask the same
    if kind == "intent":
        count, score = (2, 80) if number % 5 == 4 else (0, 91)
        return Asked(order, kind, said, among, held, within=14, score=score, count=count, no_customers=True)
    if kind == "job_change":
        return Asked(order, kind, said, among, held, within=45, no_customers=True, cooldown=180)
    if kind == "team_expansion":
        return Asked(order, kind, said, among, held, within=28, open_roles=3 + number % 4, no_customers=True)
    if kind == "contract_renewal":
        return Asked(order, kind, said, among, held, due_in=(30, 90), cooldown=270)
    return Asked(order, kind, said, among, held, promised=True)


def as_yaml(one: Asked) -> str:
    """A rule as it stands in a file."""
    conditions = [
        f"within: {one.within} days" if one.within else "",
        f"{_AMONG.get(one.kind)}: {_listed(one.among)}" if one.kind in _AMONG else "",
        f"new_seniority: {_listed(SENIORITIES)}" if one.kind == "job_change" else "",
        f"score: {{at_least: {one.score}}}" if one.score else "",
        f"count: {{at_least: {one.count}}}" if one.count else "",
        f"open_roles: {{at_least: {one.open_roles}}}" if one.open_roles else "",
        f"due_in: {{at_least: {one.due_in[0]} days, at_most: {one.due_in[1]} days}}" if one.due_in[1] else "",
    ]
    when = ", ".join(filter(None, conditions))
    who = [f"said: {_listed(one.said)}", f"held_for: {{at_least: {one.held_for} days}}"]
    who += ["promised: true"] if one.promised else []
    who += [] if one.kind in _AMONG else [f"country: {_listed(one.among)}"]
    unless = ["last_contacted: {at_most: 14 days}"] + (["account_status: customer"] if one.no_customers else [])
    return "\n".join(
        (
            f"  - id: {one.id}",
            f"    title: What {one.id} is for",
            f"    who: {{{', '.join(who)}}}",
            f"    when: {{{one.kind}: {{{when}}}}}" if when else f"    when: {one.kind}",
            f"    unless: {{{', '.join(unless)}}}",
            "    then:",
            "      create_task:",
            f"        priority: {('high', 'normal', 'low')[one.rank]}",
            f'        subject: "{_SUBJECTS[one.kind]}"',
            f"    cooldown: {one.cooldown} days\n",
        )
    )


_AMONG = {"intent": "topic", "job_change": "new_department", "team_expansion": "department"}
"""What of a signal is dealt out; for dates it is the contact's country."""

_SUBJECTS = {
    "intent": "{account.name} is researching {signal.topic}",
    "job_change": "{contact.first_name} is now {signal.new_title} at {signal.new_company}",
    "team_expansion": "{account.name} has {signal.open_roles} open roles in {signal.department}",
    "contract_renewal": "{account.name}'s contract ends on {conversation.contract_ends}",
    "snooze_ended": "{contact.first_name} asked to be contacted again about now",
}


def _listed(words: tuple[str, ...] | frozenset[str]) -> str:
    return f"[{', '.join(sorted(words))}]"


def count_rules(folder: Path) -> int:
    """How many of our rules there are in a project that was made here."""
    files = (folder / "rules").glob("rules-*.yaml")
    return sum(line.startswith("  - id:") for file in files for line in file.read_text("utf-8").splitlines())


def make_project(folder: Path, rules: int, database: str = "sqlite:///reengage.db") -> Path:
    """A project folder with so many rules, caps that stop no task, and our own connector for files of signals."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "reengage.toml").write_text(f'database = "{database}"\n{_TOML}', encoding="utf-8")
    shutil.copytree(ROOT / "rules" / "reading", folder / "rules" / "reading", dirs_exist_ok=True)
    for table in ("responses", "titles", "assets", "replies", "benchmarks"):
        shutil.copy(ROOT / "rules" / f"{table}.yaml", folder / "rules")
    (folder / "connectors").mkdir(exist_ok=True)
    shutil.copy(ROOT / "connectors" / "envelope.yaml", folder / "connectors")
    every = [as_yaml(one) for one in asked(rules)]
    for start, end in pairwise((*range(0, len(every), PER_FILE), len(every))):
        text = "rules:\n" + "".join(every[start:end])
        (folder / "rules" / f"rules-{start:05}.yaml").write_text(text, encoding="utf-8")
    return folder
