"""A rule that is not asked about somebody would have had nothing to say of them, now or at any later time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest

from reengage.engine import relevance
from reengage.engine.match import Match
from reengage.engine.news import ActiveRule
from reengage.engine.now import Now
from reengage.engine.plain import judge
from reengage.engine.relevance import Relevance, words_of
from reengage.language.tree import Is, Line, Position
from reengage.model.candidate import Candidate
from reengage.model.conversation import Hold
from reengage.model.facts import Fact, FactType
from tests.engine import chance

LATER = (0, 1, 20, 45, 100, 400)
"""Days after which they are asked again."""


def overlooked(seed: int) -> tuple[set[tuple[str, str]], int, int]:
    """Rules that would have said something of people whom they were not asked about; how many were asked, and not."""
    dice = Random(seed)
    rules = tuple(chance.rule(dice, number) for number in range(20))
    now, people = chance.now(dice), [chance.candidate(dice, number) for number in range(20)]
    finder, asked, found = Relevance(rules), 0, set()
    for one in people:
        relevant = [found.active for found in finder.concerns(one)]
        asked += len(relevant)
        others = [active for active in rules if active not in relevant]
        found |= {(active.rule.id, one.contact.key) for active in others if _speaks(active, one, now)}
    return found, asked, len(rules) * len(people)


def _speaks(active: ActiveRule, one: Candidate, now: Now) -> bool:
    return any(judge(one, active, Now(now.at + timedelta(days=days), now.zone)) is not None for days in LATER)


def test_no_rule_that_would_say_something_is_left_out() -> None:
    asked = total = 0
    for seed in range(40):
        found, some, all_of_them = overlooked(seed)
        assert not found, f"seed {seed}"
        asked, total = asked + some, total + all_of_them
    assert 0 < asked < total / 2


def narrowed(seed: int) -> Iterator[tuple[Match | None, Match | None]]:
    """What rules say of people by all of their signals, and by those alone that could matter to them."""
    dice = Random(seed)
    finder = Relevance(tuple(chance.rule(dice, number) for number in range(20)))
    now, people = chance.now(dice), [chance.candidate(dice, number) for number in range(20)]
    for one in people:
        for concern in finder.concerns(one):
            yield judge(one, concern.active, now), judge(one, concern.active, now, concern.heard)


def test_what_could_not_matter_to_a_rule_changes_nothing_that_it_says() -> None:
    said = [pair for seed in range(40) for pair in narrowed(seed)]
    assert all(by_all == by_some for by_all, by_some in said)
    assert 50 < sum(by_all is not None for by_all, _ in said) < len(said)


def test_signals_left_out_that_matter_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relevance.Interest, "takes", lambda interest, heard: heard.seq % 2 == 0)
    assert any(by_all != by_some for seed in range(40) for by_all, by_some in narrowed(seed))


def test_one_that_leaves_out_too_much_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relevance, "compare_number", lambda value, test: False)
    assert any(overlooked(seed)[0] for seed in range(40))


def test_what_is_remembered_of_a_contact_is_of_this_very_candidate() -> None:
    dice = Random(5)
    finder = Relevance(tuple(chance.rule(dice, number) for number in range(60)))
    people = [chance.candidate(dice, number) for number in range(20)]
    first = next(one for one in people if finder.concerns(one))
    assert finder.concerns(first) is finder.concerns(first)
    assert finder.concerns(first.model_copy(update={"heard": (), "conversation": None, "hold": bare(first)})) == ()


def bare(one: Candidate) -> Hold:
    """The hold of a contact, without a date."""
    return one.hold.model_copy(update={"until": None})


def test_one_and_true_are_different_words() -> None:
    one, true = (Line(Fact("promised", FactType.FLAG), Is((word,)), Position("rules.yaml", 1, 1)) for word in (1, True))
    assert (words_of(one), words_of(true)) == ({"1"}, {"true"})


def test_rules_come_in_their_order() -> None:
    dice = Random(3)
    rules = tuple(chance.rule(dice, number) for number in range(60))
    places = {id(active): place for place, active in enumerate(rules)}
    for number in range(20):
        found = [places[id(one.active)] for one in Relevance(rules).concerns(chance.candidate(dice, number))]
        assert found == sorted(set(found))
