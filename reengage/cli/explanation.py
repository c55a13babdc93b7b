"""What is known of one contact as tables and as JSON: verdict, guards, nearest miss, rules, earlier runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from reengage.app.explain import Explanation, Past
from reengage.cli import output
from reengage.engine.condition import Condition
from reengage.engine.explain import RuleStory
from reengage.engine.guards import Guard
from reengage.engine.nearest import NearMiss
from reengage.model.signal import Heard

MOST_RULES = 3
"""Rules that are shown where nobody asks for all: those that say something, then the nearest."""

_MARKS = {True: "yes", False: "NO", None: "unknown"}


def as_json(found: Explanation) -> dict[str, Any]:
    """All of it as JSON values; of someone who opted out there is the refusal alone."""
    decision = found.decision
    told = ("outcome", "rule", "revision", "reason")
    return {
        "contact_id": found.contact,
        "at": found.at.isoformat(),
        "refusal": found.refusal,
        "supposed": [_heard_json(one) for one in found.supposed],
        "verdict": decision and {name: getattr(decision, name) for name in told},
        "guards": [asdict(guard) for guard in found.guards],
        "nearest_miss": found.nearest and _near_json(found.nearest),
        "rules": [_story_json(story) for story in found.rules],
        "past": [asdict(past) for past in found.past],
        "changed_rules": list(found.changed),
    }


def _heard_json(one: Heard) -> dict[str, Any]:
    return {"kind": one.kind, "occurred_at": one.occurred_at, "certainty": one.certainty, "facts": one.facts}


def _near_json(near: NearMiss) -> dict[str, Any]:
    failing = near.story.failing
    return {
        "rule": near.story.rule.id,
        "revision": near.story.rule.revision,
        "would_fire_if": [one.would for one in failing],
        "conditions": [_condition_json(one) for one in failing],
        "fires_on": near.fires_on,
    }


def _story_json(story: RuleStory) -> dict[str, Any]:
    return {
        "rule": story.rule.id,
        "revision": story.rule.revision,
        "finding": story.match.finding if story.match else "says nothing",
        "conditions": [_condition_json(one) for one in story.conditions],
    }


def _condition_json(one: Condition) -> dict[str, Any]:
    names = ("section", "name", "wants", "met", "holds", "fails", "on")
    return {**{name: getattr(one, name) for name in names}, "line": str(one.at)}


def show(found: Explanation, every: bool, zone: str) -> None:
    """For people: the verdict and what would have to change first, then the rules that come closest, or every one."""
    name = f" {found.name}" if found.name else ""
    output.say(f"{found.contact}{name} at {output.local(found.at, zone)}", style="bold")
    for one in found.supposed:
        output.say(f"  supposed: {one.kind}, {output.local(one.occurred_at, zone)}, {one.certainty}")
    if found.refusal:
        output.say(f"  {found.refusal}; no rule is asked", style="red")
    if found.decision:
        output.say(f"  judged now: {found.decision.outcome}: {found.decision.reason}")
    for guard in found.guards:
        output.say(f"  guard: {_told(guard, zone)}")
    for line in _near(found.nearest) if found.nearest else ():
        output.say(f"  {line}")
    for line in _earlier(found, zone):
        output.say(f"  {line}")
    _show_rules(found, every)


def _told(guard: Guard, zone: str) -> str:
    return f"{guard.what} ({guard.outcome}), until {guard.until.astimezone(ZoneInfo(zone)):%Y-%m-%d}"


def _near(near: NearMiss) -> Iterator[str]:
    yield f"nearest miss: {near.story.rule.id} would fire if:"
    yield from (f"  {one.would}" for one in near.story.failing)
    if near.fires_on:
        yield f"  time alone brings that about: on {near.fires_on}"


def _earlier(found: Explanation, zone: str) -> Iterator[str]:
    if found.past:
        yield "earlier runs:"
    for past in found.past:
        rule = f" ({past.rule})" if past.rule else ""
        yield f"  {output.local(past.at, zone)}  {past.outcome}{rule}: {past.reason}"
        if past.changed:
            yield f"    {_since(past)}"
    if found.changed:
        yield f"changed since the last run, and judged here as they are in the files now: {', '.join(found.changed)}"


def _since(past: Past) -> str:
    now = f"it is now {past.now_revision}" if past.now_revision else "it is gone"
    return f"decided by revision {past.revision}; {now}"


def _show_rules(found: Explanation, every: bool) -> None:
    heard = [story for story in found.rules if every or _has_news(story)]
    last = next((past.rule for past in found.past if past.outcome == "task"), None)
    nearest = found.nearest.story.rule.id if found.nearest else None
    heard.sort(
        key=lambda story: (
            story.match is None,
            story.rule.id != last,
            story.rule.id != nearest,
            len(story.failing),
        )
    )
    shown = heard if every else heard[:MOST_RULES]
    for story in shown:
        _show_rule(story)
    if len(shown) < len(found.rules):
        hidden = output.counted(len(found.rules) - len(shown), "rule is", "rules are")
        output.say(f"{hidden} further away, or heard nothing (--all shows them)")


def _has_news(story: RuleStory) -> bool:
    return story.match is not None or any(one.section.startswith("when") and one.holds for one in story.conditions)


def _show_rule(story: RuleStory) -> None:
    says = str(story.match.finding) if story.match else f"{output.counted(len(story.failing), 'condition')} short"
    rows = [(one.section, one.wants, one.met, _MARKS[one.holds]) for one in story.conditions]
    title = f"{story.rule.id} ({story.rule.revision}): {says}"
    output.say_table(("part", "condition", "value", "in order"), rows, title=title)
