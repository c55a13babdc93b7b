from __future__ import annotations

import pytest

from reengage.language.revision import digest_of, revision_of
from tests.language.sample import THEN, rule_of

BASE = (
    "who: {said: [not_now, no_budget], held_for: {at_least: 30 days}}",
    "when: {any: [{intent: {topic: [a, b], score: 5}}, visit]}",
    "unless: {account_status: customer}",
    THEN,
)
SAME = {
    "other words about it": ("title: T", "description: D", "enabled: false", "formerly: old", *BASE),
    "the defaults written out": (*BASE, "cooldown: 90 days", "good_for: 90 days", "before_promise: false"),
    "another order": (
        "who: {held_for: {at_least: 30 days}, said: [no_budget, not_now]}",
        "when: {any: [visit, {intent: {score: 5, topic: [B, A]}}]}",
        *BASE[2:],
    ),
}
OTHER = {
    "another bound": ("who: {said: [not_now, no_budget], held_for: {at_least: 31 days}}", *BASE[1:]),
    "another mode": (BASE[0], BASE[1].replace("any", "all"), *BASE[2:]),
    "one stop less": (*BASE[:2], THEN),
    "another subject": (*BASE[:3], "then: {create_task: {subject: Hallo}}"),
    "another priority": (*BASE[:3], "then: {create_task: {subject: Hello, priority: low}}"),
    "another channel": (*BASE[:3], "then: {create_task: {subject: Hello, channel: phone}}"),
    "a cooldown": (*BASE, "cooldown: 91 days"),
    "a shorter life": (*BASE, "good_for: 30 days"),
    "before a promise": (*BASE, "before_promise: true"),
    "an equal string and number": (BASE[0], BASE[1].replace("score: 5", "score: {at_least: 5, at_most: 5}"), *BASE[2:]),
}


@pytest.mark.parametrize("lines", SAME.values(), ids=SAME)
def test_what_changes_nothing_keeps_the_revision(lines: tuple[str, ...]) -> None:
    assert rule_of(*lines).revision == rule_of(*BASE, id="another-id").revision


@pytest.mark.parametrize("lines", OTHER.values(), ids=OTHER)
def test_what_changes_the_meaning_changes_the_revision(lines: tuple[str, ...]) -> None:
    assert rule_of(*lines).revision != rule_of(*BASE).revision


def test_a_revision_is_twelve_digits_and_the_same_tomorrow() -> None:
    assert revision_of(rule_of(*BASE)) == "01b159e75158"


def test_the_digest_of_a_set_ignores_order_and_disabled_rules() -> None:
    one, two = rule_of(*BASE, id="one"), rule_of(*BASE, id="two")
    off = rule_of(*BASE, "enabled: false", id="off")
    assert digest_of([one, two]) == digest_of([two, off, one])
    assert digest_of([one, two]) != digest_of([one])
