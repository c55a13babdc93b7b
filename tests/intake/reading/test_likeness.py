from __future__ import annotations

import math

import pytest

from reengage.intake.reading.likeness import DOUBT, LIKE_AGAINST, learn, second_opinion
from reengage.language.examples import Example, Examples
from reengage.model.reading import Reading
from reengage.model.words import STOPS, Response

STOP = ("forget that I exist", "let me be, will you", "leave this old man alone", "I want my peace and quiet")
OTHER = ("call me in spring", "we have a vendor", "who is this about", "send me the prices")
EXAMPLES: Examples = (
    *(Example("stop_emailing", words) for words in STOP * 2),
    *(Example("other", words) for words in OTHER * 2),
)
LIKENESS = learn(EXAMPLES)
NOTHING = Reading(response=Response.OTHER, certainty=0.0)


def test_what_is_like_a_stop_is_in_doubt_and_says_what_it_is_like() -> None:
    found = second_opinion(NOTHING, "please forget that we exist", LIKENESS)
    assert (found.doubtful_stop, found.response, found.certainty) == (True, Response.STOP_EMAILING, DOUBT)
    assert found.evidence[0].phrase == "like “forget that I exist”"
    assert found.evidence[0].quote == "please forget that we exist"


@pytest.mark.parametrize("words", ["call me in the spring", "", "\x00", "zzz qqq", "🙂" * 5_000])
def test_what_is_not_like_one_stays_as_it_was(words: str) -> None:
    assert second_opinion(NOTHING, words, LIKENESS) == NOTHING


def test_a_stop_that_phrases_have_found_needs_no_second_opinion() -> None:
    for stop in STOPS:
        sure = Reading(response=stop, certainty=0.96)
        assert second_opinion(sure, "call me in spring", LIKENESS) is sure


def test_a_hint_in_what_is_nothing_like_a_stop_goes_to_a_person_as_what_else_it_may_be() -> None:
    hint = Reading(response=Response.UNSUBSCRIBE, certainty=0.5, doubtful_stop=True, also=(Response.NOT_NOW,))
    found = second_opinion(hint, "call me in spring, send me the prices, we have a vendor", LIKENESS)
    assert (found.doubtful_stop, found.response, found.certainty, found.also) == (False, Response.NOT_NOW, 0.5, ())
    assert second_opinion(hint, "let me be, will you", LIKENESS) is hint


def test_a_clear_other_answer_stands_against_a_weak_likeness_and_is_kept_beside_a_strong_one() -> None:
    clear = Reading(response=Response.NOT_NOW, certainty=0.92)
    assert LIKENESS
    strong = "forget that I exist, leave me alone, let me be, peace and quiet"
    assert LIKENESS.of(strong) > LIKE_AGAINST
    found = second_opinion(clear, strong, LIKENESS)
    assert (found.doubtful_stop, found.also) == (True, (Response.NOT_NOW,))
    assert second_opinion(clear, "call me in spring", LIKENESS) is clear


@pytest.mark.parametrize("examples", [(), EXAMPLES[:8], EXAMPLES[8:]])
def test_without_both_kinds_of_examples_there_is_no_opinion(examples: Examples) -> None:
    assert learn(examples) is None
    assert second_opinion(NOTHING, "forget that I exist", learn(examples)) == NOTHING


def test_only_what_is_seen_twice_counts_and_by_the_log_of_its_rates() -> None:
    likeness = learn((*EXAMPLES, Example("hostile", "forget it all")))
    assert likeness
    assert likeness.weights["forget"] == pytest.approx(math.log(3.3 / 9.6) - math.log(0.3 / 8.6))
    assert "all" not in likeness.weights
    assert likeness.prior == pytest.approx(math.log(9 / 8))
