"""What an answer comes to: stops first, then what is sure, and a question where it is not."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reengage.intake.verdict import ACT_FROM, decide
from reengage.model.reading import Clues, Evidence, Reading
from reengage.model.reply import Reply
from reengage.model.words import STOPS, Channel, Response

AT = datetime(2026, 6, 1, tzinfo=UTC)
CLUES = Clues(call_back_on=date(2027, 1, 4), vendor="Initrode", referred_to="Jo Berg", wake_on=("sso",))


def reply(said: Response | None = None, **more: object) -> Reply:
    return Reply(who="C1", at=AT, words="the words", said=said, **more)  # type: ignore[arg-type]


def reading(response: Response, certainty: float = 0.92, **more: object) -> Reading:
    quote = Evidence(quote="the words", says=response, phrase="p", language="en")
    return Reading(response=response, certainty=certainty, evidence=(quote,), **more)  # type: ignore[arg-type]


answers = st.sampled_from(list(Response))


@given(st.none() | answers, answers, st.floats(0, 1), st.booleans())
def test_whatever_may_be_a_stop_closes_and_nothing_else_does(
    said: Response | None, response: Response, certainty: float, doubt: bool
) -> None:
    doubt = doubt and response in STOPS
    found = decide(reply(said), reading(response, certainty, doubtful_stop=doubt))
    assert (found.stop is not None) is (said in STOPS or response in STOPS)
    assert (found.stop == "sure") is (
        said in STOPS or (said is None and response in STOPS and not doubt and certainty >= ACT_FROM)
    )
    assert (found.question is not None) or found.response is not None
    assert found.stop != "doubt" or (found.response is None and found.question is not None)
    assert found.response not in STOPS or found.stop == "sure"


@pytest.mark.parametrize(
    ("channel", "response"),
    [(Channel.EMAIL, Response.STOP_EMAILING), (None, Response.STOP_EMAILING), (Channel.PHONE, Response.STOP_CALLING)],
)
def test_who_wants_off_a_list_in_words_has_written_and_not_clicked(channel: Channel | None, response: Response) -> None:
    found = decide(reply(channel=channel), reading(Response.UNSUBSCRIBE, 0.96))
    assert (found.response, found.stop) == (response, "sure")
    assert decide(reply(Response.UNSUBSCRIBE), reading(Response.OTHER, 0)).response is Response.UNSUBSCRIBE


def test_a_day_counts_at_once_and_the_rest_waits_for_a_person() -> None:
    found = decide(reply(), reading(Response.NOT_NOW, clues=CLUES))
    assert found.clues == Clues(call_back_on=date(2027, 1, 4))
    assert found.offered == Clues(vendor="Initrode", referred_to="Jo Berg", wake_on=("sso",))
    assert found.question == (
        "they mention “Initrode” as their vendor; “Jo Berg” as the person to talk to; "
        "that only “sso” would change their mind: is it so?"
    )


def test_what_was_stated_is_not_asked_about() -> None:
    stated = Clues(vendor="Initech", call_back_on=date(2026, 9, 1), referred_to="x", wake_on=("y",))
    found = decide(reply(clues=stated), reading(Response.NOT_NOW, clues=CLUES))
    assert (found.clues, found.offered, found.question) == (stated, Clues(), None)


def test_an_automatic_answer_promises_nothing() -> None:
    found = decide(reply(Response.AUTO_REPLY), reading(Response.OUT_OF_OFFICE, clues=CLUES))
    assert (found.response, found.clues, found.question) == (Response.OUT_OF_OFFICE, Clues(), None)


@pytest.mark.parametrize(
    ("certainty", "question"),
    [(ACT_FROM, None), (0.79, "it reads as no budget (79%): “the words”; is it so?")],
)
def test_below_the_threshold_a_person_is_asked(certainty: float, question: str | None) -> None:
    found = decide(reply(), reading(Response.NO_BUDGET, certainty))
    assert (found.question, found.response) == (question, None if question else Response.NO_BUDGET)


def test_a_threshold_of_ones_own() -> None:
    assert decide(reply(), reading(Response.NO_BUDGET, 0.92), act_from=1).question is not None


def test_what_has_no_words_is_asked_about() -> None:
    silent = reply().model_copy(update={"words": " "})
    assert decide(silent, Reading(response=Response.OTHER, certainty=0)).question == (
        "the message has no words of theirs; what did they say?"
    )
